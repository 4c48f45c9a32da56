"""A button that copies a text and says so: its picture, and what its script needs."""

from __future__ import annotations

import json

ICON = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><rect x="5.5" y="5.5" width="8" height="8" '
    'rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/></svg>'
)

_SCRIPT = """
const put = async text => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), {value: text});
  document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
};
const copyBy = async (button, text) => {
  await put(text);
  for (const [label, after] of [[labels.copied, 0], [labels.copy, 2000]])
    setTimeout(() => { button.title = label; button.ariaLabel = label; }, after);
};
"""


def copy_script(copy: str, copied: str) -> str:
    """JavaScript with `copyBy(button, text)`; the button's labels are `copy`, and for two seconds
    `copied`.

    They are written into it: a component on a tab that nobody has opened loses its own props when
    it is updated (Gradio 6.31).
    """
    return f"const labels = {json.dumps({'copy': copy, 'copied': copied})};{_SCRIPT}"
