"""Conversations that a visitor's browser keeps: what one is, and how one is read from whoever sends
it. The server keeps none; `components/history_shelf.js` does, in the browser."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hera.errors import InputError
from hera.ui import conversation
from hera.ui.words import WORDS

MOST = 200
"""Conversations that a browser keeps."""
MOST_LETTERS = 2_000_000
"""In all of them together, as JSON: browsers allow a page about 5 million, and blind trials may
take half of that."""
LONGEST_TITLE = 60
_LONGEST = 200  # what a file may bring as a title or a name
_MOST_TURNS = 1_000

Text = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class _Known(BaseModel):
    """Of what somebody sends, the keys that are known here; each must be of its kind."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class _Answer(conversation.Answer):
    model_config = ConfigDict(extra="ignore")

    variant: str = Field(max_length=_LONGEST)


class _Turn(conversation.Turn):
    model_config = ConfigDict(extra="ignore")

    answers: tuple[_Answer, ...] = ()


class Conversation(_Known):
    """A visitor's messages and the answers, in turn."""

    id: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    title: Text
    when: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")
    """Of its last answer, by the browser's clock."""
    model: Text
    turns: list[_Turn] = Field(min_length=1, max_length=_MOST_TURNS)

    @model_validator(mode="after")
    def _alternates(self) -> Conversation:
        if any(turn.role != ("user", "assistant")[k % 2] for k, turn in enumerate(self.turns)):
            raise ValueError("the turns do not alternate")
        return self

    def plain(self) -> dict[str, Any]:
        """Its content in plain JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)


class _File(_Known):
    """What an exported file holds."""

    kind: Literal["conversations"] = Field(alias="hera")
    conversations: list[Conversation] = Field(max_length=MOST)


def title_of(turns: Sequence[Mapping[str, Any]]) -> str:
    """The first words of the first message."""
    words = str(turns[0]["content"]).split()
    title = ""
    for word in words:
        if title and len(title) + 1 + len(word) > LONGEST_TITLE:
            return f"{title} …"
        title = f"{title} {word}".strip()
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


class First:
    """The name of the first conversation of a visit, drawn when it is needed: there may be two who
    need it at once, and a visit that the server forgot begins another."""

    @property
    def name(self) -> str:
        """Always the same."""
        return vars(self).setdefault("_name", fresh_name())  # type: ignore[no-any-return]


def fresh_name() -> str:
    """An id that no conversation has."""
    return secrets.token_hex(8)


def kept(turns: Sequence[Mapping[str, Any]], name: str, model: str) -> dict[str, Any] | None:
    """A conversation for the browser to keep, which adds when; None where nothing was said yet.

    Args:
        turns: as the screen has them; their other keys, in plain JSON, stay.
        name: its id.
        model: what the base is called.
    """
    if not turns:
        return None
    title, called = title_of(turns), model[:_LONGEST]
    return {"id": name, "title": title, "model": called, "turns": list(turns)}


def opened(sent: object) -> Conversation:
    """The conversation that a browser had kept.

    Raises:
        InputError: it is something else.
    """
    try:
        return Conversation.model_validate_json(json.dumps(sent))
    except (ValidationError, RecursionError) as error:
        raise InputError(WORDS.history.unreadable_one) from error


def read(name: str, text: str) -> list[dict[str, Any]]:
    """The conversations in an exported file of that name, in plain JSON values.

    Raises:
        InputError: it holds something else, or more than a browser keeps.
    """
    words = WORDS.history
    if len(text) > MOST_LETTERS:
        raise InputError(words.file_large.format(name=name, most=MOST_LETTERS))
    try:
        found = _File.model_validate_json(text)
    except ValidationError as invalid:
        error = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(k + 1 if isinstance(k, int) else k) for k in error["loc"])
        said = words.file_key.format(name=name, key=where) if where else words.file_other
        raise InputError(said.format(name=name)) from invalid
    return [one.plain() for one in found.conversations]
