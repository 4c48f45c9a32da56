// What the Chat's bubbles do in the page; `copyBy` comes before it.
const log = () => element.querySelector(".turns");
const turnOf = node => node.closest(".turn");
const edits = (turn, open) => {
  turn.querySelector(".editor").hidden = !open;
  for (const part of [".said", ".acts"]) turn.querySelector(part).hidden = open;
};
const run = said => { trigger("submit", said); log().focus({preventScroll: true}); };
const acts = {
  copy: (button, place) => copyBy(button, props.value.turns[place].text),
  edit: (button, place) => {
    const turn = turnOf(button), box = turn.querySelector("textarea");
    edits(turn, true);
    box.value = props.value.turns[place].text;
    box.focus();
  },
  cancel: button => {
    edits(turnOf(button), false);
    turnOf(button).querySelector(".edit").focus();
  },
  select: button => trigger("select", {shown: +button.dataset.shown}),
  undo: () => {
    trigger("undo");
    document.querySelector(props.box)?.focus();
  },
  up: (_, place) => trigger("like", {place, up: true}),
  down: (_, place) => trigger("like", {place, up: false}),
  suggest: button => run({act: "say", text: props.value.suggestions[+button.dataset.at].text}),
  ask: (button, place) => run({act: "ask", place, variant: button.dataset.variant}),
  retry: (_, place) => run({act: "retry", place}),
  go_on: (_, place) => run({act: "go_on", place}),
};
element.addEventListener("click", event => {
  const button = event.target.closest("[data-act]");
  if (button) acts[button.dataset.act](button, +(turnOf(button)?.dataset.place ?? -1));
});
element.addEventListener("submit", event => {
  event.preventDefault();
  const turn = turnOf(event.target), text = turn.querySelector("textarea").value;
  edits(turn, false);
  run({act: "edit", place: +turn.dataset.place, text});
});
element.addEventListener("keydown", event => {
  if (!event.target.matches(".editor textarea") || event.isComposing) return;
  if (event.key === "Escape") acts.cancel(event.target);
  else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault(); event.target.form.requestSubmit();
  }
});
document.addEventListener("keydown", event => {
  if (!event.target.matches?.(props.box) || event.key !== "Enter" || event.shiftKey) return;
  if (props.value.running || element.closest(".pending")) busy.textContent = props.words.busy;
}, true);
// Beside what is rendered anew with every token.
const busy = Object.assign(document.createElement("p"), {className: "busy", role: "status"});
element.after(busy);
let turns = 0, running = false, atEnd = true;
const toEnd = () => {
  const it = log();
  if (!it) return;
  it.scrollTop = it.scrollHeight;
  // What stands in an answer's place is read from its beginning.
  const held = it.querySelector(".turn.held:last-child");
  if (held) it.scrollTop += held.getBoundingClientRect().top - it.getBoundingClientRect().top;
};
// As high as there is room for between what is above and the box: that stays in sight.
const composer = () => document.querySelector(props.box)?.closest(props.composer);
const fit = () => {
  if (!element.offsetParent || !composer()) return;
  const top = element.getBoundingClientRect().top + scrollY;
  const room = innerHeight - top - composer().offsetHeight - busy.offsetHeight - 28;
  element.style.setProperty("--room", `${room}px`);
  if (atEnd) toEnd(); // a notice above it takes room
};
const sizes = new ResizeObserver(fit);
for (const part of [element, document.body]) sizes.observe(part);
const waiting = setInterval(() => {
  if (!composer()) return;
  sizes.observe(composer());
  clearInterval(waiting);
}, 100);
addEventListener("resize", fit);
element.addEventListener("scroll", event => {
  const it = event.target;
  if (it === log()) atEnd = it.scrollHeight - it.scrollTop - it.clientHeight < 40;
}, true);
watch("value", () => {
  if (!props.value.running) busy.textContent = "";
  const {length} = props.value.turns;
  if (atEnd || length > turns) toEnd();
  turns = length;
  // Send and Stop take each other's place: whoever was on one of them goes on from here.
  if (running !== props.value.running && document.activeElement === document.body)
    log().focus({preventScroll: true});
  ({running} = props.value);
});
