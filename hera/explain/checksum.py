"""Answers known again: a few characters a token say at which one an answer is another.

Every token has 12 bits of a hash of the answer up to it: two answers that part at a token have
other bits there, but for one case in 4,096, and from there on.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Literal

from hera.explain.comparison import Column

SHAPE = re.compile(r"[twTW](?:[A-Za-z0-9_-]{2})*")
"""What a checksum looks like: of tokens or of words, in capitals of an answer that was stopped,
then two characters for each."""

_WORDS = re.compile(r"\s*\S+|\s+$")
Unit = Literal["token", "word"]


def checksum(column: Column, unit: Unit | None = None) -> str:
    """Of an answer's tokens; of its words where it is not scored."""
    unit = unit or ("word" if column.scores is None else "token")
    said = pieces(column, unit)
    kind = unit[0] if column.finished else unit[0].upper()
    # How it ended counts as one more: an answer that was cut is not one that came to its end.
    ends = [f"\0{column.finished}"] if column.finished else []
    running, found = blake2b(digest_size=3), [kind]
    for piece in (*said, *ends):
        running.update(f"{piece}\0".encode())
        found.append(urlsafe_b64encode(running.digest()).decode()[:2])
    return "".join(found)


def pieces(column: Column, unit: Unit) -> list[str]:
    """What a checksum is of."""
    if unit == "word":
        return _WORDS.findall(column.text)
    return [f"{score.id} {score.text}" for score in column.scores or ()]


def unit_of(code: str) -> Unit:
    """What a checksum counts."""
    return "token" if code[0] in "tT" else "word"


def first_difference(column: Column, code: str) -> int | None:
    """The first token, or word, from 0, at which an answer is not the one of the checksum: after
    its last where only its end is another, None where it is the same. Of an answer that was stopped
    only what there was of it is compared."""
    own, other = _codes(checksum(column, unit_of(code))), _codes(code)
    shared = min(len(own), len(other))
    place = next((k for k in range(shared) if own[k] != other[k]), shared)
    stopped = code[0].isupper() or column.finished is None
    same = place == shared if stopped else place == len(own) == len(other)
    return None if same else place


def _codes(code: str) -> list[str]:
    return [code[k : k + 2] for k in range(1, len(code), 2)]
