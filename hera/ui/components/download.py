"""A button that saves a text which only the page has: no file of it lies on the server."""

from __future__ import annotations

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
        label=label,
        name=name,
    )
