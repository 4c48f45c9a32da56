"""The page's address says which tab is open: `?tab=compare`, beside what else is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import gradio as gr

from hera.ui.components.events import AT_ONCE

PARAMETER = "tab"

# Only what a visitor chose is a step that the back button undoes: Gradio also opens the first tab,
# and a link's (its question means Compare), by itself.
_CHOSEN = """() => {
  const address = new URL(location.href), tab = address.searchParams.get("@P@");
  const itself = address.searchParams.has("question") ? "compare" : "@FIRST@";
  if ((tab ?? itself) === "@ID@" || !navigator.userActivation?.isActive) return;
  address.searchParams.set("@P@", "@ID@");
  history.pushState(history.state, "", address);
}"""

# Back and forward: a tab's own button opens it, wherever Gradio has put that.
_WENT = """() => addEventListener("popstate", () => {
  const params = new URL(location.href).searchParams;
  const named = params.get("@P@") ?? (params.has("question") ? "compare" : "@FIRST@");
  document.getElementById(`tab-${named}-button`)?.click();
})"""


def elem_id(tab: str) -> str:
    """What a tab must be called in the page for `follows_address`."""
    return f"tab-{tab}"


def follows_address(demo: gr.Blocks, tabs: Mapping[str, gr.Tab]) -> None:
    """Let the address follow the tabs, by their ids and in their order, and the tabs the back
    button. What opens the tab of an address is `tab_of`."""
    first = next(iter(tabs))
    for name, tab in tabs.items():
        tab.select(None, js=_filled(_CHOSEN, name, first), show_progress="hidden", **AT_ONCE)
    demo.load(None, js=_filled(_WENT, "", first), **AT_ONCE)


def tab_of(request: gr.Request, tabs: Sequence[str]) -> str | None:
    """The tab that the page's address names; None where it names none that there is."""
    named = request.query_params.get(PARAMETER)
    return named if named in tabs else None


def _filled(script: str, name: str, first: str) -> str:
    return script.replace("@P@", PARAMETER).replace("@ID@", name).replace("@FIRST@", first)
