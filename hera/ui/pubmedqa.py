"""The PubMedQA tab: variants scored live, question by question; and the `/pubmedqa` endpoint."""

from __future__ import annotations

import html
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from hera import environment, output, results, stats
from hera.data import Question, load_pubmedqa
from hera.errors import InputError
from hera.prompts import LABELS
from hera.refs import EMBEDDED
from hera.scoring import Scored, probabilities, score_questions
from hera.ui.gpu import on_gpu
from hera.ui.pictures import confusion_figure
from hera.ui.serving import GPU, Serving, clear_errors
from hera.ui.stopping import stops

MOST = 500
WHOLE = "all of it"  # the embedded questions have no official split
_HINT = "Click a row to read its abstract and see every variant's probabilities."


def sample(count: float | None, seed: float | None) -> list[Question]:
    """A seeded sample of the embedded held-out questions, in a seeded order.

    Raises:
        InputError: a box is empty, or the number is out of range.
    """
    if count is None or seed is None:
        raise InputError("Give the number of questions and the seed of the sample.")
    questions = load_pubmedqa()
    most = min(MOST, len(questions))
    if not 1 <= count <= most:
        raise InputError(f"Number of questions {count:g}: choose 1 to {most}.")
    return random.Random(int(seed)).sample(questions, int(count))


Run = Callable[[list[Question], list[str]], Iterator[list[Scored]]]


def scoring(serving: Serving) -> Run:
    """A function of (questions, variants): all questions scored so far, after each batch; closing
    the iterator stops."""

    def run(questions: list[Question], variants: list[str]) -> Iterator[list[Scored]]:
        scored: list[Scored] = []
        for batch in score_questions(serving.engine(), questions, variants):
            scored += batch
            yield list(scored)

    def seconds(questions: list[Question], variants: list[str]) -> float:
        cost = serving.gpu_seconds
        return cost.start + cost.question * len(questions) * len(variants)

    return on_gpu(run, seconds)


def pubmedqa_tab(serving: Serving) -> gr.CheckboxGroup:
    """Build the tab; returns the variant picker, whose choices the model decides."""
    names = list(serving.planned)
    gr.Markdown(
        "Each question comes with its abstract, the conclusion left out. A variant answers with "
        "the likeliest of *yes*, *no* and *maybe*. The questions were written by this project and "
        "kept out of training; `python -m benchmarks.pubmedqa --data` measures the real ones."
    )
    with gr.Row():
        variants = gr.CheckboxGroup(names, value=names, label="Variants", elem_id="pqa-variants")
        count = gr.Slider(1, MOST, 32, step=1, label="Number of questions", elem_id="pqa-count")
        seed = gr.Number(42, precision=0, label="Seed of the sample", elem_id="pqa-seed")
    with gr.Row():
        start = gr.Button("Start", min_width=64, variant="primary", elem_id="pqa-start")
        stop = gr.Button("Stop", min_width=64, elem_id="pqa-stop")
    summary = gr.Markdown(elem_id="pqa-summary")
    download = gr.DownloadButton(
        "Download results.json", visible=False, size="sm", elem_id="pqa-download"
    )
    picture = gr.Plot(
        label="Confusion matrix of each variant", show_label=False, elem_id="pqa-picture"
    )
    table = gr.Dataframe(
        headers=["id", "question", "gold", *names],
        label=f"Questions. {_HINT}",
        interactive=False,
        wrap=True,
        max_height=420,
        column_widths=["90px", "560px", "80px", *["130px"] * len(names)],
        elem_id="pqa-table",
    )
    detail = gr.HTML(elem_id="pqa-detail")
    state = gr.State([])
    run = scoring(serving)

    @clear_errors
    def score(chosen: list[str], number: float, seed: float) -> Iterator[Any]:
        questions = sample(number, seed)
        by_id = {question.id: question for question in questions}
        places = {question.id: place for place, question in enumerate(questions)}
        ordered = [name for name in serving.engine().variants if name in chosen]
        if not ordered:
            raise InputError("No variant is chosen: tick at least one.")
        told = results.header(EMBEDDED, WHOLE, questions, prompt="hera", seed=int(seed))
        began = time.monotonic()
        for scored in run(questions, ordered):
            rows = [(by_id[s.id], s) for s in scored]
            in_order = sorted(scored, key=lambda s: places[s.id])
            found = results.build(in_order, ordered, seed=int(seed), human=False)
            file = gr.DownloadButton(visible=False)
            if len(scored) == len(questions):
                facts = environment.facts(serving.engine(), began, partial=False)
                file = gr.DownloadButton(value=_file({**told, **found, **facts}), visible=True)
            yield (
                summary_text(found, len(scored), len(questions)),
                confusion_figure(found["variants"]),
                gr.Dataframe(
                    [table_row(q, s) for q, s in rows],
                    headers=["id", "question", "gold", *ordered],
                ),
                rows,
                "",
                file,
            )

    event = start.click(
        score,
        [variants, count, seed],
        [summary, picture, table, state, detail, download],
        concurrency_id=GPU,
        concurrency_limit=1,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=summary,
    )
    stops(stop, [event], [summary])

    def show(rows: list[tuple[Question, Scored]], picked: gr.SelectData) -> str:
        # By the id in the row, not by its place: the visitor may have sorted the table.
        wanted = str(picked.row_value[0])
        return next((detail_html(q, s) for q, s in rows if q.id == wanted), "")

    table.select(show, state, detail, queue=False, api_visibility="private")
    pubmedqa_endpoint(serving, run)
    return variants


def pubmedqa_endpoint(serving: Serving, run: Run) -> None:
    """`/pubmedqa`, a stream of the results so far."""

    @clear_errors
    def pubmedqa(
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        questions: int = 32,
        seed: int = 42,
    ) -> Iterator[dict[str, Any]]:
        """Score variants (all if none is named) on a seeded sample of the held-out questions:
        {"n", "of", "variants": {NAME: {"accuracy", "accuracy_ci95", "macro_f1", "confusion"}},
        "items": [{"id", "gold", "pred", "logprobs"}]}."""
        chosen = sample(questions, seed)
        names = variants or list(serving.engine().variants)
        for scored in run(chosen, names):
            yield {
                "n": len(scored),
                "of": len(chosen),
                "variants": {name: _shown(scored, name) for name in names},
                "items": [vars(s) for s in scored],
            }

    api(pubmedqa, api_name="pubmedqa", concurrency_id=GPU, concurrency_limit=1)


def _shown(scored: list[Scored], name: str) -> dict[str, Any]:
    gold, predicted = [s.gold for s in scored], [s.pred[name] for s in scored]
    return stats.measure(gold, predicted)


def _file(result: dict[str, Any]) -> str:
    """A results.json to download, as `python -m benchmarks.pubmedqa` writes it."""
    path = Path(tempfile.mkdtemp()) / "results.json"
    output.write(path, result)
    return str(path)


def summary_text(found: dict[str, Any], scored: int, total: int) -> str:
    """The Markdown table of accuracies, a line for each pair, and what so many can tell."""
    lines = [
        f"**{scored} of {total} questions scored**\n",
        "| variant | accuracy | 95 % interval | macro-F1 | calibration error |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, v in found["variants"].items():
        low, high = v["accuracy_ci95"]
        lines.append(
            f"| {name} | {v['accuracy']:.1%} | {low:.1%} to {high:.1%} | {v['macro_f1']:.2f} "
            f"| {v['calibration']['ece']:.2f} |"
        )
    for name, baseline in found["baselines"].items():
        lines.append(f"| *{name}: {baseline['source']}* | {baseline['accuracy']:.1%} | | | |")
    pairs = [f"- {results.pair_line(pair)}" for pair in found["paired"]]
    return "\n".join([*lines, "", *pairs, "", results.power_line(found)])


def table_row(question: Question, scored: Scored) -> list[str]:
    """id, question, gold, and each variant's answer with a mark."""
    marks = [f"{'✓' if pred == scored.gold else '✗'} {pred}" for pred in scored.pred.values()]
    return [question.id, question.question, scored.gold, *marks]


def detail_html(question: Question, scored: Scored) -> str:
    """One question in full: abstract, gold answer, each variant's probabilities."""
    abstract = "".join(f"<p>{html.escape(text)}</p>" for text in question.contexts)
    head = "".join(f"<th scope='col'>{label}</th>" for label in LABELS)
    rows = ""
    for name, logprobs in scored.logprobs.items():
        shares = probabilities(logprobs)
        cells = "".join(
            f"<td>{shares[label]:.1%}<div class='bar'>"
            f"<span style='width:{shares[label]:.1%}'></span></div></td>"
            for label in LABELS
        )
        rows += f"<tr><th scope='row'>{html.escape(name)}</th>{cells}</tr>"
    return (
        f"<h3>{html.escape(question.question)}</h3>{abstract}"
        f"<p><b>Gold answer:</b> {scored.gold}. {html.escape(question.long_answer)}</p>"
        f"<table class='probabilities'><tr><th scope='col'>variant</th>{head}</tr>{rows}</table>"
    )
