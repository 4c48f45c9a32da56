// What HERA keeps in this browser. Every conversation has a key of its own in localStorage, so that
// no tab writes over what another one kept. All keys, also those of other tabs' settings, begin
// with "hera-".
const MINE = "hera-", SHELF = "hera-chat-", OFF = "hera-nothing", OPEN = "hera-open";

const storages = () => {
  try {
    return [window.localStorage, window.sessionStorage];
  } catch (error) {
    if (error.name !== "SecurityError") throw error; // it is forbidden, as in some frames
    return null;
  }
};

const makeShelf = (most, letters) => {
  const [local, session] = storages();
  const put = Storage.prototype.setItem;
  const isOff = () => local.getItem(OFF) !== null;
  const keysOf = (store, prefix) => Object.keys(store).filter(key => key.startsWith(prefix));
  const seen = new Map(); // id -> when the version was kept that this page shows
  const other = new Map(); // id -> the id under which this page goes on with it
  const gone = new Set(); // ids that were deleted here: what the server still says of them is late

  // Whatever else keeps something here knows nothing of this switch.
  Storage.prototype.setItem = function (key, value) {
    if (!isOff() || !String(key).startsWith(MINE)) put.call(this, key, value);
  };

  // The switch itself stays as it is: other tabs load anew when it is set.
  const wipe = () => {
    for (const store of [local, session])
      for (const key of keysOf(store, MINE)) if (key !== OFF) store.removeItem(key);
  };
  if (isOff()) wipe();

  const parsed = key => {
    try {
      const one = JSON.parse(local.getItem(key));
      return SHELF + one?.id === key && Array.isArray(one.turns) ? one : null;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return null; // it is counted as unreadable
    }
  };
  const read = id => parsed(SHELF + id);
  const all = () => keysOf(local, SHELF).map(parsed).filter(Boolean)
    .sort((a, b) => (a.when < b.when ? 1 : a.when > b.when ? -1 : a.id < b.id ? -1 : 1));

  // "" or why it is not kept: there are too "many", or they are too "large" together.
  const write = one => {
    if (isOff()) return "";
    const key = SHELF + one.id, text = JSON.stringify(one);
    const rest = keysOf(local, SHELF).filter(each => each !== key);
    if (rest.length >= most) return "many";
    const taken = rest.reduce((sum, each) => sum + local.getItem(each).length, 0);
    if (taken + text.length > letters) return "large";
    try {
      local.setItem(key, text);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      return "large";
    }
    return "";
  };

  const anew = () => Array.from(crypto.getRandomValues(new Uint8Array(8)),
    byte => byte.toString(16).padStart(2, "0")).join("");
  const same = (one, two) => JSON.stringify(one.turns) === JSON.stringify(two.turns);
  const texts = one => JSON.stringify(one.turns.map(turn => [turn.role, turn.content]));

  return {
    all, read, isOff,
    unreadable: () => keysOf(local, SHELF).filter(key => !parsed(key)).length,
    idOf: id => other.get(id) ?? id,
    // What another tab made of it meanwhile stays: this one goes on under another id.
    keep: (said, when) => {
      let id = other.get(said.id) ?? said.id, before = read(id);
      if (gone.has(id) || before && same(before, said)) return {why: ""};
      const forked = before !== null && before.when !== seen.get(id);
      if (forked) other.set(said.id, id = anew());
      const why = write({...said, id, title: before?.title ?? said.title, when});
      if (!why) seen.set(id, when);
      return {why, forked};
    },
    // Which one is on the screen, also after this tab is loaded again.
    show: id => {
      if (id) session.setItem(OPEN, id); else session.removeItem(OPEN);
    },
    shown: () => read(session.getItem(OPEN) ?? ""),
    took: one => {
      other.delete(one.id);
      gone.delete(one.id);
      seen.set(one.id, one.when);
    },
    rename: (id, title) => {
      const one = read(id);
      return one ? write({...one, title}) : "";
    },
    remove: id => {
      gone.add(id);
      local.removeItem(SHELF + id);
    },
    removeAll: shown => {
      for (const id of [shown, ...all().map(one => one.id)]) gone.add(id);
      keysOf(local, SHELF).forEach(key => local.removeItem(key));
    },
    // Those that are there already are left; what differs under the same id becomes another one.
    add: conversations => {
      const done = {added: 0, there: 0, left: 0, why: ""}, there = new Set(all().map(texts));
      for (const one of conversations) {
        if (there.has(texts(one))) {
          done.there += 1;
          continue;
        }
        const why = write(read(one.id) ? {...one, id: anew()} : one);
        if (why) Object.assign(done, {left: done.left + 1, why});
        else done.added += 1;
      }
      return done;
    },
    nothing: () => {
      wipe();
      put.call(local, OFF, "1");
    },
    again: () => local.removeItem(OFF),
    // When another tab keeps, changes or wipes something.
    follow: (changed, wiped) => window.addEventListener("storage", event => {
      if (event.key === OFF && event.newValue !== null) wiped();
      else if (event.key === null || event.key.startsWith(MINE)) changed();
    }),
  };
};

// Upper or lower case, and accents, make no difference; every word must be there.
const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const found = (conversations, words) => {
  const wanted = folded(words).split(/\s+/).filter(Boolean);
  return conversations.filter(one => {
    const text = folded([one.title, ...one.turns.map(turn => turn.content)].join("\n"));
    return wanted.every(word => text.includes(word));
  });
};
