"""The scores that were recorded with the weights: a row a measurement, a column a variant."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.explain.sheet.records import Score, Variant
from hera.ui.components.colours import colour
from hera.ui.components.facts import interval, share
from hera.ui.components.written import filled
from hera.ui.words import WORDS

_Key = tuple[str, int | None, str]


def scores_html(variants: Sequence[Variant]) -> str:
    """The table, with what was asked of how many; a sentence where nothing was recorded."""
    words = WORDS.model
    scored = [v for v in variants if v.scores]
    if not scored:
        return filled(words.no_scores)
    by_name = {v.name: {_key(score): score for score in v.scores} for v in scored}
    keys = dict.fromkeys(key for scores in by_name.values() for key in scores)
    names = [v.name for v in variants]
    head = "".join(
        f'<th scope="col" style="--variant: {colour(name, names)}">{html.escape(name)}</th>'
        for name in by_name
    )
    rows = "".join(
        f'<tr><th scope="row">{_asked(key)}</th>'
        + "".join(f"<td>{_score(scores.get(key))}</td>" for scores in by_name.values())
        + "</tr>"
        for key in keys
    )
    files = sorted({score.source for v in scored for score in v.scores})
    return (
        f'{filled(words.scores_about)}<div class="scrolls" tabindex="0"><table class="scores">'
        f'<thead><tr><th scope="col">{html.escape(words.score)}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{filled(words.sources, files=', '.join(files))}"
    )


def _key(score: Score) -> _Key:
    return score.data, score.n, score.metric


def _asked(key: _Key) -> str:
    words, (data, n, metric) = WORDS.model, key
    asked = words.asked_some.format(data=data) if n is None else words.asked.format(data=data, n=n)
    return f"{html.escape(metric)} <small>{html.escape(asked)}</small>"


def _score(score: Score | None) -> str:
    if score is None:
        return "·"
    around = "" if score.ci95 is None else f"<small>{interval(score.ci95)}</small>"
    return f"{share(score.value)} {around}"
