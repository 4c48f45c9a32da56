"""The token ids of what is written, checked: nobody forges a turn, and nothing is lost."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hera.errors import InputError
from hera.rendering.controls import count_controls, cuts
from hera.rendering.template import OPEN
from hera.rendering.written import Written

_SPACE_MARK = "▁"  # how SentencePiece writes a space, whoever typed it


def token_ids(tokenizer: Any, written: Written) -> list[int]:
    """The token ids of what is written; raises InputError if something of it would be lost."""
    within = [
        start + cut
        for start, end in written.people
        for cut in cuts(tokenizer, written.text[start:end])
    ]
    ids = _tokenized(tokenizer, written, within)
    if count_controls(tokenizer, ids) != _wanted(tokenizer, written):
        # A tokenizer that mends a text first (wide letters, say) finds names that are none yet.
        every = [i for start, end in written.people for i in range(start, end)]
        ids = _tokenized(tokenizer, written, every)
        if count_controls(tokenizer, ids) != _wanted(tokenizer, written):
            raise InputError(
                "A message would become a control token of the model: write it otherwise."
            )
    _check_nothing_lost(tokenizer, written, ids)
    return ids


def _tokenized(tokenizer: Any, written: Written, places: Sequence[int]) -> list[int]:
    edges = sorted({0, len(written.text), *places})
    ids = list(beginning(tokenizer)) if written.begins else []
    known: dict[str, list[int]] = {}  # a forged name is cut into letters, the same ones every time
    for start, end in itertools.pairwise(edges):
        piece = written.text[start:end]
        if piece not in known:
            known[piece] = tokenizer.encode(piece, add_special_tokens=False)
        ids += known[piece]
    return ids


def _wanted(tokenizer: Any, written: Written) -> Counter[int]:
    """The control tokens of all that people did not write, a plain letter in the place of that."""
    ids = tokenizer.encode(written.frame.replace(OPEN, "a"), add_special_tokens=False)
    return count_controls(tokenizer, [*(beginning(tokenizer) if written.begins else ()), *ids])


@lru_cache(maxsize=16)
def beginning(tokenizer: Any) -> tuple[int, ...]:
    """What the tokenizer puts before a raw text: BOS, for most. What some put after it, an EOS,
    would end the text that the model is to go on with."""
    plain = tokenizer.encode("a", add_special_tokens=False)
    whole = tokenizer.encode("a")
    starts = [i for i in range(len(whole)) if whole[i : i + len(plain)] == plain]
    return tuple(whole[: starts[0]]) if starts else ()


def _check_nothing_lost(tokenizer: Any, written: Written, ids: Sequence[int]) -> None:
    """Raises InputError unless the ids, read again, hold what people wrote."""
    decoded = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    if _first_lost(written.said, decoded) is None:
        return
    folded = [_folded(text) for text in written.said]
    lost = _first_lost(folded, _folded(decoded))
    if lost is not None:
        raise InputError(
            f"{written.said[lost]!r:.60} does not reach the model whole: its chat template changes "
            "it, or its tokenizer does not know all of the characters. Write it otherwise."
        )


def _first_lost(texts: Sequence[str], whole: str) -> int | None:
    """Which of the texts is the first that does not stand in the whole after those before it."""
    place = 0
    for i, text in enumerate(texts):
        found = whole.find(text, place)
        if found < 0:
            return i
        place = found + len(text)
    return None


def _folded(text: str) -> str:
    """A text without what tokenizers may change in it: white space, invisible characters, and the
    form of a letter."""
    wide = unicodedata.normalize("NFKC", text.replace(_SPACE_MARK, " ")).casefold()
    return "".join(c for c in wide if unicodedata.category(c)[0] not in "CZ")
