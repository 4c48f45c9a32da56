"""Pictures on small buttons, drawn here: lines in the colour of the text."""

from __future__ import annotations


def _icon(*paths: str) -> str:
    lines = "".join(f'<path d="{path}"/>' for path in paths)
    return f'<svg viewBox="0 0 16 16" aria-hidden="true">{lines}</svg>'


_THUMB = "M5.5 7.5 8 2.2q1.7.2 1.4 2L9 6.5h3.2q1.4.2 1.1 1.6l-1 4.4q-.3 1-1.3 1H5.5z"
EDIT = _icon("M3 13l.8-3.2 7-7 2.4 2.4-7 7z", "M9.4 4.2l2.4 2.4")
RETRY = _icon("M13 8a5 5 0 1 1-1.5-3.6", "M13 2v3h-3")
UNDO = _icon("M6 3.5l-3 3 3 3", "M3 6.5h6.5a3.5 3.5 0 0 1 0 7h-3")
GO_ON = _icon("M3.5 4l4 4-4 4", "M8.5 4l4 4-4 4")
UP = _icon("M5.5 7.5h-3v6h3z", _THUMB)
DOWN = UP.replace("<svg ", '<svg style="transform: scaleY(-1)" ')
