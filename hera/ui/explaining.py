"""What the model is asked to explain an answer: as `hera.ui.running`, for what comes after it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from hera.explain.comparison import Column, Comparison
from hera.explain.draws import ROWS, draw
from hera.explain.features import seen
from hera.explain.layers import LayerMap, layer_map
from hera.explain.luck import Luck, judge
from hera.explain.receipt import Receipt, receipt
from hera.explain.tokens import Likely, likeliest, scored
from hera.types import GenerationParams, Message, TokenLogprobs
from hera.ui.conversation import visitor_messages
from hera.ui.gpu import on_gpu
from hera.ui.running import answer_seconds, paced
from hera.ui.serving import Serving

Likeliest = Mapping[str, Sequence[Likely]]
Receipts = dict[str, Receipt]


@dataclass(frozen=True)
class Lot:
    """How many of n draws have ended, what they tell so far, and how many requests come first."""

    done: int
    n: int
    luck: Luck | None
    ahead: int


@dataclass(frozen=True)
class Explain:
    """Generator functions; see `explaining`."""

    columns: Callable[[Comparison], Iterator[tuple[Comparison, Receipts]]]
    likely: Callable[[Column, int, Sequence[str]], Iterator[Likeliest]]
    drive: Callable[[Column, int, str, GenerationParams, str], Iterator[str]]
    layers: Callable[[Column, int], Iterator[LayerMap]]
    tokens: Callable[[str, Sequence[str], int], Iterator[Mapping[str, TokenLogprobs]]]
    luck: Callable[[Mapping[str, list[Message]], GenerationParams, int, str], Iterator[Lot]]


def explaining(serving: Serving) -> Explain:
    """Functions of

    - a comparison: the same with one more column's tokens scored each time, and its receipt;
    - (column, place, variants): the likeliest tokens there, once;
    - (column, place, variant, params, visitor): the answer up to there as that variant goes on;
    - (column, place): which layers did it, as it becomes known;
    - (text, variants, top): every token's log-probability, once;
    - (variant -> conversation, params, draws, visitor): what rules see in so many answers of each.
    """

    def columns(comparison: Comparison) -> Iterator[tuple[Comparison, Receipts]]:
        engine, greedy = serving.engine(), comparison.temperature == 0
        done, receipts = list(comparison.columns), Receipts()
        for place, column in enumerate(comparison.columns):
            done[place] = scored(engine, column)
            receipts[column.variant] = receipt(engine, done[place], greedy=greedy)
            yield comparison.with_columns(done), dict(receipts)

    def likely(column: Column, place: int, variants: Sequence[str]) -> Iterator[Likeliest]:
        yield likeliest(serving.engine(), column, place, variants)

    def drive(
        column: Column, place: int, driver: str, params: GenerationParams, visitor: str
    ) -> Iterator[str]:
        engine = serving.engine()
        said = engine.tokenizer.decode([score.id for score in (column.scores or ())[:place]])
        begun = [*column.asked, Message(role="assistant", content=said)] if said else column.asked
        with closing(engine.stream({driver: begun}, params, visitor)) as stream:
            for step in paced(stream):
                yield said + step.texts[driver]

    def layers(column: Column, place: int) -> Iterator[LayerMap]:
        yield from layer_map(serving.engine(), column, place)

    def tokens(
        text: str, variants: Sequence[str], top: int
    ) -> Iterator[Mapping[str, TokenLogprobs]]:
        yield serving.engine().token_logprobs(text, list(variants) or None, top)

    def luck(
        asked: Mapping[str, list[Message]], params: GenerationParams, n: int, visitor: str
    ) -> Iterator[Lot]:
        words = " ".join(visitor_messages(next(iter(asked.values()))))
        with closing(draw(serving.engine(), asked, params, n, visitor)) as draws:
            for drawn in draws:
                done = len(drawn.ended)
                found = judge(seen(drawn, words), params.seed) if done else None
                yield Lot(done, drawn.n, found, drawn.ahead)

    def drawing(
        asked: Mapping[str, list[Message]], params: GenerationParams, n: int, _: str
    ) -> float:
        batches = math.ceil(n * len(asked) / ROWS)
        return serving.gpu_seconds.start + batches * (
            answer_seconds(serving, params) - serving.gpu_seconds.start
        )

    def short(*_: object) -> float:
        cost = serving.gpu_seconds
        return cost.start + 20 * cost.question

    def driving(_: Column, __: int, ___: str, params: GenerationParams, ____: str) -> float:
        return answer_seconds(serving, params)

    return Explain(
        on_gpu(columns, short),
        on_gpu(likely, short),
        on_gpu(drive, driving),
        on_gpu(layers, short),
        on_gpu(tokens, short),
        on_gpu(luck, drawing),
    )
