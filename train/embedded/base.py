"""The embedded base: a real Gemma 2, small, trained from scratch on the corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hera.rendering import encode_plain, render
from hera.weights.hardware import has_bfloat16
from train.embedded.loss import weighted_loss
from train.folder import CHECKPOINTS, last_checkpoint

BLOCK = 768  # tokens a training row: longer than nearly every conversation and abstract
TOKENS_PER_STEP = 3 * BLOCK
LEARNING_RATE, WEIGHT_DECAY = 6e-3, 0.05
SEED = 42


def config(vocabulary: int) -> Any:
    """Gemma 2 in everything but size: alternating windows, both soft-caps, tied embeddings, GQA."""
    from transformers import Gemma2Config

    return Gemma2Config(
        vocab_size=vocabulary,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        query_pre_attn_scalar=64,
        sliding_window=256,
        attn_logit_softcapping=50.0,
        final_logit_softcapping=30.0,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        pad_token_id=0,
        eos_token_id=[1, 6],  # <eos> and <end_of_turn>, as Gemma's generation config has them
        bos_token_id=2,
        attention_bias=False,
    )


Lesson = tuple[Sequence[str], Sequence[list[Any]]]
"""Texts and conversations."""


def blocks(tokenizer: Any, lessons: Sequence[Lesson]) -> list[list[int]]:
    """Every document once, BOS first and EOS last, end to end, cut into rows of BLOCK tokens;
    shuffled within a lesson, one lesson after the other."""
    import random

    shuffled = random.Random(SEED)
    stream: list[int] = []
    for texts, chats in lessons:
        documents = [[*tokenizer.encode(text), tokenizer.eos_token_id] for text in texts]
        documents += [conversation_ids(tokenizer, chat) for chat in chats]
        shuffled.shuffle(documents)
        stream += [token for document in documents for token in document]
    return [stream[i : i + BLOCK] for i in range(0, len(stream) - BLOCK + 1, BLOCK)]


def conversation_ids(tokenizer: Any, chat: list[Any]) -> list[int]:
    """A whole conversation as the chat template writes it, its last turn closed."""
    end = tokenizer.convert_tokens_to_ids("<end_of_turn>")
    answer = encode_plain(tokenizer, chat[-1]["content"].strip())
    return [*render(tokenizer, chat[:-1]), *answer, end]


def train_base(tokenizer: Any, rows: Sequence[list[int]], folder: Path) -> None:
    """One pass over the rows in their order, from the last checkpoint if there is one; writes
    config and safetensors (bfloat16)."""
    from transformers import Gemma2ForCausalLM, set_seed

    set_seed(SEED)
    settings = config(len(tokenizer))
    settings._attn_implementation = "eager"
    _train(Gemma2ForCausalLM(settings), LEARNING_RATE, tokenizer, rows, folder)


def sharpen(tokenizer: Any, rows: Sequence[list[int]], draft: Path, folder: Path) -> None:
    """One pass more, from the draft's weights, in which answers weigh as much as all other text
    (see `loss.weighted_loss`)."""
    import torch
    from transformers import Gemma2ForCausalLM

    model = Gemma2ForCausalLM.from_pretrained(
        draft, dtype=torch.float32, attn_implementation="eager"
    )
    _train(model, LEARNING_RATE / 2, tokenizer, rows, folder, weighted_loss(tokenizer))


def _train(
    model: Any,
    learning_rate: float,
    tokenizer: Any,
    rows: Sequence[list[int]],
    folder: Path,
    loss: Callable[..., Any] | None = None,
) -> None:
    import shutil

    import torch
    from datasets import Dataset
    from transformers import DataCollatorForLanguageModeling, Trainer, TrainingArguments

    from train.embedded.optimizer import MuonAdamW

    arguments = TrainingArguments(
        output_dir=str(folder / CHECKPOINTS),
        num_train_epochs=1,
        train_sampling_strategy="sequential",
        per_device_train_batch_size=TOKENS_PER_STEP // BLOCK,
        learning_rate=learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0.03,
        max_grad_norm=1.0,
        bf16=has_bfloat16("cpu"),
        use_cpu=True,
        torch_compile=can_compile(),
        save_steps=0.1,
        save_total_limit=2,
        logging_steps=25,
        report_to="none",
        seed=SEED,
        dataloader_pin_memory=False,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict({"input_ids": list(rows)}),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        compute_loss_func=loss,
        optimizers=(MuonAdamW(model, learning_rate, WEIGHT_DECAY), None),
    )
    last = last_checkpoint(folder)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    model.to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)
    shutil.rmtree(folder / CHECKPOINTS)


def can_compile() -> bool:
    """Whether PyTorch can fuse operations here, which makes training 1.8 times faster on a CPU: it
    needs a C++ compiler."""
    import shutil

    return any(shutil.which(name) for name in ("g++", "clang++"))
