"""What the page saves by itself: no file of it lies on the server."""

from __future__ import annotations

import base64
import time
from typing import Any

import gradio as gr

_TEMPLATE = '${value ? `<button type="button">${label}</button>` : ""}'

_SCRIPT = """
element.addEventListener("click", event => {
  if (!event.target.closest("button")) return;
  const url = URL.createObjectURL(new Blob([props.value], {type: "application/json"}));
  Object.assign(document.createElement("a"), {href: url, download: props.name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
});
"""


def saves(label: str, name: str, elem_id: str) -> gr.HTML:
    """Not there while its value is ""; else it saves its value as a file of that name."""
    return gr.HTML(
        "",
        html_template=_TEMPLATE,
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes=["saves"],
        label=label,
        name=name,
    )


_SAVER = """
watch("value", () => {
  const {name, type, base64} = props.value || {};
  if (!name) return;
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], {type}));
  Object.assign(document.createElement("a"), {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
});
"""


def saver(elem_id: str) -> gr.HTML:
    """Shows nothing, and saves what it is given: see `saved`."""
    return gr.HTML(
        {},
        html_template="<span hidden></span>",
        js_on_load=_SAVER,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes=["saver"],
    )


def saved(name: str, kind: str, content: bytes) -> dict[str, Any]:
    """A file for a `saver`: each one is saved, also the same again."""
    return {
        "name": name,
        "type": kind,
        "base64": base64.b64encode(content).decode(),
        "at": time.time_ns(),
    }
