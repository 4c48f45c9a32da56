"""What a visitor's blind trials come to: preferences, how much of them is luck, and guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from hera.evaluation.stats import mcnemar, wilson
from hera.ui.trials import CHANCE, SIDES, Trial


@dataclass(frozen=True)
class Share:
    """`hits` of `n`, against the share that chance would give."""

    hits: int
    n: int
    chance: float | None = 0.5

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval (Wilson 1927); (0, 1) of nothing."""
        return wilson(self.hits, self.n)

    @property
    def side(self) -> int:
        """1 above chance, -1 below, by its interval; 0 where that holds it."""
        if self.chance is None:
            return 0
        low, high = self.interval
        return (low > self.chance) - (high < self.chance)


@dataclass(frozen=True)
class Preference:
    """The votes on one pair of variants of one base: `share` is how often the second was preferred
    among the votes that decided, `open` how many did not."""

    model: str
    pair: tuple[str, str]
    share: Share
    open: int

    @property
    def p(self) -> float:
        """Exact two-sided sign test (the binomial one, Dixon and Mood 1946)."""
        return mcnemar(self.share.hits, self.share.n - self.share.hits)

    @property
    def preferred(self) -> str | None:
        """Which of the two is preferred; None while interval or test leave it open."""
        if not self.share.side or self.p >= 0.05:
            return None
        return self.pair[self.share.side > 0]


@dataclass(frozen=True)
class Lengths:
    """Of trials of the base against an adapter: in how many the adapter's answer had more words,
    and how many words both have on average."""

    longer: int
    n: int
    base: float
    tuned: float


@dataclass(frozen=True)
class Tally:
    """`luck`: how often a side was preferred though both were the same variant; `guesses`: how
    often the guess was right, of those that were made."""

    n: int
    preferences: tuple[Preference, ...]
    luck: Share
    guesses: Share
    lengths: Lengths | None


def tally(trials: Sequence[Trial]) -> Tally:
    """All that is counted of voted trials."""
    twins = [trial for trial in trials if trial.is_twin]
    guessed = [trial for trial in trials if trial.guess is not None]
    return Tally(
        len(trials),
        tuple(_preferences([trial for trial in trials if not trial.is_twin])),
        Share(sum(trial.vote in SIDES for trial in twins), len(twins), None),
        Share(sum(trial.guess == trial.answer for trial in guessed), len(guessed), CHANCE),
        _lengths(trials),
    )


def _preferences(trials: Sequence[Trial]) -> list[Preference]:
    """One for each pair, in the order in which they came."""
    votes_on: dict[tuple[str, tuple[str, str]], list[str | None]] = {}
    for trial in trials:
        votes_on.setdefault((trial.model, trial.pair), []).append(trial.preferred)
    found = []
    for (model, pair), votes in votes_on.items():
        decided = [vote for vote in votes if vote is not None]
        share = Share(decided.count(pair[1]), len(decided))
        found.append(Preference(model, pair, share, len(votes) - len(decided)))
    return found


def _lengths(trials: Sequence[Trial]) -> Lengths | None:
    known = [trial.lengths for trial in trials if trial.lengths is not None]
    if not known:
        return None
    longer = sum(tuned > base for base, tuned in known)
    return Lengths(longer, len(known), mean(b for b, _ in known), mean(t for _, t in known))


def counted(found: Tally) -> dict[str, Any]:
    """The same in plain JSON values."""
    lengths = found.lengths
    return {
        "n": found.n,
        "preferences": [
            {
                "model": each.model,
                "pair": list(each.pair),
                **_figures(each.share),
                "p": each.p,
                "open": each.open,
                "preferred": each.preferred,
            }
            for each in found.preferences
        ],
        "luck": _figures(found.luck),
        "guesses": _figures(found.guesses) | {"chance": found.guesses.chance},
        "lengths": None if lengths is None else dict(vars(lengths)),
    }


def _figures(share: Share) -> dict[str, Any]:
    """A share as numbers; of nothing there is none."""
    return {
        "hits": share.hits,
        "n": share.n,
        "share": share.value if share.n else None,
        "ci95": list(share.interval) if share.n else None,
    }
