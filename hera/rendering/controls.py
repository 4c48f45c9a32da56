"""What a message must not become: a model's control tokens, and the words that begin its turns."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from hera.errors import InputError
from hera.rendering.template import STAND_IN, apply, stand_in, turn


def control_tokens(tokenizer: Any) -> tuple[str, ...]:
    """The strings that the tokenizer would turn into a control token.

    Not every tokenizer marks those of its own chat template as special.
    """
    template = str(tokenizer.chat_template)
    added = [t for t in tokenizer.added_tokens_decoder.values() if len(t.content) > 1]
    return tuple(
        t.content for t in added if t.special or (t.content.strip() and t.content in template)
    )


def cuts(tokenizer: Any, text: str) -> Iterator[int]:
    """Where to cut a text so that no piece holds a control token's name, or a turn's beginning.

    Raises:
        InputError: it holds a turn's beginning that the tokenizer writes alike in whatever pieces.
    """
    names = control_tokens(tokenizer), _marks(tokenizer, str(tokenizer.chat_template))
    read = _as_read(tokenizer, text)
    for name in itertools.chain(*names):
        in_other_letters = name in names[1] and name in read and name not in text
        if not in_other_letters and name not in text:
            continue
        if in_other_letters:
            yield from range(1, len(text))
        if name in names[1] and _unbreakable(tokenizer, name):
            raise InputError(
                f"A message holds {name!r}, with which the model's chat template begins a turn: "
                "write it otherwise."
            )
        for match in re.finditer(f"(?={re.escape(name)})", text):
            yield from range(match.start() + 1, match.start() + len(name))


def _as_read(tokenizer: Any, text: str) -> str:
    """The text in the letters that the tokenizer makes of it, wide ones narrow, say."""
    inner = getattr(tokenizer, "backend_tokenizer", None)
    normalizer = inner.normalizer if inner is not None else None
    return text if normalizer is None else normalizer.normalize_str(text).replace("▁", " ")


def _unbreakable(tokenizer: Any, mark: str) -> bool:
    letters = [i for c in mark for i in tokenizer.encode(c, add_special_tokens=False)]
    return bool(letters == tokenizer.encode(mark, add_special_tokens=False))


def count_controls(tokenizer: Any, ids: Sequence[int]) -> Counter[int]:
    """How often each control token stands there; one for unknown characters is none."""
    known = _control_ids(tokenizer, str(tokenizer.chat_template), len(tokenizer))
    return Counter(i for i in ids if i in known)


# Asked for every message. A tokenizer may get another template or more tokens, on which the answer
# depends: so they are part of the question.
@lru_cache(maxsize=16)
def _marks(tokenizer: Any, template: str) -> tuple[str, ...]:  # noqa: ARG001
    """What begins a turn where the template writes no control token there."""
    if not tokenizer.chat_template:
        return ()
    turns = [turn(role, stand_in(i)) for i, role in enumerate(("user", "assistant", "user"))]
    try:
        frame = apply(tokenizer, turns)
    except InputError:  # a template for one question and its answer
        frame = apply(tokenizer, turns[:1])
    between = [part for part in STAND_IN.split(frame)[2::2] if part.strip()]
    named = re.compile("|".join(map(re.escape, control_tokens(tokenizer))) or r"\Z")
    if all(named.search(part) for part in between):
        return ()
    lines = [line.strip() for part in between for line in named.sub("\n", part).split("\n")]
    return tuple(line for line in lines if len(line) > 2 and not line.isalnum())


@lru_cache(maxsize=16)
def _control_ids(tokenizer: Any, template: str, size: int) -> frozenset[int]:  # noqa: ARG001
    ids = {tokenizer.convert_tokens_to_ids(name) for name in control_tokens(tokenizer)}
    return frozenset(ids - {tokenizer.unk_token_id})
