"""A run of `benchmarks.fair`: every variant under eight prompts, and with its own best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import plots
from benchmarks.report.section import Section
from benchmarks.report.subject import Subject
from benchmarks.report.tables import VERDICTS, Table, p_value, percent, points
from hera.evaluation import records
from hera.evaluation.comparing import LEVEL, Pair
from hera.evaluation.fair_prompts import USUAL, Accuracy, FairPair, FairPrompts, FairResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ASKED = (
    "The same questions in eight prompts, any of which an author could have chosen; and each "
    "variant in its own best, chosen on other questions than it is scored on."
)
_METHOD = (
    "The questions are split in two halves: on each every variant gets the prompt that was its "
    "most accurate on the other. That interval is of the whole procedure, prompts chosen anew. A "
    f"difference counts where it leaves out zero and the corrected p is below {LEVEL}."
)
_CAPTIONS = {
    "gains": "Gain in points under each prompt, and, last, with each its own best, with 95 % "
    "intervals. Filled: told from none."
}
_OWN = "each its own best"


def section(name: str, path: Path, content: Mapping[str, Any]) -> Section:
    """What is said of a results.json.

    Raises:
        DataError: it is none that can be reported; with the file and the key.
    """
    result = records.parse(path, FairResult, content)
    _check(path, result)
    of = Subject(name, "Fair prompts", result, result.n)
    return Section(
        of=of,
        plain=" ".join([_ASKED, *(_plain(pair) for pair in result.paired)]),
        findings=[line for pair in result.paired for line in _findings(pair, result.n)],
        tables=[_accuracies(result), *_gains(result)],
        notes=[_METHOD, _chosen(result)],
        captions=_CAPTIONS if result.paired else {},
        draw=lambda: {"gains": gains(of, result)} if result.paired else {},
    )


def _check(path: Path, result: FairResult) -> None:
    if len(result.items) != result.n or result.n > result.data.n:
        count = len(result.items)
        records.refuse(path, ("items",), f"holds {count} questions, where `n` is {result.n}")
    if not result.variants:
        records.refuse(path, ("variants",), "is empty")
    prompts = list(result.prompt_texts)
    for name, one in result.variants.items():
        if list(one.prompts) != prompts:
            records.refuse(path, ("variants", name), "has other prompts than `prompt_texts`")
    for place, pair in enumerate(result.paired):
        if list(pair.under) != prompts or USUAL not in pair.under:
            records.refuse(path, ("paired", place), "has other prompts than `prompt_texts`")


def _plain(pair: FairPair) -> str:
    better, of = len(pair.saying(1)), len(pair.under)
    fairly = {1: "is better", -1: "is worse", 0: "cannot be told from it"}[pair.fair.verdict]
    return (
        f"{pair.b} is better than {pair.a} under {better} of {of} prompts; with each its own best "
        f"it {fairly}."
    )


def _findings(pair: FairPair, n: int) -> Iterator[str]:
    yield (
        f"- {pair.b} against {pair.a}, {_OWN}: {VERDICTS[pair.fair.verdict]} "
        f"({_gain(pair.fair, n)} points, corrected p = {p_value(pair.fair.p_holm)}); with other "
        f"halves {points(pair.over_splits[0], n)} to {points(pair.over_splits[1], n)}."
    )
    turned = ", ".join(pair.turned) or "none"
    yield (
        f"- {pair.b} against {pair.a}: another verdict than under `{USUAL}`: {turned}. With any "
        f"two prompts: {points(pair.spread.smallest, n)} to {points(pair.spread.largest, n)} "
        "points."
    )


def _gain(pair: Pair, n: int) -> str:
    low, high = (points(end, n) for end in pair.difference_ci95)
    return f"{points(pair.difference, n)} ({low} to {high})"


def _accuracies(found: FairPrompts) -> Table:
    under = {name: {**one.prompts, _OWN: one.fair} for name, one in found.variants.items()}
    rows = [
        [prompt, *(_accuracy(its[prompt]) for its in under.values())]
        for prompt in next(iter(under.values()))
    ]
    caption = f"Accuracy in %, n = {found.n}, with 95 % Wilson intervals."
    return Table(caption, ["prompt", *under], rows)


def _accuracy(one: Accuracy) -> str:
    low, high = one.accuracy_ci95
    return f"{percent(one.accuracy)} ({percent(low)} to {percent(high)})"


def _gains(found: FairPrompts) -> list[Table]:
    if not found.paired:
        return []
    under = [_under(pair) for pair in found.paired]
    rows = [
        [prompt, *(f"{_gain(its[prompt], found.n)} {_told(its[prompt])}".rstrip() for its in under)]
        for prompt in under[0]
    ]
    header = ["prompt", *(f"{pair.b} against {pair.a}" for pair in found.paired)]
    return [Table("Gains in points, with 95 % bootstrap intervals.", header, rows)]


def _under(pair: FairPair) -> dict[str, Pair]:
    return {**pair.under, _OWN: pair.fair}


def _told(pair: Pair) -> str:
    return VERDICTS[pair.verdict] if pair.verdict else ""


def _chosen(found: FairPrompts) -> str:
    return "\n".join(
        f"- {name}: best on one half `{one.chosen[0].prompt}`, on the other "
        f"`{one.chosen[1].prompt}`."
        for name, one in found.variants.items()
    )


def gains(of: Subject, found: FairPrompts) -> Figure:
    """A panel a pair: the gain under every prompt with its interval, the fair one last."""
    import matplotlib as mpl

    rows = list(_under(found.paired[0]))
    with mpl.rc_context(plots.FONT):
        figure = plots.new_figure(of, 0.3 * len(rows) + 1.2)
        panels = figure.subplots(1, len(found.paired), squeeze=False, sharey=True, sharex=True)
        for axis, pair in zip(panels.flat, found.paired, strict=True):
            for row, its in enumerate(_under(pair).values()):
                colour = plots.BLUE if its.verdict else plots.GREY
                ends = [100 * end for end in its.difference_ci95]
                axis.plot(ends, [row, row], color=colour, lw=1.4)
                fill = colour if its.verdict else "white"
                axis.plot(100 * its.difference, row, "o", color=colour, mfc=fill, ms=5)
            plots.name_rows(axis, rows)
            axis.axvline(0, color="black", lw=0.8)
            axis.set_title(f"{pair.b} against {pair.a}")
            axis.grid(axis="x", color="#dddddd", lw=0.6)
            axis.set_axisbelow(True)
        figure.supxlabel("points", fontsize=9)
    return figure
