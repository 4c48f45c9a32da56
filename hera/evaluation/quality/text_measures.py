"""What can be counted in an English text: words, sentences, syllables, repetition.

textstat 0.7.13, the usual package for readability, is not used: it fetches its syllables (CMUdict)
from the network when it runs, and brings nltk. The rule here agrees with CMUdict
on 97 % of the running words of 300 PubMedQA abstracts, and on 99 % in the dialogues it was made on.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n")

# Vowels that stand side by side and are spoken apart: di-et, nause-a, flu-id, spas-m.
_APART = re.compile(
    r"(?<![ctsgx])i[aou]|iu|(?<![ct])ie(?=nc|nt|t)|(?<=[aeiouy])ing|eas?$|eo(?!p)|uid|(?<![gq])ua"
    r"|uou|sms?$|thm|[sd]n['\u2019]t$"
)
# An e that is written and not spoken: car(e), ach(e)d, pil(e)s, car(e)ful.
_SILENT = re.compile(
    r"(?<=[^aeiouy])(?<![^aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=ach)es$"
    r"|(?<=[^aeiouycsxzgh])(?<![^aeiouy]l)es$"
    r"|(?<=[^aeiouy])e(?=ly$|ments?$|ful|body$|times$|thing$)"
)


def words(text: str) -> list[str]:
    """The words in lower case; "don't" is one, "x-ray" two, a number is a word."""
    return _WORD.findall(text.lower())


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence that has any; one ends at . ! or ? before white space or the end,
    and with a line."""
    return [found for part in _SENTENCE_END.split(text) if (found := words(part))]


def syllables(word: str) -> int:
    """About how many syllables an English word in lower case has, at least 1."""
    groups = len(re.findall("[aeiouy]+", word))
    return max(1, groups + len(_APART.findall(word)) - len(_SILENT.findall(word)))


def grade(text: str) -> float | None:
    """The Flesch-Kincaid grade; None for a text without words."""
    spoken = words(text)
    if not spoken:
        return None
    per_word = sum(map(syllables, spoken)) / len(spoken)
    return 0.39 * len(spoken) / len(sentences(text)) + 11.8 * per_word - 15.59


def repeated_ngrams(text: str, n: int = 4) -> float:
    """1 - distinct / all sequences of n words; 0 where there is none."""
    spoken = words(text)
    grams = [tuple(spoken[i : i + n]) for i in range(len(spoken) - n + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def repeats_sentence(text: str) -> bool:
    """Whether a sentence occurs more than once."""
    said = [tuple(sentence) for sentence in sentences(text)]
    return len(set(said)) < len(said)
