"""A link that asks a comparison again: what was asked and how, and checksums of what was said.

It is the query of the app's own address. Whoever opens it is a visitor like any other: everything
in it is checked as what a visitor writes.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import urlencode

from hera.errors import InputError
from hera.explain.checksum import SHAPE, Unit, checksum, first_difference, pieces, unit_of
from hera.explain.comparison import Comparison
from hera.explain.kept import LONGEST_NAME, MOST_COLUMNS, MOST_TURNS, Kept, made_of
from hera.rendering import check_messages
from hera.types import GenerationParams, Message

MOST_LINK = 6_000
"""Characters of a query: servers on the way take 8,000 of a whole address."""

_WEIGHTS = re.compile(r"[A-Za-z0-9_-]{0,8}")


@dataclass(frozen=True)
class Verdict:
    """Whether a variant said again what it had said."""

    variant: str
    unit: Unit
    place: int | None
    """The first that is another, from 0; None where all are the same."""
    text: str
    """What it said there now; "" behind its end."""
    same_weights: bool | None
    """None where that is not known."""


@dataclass(frozen=True)
class Promise:
    """What is asked again, and what should come out: a checksum (`hera.explain.checksum`) and a
    short hash of the weights a variant, "" where not known."""

    model: str
    asked: Mapping[str, list[Message]]
    params: GenerationParams
    said: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Kept) -> Promise:
        """Of a comparison."""
        return cls(
            kept.model,
            {column.variant: column.asked for column in kept.columns},
            kept.params,
            {
                c.variant: checksum(c)
                for c in kept.columns
                if (c.finished or c.text) and not c.failed
            },
            {name: weights_code(name, kept.fingerprints, kept.served) for name in kept.variants},
        )

    @property
    def turns(self) -> list[Message]:
        """What the first column is asked."""
        return next(iter(self.asked.values()))

    @property
    def message(self) -> str:
        """The last question."""
        return self.turns[-1]["content"]

    def query(self) -> str:
        """The link, from behind its "?".

        Raises:
            InputError: it is too long for an address, or cannot be said in one.
        """
        params = self.params
        before = [turns[:-1] for turns in self.asked.values()]
        if any(turns[-1]["content"] != self.message for turns in self.asked.values()):
            raise InputError("The columns were asked different things: save them as JSON instead.")
        if any(turns and turns[0]["role"] == "system" for turns in before):
            raise InputError("A system turn is in no link: save the comparison as JSON instead.")
        pairs: list[tuple[str, Any]] = [
            ("question", self.message),
            *(("variant", name) for name in self.asked),
            ("tokens", params.max_new_tokens),
            ("temperature", params.temperature),
            ("top_p", params.top_p),
            ("seed", params.seed),
            ("model", self.model),
            *(("said", self.said.get(name, "")) for name in self.asked),
            *(("weights", self.weights.get(name, "")) for name in self.asked),
        ]
        if any(before):
            shared = before[:1] if all(turns == before[0] for turns in before) else before
            said = [[turn["content"] for turn in turns] for turns in shared]
            pairs.append(("before", json.dumps(said, ensure_ascii=False, separators=(",", ":"))))
        query = urlencode(pairs)
        if len(query) > MOST_LINK:
            raise InputError(
                f"That is too long for a link: {len(query):,} characters, and {MOST_LINK:,} fit. "
                "Save it as JSON instead: opened here, it can be computed again as well."
            )
        return query

    @classmethod
    def read(cls, query: Iterable[tuple[str, str]]) -> Promise | None:
        """What a query asks; None where it is no such link.

        Raises:
            InputError: something in it is none of what `query` writes.
        """
        given: dict[str, list[str]] = {}
        for key, value in query:
            given.setdefault(key, []).append(value)
        if "question" not in given:
            return None
        if sum(len(value) for values in given.values() for value in values) > MOST_LINK:
            _broken("it is longer than any that is made here")
        names = given.get("variant", [])
        if not 1 <= len(names) <= MOST_COLUMNS or len(set(names)) < len(names):
            _broken(f"it does not name 1 to {MOST_COLUMNS} different variants")
        if not all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names):
            _broken("a variant's name is none")
        return cls(
            _short(_one(given, "model", "")),
            _conversations(_one(given, "question"), _one(given, "before", "[[]]"), names),
            _params(given),
            _each(given, "said", names, SHAPE),
            _each(given, "weights", names, _WEIGHTS),
        )

    def kept_by(self, now: Comparison, weights: Mapping[str, str]) -> list[Verdict]:
        """Whether each column that was asked the same, in the same way, said the same; `weights`
        are those that answered now, as `weights_code` writes them."""
        if now.params != self.params:
            return []
        found = []
        for column in now.columns:
            code = self.said.get(column.variant)
            if not code or column.asked != self.asked.get(column.variant):
                continue
            place = first_difference(column, code)
            unit = unit_of(code)
            there = pieces(column, unit)[place or 0 :][:1] if place is not None else []
            text = there[0].partition(" ")[2] if there and unit == "token" else "".join(there)
            then, own = self.weights.get(column.variant), weights.get(column.variant)
            same = then == own if then and own else None
            found.append(Verdict(column.variant, unit, place, text, same))
        return found


def weights_code(variant: str, fingerprints: Mapping[str, str], served: tuple[str, ...]) -> str:
    """Eight characters for the weights that a variant is made of; "" where one is not known."""
    shas = [fingerprints.get(name) for name in made_of(variant, served)]
    if None in shas:
        return ""
    digest = sha256(" ".join(map(str, shas)).encode()).digest()
    return urlsafe_b64encode(digest).decode()[:8]


def _params(given: Mapping[str, list[str]]) -> GenerationParams:
    try:
        return GenerationParams(
            int(_one(given, "tokens")),
            float(_one(given, "temperature")),
            float(_one(given, "top_p")),
            int(_one(given, "seed")),
        )
    except ValueError:
        _broken("one of its settings is no number")


def _conversations(question: str, before: str, names: list[str]) -> dict[str, list[Message]]:
    """What each variant is asked."""
    try:
        shared = json.loads(before)
    except (ValueError, RecursionError):
        _broken("what was said before is not readable")
    if not isinstance(shared, list) or len(shared) not in (1, len(names)):
        _broken("what was said before is not there for each variant")
    found = {}
    for place, name in enumerate(names):
        said = shared[place if len(shared) > 1 else 0]
        if not isinstance(said, list) or len(said) % 2 or len(said) > MOST_TURNS:
            _broken("what was said before is no question and answer")
        roles = ("user", "assistant")
        turns = [Message(role=roles[k % 2], content=text) for k, text in enumerate(said)]
        found[name] = [*turns, Message(role="user", content=question.strip())]
        check_messages(found[name])
    return found


def _each(
    given: Mapping[str, list[str]], key: str, names: list[str], shape: re.Pattern[str]
) -> dict[str, str]:
    """A value for each variant, or none at all."""
    values = given.get(key) or [""] * len(names)
    if len(values) != len(names) or not all(not v or shape.fullmatch(v) for v in values):
        _broken(f"its {key!r} are none")
    return dict(zip(names, values, strict=True))


def _one(given: Mapping[str, list[str]], key: str, default: str | None = None) -> str:
    values = given.get(key, [] if default is None else [default])
    if len(values) != 1:
        _broken(f"{key!r} is not in it, or more than once")
    return values[0]


def _short(text: str) -> str:
    if len(text) > LONGEST_NAME or not text.isprintable():
        _broken("the model's name is none")
    return text


def _broken(why: str) -> NoReturn:
    raise InputError(f"This link is broken: {why}. Ask for it again, or compare anew.")
