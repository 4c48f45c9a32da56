"""Sessions that cost little. Gradio describes every component of the page anew for each new one,
on the thread that answers everybody, and keeps that for deep links, which this app does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio.state_holder import SessionState

_made = SessionState.__init__


class _WithoutLinks:
    """Blocks as a session is made of them, less the components that it would describe."""

    def __init__(self, blocks: Any) -> None:
        self.default_config = blocks.default_config
        self.blocks: Mapping[int, Any] = {}


def light_sessions() -> None:
    """Leave that out of every session from now on, whoever begins it: a page, a caller, a tool."""

    def made(self: SessionState, blocks: Any) -> None:
        _made(self, _WithoutLinks(blocks))  # type: ignore[arg-type]

    SessionState.__init__ = made  # type: ignore[method-assign]
