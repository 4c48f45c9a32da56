"""An answer token by token: how much likelier the variant made each than the base finds it."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

from hera.explain.comparison import Column, TokenScore
from hera.explain.tokens import Likely
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_FULL = 3.0  # nats, about 20 times as likely: where the colour is deepest
DEEPEST = 0.7
"""How much of its colour the deepest shade has: letters on it keep a contrast of 4.5, in light and
in dark."""
_SAME = 0.05  # nats: rounding
_MOST = 20.0  # nats: a number with nine zeros says no more


def coloured(column: Column, parts_at: int | None) -> str:
    """Every token as a button; `parts_at` is the first that the base did not say."""
    tokens = [
        _token(column.variant, place, score, place == parts_at)
        for place, score in enumerate(column.scores or ())
    ]
    return f'<p class="tokens" dir="auto">{"".join(tokens)}</p>'


def legend() -> str:
    """What the colours mean."""
    words = WORDS.why
    steps = "".join(
        f'<span style="{shade(nats)}">{times(nats)}</span>' for nats in (-3, -1.5, 0, 1.5, 3)
    )
    return f'<p class="legend">{words.legend_less} {steps} {words.legend_more}</p>'


def likely_html(token: str, likely: Mapping[str, Sequence[Likely]], served: Sequence[str]) -> str:
    """The likeliest tokens at a place, a list of bars for each variant; `token` is what stands
    there."""
    lists = "".join(_bars(name, ones, token, served) for name, ones in likely.items())
    return f'<div class="likely">{lists}</div>'


def _bars(name: str, ones: Sequence[Likely], token: str, served: Sequence[str]) -> str:
    rows = "".join(
        f"<li{' class=said-here' if one.text == token else ''}><code>{_visible(one.text)}</code>"
        f'<span class="share"><span style="width: {100 * math.exp(one.logprob):.1f}%"></span>'
        f"</span><b>{_share(one.logprob)}</b></li>"
        for one in ones
    )
    return (
        f'<section style="--variant: {colour(name, served)}"><h4>{html.escape(name)}</h4>'
        f"<ol>{rows}</ol></section>"
    )


def _token(variant: str, place: int, score: TokenScore, parts: bool) -> str:
    label = html.escape(told(score))
    after = "<br>" * score.text.count("\n")
    mark = " parts-here" if parts else ""
    # No <button>: lines would not break in it, nor drop the space that they begin with.
    return (
        f'<span role="button" tabindex="0" class="token{mark}" data-act="token" '
        f'data-place="{place}" data-variant="{html.escape(variant)}" '
        f'style="{shade(score.gain)}" title="{label}" aria-label="{label}">'
        f"{_visible(score.text)}</span>{after}"
    )


def told(score: TokenScore) -> str:
    """A token's numbers in words."""
    return WORDS.why.token.format(
        token=score.text.strip() or score.text.replace("\n", "↵") or "·",
        times=times(score.gain),
        p=math.exp(score.logprob),
        q=math.exp(score.base),
    )


def _share(logprob: float) -> str:
    share = math.exp(logprob)
    return f"{share:.2f}" if share >= 0.005 else WORDS.why.tiny


def _visible(text: str) -> str:
    return html.escape(text.replace("\n", "↵")) or "·"


def shade(nats: float, deepest: float = _FULL) -> str:
    """A background: blue where likelier, orange where less likely (Okabe and Ito's), the deeper the
    farther from 0, up to `deepest` nats."""
    deep = min(abs(nats) / deepest, 1.0) * DEEPEST
    tone = "0, 114, 178" if nats > 0 else "213, 94, 0"
    return f"background: rgba({tone}, {deep:.2f})"


def times(nats: float) -> str:
    """Nats as a ratio of probabilities."""
    words = WORDS.why
    if abs(nats) < _SAME:
        return words.times.format(ratio="1")
    ratio = math.exp(min(abs(nats), _MOST))
    number = f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
    return (words.times if nats > 0 else words.divided).format(ratio=number)
