"""What a model's answer says that must not stand without a caution under it: a dose, what somebody
has, that no doctor is needed, that a medicine may be stopped.

By rules over sentences alone (`answers.toml`), for English and Spanish, whichever the answer is in.
They see wording, not meaning. `tests/unit/safety/test_answers.py` has the sentences that they were
written with, and that must and must not match.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hera.safety.rules import notices

FILE = Path(__file__).with_name("answers.toml")
_SENTENCE = re.compile(r"(?<=[.!?;:…])\s+|\n+")
_MARKS = re.compile(r"[*_`#>]+|^\s*(?:-|•|\d+[.)])\s+", re.MULTILINE)
_BEFORE = 80  # characters: what may excuse a match stands that near


@dataclass(frozen=True)
class _Rule:
    name: str
    says: tuple[re.Pattern[str], ...]
    before: re.Pattern[str]
    unless: re.Pattern[str]

    def found(self, sentence: str) -> bool:
        if self.unless.search(sentence):
            return False
        return any(
            not self.before.search(sentence[max(0, match.start() - _BEFORE) : match.start()])
            for pattern in self.says
            for match in pattern.finditer(sentence)
        )


def cautions(answer: str) -> tuple[str, ...]:
    """Which of "dose", "diagnosis", "no_doctor" and "stop_medicine" an answer calls for."""
    sentences = _sentences(answer)
    return tuple(rule.name for rule in _rules() if any(map(rule.found, sentences)))


def caution_texts(names: Sequence[str], language: str = "en") -> list[str]:
    """What is said under an answer for these `cautions`, a Markdown paragraph each."""
    texts = notices(language)
    return [texts[f"caution_{name}"] for name in names]


def with_cautions(answer: str, language: str = "en") -> str:
    """The answer and, where it calls for any, its cautions under it after an empty line each: what
    a caller without a screen gets."""
    return "\n\n".join([answer, *caution_texts(cautions(answer), language)])


def without_cautions(text: str, language: str = "en") -> str:
    """The answer that `with_cautions` was given."""
    for caution in reversed(caution_texts([rule.name for rule in _rules()], language)):
        text = text.removesuffix(f"\n\n{caution}")
    return text


def _sentences(answer: str) -> list[str]:
    text = unicodedata.normalize("NFKD", answer).lower()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = _MARKS.sub("", text.translate(_QUOTES))
    return [" ".join(part.split()) for part in _SENTENCE.split(text) if part.strip()]


_QUOTES = {ord("’"): "'", ord("‘"): "'", ord("¿"): "", ord("¡"): ""}  # noqa: RUF001


@cache
def _rules() -> tuple[_Rule, ...]:
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    groups: Mapping[str, str] = content["group"]
    return tuple(
        _Rule(
            name=row["name"],
            says=tuple(re.compile(_filled(pattern, groups)) for pattern in row["says"]),
            before=re.compile(rf"(?:{row['before']})$"),
            unless=re.compile(row["unless"]),
        )
        for row in content["caution"]
    )


def _filled(pattern: str, groups: Mapping[str, str]) -> str:
    """With its groups in place: a group may name others."""
    while named := re.search(r"\{([a-z]+)\}", pattern):
        pattern = pattern.replace(named[0], groups[named[1]])
    return pattern
