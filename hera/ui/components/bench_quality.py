"""Answers to patients with their measures: the table of means, a row, and one in full."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hera.evaluation import stats
from hera.evaluation.quality.answering import AnsweredCase
from hera.evaluation.quality.measures import DEFINITIONS, RATES
from hera.evaluation.quality.result import Mean, QualityResult
from hera.evaluation.scoring import Scored
from hera.ui.bench.state import Kind, Told
from hera.ui.components.colours import colour
from hera.ui.components.written import as_written, marked_up
from hera.ui.words import WORDS


def quality_told(result: QualityResult) -> Told:
    """A row a measure with every variant's mean, the doctor's reply and another's; then the
    differences that can be told, once all are scored."""
    words = WORDS.bench
    means: dict[str, Mapping[str, Mean]] = {n: v.means for n, v in result.variants.items()}
    means |= {
        words.reference: result.baselines["reference"].means,
        words.other: result.baselines["other"].means,
    }
    rows = [
        (words.measures[m].name, *(_mean(m, its.get(m)) for its in means.values()))
        for m in DEFINITIONS
    ]
    told = () if result.partial else tuple(_differences(result))
    return Told(words.scored, (words.measure, *means), tuple(rows), (*told, _about()))


def _about() -> str:
    return "\n".join(f"- **{m.name}**: {m.about}" for m in WORDS.bench.measures.values())


def _mean(measure: str, found: Mean | None) -> str:
    if found is None or found.mean is None:
        return ""
    mean = _number(measure, found.mean)
    if found.ci95 is None:
        return mean
    low, high = (_number(measure, end) for end in found.ci95)
    return WORDS.bench.measured.format(mean=mean, low=low, high=high)


def _number(measure: str, value: float, sign: str = "") -> str:
    if measure in RATES:
        return f"{value:{sign}.0%}"
    return f"{value:{sign}.2f}" if abs(value) < 10 else f"{value:{sign}.0f}"


def _differences(result: QualityResult) -> Iterator[str]:
    words = WORDS.bench
    if not result.paired:
        return
    if result.scored < stats.ENOUGH:
        yield words.few.format(n=result.scored, most=stats.ENOUGH)
        return
    told = [
        words.differs.format(
            a=pair.a,
            b=pair.b,
            measure=words.measures[m].name,
            difference=_number(m, one.difference, "+"),
            low=_number(m, one.difference_ci95[0], "+"),
            high=_number(m, one.difference_ci95[1], "+"),
        )
        for pair in result.paired
        for m, one in pair.measures.items()
        if one.difference is not None
        and one.difference_ci95 is not None
        and stats.leaves_out_zero(one.difference_ci95)
    ]
    yield "\n".join(f"- {line}" for line in told) if told else words.no_difference
    yield words.chance.format(n=len(result.paired) * len(DEFINITIONS))


def _headers(variants: Sequence[str]) -> list[str]:
    return [WORDS.questions.id, WORDS.bench.patient, *variants]


def _cells(item: AnsweredCase, scored: Scored) -> list[str]:
    each = (item.variants[name] for name in scored.pred)
    cells = [WORDS.bench.cells.format(words=its["words"], rouge=its["rouge_l"]) for its in each]
    return [item.id, item.patient, *cells]


def _text(item: AnsweredCase) -> str:
    answers = (str(its["text"]) for its in item.variants.values())
    return " ".join((item.id, item.patient, item.gold, *answers))


def _detail(item: AnsweredCase, scored: Scored) -> str:
    """The patient's message, the doctor's reply, and every variant's answer with its measures."""
    names, words = list(scored.pred), WORDS.bench
    columns = "".join(
        f'<section class="variant" style="--variant: {colour(name, names)}; --line: solid">'
        f'<header><h3 dir="auto">{html.escape(name)}</h3></header>'
        f"{marked_up(scored.texts[name])}</section>"
        for name in names
    )
    return (
        f"<h3 dir='auto'>{html.escape(item.patient)}</h3><h4>{html.escape(words.doctor)}</h4>"
        f'{as_written(item.gold)}<div class="columns">{columns}</div>{_measures(item, names)}'
    )


def _measures(item: AnsweredCase, names: Sequence[str]) -> str:
    words = WORDS.bench
    columns: dict[str, Mapping[str, Any]] = {name: item.variants[name] for name in names}
    columns |= {words.reference: item.reference, words.other: item.other or {}}
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(words.measures[m].name)}</th>'
        + "".join(f"<td>{_cell(m, its.get(m))}</td>" for its in columns.values())
        + "</tr>"
        for m in DEFINITIONS
    )
    return (
        '<div class="scrolls" tabindex="0"><table class="probabilities"><thead><tr>'
        f'<th scope="col">{html.escape(words.measure)}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(measure: str, value: float | None) -> str:
    if value is None:
        return "·"
    return ("✓" if value else "✗") if measure in RATES else _number(measure, value)


def _label(name: str) -> str:
    return WORDS.bench.rows.format(name=name)


PATIENTS = Kind(
    _headers, _cells, _detail, _text, _label, ("80px", "760px"), judged=False, newest=True
)
"""How answers to patients are listed and opened."""
