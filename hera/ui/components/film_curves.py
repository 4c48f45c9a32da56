"""A film's curves, the frame in sight marked: drawn once, so that moving along asks no server."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from hera.explain.film import Frame, Reel
from hera.types import Message
from hera.ui.components.talk import shown
from hera.ui.filming import Told
from hera.ui.words import WORDS

_WIDTH, _HEIGHT = 400, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 8, 36

_TEMPLATE = """<div class="plots">${value.plots.map(plot => `<figure>
<figcaption>${plot.title}</figcaption><p class="legend">${plot.legend}</p>
<svg viewBox="0 0 400 200" role="img" aria-label="${plot.title}">${plot.drawn}
<line class="now" x1="${value.x[value.at]}" x2="${value.x[value.at]}" y1="8" y2="164"/></svg>
</figure>`).join("")}</div><p class="says" role="status">${value.says[value.at]}</p>"""

MOVE = "(at, film) => [film.answers[at - 1] || [], {...film, at: at - 1}]"
"""What a page runs when the slider, which counts from 1, moves: the answer of another frame, and
the curves with it marked."""


@dataclass(frozen=True)
class Line:
    """One curve: `kind` names its colour and shape; `band` holds the ends of the intervals."""

    kind: str
    name: str
    values: Sequence[float]
    band: Sequence[tuple[float, float] | None]


def film_curves(elem_id: str) -> gr.HTML:
    """Where the curves are shown; its value is what `drawn` makes of a film."""
    nothing: dict[str, Any] = {"at": 0, "x": [0], "plots": [], "says": [""], "answers": []}
    return gr.HTML(
        nothing,
        html_template=_TEMPLATE,
        js_on_load=None,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="film",
    )


def drawn(reel: Reel, at: int, told: Told | None = None) -> dict[str, Any]:
    """The film's curves, and once its frames were asked those of the question, as `film_curves`
    takes them; frame `at` is marked."""
    frames = reel.film.frames
    x = [_across(i, len(frames)) for i in range(len(frames))]
    answers = [] if told is None else [_answer(told, name) for name in reel.variants]
    plots = [_plot(WORDS.film.measured, _measured(frames), frames, x)]
    if own := _own(told):
        plots.append(_plot(WORDS.film.own, own, frames, x))
    says = [_says(reel, i, told) for i in range(len(frames))]
    return {"at": at, "x": x, "plots": plots, "says": says, "answers": answers}


def _answer(told: Told, variant: str) -> list[dict[str, Any]]:
    return shown([Message(role="assistant", content=told.step.texts[variant])])


def _measured(frames: Sequence[Frame]) -> list[Line]:
    words = WORDS.film
    gains, losses = [f.held_out for f in frames], [f.base_answers for f in frames]
    return [
        Line("gain", words.gained, [g.gain for g in gains], [g.gain_ci95 for g in gains]),
        Line(
            "forgetting",
            words.forgot,
            [f.forgetting for f in losses],
            [f.forgetting_ci95 for f in losses],
        ),
    ]


def _own(told: Told | None) -> list[Line]:
    if told is None:
        return []
    words = WORDS.film
    pairs = [
        ("gain", words.last_answer, told.last_answer),
        ("forgetting", words.base_answer, told.base_answer),
    ]
    return [Line(kind, name, v, [None] * len(v)) for kind, name, v in pairs if v is not None]


def _says(reel: Reel, at: int, told: Told | None) -> str:
    words, frame = WORDS.film, reel.film.frames[at]
    said = words.says.format(
        step=frame.step,
        steps=reel.film.steps,
        gain=frame.held_out.gain,
        gain_range=_range(frame.held_out.gain_ci95),
        forgetting=frame.base_answers.forgetting,
        forgetting_range=_range(frame.base_answers.forgetting_ci95),
    )
    if told is not None and told.last_answer is not None and told.base_answer is not None:
        own = words.says_own.format(last=told.last_answer[at], base=told.base_answer[at])
        said = f"{said} {own}"
    return html.escape(said)


def _range(ends: tuple[float, float] | None) -> str:
    words = WORDS.film
    return words.few if ends is None else words.from_to.format(low=ends[0], high=ends[1])


def _across(frame: int, frames: int) -> float:
    """Frames stand at equal distances: between them lies each time the same factor of steps."""
    room = _WIDTH - _LEFT - _RIGHT - 24
    return round(_LEFT + 12 + room * frame / max(1, frames - 1), 1)


def _plot(
    title: str, lines: Sequence[Line], frames: Sequence[Frame], x: Sequence[float]
) -> dict[str, str]:
    from matplotlib.ticker import MaxNLocator

    numbers = [v for line in lines for v in line.values]
    numbers += [end for line in lines for ends in line.band if ends for end in ends]
    ticks = [float(t) for t in MaxNLocator(5).tick_values(min(numbers), max(numbers))]
    low, high = ticks[0], ticks[-1]

    def up(value: float) -> float:
        room = _HEIGHT - _TOP - _BOTTOM
        return round(_TOP + room * (high - value) / (high - low), 1)

    parts = [_tick(up(tick), tick) for tick in ticks]
    parts += [
        f'<text x="{at}" y="{_HEIGHT - 20}" text-anchor="middle">{frame.step}</text>'
        for at, frame in zip(x, frames, strict=True)
    ]
    parts.append(
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 4}" text-anchor="middle">'
        f"{html.escape(WORDS.film.step)}</text>"
    )
    for line in lines:
        parts += _line(line, [up(v) for v in line.values], x, up)
    legend = " ".join(
        f'<span class="{line.kind}">{html.escape(line.name)}</span>' for line in lines
    )
    return {"title": html.escape(title), "legend": legend, "drawn": "".join(parts)}


def _tick(y: float, value: float) -> str:
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>'
    )


def _line(line: Line, heights: Sequence[float], x: Sequence[float], up: Any) -> list[str]:
    """The band of its intervals, the curve, and a mark at each frame."""
    parts = []
    known = [(at, ends) for at, ends in zip(x, line.band, strict=True) if ends]
    if known:
        around = [f"{at},{up(high)}" for at, (_, high) in known]
        around += [f"{at},{up(low)}" for at, (low, _) in reversed(known)]
        parts.append(f'<polygon class="{line.kind}" points="{" ".join(around)}"/>')
    points = " ".join(f"{at},{y}" for at, y in zip(x, heights, strict=True))
    parts.append(f'<polyline class="{line.kind}" points="{points}"/>')
    parts += [
        f'<circle class="{line.kind}" cx="{at}" cy="{y}" r="3.5"/>'
        if line.kind == "gain"
        else f'<rect class="{line.kind}" x="{at - 3}" y="{y - 3}" width="6" height="6"/>'
        for at, y in zip(x, heights, strict=True)
    ]
    return parts
