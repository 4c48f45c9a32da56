"""A run of `benchmarks.forgot`: what each adapter forgot, or gained, of what the base knew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import plots
from benchmarks.report.section import Section
from benchmarks.report.subject import Subject
from benchmarks.report.tables import Table
from hera.evaluation import records
from hera.evaluation.forgetting import Forgot, ForgotResult, KindChange, Verdict, with_verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ASKED = (
    "The base and each adapter read the same fixed texts in ten kinds: where one has become less "
    "likely than it was, something was forgotten."
)
_CAPTIONS = {
    "changes": "How much the loss of each kind is above the base's, in nats a token; to the right "
    "of zero is forgotten. The ten intervals of a variant hold at once with 95 %. Filled: sure."
}
_VERDICTS: tuple[Verdict, ...] = ("lost", "gained", "cannot be told")


def section(name: str, path: Path, content: Mapping[str, Any]) -> Section:
    """What is said of a results.json.

    Raises:
        DataError: it is none that can be reported; with the file and the key.
    """
    result = records.parse(path, ForgotResult, content)
    _check(path, result)
    of = Subject(name, "What it forgot", result, len(result.items))
    return Section(
        of=of,
        plain=_plain(result),
        findings=[_finding(name, its) for name, its in result.variants.items()],
        tables=[_table(of, result)],
        notes=["\n".join(f"- {kind}: {what}" for kind, what in result.kinds.items())],
        captions=_CAPTIONS,
        draw=lambda: {"changes": changes(of, result)},
    )


def _check(path: Path, result: ForgotResult) -> None:
    if not result.variants:
        records.refuse(path, ("variants",), "is empty")
    if not result.items or len(result.items) > result.data.n:
        count = len(result.items)
        records.refuse(path, ("items",), f"holds {count} probes, where `data.n` is {result.data.n}")
    for name, its in result.variants.items():
        if list(its) != list(result.kinds):
            records.refuse(path, ("variants", name), "has other kinds than `kinds`")


def _plain(found: Forgot) -> str:
    told = []
    for name, its in found.variants.items():
        lost = with_verdict(its, "lost")
        told.append(f"{name} forgot {f'something of {_and(lost)}' if lost else 'nothing for sure'}")
    return f"{_ASKED} Here {'; '.join(told)}."


def _and(names: list[str]) -> str:
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def _finding(name: str, its: Mapping[str, KindChange]) -> str:
    parts = [
        f"{verdict}: {', '.join(kinds)}"
        for verdict in _VERDICTS
        if (kinds := with_verdict(its, verdict))
    ]
    return f"- {name}: {'; '.join(parts)}."


def _table(of: Subject, found: Forgot) -> Table:
    first = next(iter(found.variants.values()))
    rows = [
        [
            kind,
            str(first[kind].n),
            f"{first[kind].base:.2f}",
            *(_change(its[kind]) for its in found.variants.values()),
        ]
        for kind in found.kinds
    ]
    return Table(
        f"Loss in nats a token over n = {of.n} probes: the base's, and how much higher each "
        "variant's is. The ten intervals of a variant hold at once with 95 % (t, Bonferroni); a "
        f"change counts beyond {found.smallest:g}. A base whose own loss is high knew nothing of "
        "the kind.",
        ["kind", "n", "base", *found.variants],
        rows,
    )


def _change(one: KindChange) -> str:
    if one.interval is None:
        return f"{one.change:+.3f} (too few for an interval)"
    low, high = one.interval
    told = "" if one.verdict == "cannot be told" else f" {one.verdict}"
    return f"{one.change:+.3f} ({low:+.3f} to {high:+.3f}){told}"


def changes(of: Subject, found: Forgot) -> Figure:
    """A panel a variant: the change of every kind with its interval."""
    import matplotlib as mpl

    names = list(found.variants)
    with mpl.rc_context(plots.FONT):
        figure = plots.new_figure(of, 0.27 * len(found.kinds) + 1.1)
        panels = figure.subplots(1, len(names), squeeze=False, sharey=True, sharex=True)
        for axis, name in zip(panels.flat, names, strict=True):
            for row, its in enumerate(found.variants[name].values()):
                low, high = its.interval or (its.change, its.change)
                colour = {"lost": plots.ORANGE, "gained": plots.BLUE}.get(its.verdict, plots.GREY)
                fill = "white" if its.verdict == "cannot be told" else colour
                axis.plot([low, high], [row, row], color=colour, lw=1.4)
                axis.plot(its.change, row, "o", color=colour, mfc=fill, ms=5)
            plots.name_rows(axis, list(found.kinds))
            axis.axvline(0, color="black", lw=0.8)
            axis.set_title(name)
            axis.grid(axis="x", color="#dddddd", lw=0.6)
            axis.set_axisbelow(True)
        figure.supxlabel("nats a token above the base's loss", fontsize=9)
    return figure
