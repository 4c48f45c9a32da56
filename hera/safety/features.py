"""What the learned detector sees of a message: the n-grams of its letters and words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

LETTERS, WORDS = "letters", "words"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_STRETCHED = re.compile(r"(.)\1{2,}")


def normal(text: str) -> str:
    """Lower case without accents; a number is as many noughts as it has digits, four at most, and a
    letter stands twice in a row at most."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")  # noqa: RUF001
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _NUMBER.sub(lambda number: "0" * min(len(number[0]), 4), text)
    return _STRETCHED.sub(r"\1\1", " ".join(text.split()))


def vectorizers(known: dict[str, list[str]] | None = None) -> dict[str, TfidfVectorizer]:
    """One for letters (2 to 5 within a word) and one for words (1 and 2), by name; each gives rows
    of length 1.

    Args:
        known: the n-grams of each; None to learn them, those that two messages have.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    def made(name: str, analyzer: str, lengths: tuple[int, int]) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=lengths,
            token_pattern=r"[\w']+" if analyzer == "word" else None,
            sublinear_tf=True,
            min_df=2 if known is None else 1,
            lowercase=False,
            vocabulary=None if known is None else known[name],
        )

    return {
        LETTERS: made(LETTERS, "char_wb", (2, 5)),
        WORDS: made(WORDS, "word", (1, 2)),
    }
