"""Small models of the kinds that people publish, made from the embedded base with real PEFT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from hera import GenerationParams, load_engine
from hera.engine.local import LocalEngine
from hera.refs import EMBEDDED_DIR
from hera.types import Message, Prompt

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)  # as TRL's setup_chat_format writes it
QUESTION: list[Message] = [{"role": "user", "content": "I have a bad cold. What should I do?"}]
GREEDY = GenerationParams(max_new_tokens=24, temperature=0.0)
LABELS = (" yes", " no", " not at all")
PROMPTS: tuple[Prompt, ...] = (
    QUESTION,
    "Does rest help?\nAnswer:",
    [{"role": "user", "content": "Hello " * 30}],
)
VOCABULARY = 6144  # tokens of the embedded base
FOREIGN = ("chatml", "resized", "onmerged", "full")
Model = PreTrainedModel | PeftModel
Folders = Mapping[str, Path]
"""The folders of the miniatures, by variant name."""


def base(folder: Path = EMBEDDED_DIR) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )


def grown_base() -> PreTrainedModel:
    model = base()
    model.resize_token_embeddings(model.config.vocab_size + 2, mean_resizing=False)
    return model


def chatml_tokenizer() -> PreTrainedTokenizerBase:
    """The embedded tokenizer with ChatML's two tokens and template."""
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_DIR)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.bos_token, tokenizer.eos_token = "<|im_start|>", "<|im_end|>"
    tokenizer.chat_template = CHATML
    return tokenizer


def randomize(model: torch.nn.Module, seed: int) -> None:
    """Non-zero LoRA of a size that changes answers."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(0, 0.3, generator=generator)


def chatml_adapter(folder: Path) -> Path:
    """(i) An adapter with its own embeddings and head, two rows longer, and ChatML turns.

    The head's row of <|im_end|> answers to the state that the model is in after eight words.
    """
    tokenizer = chatml_tokenizer()
    config = LoraConfig(
        r=4,
        target_modules="all-linear",
        modules_to_save=["embed_tokens", "lm_head"],
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(1)
    model = get_peft_model(grown_base(), config)
    randomize(model, 1)
    words = model.get_input_embeddings().modules_to_save["default"].weight.data
    head = model.get_output_embeddings().modules_to_save["default"].weight.data
    words += torch.randn_like(words) * words.std() * 0.1
    head += torch.randn_like(head) * head.std() * 0.1
    head[-2:] = 0
    head[-1] = ending(model, chatml_ids(tokenizer), after=8)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(folder)
    return folder


def chatml_ids(tokenizer: Any) -> torch.Tensor:
    text = tokenizer.apply_chat_template(QUESTION, tokenize=False, add_generation_prompt=True)
    return torch.tensor([tokenizer.encode(text, add_special_tokens=False)])


@torch.inference_mode()
def ending(model: Model, ids: torch.Tensor, after: int) -> torch.Tensor:
    """A row for the head that wins after so many greedy tokens (or a little before)."""
    for _ in range(after):
        ids = torch.cat([ids, model(ids).logits[:, -1:].argmax(-1)], dim=1)
    output = model(ids, output_hidden_states=True)
    state = output.hidden_states[-1][0, -1]
    cap = model.config.final_logit_softcapping
    highest = cap * torch.atanh(output.logits[0, -1].max() / cap)
    row: torch.Tensor = state * (1.5 * highest / state.square().sum())
    return row


def resized_adapter(folder: Path) -> Path:
    """(i') The vocabulary grown the same way, but no retrained tables: PEFT saves the tied pair."""
    model = get_peft_model(grown_base(), LoraConfig(r=4, task_type="CAUSAL_LM"))
    randomize(model, 2)
    model.save_pretrained(str(folder), save_embedding_layers=True)
    chatml_tokenizer().save_pretrained(folder)
    return folder


def merged_model(folder: Path) -> Path:
    """(iii) A full model: stage 1 merged into the base."""
    model = PeftModel.from_pretrained(base(), EMBEDDED_DIR / "stage1").merge_and_unload()
    model.save_pretrained(str(folder))
    AutoTokenizer.from_pretrained(EMBEDDED_DIR).save_pretrained(folder)
    return folder


def adapter_on(base_folder: Path, folder: Path) -> Path:
    """(ii) An adapter whose config names that folder as its base."""
    model = get_peft_model(
        base(base_folder), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    randomize(model, 3)
    model.save_pretrained(str(folder))
    return folder


def load(made: Folders, *names: str, **own: Path) -> LocalEngine:
    """The embedded base and stage 1, with these of the made variants and those of one's own."""
    refs = {"stage1": EMBEDDED_DIR / "stage1", **{n: made[n] for n in names}, **own}
    engine = load_engine("embedded", {n: str(ref) for n, ref in refs.items()}, dtype="float32")
    assert isinstance(engine, LocalEngine)
    return engine
