"""A run of `benchmarks.reads`: who reads the abstract, and which gain survives without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import plots
from benchmarks.report.run import Estimate
from benchmarks.report.section import Section
from benchmarks.report.subject import Subject
from benchmarks.report.tables import VERDICTS, Table, p_value, percent, points
from hera.evaluation import records
from hera.evaluation.comparing import LEVEL
from hera.evaluation.reading import Answerer, Average, Reads, ReadsResult, Share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ASKED = (
    "Each question is asked again without its abstract, with another's, and with its finding "
    "turned into the opposite: the right answer of who reads turns with it, a habit does not."
)
_METHOD = (
    "A variant is said to read where its right answers turn with the finding more often than with "
    f"a sentence beside it, and more often than each non-reader's (corrected p below {LEVEL}). The "
    "gain that survives is the gain minus what is gained without the right abstract as well."
)
_CAPTIONS = {
    "turned": "How often a right answer became its opposite with the finding (filled), and with a "
    "sentence beside it (open); 95 % Wilson intervals. Non-readers count words and read nothing."
}
_WORDS = {"original": "as asked", "removed": "no abstract", "exchanged": "another's abstract"}


def section(name: str, path: Path, content: Mapping[str, Any]) -> Section:
    """What is said of a results.json.

    Raises:
        DataError: it is none that can be reported; with the file and the key.
    """
    result = records.parse(path, ReadsResult, content)
    if not result.items or len(result.items) != result.n or result.n > result.data.n:
        count = len(result.items)
        records.refuse(path, ("items",), f"holds {count} questions, where `n` is {result.n}")
    if not result.variants:
        records.refuse(path, ("variants",), "is empty")
    of = Subject(name, "Does it read?", result, result.n)
    return Section(
        of=of,
        plain=_plain(result),
        findings=[*_readers(result), *_gains(result), *_pairs(result)],
        tables=[_asked(result), _turned(result), *_survives(result)],
        notes=[_METHOD],
        captions=_CAPTIONS,
        draw=lambda: {"turned": turned(of, result)},
    )


def _plain(found: Reads) -> str:
    if not found.negated:
        return f"{_ASKED} In none of these {found.n} could the finding be turned."
    told = [f"{name} {one.turned.hits}" for name, one in found.variants.items()]
    seen = [name for name, one in found.variants.items() if one.reads]
    verdict = f"{', '.join(seen)} can be seen to read" if seen else "None can be seen to read"
    return (
        f"{_ASKED} Of {found.negated} turned findings, right answers turned: {', '.join(told)}. "
        f"{verdict}."
    )


def _readers(found: Reads) -> Iterator[str]:
    for name, one in found.variants.items():
        verdict = "reads" if one.reads else "is not seen to read"
        p = p_value(one.p_holm if one.p_holm is not None else 1.0)
        yield (
            f"- {name} {verdict}: its right answers turned with {share(one.turned)} % of the "
            f"findings and {share(one.beside)} % of the sentences beside them "
            f"(corrected p {p if p.startswith('<') else f'= {p}'})."
        )


def _gains(found: Reads) -> Iterator[str]:
    for name, gain in found.gains.items():
        for form, left in gain.survives.items():
            told = "" if left.sign else "; it cannot be told from none"
            yield (
                f"- The gain of {name} over base is {average(gain.gain)} points; with "
                f"{_WORDS[form]} it is {average(gain.without[form])}, which leaves {average(left)}"
                f"{told}."
            )


def _pairs(found: Reads) -> Iterator[str]:
    for pair in found.paired if found.negated else ():
        low, high = (points(end, found.negated) for end in pair.difference_ci95)
        yield (
            f"- Turned with the finding, {pair.b} against {pair.a}: {VERDICTS[pair.verdict]} "
            f"({points(pair.difference, found.negated)} points, {low} to {high})."
        )


def _asked(found: Reads) -> Table:
    rows = [
        [
            name,
            *(share(one.accuracy[form]) for form in _WORDS),
            *(share(one.maybe[form]) for form in ("removed", "exchanged")),
            *(share((one.habitless or {}).get(how)) for how in ("content-free", "no abstract")),
        ]
        for name, one in _all(found)
    ]
    header = ["variant", *(f"right, {word}" for word in _WORDS.values())]
    header += ['"maybe", no abstract', '"maybe", another\'s']
    header += ["right, habit out (content-free)", "right, habit out (no abstract)"]
    return Table(
        f"Accuracy and honest doubt in %, n = {found.n}, with 95 % Wilson intervals. Non-readers "
        'in italics. Without the right abstract "maybe" is honest, and counts as wrong. Habit is '
        "taken out by what a variant answers where nothing is asked, or without the abstract.",
        header,
        rows,
    )


def _turned(found: Reads) -> Table:
    rows = []
    for name, one in _all(found):
        told = [
            f"{test.only_turned}:{test.only_other} (p {p_value(test.p)})"
            for test in (one.against.get(other) for other in _others(found))
            if test is not None
        ]
        padded = told + [""] * (len(_others(found)) - len(told))
        p = "" if one.p_holm is None else p_value(one.p_holm)
        rows.append([name, share(one.turned), share(one.beside), *padded, p])
    header = ["variant", "with the finding", "with a sentence beside it"]
    header += [f"against {other}" for other in _others(found)]
    return Table(
        f"Right answers that turned, in %, of {found.negated} findings that rules can turn "
        f"({found.left_out} others cannot be). Against: in how many only it turned, and only the "
        "other, with McNemar's exact p.",
        [*header, "Holm p"],
        rows,
    )


def _survives(found: Reads) -> list[Table]:
    header = ["variant", "gain"]
    forms = [form for form in _WORDS if form != "original"]
    header += [f"{what}, {_WORDS[form]}" for form in forms for what in ("gain", "survives")]
    rows = [
        [
            name,
            average(gain.gain),
            *(average(x) for form in forms for x in (gain.without[form], gain.survives[form])),
        ]
        for name, gain in found.gains.items()
    ]
    caption = "Gains over base in points, with 95 % bootstrap intervals."
    return [Table(caption, header, rows)] if rows else []


def _all(found: Reads) -> Iterator[tuple[str, Answerer]]:
    yield from found.variants.items()
    yield from ((f"*{name}*", one) for name, one in found.non_readers.items())


def _others(found: Reads) -> Sequence[str]:
    return ["beside", *found.non_readers]


def share(one: Share | None) -> str:
    """In percent with its interval; "-" of none."""
    if one is None or one.share is None:
        return "-"
    low, high = one.ci95
    return f"{percent(one.share)} ({percent(low)} to {percent(high)})"


def average(one: Average) -> str:
    """A difference in points with its interval, where there are enough questions for one."""
    if one.mean is None:
        return "-"
    if one.ci95 is None:
        return f"{points(one.mean, one.n)} (n = {one.n}: too few for an interval)"
    low, high = (points(end, one.n) for end in one.ci95)
    return f"{points(one.mean, one.n)} ({low} to {high})"


def turned(of: Subject, found: Reads) -> Figure:
    """Two points a row with their intervals: with the finding, and with a sentence beside it."""
    import matplotlib as mpl

    rows = [*found.variants.items(), *found.non_readers.items()]
    with mpl.rc_context(plots.FONT):
        figure = plots.new_figure(of, 0.4 * len(rows) + 1.5)
        axis = figure.subplots()
        for shift, fill, label, shares in (
            (-0.13, plots.BLUE, "with the finding", [one.turned for _, one in rows]),
            (0.13, "white", "with a sentence beside it", [one.beside for _, one in rows]),
        ):
            told = [_estimate(one) for one in shares]
            value = [one.value for one in told]
            ends = [[s.value - s.low for s in told], [s.high - s.value for s in told]]
            places = [place + shift for place in range(len(rows))]
            axis.errorbar(
                *(value, places),
                xerr=ends,
                fmt="o",
                label=label,
                color=plots.BLUE,
                mfc=fill,
                capsize=3,
                ms=5,
                lw=1.2,
            )
        plots.name_rows(axis, [name for name, _ in rows])
        axis.set_xlim(-0.02, 1)
        axis.grid(axis="x", color="#dddddd", lw=0.6)
        axis.xaxis.set_major_formatter("{x:.0%}")
        axis.set_xlabel("share of right answers that turned, 95 % interval")
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def _estimate(one: Share) -> Estimate:
    return Estimate(nan, nan, nan) if one.share is None else Estimate(one.share, *one.ci95)
