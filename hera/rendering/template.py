"""A conversation as the model's own chat template writes it, with stand-ins or with real words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hera.errors import InputError, one_line
from hera.types import Message

OPEN, CLOSE = "\ue000", "\ue001"  # private use: no template writes them
STAND_IN = re.compile(f"{OPEN}(\\d+){CLOSE}")
"""What stands in the place of a message: its number."""

_SPACE = re.compile(r"(\s*)(?:.*\S)?(\s*)", re.S)


def turn(role: str, content: str) -> Message:
    """One turn."""
    return {"role": role, "content": content}


def stand_in(place: int, content: str = "") -> str:
    """What a template is given in place of a message: as white as that at both ends, so that it is
    trimmed where that is."""
    match = _SPACE.fullmatch(content)
    before, after = match.groups() if match else ("", "")
    return f"{before}{OPEN}{place}{CLOSE}{after}"


def apply(tokenizer: Any, turns: Sequence[Message], *, ask: bool = True) -> str:
    """What the chat template makes of the turns, as text.

    Args:
        tokenizer: the model's, with a chat template.
        turns: the conversation.
        ask: whether the model is to answer now, or to go on with a last turn of its own.

    Raises:
        InputError: it makes nothing of them.
    """
    goes_on = ask and turns[-1]["role"] == "assistant"
    given: Any = turns
    if _reads_parts(tokenizer, str(tokenizer.chat_template)):
        given = [{**t, "content": [{"type": "text", "text": t["content"]}]} for t in turns]
    try:
        text: str = tokenizer.apply_chat_template(
            given,
            tokenize=False,
            add_generation_prompt=ask and not goes_on,
            continue_final_message=goes_on,
        )
    except Exception as error:  # a template raises what Jinja and its authors raise
        raise InputError(
            f"The model's chat template cannot render this conversation ({one_line(error)})."
        ) from error
    return text


@lru_cache(maxsize=16)
def _reads_parts(tokenizer: Any, template: str) -> bool:  # noqa: ARG001
    """Whether the template wants a list of parts where others want text: of a text it would render
    nothing. `template` is the tokenizer's own, which may be exchanged."""
    parts = [{"type": "text", "text": OPEN}]
    return not _shows(tokenizer, OPEN) and _shows(tokenizer, parts)


def _shows(tokenizer: Any, content: Any) -> bool:
    try:
        text = tokenizer.apply_chat_template([{"role": "user", "content": content}], tokenize=False)
    except Exception:  # for either of the two; what is wrong shows where a conversation is rendered
        return False
    return OPEN in text
