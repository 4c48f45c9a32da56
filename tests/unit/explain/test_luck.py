"""Where two variants differ, on counts that were planted."""

from __future__ import annotations

import json
import random

import pytest

from hera.errors import InputError
from hera.evaluation import stats
from hera.explain.features import FEATURES
from hera.explain.luck import Luck, judge

N = 16


def values(**planted: list[float]) -> dict[str, list[float]]:
    """Sixteen draws in which every share is 0 and every length 20, but for what is planted."""
    plain = {f.name: [0.0 if f.is_share else 20.0] * N for f in FEATURES}
    return plain | {name.replace("_", " "): of for name, of in planted.items()}


def test_eight_draws_on_one_side_differ_of_six_features_and_seven_do_not() -> None:
    for asked, differs in ((8, ("asks back",)), (7, ())):
        tuned = values(asks_back=[1.0] * asked + [0.0] * (N - asked))
        luck = judge({"base": values(), "stage2": tuned}, seed=3)
        (pair,) = luck.paired
        assert pair.differs == differs
        its = pair.features["asks back"]
        assert its.p == stats.mcnemar(0, asked)
        assert its.p_holm == pytest.approx(6 * its.p)
        assert its.difference == asked / N
        share = luck.variants["stage2"]["asks back"]
        assert (share.mean, share.ci95, share.n) == (asked / N, stats.wilson(asked, N), N)


def test_two_columns_beside_the_base_need_more_than_one() -> None:
    tuned = values(asks_back=[1.0] * 8 + [0.0] * 8)
    luck = judge({"stage1": values(), "base": values(), "stage2": tuned}, seed=0)
    assert [(pair.a, pair.b) for pair in luck.paired] == [("base", "stage1"), ("base", "stage2")]
    assert luck.paired[1].features["asks back"].p_holm == pytest.approx(12 * 2 / 2**8)
    assert luck.paired[1].differs == ()


def test_a_length_differs_by_its_pairs() -> None:
    noise = [random.Random(0).randint(20, 200) for _ in range(N)]
    longer = values(length=[v + 5.0 for v in noise])
    (pair,) = judge({"base": values(length=list(map(float, noise))), "x": longer}, 0).paired
    assert pair.differs == ("length",)
    assert pair.features["length"].difference == 5
    assert pair.features["length"].p == pytest.approx(2 / 2**N)


def test_few_draws_and_none_tell_nothing() -> None:
    nine = {f.name: [1.0] * 9 for f in FEATURES}
    none = {f.name: [0.0] * 9 for f in FEATURES}
    (pair,) = judge({"base": none, "x": nine}, 0).paired
    assert pair.features["asks back"].difference_ci95 is None
    assert pair.differs == ()
    with pytest.raises(InputError, match="No draw has ended"):
        judge({}, 0)


def test_it_goes_through_json_unchanged() -> None:
    luck = judge({"base": values(), "x": values(length=[30.0] * N)}, 5)
    assert Luck.of(json.loads(json.dumps(luck.plain()))) == luck
