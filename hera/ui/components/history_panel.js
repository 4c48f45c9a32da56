// The list of kept conversations, drawn by the page itself: the server hears of a conversation only
// when it is opened, and of a file when it is imported.
const at = name => element.querySelector(`.${name}`);
const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
const make = (tag, settings = {}, ...inside) => {
  const node = Object.assign(document.createElement(tag), settings);
  node.append(...inside);
  return node;
};
const press = (text, act, settings = {}) =>
  make("button", {type: "button", textContent: text, onclick: act, ...settings});
const words = props.words;

const fold = folded => {
  at("history").classList.toggle("folded", folded);
  at("fold").setAttribute("aria-expanded", String(!folded));
};
const narrow = () => matchMedia("(max-width: 768px)").matches;
at("fold").onclick = () => fold(!at("history").classList.contains("folded"));
fold(narrow());

const say = text => { at("told").textContent = text; };

// The question stands where the button was; whoever uses a keyboard is on the harmless answer.
const ask = (place, question, yes, act) => {
  const back = document.activeElement;
  const box = make("div", {className: "ask", role: "group", ariaLabel: question});
  const close = () => { box.remove(); back.focus(); };
  const keep = press(words.no, close, {className: "plain"});
  const go = press(yes, () => { box.remove(); act(); }, {className: "plain yes"});
  box.append(make("p", {textContent: question}), go, keep);
  box.onkeydown = event => { if (event.key === "Escape") close(); };
  place.append(box);
  keep.focus();
};

const save = (name, type, text) => {
  const url = URL.createObjectURL(new Blob([text], {type}));
  Object.assign(document.createElement("a"), {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
};

// Letter by letter, wherever it is pasted: in a fence that nothing in the text closes.
const fenced = text => {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}`;
};
const plain = text => text.split(/\s+/).join(" ").replace(/([\\`*_{}\[\]<>#|~!&])/g, "\\$1");
const markdown = conversations => conversations.map(one => [
  `# ${plain(one.title)}`, `${plain(one.model)} · ${one.when}`,
  ...one.turns.flatMap(turn => [`**${words[turn.role]}**`, fenced(turn.content)]),
].join("\n\n")).join("\n\n") + "\n";
const json = conversations =>
  JSON.stringify({hera: "conversations", conversations}, null, 1) + "\n";

const blocked = () => {
  at("where").textContent = words.blocked;
  for (const name of ["search", "list", "manage", "trace"]) at(name).hidden = true;
};

const begin = shelf => {
  let current = "", renaming = "";
  const listed = () => found(shelf.all(), at("search").value);
  const refused = why => fill(words[why], {most: props.most});
  const dated = when => new Intl.DateTimeFormat(props.language,
    {year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit"})
    .format(new Date(when));
  const open = one => {
    if (narrow()) fold(true);
    say("");
    if (!one.id || one.id !== current) trigger("opened", one);
  };
  const focus = id => {
    const row = [...element.querySelectorAll("li")].find(li => li.dataset.id === id);
    (row?.querySelector("button") ?? at("new")).focus();
  };

  const renamer = one => {
    const box = make("input", {type: "text", value: one.title, maxLength: 200,
      ariaLabel: fill(words.name_of, one)});
    const done = title => {
      renaming = "";
      const why = title ? shelf.rename(one.id, title) : "";
      if (why) say(refused(why));
      draw();
      focus(one.id);
    };
    const form = make("form", {className: "renames"}, box,
      make("button", {type: "submit", className: "plain", textContent: words.save}));
    form.onsubmit = event => { event.preventDefault(); done(box.value.trim()); };
    box.onkeydown = event => { if (event.key === "Escape") done(""); };
    return form;
  };

  const remove = (one, row) => ask(row, fill(words.ask_remove, one), words.remove, () => {
    shelf.remove(one.id);
    if (one.id === current) open({});
    draw();
    focus("");
  });

  const row = one => {
    const li = make("li");
    li.dataset.id = one.id;
    if (one.id === renaming) {
      li.append(renamer(one));
      return li;
    }
    const line = make("button", {type: "button", className: "open", onclick: () => open(one),
      title: `${one.title} (${one.model})`},
      make("strong", {textContent: one.title}),
      make("small", {textContent: dated(one.when)}));
    if (one.id === current) line.ariaCurrent = "true";
    const act = (sign, label, does) =>
      press(sign, does, {className: "act", title: label, ariaLabel: label});
    li.append(line,
      act("✎", fill(words.rename, one), () => {
        renaming = one.id;
        draw();
        element.querySelector(".renames input").select();
      }),
      act("✕", fill(words.remove_one, one), () => remove(one, li)));
    return li;
  };

  const draw = () => {
    const off = shelf.isOff(), all = shelf.all(), some = listed(), broken = shelf.unreadable();
    const nothing = all.length ? words.no_match : words.nothing;
    at("list").replaceChildren(...(some.length ? some.map(row)
      : [make("li", {className: "empty", textContent: off ? "" : nothing})]));
    at("where").textContent = off ? words.off : [fill(words.where, {n: all.length, most: props.most}),
      broken ? fill(words.unreadable, {n: broken}) : ""].join(" ").trim();
    at("trace").textContent = off ? words.again : words.trace;
    at("trace").title = off ? "" : words.trace_about;
    for (const name of ["search", "list", "manage"]) at(name).hidden = off;
    for (const name of ["json", "markdown"]) at(name).disabled = !some.length;
    at("all").disabled = !all.length && !broken;
  };

  at("new").onclick = () => open({});
  at("search").oninput = draw;
  at("json").onclick = () => save("hera-conversations.json", "application/json", json(listed()));
  at("markdown").onclick = () => save("hera-conversations.md", "text/markdown", markdown(listed()));
  at("all").onclick = () => ask(at("manage"), fill(words.ask_all, {n: shelf.all().length}),
    words.remove_all, () => {
      shelf.removeAll(current);
      open({});
      draw();
      focus("");
    });
  at("trace").onclick = () => {
    if (shelf.isOff()) {
      shelf.again();
      draw();
    } else ask(at("inside"), words.ask_trace, words.wipe, () => {
      shelf.nothing();
      location.replace(location.pathname); // what is on the screen goes, too
    });
  };
  at("import").onclick = () => at("file").click();
  at("file").onchange = async () => {
    const [file] = at("file").files;
    at("file").value = "";
    say("");
    if (!file) return;
    if (file.size > 4 * props.letters) // as many bytes as a letter may take
      say(fill(words.file_large, {name: file.name, most: props.letters}));
    else trigger("imported", {name: file.name, text: await file.text()});
  };

  const added = conversations => {
    const {added, there, left, why} = shelf.add(conversations);
    say([fill(words.imported, {n: added, there}),
      left ? fill(words.left, {n: left, why: refused(why)}) : ""].join(" ").trim());
  };
  watch("value", () => {
    const {id = "", keep = null, took = null, add = null, refused: no = ""} = props.value;
    if (no) say(no); // what was said before stays until the visitor does something else
    if (keep) {
      const {why, forked} = shelf.keep(keep, new Date().toISOString());
      if (why) say(refused(why));
      else if (forked) say(words.forked);
    }
    if (took) shelf.took(took);
    if (add) added(add);
    current = shelf.idOf(id);
    shelf.show(current);
    draw();
  });
  shelf.follow(draw, () => location.replace(location.pathname));
  draw();
  const last = shelf.shown();
  if (last) trigger("opened", last);
};

if (storages()) begin(makeShelf(props.most, props.letters)); else {
  at("new").onclick = () => trigger("opened", {});
  blocked();
}
