"""Fast to explain: what Compare's views cost on the full shape, from the answer's end on."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.result import Line
from hera.engine import load_engine
from hera.explain.comparison import Column, Turn
from hera.explain.draws import DRAWS, draw
from hera.explain.layers import layer_map
from hera.explain.tokens import scored
from hera.types import GenerationParams, Message

_ASKED = [Message(role="user", content="I have a throbbing headache on one side. What can I do?")]
_SENTENCE = (
    "Rest in a dark room, drink enough, and see a doctor if it does not get better in a day."
)


def explaining(bench: Bench) -> list[Line]:
    """Colours of three columns, the map of one token, and the draws of "Is it luck?". The weights
    are random: what is coloured is a text of ours, and draws seldom end before their last token."""
    bench.forget()
    engine = load_engine(bench.model, bench.adapters, dtype="bfloat16", device=bench.device)
    columns = [column(name, bench.sizes.answer) for name in engine.variants]
    parts = len(engine.changes(columns[-1].variant))
    last = scored(engine, columns[-1])  # warms up
    coloured = took(bench, lambda: [scored(engine, column) for column in columns])
    tokens = len(last.scores or ())
    place = tokens // 2
    first = took(bench, lambda: next(layer_map(engine, last, place)))
    whole = took(bench, lambda: list(layer_map(engine, last, place)))
    params = GenerationParams(max_new_tokens=bench.sizes.tokens, temperature=0.7)
    asked = dict.fromkeys(engine.variants, _ASKED)
    drawn = took(bench, lambda: list(draw(engine, asked, params, DRAWS)))
    return [
        Line(
            what=f"colours of {len(columns)} answers of {tokens} tokens", value=coloured, unit="s"
        ),
        Line(what="which layers did it: whole layers and projections", value=first, unit="s"),
        Line(what=f"which layers did it: all {parts} matrices", value=whole, unit="s"),
        Line(
            what=f"is it luck: {DRAWS} draws of {len(asked)} variants, {params.max_new_tokens} "
            "tokens at most",
            value=drawn,
            unit="s",
        ),
    ]


def column(variant: str, sentences: int) -> Column:
    """An answer of so many sentences, in place of one that random weights would give."""
    turns = tuple(Turn(**turn) for turn in _ASKED)
    return Column(variant=variant, turns=turns, text=" ".join([_SENTENCE] * sentences))


def took(bench: Bench, work: Callable[[], object]) -> float:
    """Seconds."""
    bench.wait()
    began = time.perf_counter()
    work()
    bench.wait()
    return time.perf_counter() - began
