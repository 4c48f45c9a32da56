"""What a run starts from: the base, with the LoRA part that is trained.

The original notebooks replaced Gemma's chat template by ChatML and grew the vocabulary by two rows,
which made every adapter carry the whole embeddings (2.4 GB instead of 80 MB for Gemma-2-2b). Here
the template stays as it is, and a tokenizer whose vocabulary is larger than the model's embeddings
is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hera.cli import output
from hera.errors import ConfigError, ModelError
from hera.evaluation import training_record
from hera.evaluation.training_record import EarlierArguments
from hera.refs import Ref
from hera.weights.hardware import choose_device
from train.processes import processes
from train.recipe import Recipe, TrainingRun

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Start:
    """What training begins from: nothing (a new adapter), an adapter that it goes on with, or, if
    `fresh`, an adapter merged into the base under a new one."""

    adapter: Ref | None = None
    fresh: bool = False


def earlier(start: Start) -> tuple[EarlierArguments, ...]:
    """The arguments of the runs that made the adapter begun from, oldest first, as far as its own
    `training.json` tells them."""
    path = start.adapter.file(training_record.FILE) if start.adapter else None
    if path is None:
        return ()
    record = output.read(path)
    runs = [*record.get("earlier", []), record["arguments"]]
    return tuple(EarlierArguments.of(arguments) for arguments in runs)


def load(run: TrainingRun, start: Start) -> tuple[Any, Any]:
    """(tokenizer, PEFT model ready to train), seeded.

    Raises:
        ModelError: the base or the adapter cannot be loaded, or the tokenizer is none of the base.
        ConfigError: the base has no chat template.
    """
    from peft import get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    from hera.weights.adapters import add_adapter
    from hera.weights.bases import load_base

    device = choose_device("auto")
    processes()
    set_seed(run.recipe.seed)
    dtype = "float32" if device == "cpu" else "auto"
    tokenizer, model = load_base(run.model, dtype=dtype, bits=run.bits, training=True)
    check_tokenizer(tokenizer, model, run.model)
    if run.bits < 16:
        # Checkpointing is the layout's decision, taken once the rows are known.
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if start.adapter is None:
        return tokenizer, get_peft_model(model, lora_config(run.recipe))
    model = add_adapter(model, "default", start.adapter, trainable=not start.fresh)
    if start.fresh:
        model = get_peft_model(model.merge_and_unload(), lora_config(run.recipe))
    return tokenizer, model


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


def check_tokenizer(tokenizer: Any, model: Any, base: Ref) -> None:
    """Raises ModelError if the tokenizer knows tokens that the embeddings have no row for, and
    ConfigError if there is no chat template to render turns with."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ModelError(
            f"{base.says}: its tokenizer has {len(tokenizer):,} tokens, its embeddings {rows:,}. "
            "An adapter would have to carry grown embeddings: use the base's own tokenizer."
        )
    if not tokenizer.chat_template:
        raise ConfigError(
            f"{base.says}: it has no chat template. Take the instruction-tuned model (-it)."
        )
