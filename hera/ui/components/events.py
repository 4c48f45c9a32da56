"""How events run: answers together, scores one run after the other, the rest waits for nothing."""

from __future__ import annotations

from typing import Any

from hera.ui.gpu import ZERO_GPU

ANSWERS: dict[str, Any] = {"concurrency_id": "answers", "concurrency_limit": 1 if ZERO_GPU else 32}
"""Whatever answers visitors, over all tabs and endpoints: so many ask the engine, which lets in
as many as are rows of one batch, visitors in turn (`hera.engine.turns`); the others wait in
Gradio's queue. Both show the place. On ZeroGPU each is a process of its own, in turn."""

SCORES: dict[str, Any] = {"concurrency_id": "scores", "concurrency_limit": 1}
"""Whatever scores questions, which takes turns with the answers: one run at a time."""

ON_SCREEN: dict[str, Any] = {"api_visibility": "private"}
"""An event of a screen, which is no endpoint."""

AT_ONCE: dict[str, Any] = {"queue": False, "api_visibility": "private"}
"""An event of a screen that runs no model."""

REFUSES: dict[str, Any] = {
    "concurrency_limit": None,
    "show_progress": "hidden",
    "api_visibility": "private",
}
"""An event of a screen that runs no model and may have to say what is wrong: Gradio 6 shows no
error of one that is not queued, and with progress lays "Error" over what it would have changed."""
