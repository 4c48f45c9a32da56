"""The page's address says which tab is open, and which benchmark is picked there: `?tab=compare`,
`?benchmark=safety`, beside what else is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from hera.ui.components.events import AT_ONCE

PARAMETER, BENCHMARK = "tab", "benchmark"

# Gradio opens the first tab by itself before it opens an address's: that is no step of a visitor's.
_CHOSEN = """() => {
  const address = new URL(location.href), named = address.searchParams.get("@P@");
  const open = named ?? (address.searchParams.has("question") ? "compare" : "@FIRST@");
  if (open === "@ID@" || !document.documentElement.dataset.opened) return;
  address.searchParams.set("@P@", "@ID@");
  history.pushState(history.state, "", address);
}"""

# Back and forward: a tab's own button opens it, wherever Gradio has put that.
_OPENED = """() => {
  document.documentElement.dataset.opened = "yes";
  addEventListener("popstate", () => {
    const params = new URL(location.href).searchParams;
    const named = params.get("@P@") ?? (params.has("question") ? "compare" : "@FIRST@");
    document.getElementById(`tab-${named}-button`)?.click();
  });
}"""


def elem_id(tab: str) -> str:
    """What a tab must be called in the page for `follows_address`."""
    return f"tab-{tab}"


_PICKED = """picked => {
  const address = new URL(location.href);
  if (picked === "@FIRST@") address.searchParams.delete("@P@");
  else address.searchParams.set("@P@", picked);
  history.replaceState(history.state, "", address);
}"""


def follows_address(opened: Any, tabs: Mapping[str, gr.Tab]) -> None:
    """Let the address follow the tabs, and the tabs the back button.

    Args:
        opened: the event that opens the tab of the page's address, see `tab_of`.
        tabs: by their ids, in their order.
    """
    first = next(iter(tabs))
    for name, tab in tabs.items():
        tab.select(None, js=_filled(_CHOSEN, name, first), show_progress="hidden", **AT_ONCE)
    opened.then(None, js=_filled(_OPENED, "", first), **AT_ONCE)


def follows_pick(picker: gr.Radio, first: str) -> None:
    """Let the address say what is picked; `first` is so without it."""
    script = _PICKED.replace("@P@", BENCHMARK).replace("@FIRST@", first)
    picker.input(None, picker, js=script, show_progress="hidden", **AT_ONCE)


def benchmark_of(request: gr.Request, names: Sequence[str]) -> str | None:
    """What the page's address picks; None where it picks nothing that there is."""
    named = request.query_params.get(BENCHMARK)
    return named if named in names else None


def tab_of(request: gr.Request, tabs: Sequence[str]) -> str | None:
    """The tab that the page's address names; None where it names none that there is."""
    named = request.query_params.get(PARAMETER)
    return named if named in tabs else None


def _filled(script: str, name: str, first: str) -> str:
    return script.replace("@P@", PARAMETER).replace("@ID@", name).replace("@FIRST@", first)
