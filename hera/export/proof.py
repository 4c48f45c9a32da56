"""Whether another program answers as HERA does, on what was exported: fixed questions, greedily."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from statistics import fmean
from typing import Any

from hera.errors import ModelError
from hera.prompts import PROOF_QUESTIONS as QUESTIONS
from hera.types import Engine, GenerationParams, Message

TOKENS = 32
_TOP = 100  # how far down HERA's list the other program's choice is looked for
_TIE = 0.05  # nats: closer than that, rounding decides


@dataclass(frozen=True)
class Reply:
    """How a program goes on: the token ids, and how likely each was to it (natural log), as far as
    it tells."""

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]


Asked = Callable[[Sequence[Sequence[int]]], list[Reply]]
"""A program that goes on after each of these prompts, greedily, for `TOKENS` tokens."""


def compared(
    engine: Engine, variant: str, tokenizer: Any, ask: Asked, own_ids: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """What a program makes of the questions, beside what HERA makes of them.

    Args:
        engine: HERA's, in float32.
        variant: which of its variants was exported.
        tokenizer: that variant's.
        ask: the other program.
        own_ids: what it makes of the questions by itself, in its own chat template.

    Returns:
        n; how many prompts had HERA's ids, how many answers HERA's text; the differing ones; and
        how far the log-likelihoods of the same tokens lie apart, in nats.
    """
    asked = [_question(text) for text in QUESTIONS]
    prompts = [engine.render(messages, variant) for messages in asked]
    mine = engine.answers(variant, asked, GenerationParams(TOKENS, temperature=0))
    apart: list[float] = []
    differing = []
    for k, (reply, (text, _)) in enumerate(zip(ask(prompts), mine, strict=True)):
        theirs = tokenizer.decode(reply.ids, skip_special_tokens=True)
        same, gap, at = _beside(engine, variant, asked[k], text, reply)
        apart += same
        if theirs != text:
            # llama.cpp takes some control tokens for the end of a turn by their names alone.
            early = text.startswith(theirs) and reply.ids[-1] in tokenizer.added_tokens_decoder
            parting = {"question": QUESTIONS[k], "hera": text, "there": theirs, "token": at}
            differing.append({**parting, "nats": gap, "ended_early": early})
    alike = sum(list(a) == b for a, b in zip(own_ids, prompts, strict=True))
    return {
        "n": len(QUESTIONS),
        "same_prompts": alike,
        "same_answers": len(QUESTIONS) - len(differing),
        "differing": differing,
        "logprobs_apart": {"mean": fmean(apart), "most": max(apart)} if apart else None,
    }


def _question(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def _beside(
    engine: Engine, variant: str, asked: list[Message], text: str, reply: Reply
) -> tuple[list[float], float | None, int]:
    """(how far apart the log-likelihoods of the tokens are that both begin with, how much less
    likely HERA finds the other's next token than its own, at which token they part)."""
    start = len(engine.render(asked, variant))
    said: list[Message] = [{"role": "assistant", "content": text}, *_question("Thank you.")]
    read = engine.token_logprobs([*asked, *said], [variant], top=_TOP)[variant]
    same: list[float] = []
    for i, theirs in enumerate(reply.ids):
        place = start + i
        if theirs != read.ids[place]:
            found = read.top_logprobs[place][read.top_ids[place] == theirs]
            gap = float(read.logprobs[place] - found[0]) if len(found) else None
            # HERA chose the likeliest: else its text was read as other tokens than it was written.
            return same, gap if gap is None or gap > -_TIE else None, i
        same += [abs(float(read.logprobs[place]) - there) for there in reply.logprobs[i : i + 1]]
    return same, None, len(reply.ids)


def check(what: str, found: Mapping[str, Any]) -> None:
    """For weights that were hardly rounded.

    Raises:
        ModelError: the other program does not read a prompt as HERA does, or an answer goes on
            otherwise than HERA's where no near tie excuses it.
    """
    going_on = [d for d in found["differing"] if not d["ended_early"]]
    wrong = [d for d in going_on if d["nats"] is None or d["nats"] > _TIE]
    if found["same_prompts"] < found["n"] or wrong:
        prompts = found["n"] - found["same_prompts"]
        raise ModelError(
            f"{what}: does not answer as HERA does ({prompts} of {found['n']} prompts are read "
            f"otherwise, {len(wrong)} answers differ), so it is not kept: a defect of HERA's."
        )


def in_words(what: str, found: Mapping[str, Any]) -> str:
    """A line for the terminal."""
    line = f"{what}{found['same_answers']} of {found['n']} answers are HERA's"
    going_on = [d for d in found["differing"] if not d["ended_early"]]
    gaps = [d["nats"] for d in going_on if d["nats"] is not None]
    if gaps:
        line += f" (where they part, HERA's word leads by {fmean(gaps):.2f} nats, at most "
        line += f"{max(gaps):.2f})"
    if early := sum(d["ended_early"] for d in found["differing"]):
        line += f"; {early} end earlier, at a control token that HERA reads past"
    apart = found["logprobs_apart"]
    return line + (f"; log-likelihoods to {apart['most']:.1g} nats" if apart else "")


def record(program: str | None, found: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """proof.json: what was asked, of what, with which versions."""
    whole = json.dumps(QUESTIONS, ensure_ascii=False).encode()
    packages = ("torch", "transformers", "peft", "gguf")
    return {
        **more,
        "program": program,
        "prompts": {"n": len(QUESTIONS), "sha256": hashlib.sha256(whole).hexdigest()},
        "max_new_tokens": TOKENS,
        "versions": {name: version(name) for name in packages},
        "files": dict(found),
    }
