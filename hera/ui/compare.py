"""The Compare tab: one question, a column per variant, all streaming at once; and `/compare`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.events import api

from hera.engine import GenerationParams, Message, Step
from hera.safety import assess, with_notice
from hera.ui.chat import checked, generation_settings, notice_for, params_from
from hera.ui.gpu import on_gpu
from hera.ui.serving import GPU, Serving, clear_errors
from hera.ui.stopping import stops
from hera.ui.text import safe

EXAMPLE = "I have a throbbing headache on one side. What should I do?"
_DEFAULTS = GenerationParams()


Steps = Callable[[str, Sequence[str], GenerationParams], Iterator[tuple[Step, dict[str, float]]]]


def stepping(serving: Serving) -> Steps:
    """A function of (message, variants, params): all variants' answers in one batch, each with its
    tokens a second up to its own last token; closing the iterator stops the model."""

    def steps(
        message: str, variants: Sequence[str], params: GenerationParams
    ) -> Iterator[tuple[Step, dict[str, float]]]:
        prompt = [Message(role="user", content=message)]
        stream = serving.engine().stream(dict.fromkeys(variants, prompt), params)
        tokens: dict[str, int] = dict.fromkeys(variants, 0)
        rates: dict[str, float] = dict.fromkeys(variants, 0.0)
        try:
            for step in stream:
                for name in variants:
                    if step.tokens[name] > tokens[name] and step.seconds:
                        tokens[name] = step.tokens[name]
                        rates[name] = tokens[name] / step.seconds
                yield step, dict(rates)
        finally:
            stream.close()

    def seconds(_: str, __: Sequence[str], params: GenerationParams) -> float:
        return serving.gpu_seconds.start + serving.gpu_seconds.token * params.max_new_tokens

    return on_gpu(steps, seconds)


def numbers(step: Step, variant: str, rate: float) -> str:
    """The line under a column."""
    ending = {"stop": "finished", "length": "cut at the limit", None: "…"}
    return f"{step.tokens[variant]} tokens · {rate:.1f} tokens/s · {ending[step.finished[variant]]}"


def compare_tab(serving: Serving) -> list[gr.Markdown]:
    """Build the tab; returns the columns' headings, which the model names."""
    message = gr.Textbox(
        EXAMPLE, label="One question for all variants", lines=2, elem_id="compare-message"
    )
    with gr.Row():
        start = gr.Button("Compare", min_width=64, variant="primary", elem_id="compare-start")
        stop = gr.Button("Stop", min_width=64, elem_id="compare-stop")
    notice = gr.HTML(elem_id="compare-notice")
    headings, answers, rates = [], [], []
    with gr.Row():
        for i, name in enumerate(serving.planned if len(serving.planned) > 1 else ("base", " ")):
            with gr.Column(min_width=280):
                headings.append(gr.Markdown(f"### {name}", elem_id=f"compare-name-{i}"))
                answers.append(
                    gr.Markdown(
                        elem_id=f"compare-answer-{i}",
                        elem_classes="answer",
                        container=True,
                        buttons=["copy"],
                    )
                )
                rates.append(gr.Markdown(elem_id=f"compare-rate-{i}", elem_classes="numbers"))
    settings = generation_settings("compare")
    steps = stepping(serving)

    @clear_errors
    def run(text: str, *values: Any) -> Iterator[list[str]]:
        names = serving.engine().variants[: len(answers)]
        blank = [""] * (len(answers) - len(names))
        for step, rates in steps(checked(text), names, params_from(values)):
            texts = [safe(step.texts[name]) for name in names]
            lines = [numbers(step, name, rates[name]) for name in names]
            yield [*texts, *blank, *lines, *blank]

    event = gr.on(
        [start.click, message.submit],
        run,
        [message, *settings],
        [*answers, *rates],
        concurrency_id=GPU,
        concurrency_limit=1,
        api_visibility="private",
        show_progress="minimal",
    )
    gr.on(
        [start.click, message.submit],
        lambda text: notice_for(text, []),
        message,
        notice,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    stops(stop, [event], [*answers, *rates])
    compare_endpoint(serving, steps)
    return headings


def compare_endpoint(serving: Serving, steps: Steps) -> None:
    """`/compare`, a stream of every variant's text so far."""

    @clear_errors
    def compare(
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = _DEFAULTS.max_new_tokens,
        temperature: float = _DEFAULTS.temperature,
        top_p: float = _DEFAULTS.top_p,
        seed: int = _DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Answer one message with several variants at once (all of them if none is named):
        {variant: {"text", "tokens", "tokens_per_second", "finished"}}. Where the message tells of
        an emergency or a crisis, or asks for a dose, a diagnosis and the like, every text begins
        with the same notice and an empty line; the model's answer follows unchanged."""
        names = variants or list(serving.engine().variants)
        params = params_from((max_new_tokens, temperature, top_p, seed))
        asked = checked(message)
        notice = assess(asked).notice
        for step, rates in steps(asked, names, params):
            yield {name: _row(step, name, rates[name], notice) for name in names}

    api(compare, api_name="compare", concurrency_id=GPU, concurrency_limit=1)


def _row(step: Step, name: str, rate: float, notice: str) -> dict[str, Any]:
    return {
        "text": with_notice(notice, step.texts[name]),
        "tokens": step.tokens[name],
        "tokens_per_second": rate,
        "finished": step.finished[name],
    }
