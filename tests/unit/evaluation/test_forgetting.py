"""What was forgotten: probes that are there, verdicts that say what was planted."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from hera.errors import ConfigError, UnsupportedError
from hera.evaluation import forgetting
from hera.evaluation.forgetting import KINDS, change, fixed_probes, forgot, with_verdict
from hera.types import BASE, Engine
from tests.doubles.engine import FakeEngine


def test_ten_kinds_of_probes_none_of_them_twice() -> None:
    probes = fixed_probes()
    assert Counter(p.kind for p in probes) == {**dict.fromkeys(KINDS, 24), "manner": 48}
    assert len({(p.prompt, p.completion) for p in probes}) == len(probes)
    assert {p.kind for p in probes if not p.completion} == {"manner"}
    few = forgetting.sampled(probes, 3, 1)
    assert Counter(p.kind for p in few) == dict.fromkeys(KINDS, 3)
    assert few == forgetting.sampled(probes, 3, 1) != forgetting.sampled(probes, 3, 2)


def test_a_change_counts_only_where_its_interval_is_beyond_the_smallest() -> None:
    draw = np.random.default_rng(0)
    base = draw.normal(3, 1, 24)
    noise = draw.normal(0, 0.1, 24)
    for shift, verdict in ((0.3, "lost"), (-0.3, "gained"), (0.0, "cannot be told")):
        assert change(base.tolist(), (base + noise + shift).tolist()).verdict == verdict
    sure = change(base.tolist(), (base + 0.009).tolist())
    assert sure.interval is not None
    assert sure.interval[0] > 0.008
    assert sure.verdict == "cannot be told"
    assert change([1.0] * 9, [5.0] * 9).interval is None


def test_of_variants_that_changed_nothing_at_most_one_in_twenty_is_accused() -> None:
    draw = random.Random(7)
    accused = 0
    for _ in range(200):
        kinds = [[draw.gauss(0, 0.5) for _ in range(24)] for _ in KINDS]
        accused += any(change([0.0] * 24, own).verdict != "cannot be told" for own in kinds)
    assert accused <= 14  # 10 are expected at most


def test_the_embedded_stage_2_lost_its_bases_manner(engine: Engine) -> None:
    manner = [p for p in fixed_probes() if p.kind == "manner"]
    probes = forgetting.completed(engine, manner)
    assert all(p.completion for p in probes)
    scored = [s for some in forgetting.score_probes(engine, probes, ["stage2"]) for s in some]
    told = forgot(scored, ["stage2"])
    assert with_verdict(told.variants["stage2"], "lost") == ["manner"]
    one = scored[0]
    (probe,) = [p for p in probes if p.id == one.id]
    (own,) = engine.label_logprobs([probe.asked], [probe.completion], [BASE]).ravel()
    assert -own / one.tokens == pytest.approx(one.losses[BASE], abs=1e-3)


def test_what_cannot_be_measured_is_a_line() -> None:
    silent = FakeEngine({BASE: "", "stage1": ""}, unsupported={"token_logprobs": "It cannot."})
    with pytest.raises(UnsupportedError, match="It cannot"):
        forgetting.losses(silent, fixed_probes()[:1], ["stage1"])
    with pytest.raises(ConfigError, match="beside the base"):
        forgetting.adapted([BASE])
