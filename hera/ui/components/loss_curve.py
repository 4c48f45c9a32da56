"""A training's losses as a picture, in words, and as numbers."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from hera.evaluation.training_record import Training
from hera.ui.words import WORDS

_WIDTH, _HEIGHT = 560, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 10, 38


def loss_curve(variant: str, training: Training) -> str:
    """The loss at every logged step as a line, the held-out loss before and after as two squares;
    "" where no step was logged."""
    if not training.losses:
        return ""
    said, words = html.escape(_said(variant, training)), WORDS.model
    legend = (
        f'<p class="legend"><span>{words.curve_loss}</span>'
        f'<span class="held">{words.curve_held_out}</span></p>'
    )
    return (
        f'<figure class="curve">{legend}<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{said}">{_drawn(training)}</svg><figcaption>{said}</figcaption>'
        f"{_numbers(training)}</figure>"
    )


def _said(variant: str, training: Training) -> str:
    first, last = training.losses[0], training.losses[-1]
    return WORDS.model.curve.format(
        variant=variant,
        first=first.loss,
        first_step=first.step,
        last=last.loss,
        last_step=last.step,
        before=training.held_out.before.loss,
        after=training.held_out.after.loss,
    )


def _drawn(training: Training) -> str:
    before, after = training.held_out.before.loss, training.held_out.after.loss
    losses = [logged.loss for logged in training.losses]
    end = max(training.steps, training.losses[-1].step, 1)
    heights = _ticks(min(0.0, *losses), max(*losses, before, after))
    low, high = heights[0], heights[-1]

    def x(step: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * step / end, 1)

    def y(loss: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - loss) / (high - low), 1)

    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(at)}" y2="{y(at)}"/>'
        f'<text x="{_LEFT - 6}" y="{y(at) + 4}" text-anchor="end">{at:g}</text>'
        for at in heights
    ]
    parts += [
        f'<text x="{x(at)}" y="{_HEIGHT - 20}" text-anchor="middle">{at:g}</text>'
        for at in _ticks(0, end)
        if at <= end
    ]
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 4}" text-anchor="middle">'
        f"{html.escape(WORDS.model.curve_step)}</text>"
    )
    points = " ".join(f"{x(logged.step)},{y(logged.loss)}" for logged in training.losses)
    parts.append(f'<polyline points="{points}"/>')
    ends = [(x(0), y(before)), (x(end), y(after))]
    (x1, y1), (x2, y2) = ends
    parts.append(f'<line class="held" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>')
    parts += [
        f'<rect class="held" x="{at - 4:.1f}" y="{up - 4:.1f}" width="8" height="8"/>'
        for at, up in ends
    ]
    return "".join(parts)


def _ticks(low: float, high: float) -> Sequence[float]:
    """Round numbers around a range, some five of them."""
    rough = max(high - low, 1e-9) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(k * step, 10) for k in range(first, last + 1)]


def _numbers(training: Training) -> str:
    words = WORDS.model
    rows = "".join(
        f"<tr><th scope=row>{logged.step}</th><td>{logged.loss:.3f}</td></tr>"
        for logged in training.losses
    )
    return (
        f"<details><summary>{words.curve_numbers}</summary>"
        f'<div class="scrolls tall" tabindex="0"><table><thead><tr><th scope=col>'
        f"{words.curve_step}</th><th scope=col>{words.curve_loss}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details>"
    )
