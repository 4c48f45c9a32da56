"""Numbers of an invented study that agree with its finding."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

P_RANGE = {"yes": (0.00001, 0.035), "no": (0.15, 0.99), "maybe": (0.052, 0.13)}
"""Two-sided p of a clear finding, of none, and of a borderline one."""


@dataclass(frozen=True)
class Groups:
    """Two groups and the share of each (in percent) with the outcome."""

    n_with: int
    n_without: int
    with_: float
    without: float

    @property
    def p(self) -> float:
        """Two-sided p of the two-proportion z test, pooled variance."""
        a, b = self.with_ / 100, self.without / 100
        pooled = (a * self.n_with + b * self.n_without) / (self.n_with + self.n_without)
        z = (a - b) / sqrt(pooled * (1 - pooled) * (1 / self.n_with + 1 / self.n_without))
        return 2 * (1 - NormalDist().cdf(abs(z)))

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Risk ratio with its 95 % interval by the log method (Katz et al. 1978)."""
        a, b = self.with_ / 100, self.without / 100
        spread = 1.96 * sqrt((1 - a) / (self.n_with * a) + (1 - b) / (self.n_without * b))
        return a / b, exp(log(a / b) - spread), exp(log(a / b) + spread)


def groups(finding: str, direction: str, rng: Random) -> Groups:
    """Groups whose p lies in the finding's range; where there is one, it has the direction."""
    low, high = P_RANGE[finding]
    while True:
        size = 10 ** rng.uniform(1.4, 3)
        n = [max(12, round(size * rng.uniform(0.7, 1.4))) for _ in range(2)]
        shares = [round(rng.uniform(3, 80), rng.choice((0, 1))) for _ in range(2)]
        drawn = Groups(n[0], n[1], shares[0], shares[1])
        lower = drawn.with_ < drawn.without
        directed = finding == "no" or lower == (direction == "down")
        if low <= drawn.p <= high and directed and _readable(drawn, finding):
            return drawn


def _readable(drawn: Groups, finding: str) -> bool:
    """Whether the interval, rounded as it is printed, still tells the same as p."""
    _, low, high = drawn.ratio
    return (low > 1.01 or high < 0.985) if finding == "yes" else low < 0.985 and high > 1.01


def slots(finding: str, direction: str, rng: Random) -> dict[str, str]:
    """The numeric slots of the phrasings (see `world/styles/`), as text."""
    g = groups(finding, direction, rng)
    ratio, low, high = g.ratio
    decimals = rng.choice((1, 2, 2))
    mean = rng.uniform(4, 70)
    apart = {"yes": rng.uniform(0.18, 0.6), "no": rng.uniform(-0.03, 0.03)}
    step = apart.get(finding, rng.uniform(0.06, 0.1)) * (-1 if direction == "down" else 1)
    relation = {"yes": rng.uniform(0.36, 0.84), "no": rng.uniform(0.01, 0.11)}
    r = relation.get(finding, rng.uniform(0.15, 0.24))
    total = g.n_with + g.n_without
    return {
        "n": f"{total:,}" if rng.random() < 0.3 else str(total),
        "n1": str(g.n_with),
        "n2": str(g.n_without),
        "pw": f"{g.with_:g}",
        "po": f"{g.without:g}",
        "pv": p_text(g.p, rng),
        "ratio": f"{ratio:.{decimals}f}",
        "lo": f"{low:.2f}",
        "hi": f"{high:.2f}",
        "mw": f"{mean * (1 + step):.1f}",
        "mo": f"{mean:.1f}",
        "sd": f"{mean * rng.uniform(0.1, 0.3):.1f}",
        "r": f"{r:.2f}",
        "big": str(rng.randint(78, 98)),
        "mid": str(rng.randint(40, 60)),
        "small": str(rng.randint(2, 22)),
        "i2": str(rng.randint(0, 85)),
        "k": str(rng.randint(5, 48)),
    }


def p_text(p: float, rng: Random) -> str:
    """A p value as it stands after "p = "."""
    if p >= 0.1:
        return f"{p:.{rng.choice((2, 2, 3))}f}"
    short = 0.01 <= p < 0.035 or p >= 0.055
    return f"{p:.2f}" if short and rng.random() < 0.4 else f"{max(p, 0.001):.3f}"
