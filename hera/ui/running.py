"""What runs the model for a visitor, step by step: closing the iterator stops it.

Each function here makes one that `on_gpu` may run in another process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TypeVar

import gradio as gr

from hera.data import Question
from hera.errors import HeraError, InputError
from hera.evaluation.forgetting import ProbeLosses, completed, fixed_probes, score_probes
from hera.evaluation.prompted import score_all_prompts
from hera.evaluation.scoring import PROMPTS, Scored, score_questions
from hera.types import GenerationParams, Message, Step
from hera.ui.conversation import Said
from hera.ui.fitting import fitting, taken
from hera.ui.gpu import on_gpu
from hera.ui.guard.left import LISTENING
from hera.ui.leaving import LEAVING
from hera.ui.serving import Serving
from hera.ui.words import WORDS

Answer = Callable[[list[Message], str, GenerationParams, str], Iterator[Said]]
Item = TypeVar("Item")
_OFTEN = 0.1  # seconds between two looks, for a few at work
_FEW = 8
_SLOWEST = 5  # times as long, for very many
Rates = dict[str, float]
Steps = Callable[[Mapping[str, list[Message]], GenerationParams, str], Iterator[tuple[Step, Rates]]]
Pair = Callable[
    [list[Message], Sequence[tuple[str, int]], GenerationParams, str], Iterator[list[Said]]
]
Score = Callable[[list[Question], list[str]], Iterator[list[Scored]]]
Probing = Callable[[list[str]], Iterator[tuple[list[ProbeLosses], int]]]


def answering(serving: Serving) -> Answer:
    """A function of (conversation, variant, params, visitor): the variant's answer so far, once a
    token; the oldest messages are left out where they no longer fit. A conversation that ends with
    an answer goes on from there, and what comes is what is new of it."""

    def answer(
        turns: list[Message], variant: str, params: GenerationParams, visitor: str
    ) -> Iterator[Said]:
        engine = serving.engine()
        asked, begun = (turns[:-1], turns[-1:]) if _is_open(turns) else (turns, [])
        newest = fitting(
            asked,
            lambda some: engine.excess([*some, *begun], params.max_new_tokens, [variant]),
        )
        seen = [*newest, *begun]
        used, window = taken(engine, seen, variant)
        first = Said("", len(turns) - len(seen), used=used, window=window)
        with closing(engine.stream({variant: seen}, params, visitor)) as stream:
            yield from paced(_told(stream, variant, first), visitor)

    def seconds(_: list[Message], __: str, params: GenerationParams, ___: str) -> float:
        return answer_seconds(serving, params)

    return on_gpu(answer, seconds)


def _is_open(turns: Sequence[Message]) -> bool:
    return bool(turns) and turns[-1]["role"] == "assistant"


def _told(steps: Iterable[Step], variant: str, begun: Said) -> Iterator[Said]:
    """What a variant says, a step at a time; `begun` is what is known beforehand."""
    first = 0.0
    for step in steps:
        tokens = step.tokens[variant]
        first = first or (step.seconds if tokens else 0.0)
        yield begun._replace(
            text=step.texts[variant],
            ahead=step.ahead,
            tokens=tokens,
            seconds=step.seconds,
            first=first,
            finished=step.finished[variant],
            used=begun.used + tokens,
        )


def stepping(serving: Serving) -> Steps:
    """A function of (variant -> conversation, params, visitor): all variants' answers in one batch,
    each with its tokens a second up to its own last token."""

    def steps(
        asked: Mapping[str, list[Message]], params: GenerationParams, visitor: str
    ) -> Iterator[tuple[Step, Rates]]:
        tokens = dict.fromkeys(asked, 0)
        rates = dict.fromkeys(asked, 0.0)

        def timed(stream: Iterable[Step]) -> Iterator[tuple[Step, Rates]]:
            for step in stream:
                for name in asked:
                    if step.tokens[name] > tokens[name] and step.seconds:
                        tokens[name] = step.tokens[name]
                        rates[name] = tokens[name] / step.seconds
                yield step, dict(rates)

        with closing(serving.engine().stream(asked, params, visitor)) as stream:
            yield from paced(timed(stream), visitor)

    def seconds(_: Mapping[str, list[Message]], params: GenerationParams, __: str) -> float:
        return answer_seconds(serving, params)

    return on_gpu(steps, seconds)


def pairing(serving: Serving) -> Pair:
    """A function of (conversation, (variant, seed) of each answer, params, visitor): the answers so
    far. Each is drawn by itself, so that one variant may answer several times."""

    def pair(
        turns: list[Message],
        drawn: Sequence[tuple[str, int]],
        params: GenerationParams,
        visitor: str,
    ) -> Iterator[list[Said]]:
        engine = serving.engine()
        with ExitStack() as opened:
            streams = [
                opened.enter_context(
                    closing(engine.stream({name: turns}, replace(params, seed=seed), visitor))
                )
                for name, seed in drawn
            ]
            for steps in paced(_abreast(streams), visitor):
                yield [
                    Said(step.texts[name], ahead=step.ahead)
                    for step, (name, _) in zip(steps, drawn, strict=True)
                ]

    def seconds(
        _: list[Message], __: Sequence[tuple[str, int]], params: GenerationParams, ___: str
    ) -> float:
        return answer_seconds(serving, params)

    return on_gpu(pair, seconds)


def _abreast(streams: Sequence[Iterator[Step]]) -> Iterator[list[Step]]:
    """The last Step of every stream, after each has gone on by one, until all have ended."""
    last = [next(stream) for stream in streams]
    yield list(last)
    running = dict(enumerate(streams))
    while running:
        for place, stream in list(running.items()):
            step = next(stream, None)
            if step is None:
                del running[place]
            else:
                last[place] = step
        yield list(last)


def scoring(serving: Serving) -> Score:
    """A function of (questions, variants): all questions scored so far, after each batch."""

    def score(questions: list[Question], variants: list[str]) -> Iterator[list[Scored]]:
        scored: list[Scored] = []
        for batch in score_questions(serving.engine(), questions, variants):
            scored += batch
            yield list(scored)

    def seconds(questions: list[Question], variants: list[str]) -> float:
        cost = serving.gpu_seconds
        return cost.start + cost.question * len(questions) * len(variants)

    return on_gpu(score, seconds)


def scoring_prompts(serving: Serving) -> Score:
    """The same with every question in every prompt; what is scored is called "ID:prompt"."""

    def score(questions: list[Question], variants: list[str]) -> Iterator[list[Scored]]:
        scored: list[Scored] = []
        for batch in score_all_prompts(serving.engine(), questions, variants):
            scored += batch
            yield list(scored)

    def seconds(questions: list[Question], variants: list[str]) -> float:
        cost = serving.gpu_seconds
        return cost.start + cost.question * len(questions) * len(PROMPTS) * len(variants)

    return on_gpu(score, seconds)


def probing(serving: Serving) -> Probing:
    """A function of (variants): all probes scored so far, after each batch, and how many there are;
    first the base answers some of them itself."""

    def probe(variants: list[str]) -> Iterator[tuple[list[ProbeLosses], int]]:
        engine, scored = serving.engine(), list[ProbeLosses]()
        yield [], len(fixed_probes())
        probes = completed(engine, fixed_probes())
        for batch in score_probes(engine, probes, variants):
            scored += batch
            yield list(scored), len(probes)

    def seconds(variants: list[str]) -> float:
        cost = serving.gpu_seconds
        return cost.start + cost.question * len(fixed_probes()) * (1 + len(variants))

    return on_gpu(probe, seconds)


def answer_seconds(serving: Serving, params: GenerationParams) -> float:
    """What an answer may cost on ZeroGPU."""
    return serving.gpu_seconds.start + serving.gpu_seconds.token * params.max_new_tokens


def paced(steps: Iterable[Item], visitor: str) -> Iterator[Item]:
    """The first, then as many as people see, and the last, also before an error: what each costs on
    its way to a page is more than a token of a small model. With many at work there are fewer, so
    that what all cost together stays.

    Raises:
        InputError: the visitor has gone; the model stops at its next step.
    """
    shown = -math.inf
    left: list[Item] = []
    try:
        for step in steps:
            if LISTENING.has_gone(visitor):
                raise InputError(WORDS.errors.left)
            now = time.monotonic()
            left = [step]
            if now - shown >= _OFTEN * min(_SLOWEST, max(1, LEAVING.at_work / _FEW)):
                yield step
                shown, left = now, []
    except HeraError:
        yield from left
        raise
    yield from left


def visitor(request: gr.Request) -> str:
    """Who asks, as far as is known: a page, or a client, has one name while it is open."""
    return request.session_hash or ""
