"""What an adapter may bring, beside a plain one: as PEFT alone computes it, the base untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import KasaConfig, LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from hera import load_engine
from hera.rendering import encode_with
from tests.doubles import families

LABELS = (" yes", " no")
PROMPTS = ["Does rest help?\nAnswer:", "Is tea a cure?\nAnswer:"]
OPTIONS: dict[str, dict[str, Any]] = {
    "rslora-patterns": {
        "use_rslora": True,
        "rank_pattern": {"layers.1.self_attn.q_proj": 2},
        "alpha_pattern": {"mlp.up_proj": 3},
    },
    "dora": {"use_dora": True},
    "lora-bias": {"lora_bias": True},
    "bias-lora-only": {"bias": "lora_only"},
    "bias-all": {"bias": "all", "target_modules": ["o_proj"]},
    "tokens": {"trainable_token_indices": [40, 300, 6000]},
    "tokens-by-name": {"trainable_token_indices": {"embed_tokens": [40, 300], "lm_head": [9]}},
    "embedding-lora": {"target_modules": ["q_proj", "embed_tokens"]},
    "own-head": {"modules_to_save": ["lm_head"]},
    "pissa": {"init_lora_weights": "pissa"},
    "pissa-rslora": {
        "init_lora_weights": "pissa",
        "use_rslora": True,
        "rank_pattern": {"k_proj": 3},
    },
    "olora": {"init_lora_weights": "olora"},
    "kasa": {"kasa_config": KasaConfig()},
    "mica": {"init_lora_weights": "mica"},
    "pissa-dora": {"init_lora_weights": "pissa", "use_dora": True},
}


TIED = {"tokens-by-name"}  # one table, so no head's name
NOT_OF: dict[str, set[str]] = {
    "qwen2": TIED,
    "opt": {*TIED, "bias-all"},
    # It names its modules otherwise, and PEFT's own ways to begin do not know its transposed ones.
    "gpt2": {*TIED, "bias-all", "embedding-lora", "tokens", "olora", "kasa", "pissa-rslora"},
}
PAIRS = [
    (family, option)
    for family in ("qwen2", "llama", "gpt2", "opt")
    for option in OPTIONS
    if option not in NOT_OF.get(family, ())
]


@pytest.mark.parametrize(("family", "option"), PAIRS)
def test_an_option_is_served_as_peft_alone_computes_it(
    tmp_path: Path, family: str, option: str
) -> None:
    """Trained for some steps with it, then beside a plain adapter, to the bit the same base."""
    folder = families.base(family, tmp_path / "base")
    given = {"r": 4, "lora_alpha": 6, "target_modules": TARGETS[family], "task_type": "CAUSAL_LM"}
    if family == "gpt2":
        given["fan_in_fan_out"] = True
    torch.manual_seed(5)
    peer: Any = get_peft_model(plain_model(folder), LoraConfig(**{**given, **OPTIONS[option]}))
    trained_for_some_steps(peer)
    peer.save_pretrained(str(tmp_path / "mine"))
    other = families.adapter(plain_model(folder), tmp_path / "other")
    refs = {"other": str(other), "mine": str(tmp_path / "mine")}
    engine = load_engine(str(folder), refs, dtype="float32", device="cpu")
    alone = load_engine(str(folder), {"other": str(other)}, dtype="float32", device="cpu")
    scores = engine.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores[:2], alone.label_logprobs(PROMPTS, LABELS))
    again = PeftModel.from_pretrained(plain_model(folder), str(tmp_path / "mine")).eval()
    for i, prompt in enumerate(PROMPTS):
        for j, label in enumerate(LABELS):
            ids = encode_with(engine.tokenizer, prompt, label)
            for model in (again, peer.eval()):
                wanted = families.label_logprob(model, *ids)
                assert scores[2, i, j] == pytest.approx(wanted, abs=1e-4)
    assert np.abs(scores[0] - scores[2]).max() > 5e-4


TARGETS = {
    "qwen2": ["q_proj", "k_proj", "down_proj"],
    "llama": ["q_proj", "k_proj", "down_proj"],
    "gpt2": ["c_attn"],
    "opt": ["q_proj", "k_proj", "fc1"],
}


def plain_model(folder: Path) -> Any:
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    return model


def trained_for_some_steps(model: Any) -> None:
    """Every tensor that the option trains moves."""
    model.train()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=2.0)
    generator = torch.Generator().manual_seed(7)
    for _ in range(4):
        ids = torch.randint(30, 400, (2, 12), generator=generator)
        loss = model(input_ids=ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
