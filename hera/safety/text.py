"""What people write, made plain enough to look for words in it: lower case, one spelling, and
without what was denied, asked about in general, or told of long ago."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

_SENTENCE = re.compile(r"[.!?;:…]+(?=\s|$)|\n+")
_TURN = re.compile(r" (?=(?:but|however|although|now|today|yesterday|except|yet) )")
_PERSON = (
    r"(?:i|im|ive|my|me|we|our|he|she|his|her|hes|shes|they|their|it|this|the|someone|somebody)"
)
_THOUGHT = re.compile(rf" , (?={_PERSON}\b)| (?:because|since|as) (?={_PERSON}\b)")
_LONG_WORD = 7  # letters: shorter ones turn into other words too easily
_CONTRACTED = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|would|should|wo)nt\b")

_LONG_AGO = re.compile(
    r"\bin (?:19|20)\d\d\b|\b(?:year|month|decade|age)s? ago\b|\blong ago\b"
    r"|\blast (?:year|month|spring|summer|autumn|fall|winter)\b|\bin the past\b|\bback in\b"
    r"|\bwhen (?:i|he|she|we) (?:was|were) (?:a|an|\d+|little|young|small|in|at|on)\b"
    r"|\bas a (?:child|kid|teen|teenager|boy|girl|student)\b"
    r"|\bhistory of\b|\bused to\b|\bdied (?:of|from)\b|\bruns in\b"
)
_STUDY = re.compile(
    r"\b(?:writing|write|wrote|reading|read) (?:\w+ ){0,3}"
    r"(?:story|novel|essay|article|book|script)\b"
    r"|\bfor (?:my|a|an|our|the) (?:\w+ )?(?:homework|essay|novel|class|course|exam|quiz|lecture)\b"
    r"|\bin (?:a|the|this) (?:film|movie|book|novel|series|show|game)\b|\bcharacter\b"
    r"|\b(?:nursing|medical|med) (?:student|school)\b|\bfirst aid (?:course|class|training)\b"
)
_ABOUT = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|and|but|now|ok|doctor|dear|just curious) ,? ?)*"
    r"(?:(?:can|could|would) you (?:tell|explain|describe|list)|tell me about|explain|describe"
    r"|what (?:are|is) (?:the )?(?:\w+ ){0,2}"
    r"(?:signs?|symptoms?|causes?|difference|risks?|treatment)"
    r"|how (?:do|can|would|could|should) (?:i|you|we|one|people) (?:know|tell|recogni[sz]e|prevent"
    r"|avoid|spot|help|support|talk|reduce|lower)"
    r"|how to (?:know|tell|recogni[sz]e|prevent|avoid|spot|reduce|lower))\b"
)
_QUESTION = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|and|but|now|ok|doctor|dear) ,? ?)*"
    r"(?:what|which|why|how|when|where|who|can|could|does|do|is|are|should|will|would)\b"
)
_SOMEBODY = re.compile(
    r"\b(?:i|im|ive|my|me|we|us|our|he|she|his|her|hes|shes|this|it(?! (?:true|common|possible"
    r"|dangerous|safe|ok|bad)\b))\b"
)
_IN_GENERAL = re.compile(
    r"\bif (?:someone|somebody|anyone|a person|people|one|you)\b|\bwhat if\b|\bin case of\b"
)
_DENIED = re.compile(
    r"\b(?:no|not|never|without|nor|neither|denies|deny|free of|fear of|(?:afraid|scared) of"
    r"(?= having| getting)|risk of|prevent|preventing|avoid"
    r"|ruled out|rule out|instead of)\b"
    # What follows these is not denied by them: "I do not know why my chest hurts".
    r"(?! (?:know|sure|understand|only|just|stop|stopping|help|sleep|slept|feel well|go away"
    r"|doing|getting|better|improv|enough|idea|matter|well|good|able)\b)"
    rf"(.*?)(?= \. | , {_PERSON}\b| (?:and|so|or) {_PERSON} | (?:and|or) (?:cannot|not) |$)"
)


def plain(
    message: str, same: Mapping[str, Iterable[str]], words: frozenset[str] = frozenset()
) -> list[str]:
    """The message's sentences: lower-case words and " , " with one space around each.

    Args:
        message: what somebody wrote.
        same: word -> how else it is written; each is read as the word.
        words: long ones among them are recognised with one letter missing, doubled or swapped.
    """
    text = unicodedata.normalize("NFKC", message).lower().replace("’", "'").replace("‘", "'")  # noqa: RUF001
    sentences = []
    for sentence in _SENTENCE.split(text):
        written = re.findall(r"[^\W_]+|,", sentence.replace("'", ""))
        line = _CONTRACTED.sub(
            lambda m: "will not" if m[1] == "wo" else f"{m[1]} not",
            " ".join(_typos(words).get(word, word) for word in written),
        )
        for word, spellings in same.items():
            line = _spelled(tuple(spellings)).sub(word, line)
        if line:
            sentences.append(line)
    return sentences


def happening(sentences: Iterable[str]) -> str:
    """What is told of now and of somebody: the parts kept, joined with " . "."""
    kept = []
    for sentence in sentences:
        for half in _TURN.split(f" {sentence} "):
            if _LONG_AGO.search(half) or _STUDY.search(half):
                continue
            kept += [part.strip() for part in _THOUGHT.split(half) if not _asks_in_general(part)]
    return " . ".join(part for part in kept if part)


def denied(text: str) -> list[tuple[int, int]]:
    """Where in `text` something is denied: (start, end) after each "no", "without", ..."""
    return [match.span(1) for match in _DENIED.finditer(text)]


def _asks_in_general(part: str) -> bool:
    part = part.strip()
    if _ABOUT.match(part) or _IN_GENERAL.search(part):
        return True
    return bool(_QUESTION.match(part)) and not _SOMEBODY.search(part)


@cache
def _spelled(spellings: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(spellings, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


@cache
def _typos(words: frozenset[str]) -> dict[str, str]:
    """Misspelling -> word: one letter missing, doubled or swapped with the next in a long word."""
    typos: dict[str, str] = {}
    for word in sorted(words):
        # Not the last letter: "collapse" is no misspelling of "collapsed".
        for i in range(1, len(word) - 1 if len(word) >= _LONG_WORD else 0):
            typos[word[:i] + word[i + 1 :]] = word
            typos[word[:i] + word[i] + word[i:]] = word
            typos[word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]] = word
    return {typo: word for typo, word in typos.items() if typo not in words}
