"""The metric's page: paste answers and gold decisions, get every number, read the card.

Written out because `evaluate.utils.launch_gradio_widget` (0.4.6) builds on `gradio.inputs`, which
this Gradio no longer has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import evaluate
import gradio as gr
from huggingface_hub import RepoCard

HERE = Path(__file__).resolve().parent
METRIC = evaluate.load(str(HERE / "pubmedqa.py"), keep_in_memory=True)


def compute(predictions: str, references: str) -> dict[str, Any]:
    """Every number of the metric, from two texts with one label a line."""
    try:
        # Gradio runs one call of this at a time: the metric holds its inputs while it computes.
        numbers: dict[str, Any] = METRIC.compute(
            predictions=predictions.split(), references=references.split()
        )
    except ValueError as error:
        raise gr.Error(str(error), print_exception=False) from error
    return numbers


def build() -> gr.Blocks:
    """The page."""
    page: gr.Blocks = gr.Blocks(title="PubMedQA metric", analytics_enabled=False)
    with page:
        gr.Markdown("# Metric: PubMedQA\nOne label a line: yes, no or maybe.")
        with gr.Row():
            predictions = gr.Textbox(label="Predictions", lines=8, value="yes\nno\nno\nmaybe")
            references = gr.Textbox(label="References", lines=8, value="yes\nno\nmaybe\nmaybe")
        button = gr.Button("Compute", variant="primary")
        numbers = gr.JSON(label="Result")
        button.click(compute, [predictions, references], numbers, api_name="compute")
        gr.Markdown(RepoCard.load(HERE / "README.md").text)
    return page


if __name__ == "__main__":
    build().launch()
