"""`python -m benchmarks.explain luck` on answers that are drawn from known chances."""

from __future__ import annotations

import random

from benchmarks.explain import luck
from benchmarks.explain.luck import Asked
from hera.data import Dialogue
from hera.explain.features import FEATURES


def question(seed: int) -> Asked:
    """The base has every feature in half of its draws, the other variant in nearly all."""
    dice = random.Random(seed)

    def of(chance: float) -> dict[str, list[float]]:
        return {
            f.name: [
                float(dice.random() < chance) if f.is_share else float(dice.randint(20, 90))
                for _ in range(32)
            ]
            for f in FEATURES
        }

    return Asked(Dialogue("?", "!"), seed, {"base": of(0.5), "tuned": of(0.97)})


def test_twins_rarely_differ_and_others_do() -> None:
    args = luck.flags().parse_args(["--simulated", "24"])
    asked = [question(seed) for seed in range(4)]
    found = luck.measured(asked, ("base", "tuned"), args)
    assert [found["twins"][name]["n"] for name in ("all", "base", "tuned")] == [24, 12, 12]
    assert found["twins"]["all"]["differ"] <= 2
    assert found["tuned"]["n"] == 4
    assert found["tuned"]["differ"] >= 3
