"""Models of a real one's shape with random weights: as large and as fast, and nothing to fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model_state_dict, inject_adapter_in_model
from safetensors.torch import save_file
from transformers import AutoTokenizer, Gemma2Config, Gemma2ForCausalLM

from hera.refs import EMBEDDED_DIR, Ref

_TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_IDS: dict[str, Any] = {"pad_token_id": 0, "eos_token_id": [1, 6], "bos_token_id": 2}

# Gemma-2-2b is what Gemma2Config stands for by default (Gemma Team 2024, arXiv:2408.00118).
SHAPES = {
    "gemma-2-2b": Gemma2Config(**_IDS),
    "tiny": Gemma2Config(
        **_IDS,
        vocab_size=6144,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=32,
        max_position_embeddings=4096,
    ),
}


def random_model(config: Gemma2Config, device: str, dtype: torch.dtype, seed: int = 0) -> Any:
    """The model, made on the device, with eager attention."""
    torch.manual_seed(seed)
    with torch.device(device):
        return Gemma2ForCausalLM._from_config(
            config, dtype=dtype, attn_implementation="eager"
        ).eval()


def multiplied_parameters(config: Gemma2Config) -> int:
    """The parameters that every token is multiplied by: all but the embeddings."""
    with torch.device("meta"):
        empty: Any = Gemma2ForCausalLM(config)
    return int(empty.num_parameters() - empty.get_input_embeddings().weight.numel())


def write_model(config: Gemma2Config, folder: Path, device: str) -> None:
    """Config and bfloat16 weights, in several files, with the embedded tokenizer."""
    model = random_model(config, device, torch.bfloat16)
    AutoTokenizer.from_pretrained(EMBEDDED_DIR).save_pretrained(folder)
    largest = max(p.numel() * p.element_size() for p in model.parameters())
    model.save_pretrained(folder, max_shard_size=largest + 1)


def write_adapter(config: Gemma2Config, base: Ref, folder: Path, seed: int) -> None:
    """A LoRA adapter of the base, rank 16 on all seven projections, whose updates are not zero."""
    lora = LoraConfig(
        r=16, lora_alpha=32, target_modules=_TARGETS, task_type="CAUSAL_LM", use_rslora=False
    )
    lora.base_model_name_or_path = str(base)
    with torch.device("meta"):
        empty = Gemma2ForCausalLM(config)
    shapes = get_peft_model_state_dict(inject_adapter_in_model(lora, empty))
    generator = torch.Generator().manual_seed(seed)
    state = {
        f"base_model.model.{name}": torch.randn(tensor.shape, generator=generator) * 0.02
        for name, tensor in shapes.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "adapter_model.safetensors")
    lora.save_pretrained(str(folder))
