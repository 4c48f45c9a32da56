"""The self-test of an engine: five planted faults, and nothing found where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.explain import planting
from hera import load_engine
from hera.errors import InputError
from hera.explain.selftest import Check, failed, selftest
from hera.types import Engine, Origin
from tests.doubles.engine import FakeEngine

FAULTS: dict[str, tuple[Callable[[Path], Engine], dict[str, list[str]]]] = {
    "zeros": (planting.of_zeros, {"changes something": ["stage2"]}),
    "not loaded": (
        lambda _: planting.not_loaded(),
        {"changes something": ["stage2"], "as in its file": ["stage2"]},
    ),
    "two names": (
        lambda _: planting.loaded_twice(),
        {"different weights": ["stage1 and stage2", "sha256"]},
    ),
    "twice as strong": (lambda _: planting.scaled_twice(), {"as in its file": ["stage2"]}),
    "swapped": (lambda _: planting.swapped(), {"as in its file": ["stage1", "stage2"]}),
    "wrong base": (planting.on_wrong_base, {"base": ["stage1", "stage2", "other weights"]}),
}


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_nothing_is_found_in_the_embedded_model(engine: Engine) -> None:
    checks = by_name(selftest(engine))
    assert failed(list(checks.values())) == []
    unknown = checks.pop("base")
    assert unknown.passed is None
    assert "stage1 (it does not say what it was trained on)" in unknown.detail
    assert [check.passed for check in checks.values()] == [True] * 5


def test_adapters_that_say_it_are_on_their_base(tmp_path: Path) -> None:
    own = load_engine(adapters=planting.on_record(tmp_path))
    assert [check.passed for check in selftest(own)] == [True] * 6


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_checks_alone(fault: str, tmp_path: Path) -> None:
    plant, wanted = FAULTS[fault]
    found = {c.name: c.detail for c in selftest(plant(tmp_path)) if c.passed is False}
    assert found.keys() == wanted.keys()
    assert all(word in found[name] for name, words in wanted.items() for word in words)


def test_the_file_s_norms_are_those_of_what_is_loaded(engine: Engine) -> None:
    for name in ("stage1", "stage2"):
        loaded = {path: change.update for path, change in engine.changes(name).items()}
        assert engine.file_changes(name) == pytest.approx(loaded, rel=1e-2)
    with pytest.raises(InputError, match="a full model, no adapter"):
        engine.file_changes("base")
    with pytest.raises(InputError, match="Unknown variant 'stage9'"):
        engine.file_changes("stage9")


class Trained(FakeEngine):
    """One whose adapter was trained on the weights "1"; the base's are `served`."""

    served = "2"
    title = "fake"

    @property
    def name(self) -> str:
        return self.title

    def origin(self, variant: str) -> Origin:
        return Origin(self.served, "1")


def test_a_base_that_comes_in_two_forms_is_no_finding() -> None:
    engine = Trained({"base": "", "stage1": ""})
    checks = by_name(selftest(engine))
    assert checks["base"].passed is False
    assert checks["base"].detail.endswith("trained on other weights of the base than those served")
    assert checks["as in its file"] == Check(
        name="as in its file", passed=None, detail="not checked: stage1 (It has no layers)"
    )
    for title in ("smollm2", "owner/name/FILE.gguf"):
        engine.title = title
        told = by_name(selftest(engine))["base"]
        assert told.passed is None
        assert "comes in several forms, each right" in told.detail
    engine.served = "1"
    assert by_name(selftest(engine))["base"].passed is True


def test_a_server_that_scores_no_tokens_is_not_looked_at() -> None:
    remote = FakeEngine({"base": "", "a": ""}, unsupported={"token_logprobs": "Only answers."})
    assert selftest(remote) == (
        Check(name="self-test", passed=None, detail="not run: Only answers."),
    )
