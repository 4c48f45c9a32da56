"""Messages as people type them: slips of the finger, no capitals, no full stops."""

from __future__ import annotations

from random import Random


def as_typed(text: str, rng: Random) -> str:
    """The text, in two cases of five not as a teacher would write it."""
    if not any(letter.isalpha() for letter in text):
        return text
    style = rng.random()
    if style < 0.15:
        text = _slips(text, rng, rng.choice((1, 1, 2, 3)))
    if 0.1 < style < 0.35:
        text = text.lower()
    if 0.3 < style < 0.4:
        text = text.replace(".", "").replace(" ,", ",")
    return text


def _slips(text: str, rng: Random, count: int) -> str:
    """Two letters swapped, one left out or one twice, in long words only."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    for i in rng.sample(long, k=min(count, len(long))):
        word = words[i]
        at = rng.randrange(1, len(word) - 2)
        kind = rng.randrange(3)
        if kind == 0:
            words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif kind == 1:
            words[i] = word[:at] + word[at + 1 :]
        else:
            words[i] = word[:at] + word[at] + word[at:]
    return " ".join(words)
