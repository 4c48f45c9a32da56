"""Tiny models with random weights of the families that people publish, and LoRA on each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoTokenizer,
    BloomConfig,
    FalconConfig,
    Gemma2Config,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MambaConfig,
    MistralConfig,
    OPTConfig,
    Phi3Config,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
)
from transformers.models.auto import AutoModelForCausalLM

from hera.refs import EMBEDDED_DIR
from hera.rendering import encode_with
from hera.types import Prompt
from tests.doubles.miniatures import VOCABULARY, randomize

_IDS: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "bos_token_id": 2,
    "eos_token_id": 1,
    "pad_token_id": 0,
}
SIZES: dict[str, Any] = {
    **_IDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}
_GEMMA: dict[str, Any] = {**SIZES, "head_dim": 8}
_HEADS: dict[str, Any] = {**_IDS, "hidden_size": 32, "num_attention_heads": 4}


def _gemma3_multimodal() -> PreTrainedConfig:
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    text = {**_GEMMA, "sliding_window": 64}
    return Gemma3Config(
        text_config=text, vision_config=vision, mm_tokens_per_image=4, image_token_index=4
    )


CONFIGS: dict[str, Any] = {
    "llama": lambda: LlamaConfig(**SIZES, tie_word_embeddings=False),
    "llama-tied": lambda: LlamaConfig(**SIZES, tie_word_embeddings=True),
    "mistral": lambda: MistralConfig(**SIZES, sliding_window=64),
    "qwen2": lambda: Qwen2Config(**SIZES),
    "qwen3": lambda: Qwen3Config(**SIZES, head_dim=16),
    "phi3": lambda: Phi3Config(**SIZES),
    "gemma": lambda: GemmaConfig(**_GEMMA),
    "gemma2": lambda: Gemma2Config(**_GEMMA, sliding_window=64),
    "gemma3-text": lambda: Gemma3TextConfig(**_GEMMA, sliding_window=64),
    "gemma3-multimodal": _gemma3_multimodal,
    "gpt2": lambda: GPT2Config(**_IDS, n_embd=32, n_layer=2, n_head=4, n_positions=512),
    "gpt-neox": lambda: GPTNeoXConfig(
        **_HEADS, num_hidden_layers=2, intermediate_size=48, max_position_embeddings=512
    ),
    "opt": lambda: OPTConfig(
        **_HEADS, num_hidden_layers=2, ffn_dim=48, word_embed_proj_dim=32,
        max_position_embeddings=512,
    ),
    "falcon": lambda: FalconConfig(**_HEADS, num_hidden_layers=2, alibi=False),
    "falcon-alibi": lambda: FalconConfig(**_HEADS, num_hidden_layers=2, alibi=True),
    "bloom": lambda: BloomConfig(**_IDS, hidden_size=32, n_layer=2, n_head=4),
    "mamba": lambda: MambaConfig(**_IDS, hidden_size=32, num_hidden_layers=2, state_size=8),
}  # fmt: skip


def base(family: str, folder: Path) -> Path:
    """A folder with a tiny model of the family, random to a seed, and the embedded tokenizer."""
    torch.manual_seed(3)
    config = CONFIGS[family]()
    model: Any
    if isinstance(config, Gemma3Config):
        model = Gemma3ForConditionalGeneration(config)
    else:
        model = AutoModelForCausalLM.from_config(config)
    for parameter in model.parameters():  # as they begin, every answer is nearly the same
        if parameter.dim() > 1:
            parameter.data.mul_(4)
    model.save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(EMBEDDED_DIR).save_pretrained(folder)
    return folder


def adapter(model: PreTrainedModel, folder: Path, seed: int = 1) -> Path:
    """LoRA on every linear layer of the model that PEFT takes."""
    torch.manual_seed(seed)
    mamba = "mamba" in model.config.model_type  # its fast path goes around the other layers
    targets = ["in_proj", "x_proj"] if mamba else "all-linear"
    peft = get_peft_model(model, LoraConfig(r=4, target_modules=targets, task_type="CAUSAL_LM"))
    randomize(peft, seed)
    peft.save_pretrained(str(folder))
    return folder


@torch.inference_mode()
def label_logprob(model: Any, tokenizer: Any, asked: Prompt, text: str) -> float:
    """The log-likelihood of a label after a prompt, read without a cache and without a batch."""
    prompt, (label,) = encode_with(tokenizer, asked, [text])
    logprobs = model(torch.tensor([[*prompt, *label]])).logits[0].float().log_softmax(-1)
    after = logprobs[len(prompt) - 1 : -1]
    return float(after.gather(1, torch.tensor(label)[:, None]).sum())
