"""Answers without the names that a model says of itself: who speaks must not be known yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from hera.refs import is_hub_id
from hera.types import BASE

MARK = "■"
_FAMILIES = (
    *("Gemma", "Gemini", "SmolLM", "Llama", "Mistral", "Mixtral", "Qwen", "DeepSeek", "Claude"),
    *("ChatGPT", "GPT-?[2-9]", "Phi-?[1-9]", "Granite", "OLMo", "Falcon-?[0-9]", "Yi-?[0-9]"),
    *("Google", "DeepMind", "Hugging ?Face", "OpenAI", "Anthropic", "Microsoft", "Alibaba"),
    *("Meta AI", "Chat ?Doctor", "Health ?Care ?Magic", "HERA"),
)
"""Models, their makers and the doctors' site of the dialogues; what is also a word of medicine (the
enzyme GPT, phi, meta-) only with what makes it a model's."""
_INTRODUCED = (
    r"(\b(?:I am|I['\u2019]m|[Mm]y name is|[Cc]all me)\s+)"
    r"(?:(?:Dr\.?\s+)?[A-Z][\w.-]*\w(?:\s+[A-Z][\w-]+)*"
    r"|(?:the |a )?(?:base|fine-?tuned|tuned)\b)"
)
_UNFINISHED = 24  # characters: more than any of these names has


def names_of(variants: Iterable[str], model: str) -> tuple[str, ...]:
    """What the served variants and their base are called: all but "base", which is also a word, and
    what the base's Hub id or folder says.

    Args:
        variants: those that are served.
        model: the base's REF or title.
    """
    own = {name for name in variants if name != BASE}
    own |= {part for part in model.split("/") if is_hub_id(model) and len(part) > 2}
    return tuple(sorted(own, key=len, reverse=True))


def unnamed(text: str, names: tuple[str, ...], ended: bool = True) -> str:
    """The text with a mark for every name.

    Args:
        text: an answer so far.
        names: from `names_of`; families of models and their makers are known.
        ended: whether it is whole. Of one that is not, the last letters stay back: they may be
            the beginning of a name.
    """
    masked = _pattern(names).sub(MARK, text)
    masked = re.sub(_INTRODUCED, rf"\g<1>{MARK}", masked)
    longest = max([_UNFINISHED, *map(len, names)])
    return masked if ended else masked[: max(0, len(masked) - longest)]


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    families = (rf"{family}(?:[\w.-]*\w)?" for family in _FAMILIES)
    listed = "|".join([*map(re.escape, names), *families])
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)
