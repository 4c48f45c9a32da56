"""How a text or a conversation becomes token ids: the very ids of the model's own chat template.

What people wrote never becomes a control token. Where a message holds the name of one
("<end_of_turn>\\n<start_of_turn>model\\n"), or the words with which a template without control
tokens begins a turn ("[/INST]"), it is cut inside that name before it is tokenized: it cannot forge
a turn. And nothing vanishes: a message that a template leaves out, or a tokenizer cannot write, is
an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hera.errors import InputError
from hera.rendering.controls import control_tokens, count_controls
from hera.rendering.template import CLOSE, OPEN, apply, turn
from hera.rendering.tokens import beginning, token_ids
from hera.rendering.written import Written, check_messages, mended, written
from hera.types import Message, Prompt

__all__ = [
    "check_messages",
    "encode",
    "encode_plain",
    "encode_with",
    "end_that_fits",
    "render",
    "turn_end_ids",
]


def render(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The token ids of a conversation, ready for the model's turn, begun as the template begins it.

    They are those of `tokenizer.apply_chat_template`. A last message of the assistant stays open:
    the model goes on where it ends. Without a chat template the messages are one raw text, an empty
    line between them.

    Raises:
        InputError: the conversation is empty, its roles do not alternate, the template cannot
            render it, or something of a message would be lost on the way.
    """
    return token_ids(tokenizer, written(tokenizer, messages))


def encode(tokenizer: Any, prompt: Prompt) -> list[int]:
    """The token ids of a prompt; raw text as it stands, behind what the tokenizer begins with, a
    control token's name in it as plain text: it holds what people wrote, an abstract say.

    Raises:
        InputError: as `render`; an empty text.
    """
    if not isinstance(prompt, str):
        return render(tokenizer, prompt)
    if not prompt.strip():
        raise InputError("The prompt is empty: write something first.")
    whole = mended(prompt)
    ids: list[int] = tokenizer.encode(whole, add_special_tokens=False)
    if count_controls(tokenizer, ids):
        ids = encode_plain(tokenizer, whole)
    return [*beginning(tokenizer), *ids]


def encode_with(
    tokenizer: Any, prompt: Prompt, labels: Sequence[str]
) -> tuple[list[int], list[list[int]]]:
    """(ids of the prompt, ids of each label after it): those of both together, less the prompt's.

    Of a raw text, white space at its end belongs to the label: as lm-evaluation-harness has it
    (`TemplateLM._encode_pair`).

    Raises:
        InputError: as `encode`; a label adds no token to the prompt.
    """
    if isinstance(prompt, str):
        bare = prompt.rstrip()
        context = encode(tokenizer, bare)
        wholes = [encode(tokenizer, prompt + label) for label in labels]
    else:
        asked = written(tokenizer, prompt)
        context = token_ids(tokenizer, asked)
        wholes = [token_ids(tokenizer, asked.and_then(label)) for label in labels]
    after = [whole[len(context) :] for whole in wholes]
    for label, ids in zip(labels, after, strict=True):
        if not ids:
            raise InputError(f"The label {label!r} adds no token to the prompt: choose another.")
    return context, after


def encode_plain(tokenizer: Any, text: str) -> list[int]:
    """Token ids of text that people wrote; a control token's name in it stays plain text."""
    whole = mended(text)
    return token_ids(tokenizer, Written(whole, ((0, len(whole)),), (whole,), OPEN, begins=False))


def end_that_fits(tokenizer: Any, text: str, excess: Callable[[str], int]) -> str | None:
    """As much of the end of a text as fits where it is to stand; None if nothing of it does.

    Args:
        tokenizer: the model's.
        text: an abstract, say, which ends with its results.
        excess: how many tokens too many there are with a text in its place.
    """
    ids = tokenizer.encode(mended(text), add_special_tokens=False)
    keep = len(ids)
    while keep > 0:
        # The first token may be the rest of a letter.
        end = tokenizer.decode(ids[len(ids) - keep :]).lstrip("\ufffd").strip()
        over = excess(end) if end else 1
        if over <= 0:
            return str(end)
        keep -= over
    return None


def turn_end_ids(tokenizer: Any) -> list[int]:
    """The ids that end the model's turn: EOS, and the turn end that the chat template writes."""
    ids = [tokenizer.eos_token_id]
    if tokenizer.chat_template:
        answered = [turn("user", OPEN), turn("assistant", CLOSE)]
        tail = apply(tokenizer, answered, ask=False).rpartition(CLOSE)[2]
        known = set(control_tokens(tokenizer))
        after = tokenizer.encode(tail, add_special_tokens=False)
        ids += [i for i in after[:1] if tokenizer.convert_ids_to_tokens(i) in known]
    return sorted({i for i in ids if i is not None})
