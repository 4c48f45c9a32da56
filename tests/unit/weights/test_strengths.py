"""An adapter at another strength, and two added, in one batch: as PEFT computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from hera import InputError, load_engine
from hera.refs import EMBEDDED_DIR
from hera.types import Engine
from hera.weights.controls import control, norm
from hera.weights.strengths import parts

TEXT = "What helps against a headache? Drink water, and rest in a dark room."


@pytest.fixture(scope="module")
def exact() -> Engine:
    return load_engine("embedded", dtype="float32")


def by_peft(weights: dict[str, float], ids: tuple[int, ...]) -> np.ndarray:
    """Every token's log-likelihood under the base with adapters that PEFT itself adds up."""
    model: Any = AutoModelForCausalLM.from_pretrained(
        EMBEDDED_DIR, dtype=torch.float32, attn_implementation="eager"
    )
    first, *others = weights
    model = PeftModel.from_pretrained(model, EMBEDDED_DIR / first, adapter_name=first)
    for name in others:
        model.load_adapter(EMBEDDED_DIR / name, adapter_name=name)
    model.add_weighted_adapter(list(weights), list(weights.values()), "sum", combination_type="cat")
    model.set_adapter("sum")
    with torch.inference_mode():
        logprobs = model.eval()(torch.tensor([ids])).logits[0].log_softmax(-1)
    found: np.ndarray = logprobs[:-1].gather(1, torch.tensor(ids)[1:, None])[:, 0].numpy()
    return found


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("stage2@0.5", {"stage2": 0.5}),
        ("stage1@1.5", {"stage1": 1.5}),
        ("stage1+stage2@0.5", {"stage1": 1.0, "stage2": 0.5}),
    ],
)
def test_a_strength_is_peft_s_scale(exact: Engine, name: str, weights: dict[str, float]) -> None:
    scored = exact.token_logprobs(TEXT, [*exact.variants, name])
    wanted = by_peft(weights, scored[name].ids)
    assert np.allclose(scored[name].logprobs[1:], wanted, atol=1e-3)
    assert not np.allclose(scored["stage2"].logprobs[1:], wanted, atol=1e-2)


def test_strength_0_is_the_base_and_1_the_adapter_to_the_bit(exact: Engine) -> None:
    names = ["base", "stage2", "stage2@0", "stage2@1", "stage1@0+stage2@0", "stage2@0.3"]
    scored = exact.token_logprobs(TEXT, names)
    said = {name: s.logprobs[1:].tolist() for name, s in scored.items()}
    assert said["stage2@0"] == said["stage1@0+stage2@0"] == said["base"]
    assert said["stage2@1"] == said["stage2"] != said["base"]
    alone = exact.token_logprobs(TEXT, ["stage2@0.3"])["stage2@0.3"].logprobs[1:]
    assert np.allclose(alone, said["stage2@0.3"], atol=1e-4)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stage2@1.6", "Give 0 to 1.5"),
        ("stage2@-1", "Give 0 to 1.5"),
        ("stage2@nan", "Give 0 to 1.5"),
        ("stage2@", "'' is no strength"),
        ("stage2~9", "Give 1 to 8"),
        ("stage2~", "'' is no control"),
        ("stage3~1", "Unknown variant 'stage3~1'"),
        ("stage2+stage2", "has stage2 twice"),
        ("stage3@0.5", "Unknown variant 'stage3@0.5'"),
        ("base@0.5", "Unknown variant 'base@0.5'"),
        ("base+stage2", "Unknown variant 'base[+]stage2'"),
    ],
)
def test_what_is_no_variant_is_said(exact: Engine, name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        exact.token_logprobs(TEXT, [name])


def test_the_base_has_no_parts() -> None:
    assert parts("base") == ()
    assert parts("a+b@0.5") == (("a", 1.0), ("b", 0.5))


def test_the_likeliest_tokens_of_each_place(exact: Engine) -> None:
    for top in (0, 1, 5):
        scored = exact.token_logprobs(TEXT, top=top)["stage2"]
        assert scored.top_ids.shape == scored.top_logprobs.shape == (len(scored.ids), top)
        assert (scored.top_ids[0] == -1).all()
    assert (np.diff(scored.top_logprobs[1:], axis=1) <= 0).all()
    assert (scored.top_logprobs[1:, 0] >= scored.logprobs[1:]).all()
    found = scored.top_ids[1:] == np.array(scored.ids)[1:, None]
    assert found.any()
    assert np.allclose(
        scored.top_logprobs[1:][found], scored.logprobs[1:][found.any(axis=1)], atol=0
    )
    with pytest.raises(InputError, match="top is 101"):
        exact.token_logprobs(TEXT, top=101)


def test_a_control_is_random_and_of_the_same_norm_in_every_layer(exact: Engine) -> None:
    names = ["base", "stage2", "stage2~1", "stage2~2", "stage2~1@0", "stage1+stage2~1@0.5"]
    scored = {n: s.logprobs[1:] for n, s in exact.token_logprobs(TEXT, names).items()}
    assert scored["stage2~1@0"].tolist() == scored["base"].tolist()
    others = [scored[name].tolist() for name in names if name != "stage2~1@0"]
    assert all(one not in others[:k] for k, one in enumerate(others))
    alone = exact.token_logprobs(TEXT, ["stage2~1"])["stage2~1"].logprobs[1:]
    assert np.allclose(alone, scored["stage2~1"], atol=1e-4)


def test_its_norms_are_those_of_the_product() -> None:
    torch.manual_seed(0)
    down, up = torch.randn(4, 30), torch.randn(20, 4)
    made = control(down, up, "a.layer", 1)
    assert norm(down, up) == pytest.approx(float((up @ down).norm()), rel=1e-5)
    assert float((made[1] @ made[0]).norm()) == pytest.approx(norm(down, up), rel=1e-4)
    again, other = control(down, up, "a.layer", 1), control(down, up, "a.layer", 2)
    assert torch.equal(again[0], made[0])
    assert not torch.equal(other[0], made[0])


def test_switched_off_in_every_layer_it_is_the_base(exact: Engine) -> None:
    changed = exact.changes("stage2")
    paths = list(changed)
    assert all(change.update > 0 < change.weight for change in changed.values())
    half = exact.changes("stage2@0.5")
    assert half[paths[0]].update == pytest.approx(changed[paths[0]].update / 2, rel=1e-5)
    scored = exact.token_logprobs(TEXT, ["base", "stage2"])
    place = 6
    off: list[list[str]] = [[], paths, paths[:1], paths[1:]]
    found = exact.without(TEXT, "stage2", place, off)
    assert found[0] == pytest.approx(scored["stage2"].logprobs[place], abs=1e-4)
    assert found[1] == pytest.approx(scored["base"].logprobs[place], abs=1e-4)
    assert len({round(float(one), 5) for one in found}) == 4
    for wrong in (lambda: exact.without(TEXT, "stage2", 0, off), lambda: exact.changes("base")):
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(InputError, match="does not change nothing"):
        exact.without(TEXT, "stage2", place, [["nothing"]])
