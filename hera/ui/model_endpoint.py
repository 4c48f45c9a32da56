"""The named endpoint `/model`: what the Model tab shows, as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio.events import api

from hera.ui.guard.arguments import takes_checked
from hera.ui.sheets import Sheets


def model_endpoint(sheets: Sheets) -> None:
    """`/model`, which waits until the model is loaded."""

    @takes_checked
    def model() -> Iterator[dict[str, Any]]:
        """Say what is loaded and what it scores, as the Model tab shows it.

        Returns:
            {"running": engine, device, bits, threads, window, memory in bytes, versions;
            "variants": [{"name", "kind": "base", "adapter" or "model", "ref", "parameters",
            "sha256", "licence", "lora": rank, alpha and targets, "norm" and "parts": ‖ΔW‖/‖W‖ of
            all layers together and of each matrix, "training": its training.json, "scores":
            [{"metric", "value", "ci95", "n", "data", "source"}]}], "checks": the self-test's,
            "notes", "cards": [{"variants", "licence", "text"}], "snippets": [{"kind", "language",
            "code"}] that have the same answer, "unknown": what a server does not show}
        """
        yield sheets.now().plain()

    api(model, api_name="model", queue=False)
