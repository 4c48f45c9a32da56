"""How events run: answers together, a few runs of scores in turns, the rest waits for nothing."""

from __future__ import annotations

from typing import Any

from hera.ui.gpu import ZERO_GPU

ANSWERS: dict[str, Any] = {"concurrency_id": "answers", "concurrency_limit": 1 if ZERO_GPU else 64}
"""Whatever answers visitors, over all tabs and endpoints: so many ask the engine, which lets in
as many as are rows of one batch, visitors in turn (`hera.engine.turns`), and tells the others their
place; more wait in Gradio's queue. On ZeroGPU each is a process of its own, in turn."""

SCORES: dict[str, Any] = {"concurrency_id": "scores", "concurrency_limit": 1 if ZERO_GPU else 4}
"""Whatever scores questions, which takes turns with the answers, and batch by batch with the other
runs: a short one does not wait for the end of a long one."""

THREADS = 100
"""As many events run or wait in the engine; Gradio's own 40 would be too few for these two."""

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
