"""A button that copies a text and says so: its picture, and what its script needs."""

from __future__ import annotations

ICON = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><rect x="5.5" y="5.5" width="8" height="8" '
    'rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/></svg>'
)

SCRIPT = """
const put = async text => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), {value: text});
  document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
};
const copyBy = async (button, text) => {
  await put(text);
  for (const [label, after] of [[props.copied, 0], [props.copy, 2000]])
    setTimeout(() => { button.title = label; button.ariaLabel = label; }, after);
};
"""
"""`copyBy(button, text)`; the component's props are the button's labels, `copy` and `copied`."""
