"""What is trained in every family: its own logits, on the layers that read text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM
from trl.trainer.utils import add_fused_lm_head

from hera.weights.linear import features
from tests.doubles import families
from train.head import compact_head
from train.layout import fixed_bytes, shape_of
from train.recipe import Recipe
from train.starting import TARGETS, lora_config

SCALED = "cohere"


def model_of(family: str, folder: Path) -> Any:
    if family == SCALED:
        config = AutoConfig.for_model("cohere", **families.SIZES)
        return AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    return AutoModelForCausalLM.from_pretrained(
        families.base(family, folder), dtype=torch.float32, attn_implementation="eager"
    )


@pytest.mark.parametrize("family", [*families.CONFIGS, SCALED])
def test_the_loss_is_that_of_the_models_own_logits(family: str, tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = model_of(family, tmp_path)
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))
    peft: Any = get_peft_model(model, lora_config(model, Recipe(learning_rate=1e-3)))
    compact_head(peft.get_base_model())
    for name, parameter in peft.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.3)
    ids = torch.randint(7, 6000, (2, 12))
    labels = ids.clone()
    labels[:, :5] = -100
    more = {"token_type_ids": torch.zeros_like(ids)} if "multimodal" in family else {}
    found = peft.eval()(input_ids=ids, labels=labels, fused_lm_head=True, **more)
    logits = peft(input_ids=ids, **more).logits[:, :-1].float()
    wanted = logits.log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
    there = labels[:, 1:] != -100
    assert torch.allclose(found.log_probs[there], wanted[there], atol=1e-4)
    found.log_probs.sum().backward()
    trained = [p for n, p in peft.named_parameters() if "lora_B" in n]
    assert trained
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in trained)
    assert fixed_bytes(shape_of(peft, mixed=False)) > 0


def test_pictures_are_not_trained_on(tmp_path: Path) -> None:
    model = model_of("gemma3-multimodal", tmp_path)
    peft: Any = get_peft_model(model, lora_config(model, Recipe(learning_rate=1e-3)))
    adapted = {n for n, _ in peft.named_parameters() if "lora_A" in n}
    assert adapted
    assert not [n for n in adapted if "vision" in n]
    assert {n.split(".")[-4] for n in adapted} == set(TARGETS)
    assert [n for n, m in model.named_modules() if "vision" in n and features(m)]
