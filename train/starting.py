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
from hera.errors import ConfigError, ModelError, one_line
from hera.evaluation import training_record
from hera.evaluation.training_record import EarlierArguments
from hera.refs import Ref
from hera.weights.files import adapter_config
from hera.weights.hardware import choose_device, has_bfloat16
from hera.weights.sources import source
from train.processes import processes, say
from train.recipe import Recipe, TrainingRun

_TINY = 50_000_000  # parameters: a smaller base is in the caches in float32 too
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Start:
    """What training begins from: nothing (a new adapter), an adapter that it goes on with, or, if
    `fresh`, an adapter merged into the base under a new one."""

    adapter: Ref | None = None
    fresh: bool = False


def earlier(start: Start) -> tuple[EarlierArguments, ...]:
    """The arguments of the runs that made the adapter begun from, oldest first, as far as its own
    `training.json` tells them.

    Raises:
        ModelError: it has one that cannot be read.
    """
    path = start.adapter.file(training_record.FILE) if start.adapter else None
    if start.adapter is None or path is None:
        return ()
    try:
        record = output.read(path)
        runs = [*record.get("earlier", []), record["arguments"]]
        return tuple(EarlierArguments.of(arguments) for arguments in runs)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"{start.adapter.says}: its {training_record.FILE} is not that of a run "
            f"({one_line(error)}). Restore it, or move it away."
        ) from error


def check_refs(base: Ref, adapter: Ref | None) -> None:
    """What is begun from, before it is loaded.

    Raises:
        ModelError: an adapter as the base, a full model as the adapter, or an adapter of another
            base.
    """
    if adapter_config(base) is not None:
        raise ModelError(
            f"{base.says}: an adapter. Give the base that it was made on, and it as --adapter."
        )
    if adapter is None:
        return
    made = source(adapter, base)
    if made.adapter is None:
        raise ModelError(f"{adapter.says}: a full model, no adapter. Give it as --model.")
    if made.base != base:
        raise ModelError(
            f"{adapter.says}: made on {made.base}, not on --model {base}. Give that one as --model."
        )
    if made.note:
        say(f"note: {adapter}: {made.note}.")


def load(run: TrainingRun, start: Start) -> tuple[Any, Any]:
    """(tokenizer, PEFT model ready to train), seeded.

    Raises:
        ModelError: the base or the adapter cannot be loaded or were not made for each other, or the
            tokenizer is none of the base.
        ConfigError: the base has no chat template.
    """
    from peft import get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    from hera.weights.adapters import add_adapter
    from hera.weights.bases import load_base

    check_refs(run.model, start.adapter)
    device = choose_device("auto")
    processes()
    set_seed(run.recipe.seed)
    dtype = "float32" if device == "cpu" else "auto"
    tokenizer, model = load_base(run.model, dtype=dtype, bits=run.bits, training=True)
    if device == "cpu" and has_bfloat16(device) and model.num_parameters() > _TINY:
        model.bfloat16()
    check_tokenizer(tokenizer, model, run.model)
    if run.bits < 16:
        # Checkpointing is the layout's decision, taken once the rows are known.
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if start.adapter is None:
        return tokenizer, get_peft_model(model, lora_config(model, run.recipe))
    model = add_adapter(model, "default", start.adapter, trainable=not start.fresh)
    if start.fresh:
        model = model.merge_and_unload()
        model = get_peft_model(model, lora_config(model, run.recipe))
    else:
        _set_dropout(model, run.recipe.dropout)
    return tokenizer, model


def _set_dropout(model: Any, p: float) -> None:
    """The run's own, whatever the adapter was trained with before."""
    from peft.tuners.lora import LoraLayer
    from torch import nn

    model.peft_config["default"].lora_dropout = p
    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            layer.lora_dropout["default"] = nn.Dropout(p) if p else nn.Identity()


def lora_config(model: Any, recipe: Recipe) -> Any:
    """LoRA (Hu et al. 2021, arXiv:2106.09685) on the seven projections of every layer that reads
    text; in a family that has others, on all of its linear layers there."""
    from peft import LoraConfig

    from hera.weights.linear import features

    inside = {id(module) for module in model.get_decoder().modules()}
    linear = {name: id(m) in inside for name, m in model.named_modules() if features(m)}
    names = {name.rpartition(".")[2] for name, reads in linear.items() if reads}
    if "mamba" in model.config.model_type:
        names -= {"dt_proj", "out_proj"}  # their weights are multiplied past any adapter
    targets = set(TARGETS) if names.issuperset(TARGETS) else names
    alike = [n for n, reads in linear.items() if not reads and n.rpartition(".")[2] in targets]
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=sorted(targets),
        exclude_modules=alike or None,
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
