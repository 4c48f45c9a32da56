"""What the page says once the model is loaded: also what the self-test found."""

from __future__ import annotations

import pytest

from benchmarks.explain import planting
from hera.config import Config
from hera.types import Engine
from hera.ui import serving
from hera.ui.serving import Serving
from hera.ui.tabs.columns import scale_html
from tests.doubles.engine import FakeEngine


def loaded(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Serving:
    monkeypatch.setattr(serving, "load_engine", lambda *_, **__: engine)
    one = Serving(Config())
    one.load()
    return one


def test_a_fault_is_said_and_the_variant_served(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = loaded(monkeypatch, planting.loaded_twice())
    found = "the self-test found that stage1 and stage2 are the same weights, by their sha256."
    assert found in one.status()
    assert f"note: do not trust comparisons: {found}" in capsys.readouterr().err
    assert one.planned == ("base", "stage1", "stage2")
    assert [check.name for check in one.checks if check.passed is False] == ["different weights"]


def test_nothing_is_said_of_a_model_without(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: Engine
) -> None:
    one = loaded(monkeypatch, engine)
    assert "self-test" not in one.status() + capsys.readouterr().err
    assert len(one.checks) == 6


def test_without_a_gpu_it_is_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: Engine
) -> None:
    monkeypatch.setattr(serving, "ZERO_GPU", True)
    one = loaded(monkeypatch, engine)
    assert [(check.name, check.passed) for check in one.checks] == [("self-test", None)]
    assert "note: the self-test was not run: on ZeroGPU there is no GPU" in capsys.readouterr().err


def test_a_self_test_that_fails_leaves_the_page_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engine: Engine
) -> None:
    def broken(_: Engine) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(serving, "selftest", broken)
    one = loaded(monkeypatch, engine)
    assert one.state == "ready"
    assert "note: the self-test was not run: out of memory." in capsys.readouterr().err


def test_why_nothing_is_coloured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    why = "It <is> asked for answers alone."
    engine = FakeEngine({"base": "Rest.", "mine": "Sleep."}, unsupported={"token_logprobs": why})
    assert "It &lt;is&gt; asked for answers alone." in scale_html(loaded(monkeypatch, engine))
    assert "more likely" in scale_html(Serving(Config()))
