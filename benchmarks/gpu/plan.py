"""What is checked, the most important first, and on how much of everything."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 42


@dataclass(frozen=True)
class Sizes:
    """How much of everything is measured."""

    questions: int
    prompts: int
    tokens: int
    answer: int  # sentences
    prompt_lengths: tuple[int, ...]
    attention_lengths: tuple[int, ...]
    batch_rows: tuple[int, ...]
    repeats: int
    scored: int
    training_rows: int
    arms: tuple[str, ...]
    chain_rows: int


SIZES = {
    "gemma-2-2b": Sizes(
        questions=200,
        prompts=20,
        tokens=64,
        answer=12,
        prompt_lengths=(128, 1024, 4096),
        attention_lengths=(1, 7, 128, 1024, 4096),
        batch_rows=(1, 3, 8, 32),
        repeats=3,
        scored=64,
        training_rows=64,
        arms=("original", "defaults", "hera"),
        chain_rows=120,
    ),
    "tiny": Sizes(
        questions=6,
        prompts=2,
        tokens=4,
        answer=1,
        prompt_lengths=(16, 40),
        attention_lengths=(1, 7, 40),
        batch_rows=(1, 3),
        repeats=1,
        scored=4,
        training_rows=20,
        arms=("original", "hera"),
        chain_rows=100,
    ),
}


@dataclass(frozen=True)
class Planned:
    """One part: about how long it takes on a GPU (an H200 with slow processors, where it was run),
    and the packages that it needs besides torch, transformers and peft."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()


_TRL = ("trl", "datasets", "accelerate")
PLAN = (
    Planned("right: float32", 15),
    Planned("right: greedy", 15),
    Planned("right: bfloat16", 10),
    Planned("right: nf4", 10, ("bitsandbytes",)),
    Planned("right: attention", 65),
    Planned("fast to answer: bfloat16", 45),
    Planned("fast to score", 10),
    Planned("fast to explain", 60),
    Planned("fast to train: 16 bits", 90, _TRL),
    Planned("chain of stages", 180, _TRL),
    Planned("fast to answer: nf4", 50, ("bitsandbytes",)),
    Planned("fast to train: 4 bits", 90, (*_TRL, "bitsandbytes")),
)
NAMES = tuple(part.name for part in PLAN)
