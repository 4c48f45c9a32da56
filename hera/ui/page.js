// What the page does by itself. Listeners are on the document: the parts may be drawn anew.
(() => {
  const PREFIX = "hera-";
  const memory = new Map();
  // A browser that keeps nothing for this page (a frame on another site) throws: then what is
  // chosen lasts as long as the page.
  const kept = key => {
    try { return localStorage.getItem(PREFIX + key); } catch { return memory.get(key) ?? null; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(PREFIX + key, value); } catch { memory.set(key, value); }
  };
  const body = () => document.body;

  // An address with ?__theme= is obeyed, as Gradio does.
  const theme = kept("theme");
  if (theme && !new URLSearchParams(location.search).has("__theme"))
    body().classList.toggle("dark", theme === "dark");
  document.documentElement.dataset.steps = kept("steps") ?? "";

  const selected = () => document.querySelector('[role="tab"][aria-selected="true"]');
  const acts = {
    theme() { keep("theme", body().classList.toggle("dark") ? "dark" : "light"); },
    dismiss() {
      keep("steps", "done");
      document.documentElement.dataset.steps = "done";
      selected()?.focus();
    },
    api() { document.querySelector("footer .show-api")?.click(); },
    skip() {
      const panel = [...document.querySelectorAll('[role="tabpanel"]')].find(it => it.offsetParent);
      if (!panel) return;
      panel.tabIndex = -1;
      panel.focus();
    },
  };
  document.addEventListener("click", event => {
    const act = event.target.closest?.("[data-page]")?.dataset.page;
    if (!act) return;
    event.preventDefault();
    acts[act]();
  });

  // Arrow keys, Home and End go from tab to tab, of which one is a stop of the Tab key.
  document.addEventListener("keydown", event => {
    const tab = event.target.closest?.('[role="tab"]');
    if (!tab) return;
    const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
    const right = getComputedStyle(tab).direction === "rtl" ? -1 : 1;
    const at = tabs.indexOf(tab), last = tabs.length - 1;
    const to = {
      ArrowRight: at + right, ArrowLeft: at - right, Home: 0, End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    next.click();
    next.focus();
  });

  // What Gradio leaves out and screen readers or keyboards need.
  const set = (element, name, value) => {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  // Whom to call, by the country that the visitor chose, else the one that the server showed. All
  // numbers lie in the notice: they change also where no server answers.
  const dial = (notice, country) => {
    const found = notice.querySelector(`template[data-country="${CSS.escape(country)}"]`);
    notice.dataset.country = country;
    notice.querySelector(".calls").innerHTML = found ? found.innerHTML : "";
    for (const each of notice.querySelectorAll(".dial"))
      each.textContent = found ? found.dataset.dial : "";
    notice.querySelector(".here").hidden = !found;
    notice.querySelector(".anywhere").hidden = Boolean(found);
    notice.querySelector(".whose select").value = found ? country : "";
  };
  document.addEventListener("change", event => {
    if (!event.target.matches?.(".notice .whose select")) return;
    keep("country", event.target.value);
    soon();
  });
  const redial = () => {
    const country = kept("country");
    if (country === null) return;
    for (const notice of document.querySelectorAll(".notice[data-country]"))
      if (notice.dataset.country !== country) dial(notice, country);
  };

  const mend = () => {
    redial();
    for (const tab of document.querySelectorAll('[role="tab"]')) {
      set(tab, "tabindex", tab.getAttribute("aria-selected") === "true" ? "0" : "-1");
      const panel = document.getElementById(tab.getAttribute("aria-controls") || "-");
      if (panel && tab.id) set(panel, "aria-labelledby", tab.id);
    }
    for (const empty of document.querySelectorAll("div.empty[aria-label]")) set(empty, "role", "img");
    for (const box of document.querySelectorAll("#pqa-summary, #pqa-picture"))
      if (box.scrollWidth > box.clientWidth) set(box, "tabindex", "0");
      else box.removeAttribute("tabindex");
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; mend(); });
  };
  new MutationObserver(soon).observe(body(), {
    childList: true, subtree: true, attributes: true, attributeFilter: ["aria-selected"],
  });
  addEventListener("resize", soon);
  soon();

  let spoke = "", when = 0;
  window.hera = {
    // One sentence in the line that is read out. What was stopped also ends, which is no news.
    say(what) {
      const now = performance.now();
      if (spoke === "stopped" && what !== "stopped" && now - when < 3000) return;
      spoke = what;
      when = now;
      const line = document.querySelector("#said [role=status]");
      line.textContent = "";
      setTimeout(() => { line.textContent = line.dataset[what]; }, 100);
    },
  };
})();
