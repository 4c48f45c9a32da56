"""What the model is asked to explain an answer: as `hera.ui.running`, for what comes after it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from hera.explain.comparison import Column, Comparison
from hera.explain.draws import ROWS, draw
from hera.explain.features import seen
from hera.explain.layers import LayerMap, layer_map
from hera.explain.luck import Luck, judge
from hera.explain.receipt import Receipt, receipt
from hera.explain.tokens import Likely, likeliest, scored
from hera.types import GenerationParams, Message, Prompt, TokenLogprobs
from hera.ui.conversation import visitor_messages
from hera.ui.gpu import on_gpu
from hera.ui.running import answer_seconds, paced
from hera.ui.serving import Serving

_PROMPTS = 32
"""Scored at once: between them whoever asked may have gone."""

Asked = Mapping[str, list[Message]]
Receipts = dict[str, Receipt]


@dataclass(frozen=True)
class Lot:
    """How many of n draws have ended, what they tell so far, and how many requests come first."""

    done: int
    n: int
    luck: Luck | None
    ahead: int


class Explain:
    """Generator functions that may run on ZeroGPU (`on_gpu`):

    - columns(comparison): the same with one more column's tokens scored each time, and receipts;
    - likely(column, place, variants): the likeliest tokens there, once;
    - drive(column, place, variant, params, visitor): the answer up to there as it goes on;
    - layers(column, place): which layers did it, as it becomes known;
    - tokens(text, variants, top): every token's log-probability, once;
    - labels(prompts, labels, variants): the labels' log-likelihoods, of more prompts each time;
    - luck(variant -> conversation, params, draws, visitor): what rules see in so many answers.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self.columns = on_gpu(self._columns, self._short)
        self.likely = on_gpu(self._likely, self._short)
        self.drive = on_gpu(self._drive, self._driving)
        self.layers = on_gpu(self._layers, self._short)
        self.tokens = on_gpu(self._tokens, self._short)
        self.labels = on_gpu(self._labels, self._labelling)
        self.luck = on_gpu(self._luck, self._drawing)

    def _columns(self, comparison: Comparison) -> Iterator[tuple[Comparison, Receipts]]:
        engine, greedy = self._serving.engine(), comparison.temperature == 0
        done, receipts = list(comparison.columns), Receipts()
        for place, column in enumerate(comparison.columns):
            done[place] = scored(engine, column)
            receipts[column.variant] = receipt(engine, done[place], greedy=greedy)
            yield comparison.with_columns(done), dict(receipts)

    def _likely(
        self, column: Column, place: int, variants: Sequence[str]
    ) -> Iterator[Mapping[str, Sequence[Likely]]]:
        yield likeliest(self._serving.engine(), column, place, variants)

    def _drive(
        self, column: Column, place: int, driver: str, params: GenerationParams, visitor: str
    ) -> Iterator[str]:
        engine = self._serving.engine()
        said = engine.tokenizer.decode([score.id for score in (column.scores or ())[:place]])
        begun = [*column.asked, Message(role="assistant", content=said)] if said else column.asked
        with closing(engine.stream({driver: begun}, params, visitor)) as stream:
            for step in paced(stream, visitor):
                yield said + step.texts[driver]

    def _layers(self, column: Column, place: int) -> Iterator[LayerMap]:
        yield from layer_map(self._serving.engine(), column, place)

    def _tokens(
        self, text: str, variants: Sequence[str], top: int
    ) -> Iterator[Mapping[str, TokenLogprobs]]:
        yield self._serving.engine().token_logprobs(text, list(variants) or None, top)

    def _labels(
        self, prompts: Sequence[Prompt], labels: Sequence[str], variants: Sequence[str]
    ) -> Iterator[np.ndarray]:
        engine, done = self._serving.engine(), []
        for begin in range(0, len(prompts), _PROMPTS):
            some = prompts[begin : begin + _PROMPTS]
            done.append(engine.label_logprobs(some, labels, variants))
            yield np.concatenate(done, axis=1)

    def _luck(self, asked: Asked, params: GenerationParams, n: int, visitor: str) -> Iterator[Lot]:
        words = " ".join(visitor_messages(next(iter(asked.values()))))
        with closing(draw(self._serving.engine(), asked, params, n, visitor)) as draws:
            for drawn in draws:
                done = len(drawn.ended)
                found = judge(seen(drawn, words), params.seed) if done else None
                yield Lot(done, drawn.n, found, drawn.ahead)

    def _short(self, *_: object) -> float:
        cost = self._serving.gpu_seconds
        return cost.start + 20 * cost.question

    def _driving(self, _: Column, __: int, ___: str, params: GenerationParams, ____: str) -> float:
        return answer_seconds(self._serving, params)

    def _labelling(self, prompts: Sequence[Prompt], _: object, variants: Sequence[str]) -> float:
        cost = self._serving.gpu_seconds
        return cost.start + cost.question * len(prompts) * len(variants)

    def _drawing(self, asked: Asked, params: GenerationParams, n: int, _: str) -> float:
        batches = math.ceil(n * len(asked) / ROWS)
        start = self._serving.gpu_seconds.start
        return start + batches * (answer_seconds(self._serving, params) - start)
