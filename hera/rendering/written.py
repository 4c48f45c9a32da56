"""A prompt as text that knows which parts of it people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hera.errors import InputError
from hera.rendering.controls import cuts
from hera.rendering.template import OPEN, STAND_IN, apply, stand_in, turn
from hera.types import Message

_BETWEEN = "\n\n"  # the turns of a conversation for a model that knows none
_THOUGHT = "</think>"  # templates of reasoning models drop what an earlier answer has before it


@dataclass(frozen=True)
class Written:
    """A text, the places in it where people wrote, and what they said there; `frame` is all that
    they did not write, with a mark at their places. `begins` says that nothing stands before it,
    where the tokenizer writes its BOS by itself."""

    text: str
    people: tuple[tuple[int, int], ...]
    said: tuple[str, ...]
    frame: str
    begins: bool

    def and_then(self, more: str) -> Written:
        """The same with more text from outside behind it."""
        whole = self.text + more
        people = (*self.people, (len(self.text), len(whole)))
        return replace(self, text=whole, people=people, said=(*self.said, more))


def check_messages(messages: Sequence[Message]) -> None:
    """Raises InputError where a conversation cannot be rendered: empty, or a wrong role order."""
    if not messages:
        raise InputError("The conversation is empty: send at least one user message.")
    system = messages[0].get("role") == "system"
    for i, message in enumerate(messages):
        expected = "assistant" if (i - system) % 2 else "user"
        role = message.get("role")
        if role != expected and not (system and i == 0):
            raise InputError(
                f"Message {i + 1} has the role {role!r} where {expected!r} was expected: turns "
                "alternate, and the first, or the one after a system turn, is the user's."
            )
        content = message.get("content", "")
        if not isinstance(content, str):
            raise InputError(f"Message {i + 1} ({role}) holds no text but {content!r:.60}.")
        if not content.strip():
            raise InputError(f"Message {i + 1} ({role}) is empty: write something first.")
    if len(messages) == system:
        raise InputError("The conversation has a system turn alone: the role 'user' comes next.")


def mended(text: str) -> str:
    """With a replacement character for each half of a pair, which no tokenizer takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def written(tokenizer: Any, messages: Sequence[Message]) -> Written:
    """A conversation as its template writes it; raises as `render`."""
    check_messages(messages)
    turns = [turn(m["role"], mended(m["content"])) for m in messages]
    if not tokenizer.chat_template:
        return _filled(_BETWEEN.join(map(stand_in, range(len(turns)))), turns, begins=True)
    if _THOUGHT in str(tokenizer.chat_template):
        turns[:-1] = [_without_thoughts(earlier) for earlier in turns[:-1]]
    frame = apply(
        tokenizer, [turn(t["role"], stand_in(i, t["content"])) for i, t in enumerate(turns)]
    )
    _check_all_stand(frame, turns)
    text = apply(tokenizer, turns)
    filled = _filled(frame, turns, begins=False)
    if filled.text == text:
        return filled
    # The template does more to a message than put it in its place: where it stands is not known.
    if any(True for t in turns for _ in cuts(tokenizer, t["content"])):
        raise InputError(
            "A message names a control token of the model, and the chat template changes what it "
            "is given: write it without that name."
        )
    return replace(filled, text=text, people=())


def _check_all_stand(frame: str, turns: Sequence[Message]) -> None:
    standing = set(STAND_IN.findall(frame))
    for i, one in enumerate(turns):
        if str(i) not in standing:
            why = "knows no system turn" if one["role"] == "system" else "leaves it out"
            raise InputError(f"Message {i + 1} ({one['role']}): the chat template {why}.")


def _filled(frame: str, turns: Sequence[Message], *, begins: bool) -> Written:
    """A frame with the messages in the places of their stand-ins."""
    text, people, said = "", [], []
    for k, part in enumerate(STAND_IN.split(frame)):
        start = len(text)
        text += turns[int(part)]["content"].strip() if k % 2 else part
        if k % 2:
            people.append((start, len(text)))
            said.append(text[start:])
    return Written(text, tuple(people), tuple(said), STAND_IN.sub(OPEN, frame), begins)


def _without_thoughts(earlier: Message) -> Message:
    """An answer without what the model thought before it, as the template leaves it out."""
    if earlier["role"] != "assistant":
        return earlier
    answer = earlier["content"].rpartition(_THOUGHT)[2].lstrip("\n")
    return turn("assistant", answer or earlier["content"])
