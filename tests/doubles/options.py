"""Adapters with the options that people use, trained for some steps with PEFT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import KasaConfig, LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

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


# All of them on one family, and on the others those that touch what is particular to these: biases
# and tied tables, transposed layers, layers that are given rows and tokens as one dimension.
CHOSEN: dict[str, tuple[str, ...]] = {
    "llama": tuple(OPTIONS),
    "qwen2": ("bias-lora-only", "bias-all", "tokens", "embedding-lora", "own-head", "dora"),
    "gpt2": ("rslora-patterns", "dora", "lora-bias", "bias-lora-only", "own-head", "pissa"),
    "opt": ("dora", "bias-lora-only", "tokens"),
}
TARGETS = {
    "qwen2": ["q_proj", "k_proj", "down_proj"],
    "llama": ["q_proj", "k_proj", "down_proj"],
    "gpt2": ["c_attn"],
    "opt": ["q_proj", "k_proj", "fc1"],
}


def adapter(family: str, option: str, base: Path, folder: Path) -> Any:
    """One with the option on a base of the family, in its folder; returns what PEFT trained."""
    given = {"r": 4, "lora_alpha": 6, "target_modules": TARGETS[family], "task_type": "CAUSAL_LM"}
    if family == "gpt2":
        given["fan_in_fan_out"] = True
    torch.manual_seed(5)
    peer: Any = get_peft_model(plain_model(base), LoraConfig(**{**given, **OPTIONS[option]}))
    trained_for_some_steps(peer)
    peer.save_pretrained(str(folder))
    return peer.eval()


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
