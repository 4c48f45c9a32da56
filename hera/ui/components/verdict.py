"""A pair of variants in sentences: who alone was right, how often chance does that, what follows,
and how many questions would tell more."""

from __future__ import annotations

import html
from collections.abc import Iterator

from hera.evaluation import power
from hera.evaluation.comparing import LEVEL, Pair, questions_to_tell
from hera.ui.bench.state import Compared
from hera.ui.components.written import filled
from hera.ui.words import WORDS

_RARE = 0.2  # below: once in so many times; from there on so many times in 100
_NEVER = 1e-6
_FEW = 20  # discordant questions below which their shares are little known


Told = tuple[str, dict[str, str]]
"""A text of the screens, in Markdown, and what its {fields} are."""


def verdicts_html(scores: Compared, total: int, there: int) -> str:
    """Every pair; "" for one variant alone. `total` are to be scored, `there` could be asked."""
    if not scores.paired:
        return ""
    words = WORDS.verdict
    told = ""
    for pair in scores.paired:
        text, fields = paragraph(pair, scores, total, there)
        told += f"<li>{filled(text, **fields)}<small>{html.escape(numbers(pair))}</small></li>"
    return (
        f'<ul class="verdicts">{told}</ul><details class="how"><summary>{html.escape(words.how)}'
        f"</summary><p>{html.escape(words.method)}</p></details>"
    )


def paragraph(pair: Pair, scores: Compared, total: int, there: int) -> Told:
    """A pair in sentences: what is judged is judged once all are scored."""
    texts, fields = zip(*_sentences(pair, scores, total, there), strict=True)
    return " ".join(texts), {name: text for each in fields for name, text in each.items()}


def numbers(pair: Pair) -> str:
    """What those who know the tests look for."""
    low, high = pair.difference_ci95
    shown = {"difference": pair.difference, "low": low, "high": high}
    return WORDS.verdict.numbers.format(
        **{name: f"{share:+.1%}" for name, share in shown.items()},
        p=f"{pair.p:.2g}",
        holm=f"{pair.p_holm:.2g}",
    )


def _sentences(pair: Pair, scores: Compared, total: int, there: int) -> Iterator[Told]:
    pairs = len(scores.paired)
    yield _split(pair)
    if scores.n < total:
        yield WORDS.verdict.waits, {"total": f"{total:,}"}
        return
    yield _judged(pair, pairs)
    if not pair.verdict:
        yield from _more(pair, scores.n, pairs, there)


def _split(pair: Pair) -> Told:
    words, names = WORDS.verdict, {"a": pair.a, "b": pair.b}
    if not pair.only_a + pair.only_b:
        return words.same, names
    alone = words.one if pair.only_b == 1 else words.many.format(n=pair.only_b)
    chance, fields = _by_chance(pair)
    counts = {"only_b": alone, "only_a": str(pair.only_a)}
    return words.alone + chance, {**names, **counts, **fields}


def _by_chance(pair: Pair) -> Told:
    """How often chance alone divides them so, or more, unevenly."""
    words = WORDS.verdict
    if pair.p >= 1:
        return words.even, {}
    if pair.p < _NEVER:
        return words.never, {}
    if pair.p < _RARE:
        return words.once, {"times": _round(1 / pair.p)}
    return words.often, {"percent": f"{100 * pair.p:.0f}"}


def _judged(pair: Pair, pairs: int) -> Told:
    words = WORDS.verdict
    if pair.verdict:
        return words.better if pair.verdict > 0 else words.worse, {"a": pair.a, "b": pair.b}
    if pair.p_holm < LEVEL:
        return words.interval, {}
    if pair.p < LEVEL:
        return words.holm, {"pairs": str(pairs), "p": f"{pair.p_holm:.2g}"}
    return words.open, {}


def _more(pair: Pair, n: int, pairs: int, there: int) -> Iterator[Told]:
    """How many questions would tell the two apart."""
    words, differ = WORDS.verdict, pair.only_a + pair.only_b
    if not differ:
        yield words.unknown, {}
        return
    needed = questions_to_tell(pair, n, pairs)
    if needed is None:
        yield words.beyond, {"most": f"{power.MOST:,}"}
        return
    needed = max(needed, n + 1)
    yield words.needed, {"needed": _round(needed), "more": _round(needed - n)}
    if needed > there:
        yield words.there, {"there": f"{there:,}"}
    if differ < _FEW:
        yield words.few, {"n": str(differ)}


def _round(number: float) -> str:
    """Two digits are known of it, not more."""
    return f"{float(f'{number:.2g}'):,.0f}"
