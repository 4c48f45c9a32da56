"""What both stages share: LoRA on a causal language model, loss on the completion only.

The loop is `trl.SFTTrainer`; HERA owns how a row becomes tokens. A row is one prompt, rendered in
the base's own chat template with exactly one BOS, and one completion, which ends with the turn end
and alone carries the loss. The original notebooks replaced Gemma's template by ChatML and grew the
vocabulary by two rows, which made every adapter carry the embeddings (2.4 GB); here the template
stays as it is.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hera import prompts
from hera.engine import Message
from hera.errors import ConfigError, DataError
from hera.refs import EMBEDDED

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Recipe:
    """The original's hyper-parameters, where a stage does not say otherwise."""

    learning_rate: float
    samples: int = 3000
    epochs: float = 1.0
    held_out: float = 0.1
    batch_size: int = 2
    max_length: int = 1024
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    warmup: float = 0.03
    weight_decay: float = 0.01
    seed: int = 42


@dataclass(frozen=True)
class Example:
    """One row: a conversation that ends with the user's turn, and what the model is to answer."""

    messages: Sequence[Message]
    completion: str


def parser(description: str, samples: int) -> argparse.ArgumentParser:
    """The flags that both stages take."""
    flags = argparse.ArgumentParser(description=description)
    flags.add_argument(
        "--model", default=EMBEDDED, metavar="REF", help="the base: 'embedded', a Hub id, a folder"
    )
    flags.add_argument(
        "--data", default=EMBEDDED, metavar="REF", help="'embedded', a file, a folder or a Hub id"
    )
    flags.add_argument(
        "--samples", type=int, default=samples, metavar="N", help=f"rows to use ({samples})"
    )
    return flags


def take(rows: Sequence[Row], samples: int, seed: int) -> list[Row]:
    """A seeded sample without replacement; all rows if there are fewer.

    Raises:
        ConfigError: fewer than ten rows are asked for (a tenth is held out).
    """
    if samples < 10:
        raise ConfigError(f"--samples {samples}: give at least 10 (a tenth is held out).")
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    if len(shuffled) < 10:
        raise DataError(f"The data holds {len(shuffled)} rows: at least 10 are needed.")
    return shuffled[:samples]


def check_output(output: Path) -> None:
    """Raises ConfigError if the folder holds something: nothing is ever overwritten."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigError(f"--output {output}: it exists and is not empty. Choose another folder.")


def tokenize(tokenizer: Any, example: Example, max_length: int) -> dict[str, list[int]] | None:
    """`input_ids` and `completion_mask` (1 where the loss is), or None if the row is too long."""
    prompt = prompts.render(tokenizer, example.messages)
    completion = prompts.encode_plain(tokenizer, example.completion.strip())
    completion = [*completion, turn_end(tokenizer)]
    if len(prompt) + len(completion) > max_length:
        return None
    return {
        "input_ids": prompt + completion,
        "completion_mask": [0] * len(prompt) + [1] * len(completion),
    }


def turn_end(tokenizer: Any) -> int:
    """The id that ends a turn: the chat template's own, or EOS."""
    ends = [i for i in prompts.turn_end_ids(tokenizer) if i != tokenizer.eos_token_id]
    return ends[0] if ends else int(tokenizer.eos_token_id)


def lora_config(recipe: Recipe) -> Any:
    """LoRA (Hu et al. 2021, arXiv:2106.09685) on the seven projections of every layer."""
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=list(TARGETS),
        task_type="CAUSAL_LM",
    )


def train(
    base: str,
    adapter: str | None,
    examples: Sequence[Example],
    recipe: Recipe,
    output: Path,
    say: Callable[[str], None] = print,
) -> dict[str, float]:
    """Train a new adapter on the base, or go on with the given one; write it to `output`.

    Returns:
        {"held_out_loss_before", "held_out_loss"}: mean cross-entropy per completion token, in nats.

    Raises:
        ModelError, ConfigError, DataError: see `hera.loading` and `check_output`; or no row fits.
    """
    import torch
    from datasets import Dataset
    from peft import get_peft_model
    from transformers import set_seed
    from trl import SFTTrainer

    from hera import loading

    check_output(output)
    set_seed(recipe.seed)
    tokenizer, model = loading.load_base(base, dtype="float32")
    if adapter is None:
        model = get_peft_model(model, lora_config(recipe))
    else:
        model = loading.add_adapter(model, "default", adapter, trainable=True)
    rows = [tokenize(tokenizer, example, recipe.max_length) for example in examples]
    kept = [row for row in rows if row is not None]
    if len(kept) < len(rows):
        say(f"{len(rows) - len(kept)} of {len(rows)} rows exceed {recipe.max_length} tokens.")
    if len(kept) < 10:
        raise DataError(f"Only {len(kept)} rows fit in {recipe.max_length} tokens: too few.")
    cut = max(1, round(len(kept) * recipe.held_out))
    trainer = SFTTrainer(
        model=model,
        args=_arguments(recipe, output, torch.cuda.is_available()),
        train_dataset=Dataset.from_list(kept[cut:]),
        eval_dataset=Dataset.from_list(kept[:cut]),
        processing_class=tokenizer,
    )
    before = trainer.evaluate()["eval_loss"]
    trainer.train()
    after = trainer.evaluate()["eval_loss"]
    say(f"held-out loss {before:.4f} -> {after:.4f} nats per token ({cut} rows)")
    _save(model, base, output)
    return {"held_out_loss_before": before, "held_out_loss": after}


def _arguments(recipe: Recipe, output: Path, cuda: bool) -> Any:
    from trl import SFTConfig

    from hera import loading

    return SFTConfig(
        output_dir=str(output / "checkpoints"),
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=8,
        train_sampling_strategy="group_by_length",
        max_length=None,
        completion_only_loss=True,
        bf16=loading.has_bfloat16("cuda" if cuda else "cpu"),
        use_cpu=not cuda,
        gradient_checkpointing=False,
        save_strategy="no",
        logging_steps=50,
        report_to="none",
        seed=recipe.seed,
        data_seed=recipe.seed,
        dataloader_pin_memory=cuda,
    )


def _save(model: Any, base: str, output: Path) -> None:
    """Write adapter weights and config; the base is named as it was given, never as a local path
    inside this package.
    """
    from hera import loading

    named = loading.EMBEDDED_BASE if base == EMBEDDED else base
    for config in model.peft_config.values():
        config.base_model_name_or_path = named
    model.save_pretrained(str(output), safe_serialization=True)
