// Whether the app is about to end, cannot be reached, or is another process by now. That one knows
// nothing of what stands here: the page is loaded anew, and what was written comes back. What is
// kept for that is in this tab's sessionStorage, and not where nothing is to be kept.
(() => {
  const PREFIX = "hera-", APP = PREFIX + "app", DRAFT = PREFIX + "draft-", ASKED = PREFIX + "asked";
  const EVERY = 3000, SOONER = 1500, PATIENCE = 4000;
  const store = () => {
    try {
      return localStorage.getItem(PREFIX + "nothing") === null ? sessionStorage : null;
    } catch (error) {
      if (error.name !== "SecurityError") throw error; // it is forbidden, as in some frames
      return null;
    }
  };
  const keep = (key, value) => {
    try {
      store()?.setItem(key, value);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      store()?.removeItem(key); // better none than one that is not what was written last
    }
  };
  const drafts = () => Object.keys(store() ?? {}).filter(key => key.startsWith(DRAFT));

  const app = String(window.gradio_config?.app_id);
  const before = store()?.getItem(APP) ?? null;
  const restarted = before !== null && before !== app;
  keep(APP, app);

  // What was sent and answered is no draft any more; what was sent when the app ended is.
  const plain = text => text.split(/\s+/).join(" ").trim();
  const shown = () => {
    const kept = localStorage.getItem(`${PREFIX}chat-${sessionStorage.getItem(PREFIX + "open")}`);
    try {
      return JSON.parse(kept)?.turns ?? [];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return []; // the panel of conversations says that it is unreadable
    }
  };
  const answered = text => shown().some((turn, k, turns) =>
    turn.role === "user" && plain(turn.content) === plain(text) && turns[k + 1]);
  const written = new Map();
  for (const key of drafts()) {
    const text = store().getItem(key);
    if (restarted && text.trim() && !answered(text)) written.set(key.slice(DRAFT.length), text);
    else store().removeItem(key);
  }
  const asked = store()?.getItem(ASKED) ?? "";
  store()?.removeItem(ASKED);
  if (restarted && asked.trim() && !answered(asked)) {
    const later = written.get("chat-message") ?? "";
    const both = later && plain(later) !== plain(asked) ? `${asked}\n\n${later}` : asked;
    written.set("chat-message", both);
  }
  addEventListener("pagehide", () => {
    const last = [...document.querySelectorAll("#chat-log [data-testid=user]")].at(-1);
    keep(ASKED, last?.innerText ?? "");
  });
  const nameOf = box => box.closest("[id]:not([id^=component-])")?.id;
  document.addEventListener("input", event => {
    const box = event.target;
    if (box.matches?.("textarea") && nameOf(box)) keep(DRAFT + nameOf(box), box.value);
  });
  // Boxes of a tab are there once it is opened.
  const fill = () => {
    for (const [name, text] of written) {
      const box = document.getElementById(name)?.querySelector("textarea");
      if (!box) continue;
      written.delete(name);
      box.value = text;
      box.dispatchEvent(new Event("input", {bubbles: true}));
    }
    if (!written.size) watcher.disconnect();
  };
  const watcher = new MutationObserver(fill);
  if (written.size) watcher.observe(document.body, {childList: true, subtree: true});

  // "leaving", "lost", "back" or "": what the line above the tabs says.
  let said = "", wanted = restarted ? "back" : "";
  const show = () => {
    const line = document.querySelector("#connection [role=alert]");
    if (!line || wanted === said) return;
    const box = line.parentElement, close = box.querySelector("button");
    said = wanted;
    line.textContent = box.dataset[said] ?? "";
    box.dataset.shown = said;
    close.hidden = said !== "back";
    close.onclick = () => tell("");
  };
  const tell = what => {
    wanted = what;
    show();
  };

  let heard = false, misses = 0;
  const answer = async () => {
    const reply = await fetch(new URL("alive", document.baseURI),
      {cache: "no-store", signal: AbortSignal.timeout(PATIENCE)});
    if (!reply.ok) throw new Error(`alive: ${reply.status}`);
    return reply.json();
  };
  const ask = async () => {
    let now;
    try {
      now = await answer();
    } catch {
      misses += 1;
      if (heard && misses > 1) tell("lost");
      return;
    }
    heard = true;
    misses = 0;
    if (String(now.app) !== app) location.reload();
    else if (now.leaving) tell("leaving");
    else if (wanted !== "back") tell("");
  };
  const watch = async () => {
    show();
    if (!document.hidden) await ask();
    setTimeout(watch, misses || wanted === "leaving" ? SOONER : EVERY);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  watch();
})();
