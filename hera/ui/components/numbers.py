"""The line of numbers under an answer."""

from __future__ import annotations

from hera.types import Step
from hera.ui.words import WORDS


def numbers(step: Step, variant: str, rate: float) -> str:
    """How many tokens, how fast (`rate`, tokens a second), and how it ended."""
    if step.ahead:
        return WORDS.talk.waiting.format(n=step.ahead)
    words = WORDS.compare
    endings = {"stop": words.finished, "length": words.cut, None: words.running}
    return words.numbers.format(
        tokens=step.tokens[variant], rate=rate, ending=endings[step.finished[variant]]
    )
