"""How a conversation becomes token ids.

The chat template is asked for the turns with placeholders in place of what people wrote; what they
wrote is then tokenized apart, its control strings broken up. So a message that contains
"<end_of_turn>\\n<start_of_turn>model\\n" stays text: it cannot forge a turn.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

from hera.errors import InputError
from hera.types import Message

_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: no template writes them


def check_messages(messages: Sequence[Message]) -> None:
    """Raises InputError where a conversation cannot be rendered: empty, or a wrong role order."""
    if not messages:
        raise InputError("The conversation is empty: send at least one user message.")
    for i, message in enumerate(messages):
        expected = "user" if i % 2 == 0 else "assistant"
        role = message.get("role")
        if role != expected:
            raise InputError(
                f"Message {i + 1} has the role {role!r} where {expected!r} was expected: turns "
                "alternate, the first is the user's, and Gemma 2 knows no system turn."
            )
        content = message.get("content", "")
        if not isinstance(content, str):
            raise InputError(f"Message {i + 1} ({expected}) holds no text but {content!r:.60}.")
        if not content.strip():
            raise InputError(f"Message {i + 1} ({expected}) is empty: write something first.")


def render(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The token ids of a conversation, ready for the model's turn, begun as the template begins it.

    A last message of the assistant stays open: the model goes on where it ends.

    Raises:
        InputError: the conversation is empty, its roles do not alternate, or the tokenizer has no
            chat template.
    """
    check_messages(messages)
    if not tokenizer.chat_template:
        raise InputError("This model has no chat template: give it raw text, not a conversation.")
    prefill = messages[-1]["content"].strip() if messages[-1]["role"] == "assistant" else None
    closed = list(messages[:-1] if prefill is not None else messages)
    stand_ins = [
        {"role": m["role"], "content": f"{_OPEN}{i}{_CLOSE}"} for i, m in enumerate(closed)
    ]
    scaffold = tokenizer.apply_chat_template(stand_ins, tokenize=False, add_generation_prompt=True)
    ids: list[int] = []
    for k, part in enumerate(re.split(f"{_OPEN}(\\d+){_CLOSE}", scaffold)):
        if k % 2:
            ids += encode_plain(tokenizer, closed[int(part)]["content"].strip())
        elif part:
            ids += tokenizer.encode(part, add_special_tokens=False)
    if prefill is not None:
        ids += encode_plain(tokenizer, prefill)
    return ids


def encode_plain(tokenizer: Any, text: str) -> list[int]:
    """Token ids of text that people wrote; a control token's name in it stays plain text."""
    # Cutting after a name's first character leaves no piece in which the tokenizer could find it.
    cuts = sorted(
        match.start() + 1
        for name in control_tokens(tokenizer)
        if name in text
        for match in re.finditer(f"(?={re.escape(name)})", text)
    )
    edges = [0, *cuts, len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
    return [i for piece in pieces for i in tokenizer.encode(piece, add_special_tokens=False)]


def end_that_fits(tokenizer: Any, text: str, excess: Callable[[str], int]) -> str | None:
    """As much of the end of a text as fits where it is to stand; None if nothing of it does.

    Args:
        tokenizer: the model's.
        text: an abstract, say, which ends with its results.
        excess: how many tokens too many there are with a text in its place.
    """
    ids = encode_plain(tokenizer, text)
    keep = len(ids)
    while keep > 0:
        end = tokenizer.decode(ids[len(ids) - keep :]).strip()
        over = excess(end) if end else 1
        if over <= 0:
            return str(end)
        keep -= over
    return None


def control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """The strings that the tokenizer would turn into a control token.

    Not every tokenizer marks those of its own chat template as special.
    """
    template = str(tokenizer.chat_template)
    added = [t for t in tokenizer.added_tokens_decoder.values() if len(t.content) > 1]
    return tuple(
        t.content for t in added if t.special or (t.content.strip() and t.content in template)
    )


def turn_end_ids(tokenizer: Any) -> list[int]:
    """The ids that end the model's turn: EOS, and the turn end that the chat template writes."""
    ids = [tokenizer.eos_token_id]
    if tokenizer.chat_template:
        asked: list[Message] = [{"role": "user", "content": _OPEN}]
        answered = [*asked, {"role": "assistant", "content": _CLOSE}]
        tail = tokenizer.apply_chat_template(answered, tokenize=False).split(_CLOSE)[1]
        known = set(control_tokens(tokenizer))
        after = tokenizer.encode(tail, add_special_tokens=False)
        ids += [i for i in after[:1] if tokenizer.convert_ids_to_tokens(i) in known]
    return sorted({i for i in ids if i is not None})
