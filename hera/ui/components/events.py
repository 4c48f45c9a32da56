"""How events run: what needs the model takes turns, the rest waits for nothing."""

from __future__ import annotations

from typing import Any

IN_TURN: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1}
"""Whatever runs the model: one at a time, over all tabs, endpoints and visitors."""

RUNS_MODEL: dict[str, Any] = {**IN_TURN, "api_visibility": "private"}
"""The same for an event of a screen, which is no endpoint."""

AT_ONCE: dict[str, Any] = {"queue": False, "api_visibility": "private"}
"""An event of a screen that runs no model."""
