"""A LoRA adapter as it lies in its folder: read, checked, taken apart, put on a base.

Some published adapters bring embeddings and an output head of their own, with rows for new tokens.
PEFT would resize the base for them; here these tables are set aside, for `multi_lora` to serve
them row by row, and only the low-rank part is put on the base, which stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import torch
from peft import (
    LoraConfig,
    PeftConfig,
    PeftModel,
    PeftModelForCausalLM,
    set_peft_model_state_dict,
)
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import load_file

from hera.errors import ModelError
from hera.refs import Ref, parameter
from hera.weights.adapter_options import objection
from hera.weights.files import WEIGHTS, adapter_config, check_not_pointer
from hera.weights.linear import features

# PEFT's names of such a table: as it serves it, as it trained it, and the base's (no news).
_TABLE = re.compile(
    r"(?:.*\.)?(embed_tokens|lm_head)(\.modules_to_save|\.original_module)?\.weight"
)

_LORA = re.compile(r"base_model\.model\.(?P<layer>.*)\.lora_(?P<part>[AB])\.weight")


@dataclass(frozen=True)
class Tables:
    """A variant's own embeddings and output head, each [rows, hidden], or None where it uses the
    base's."""

    embeddings: torch.Tensor | None = None
    head: torch.Tensor | None = None

    def count(self) -> int:
        """Parameters; a tied pair counts once."""
        tables = {t.data_ptr(): t.numel() for t in (self.embeddings, self.head) if t is not None}
        return sum(tables.values())


@dataclass(frozen=True)
class Adapter:
    """What an adapter's folder holds. `lora` has PEFT's keys, `tables` are as they lie there."""

    ref: Ref
    config: LoraConfig
    lora: Mapping[str, torch.Tensor]
    tables: Tables


def read_adapter(ref: Ref) -> Adapter:
    """Read an adapter without touching a base.

    Raises:
        ModelError: no adapter there, a broken one, no safetensors, a tensor with a value that is no
            number, or more than `adapter_options` knows to be served right.
    """
    raw = adapter_config(ref)
    if raw is None:
        raise ModelError(f"{ref.says}: no adapter_config.json there, so it is no PEFT adapter.")
    if against := objection(raw):
        raise ModelError(f"{ref.says}: {against}")
    weights = ref.file(WEIGHTS)
    if weights is None:
        raise ModelError(f"{ref.says}: no {WEIGHTS} there; only that is read.")
    check_not_pointer(ref, weights)
    try:
        config = PeftConfig.from_pretrained(str(ref.folder()))
        state = load_file(weights)
    except Exception as error:  # PEFT raises what its many loaders raise
        raise ref.cannot_load(error) from error
    for key, tensor in state.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(
                f"{ref.says}: {parameter(key)} holds a value that is no number, so every answer "
                "would be none. Take a checkpoint from before that, or train it anew."
            )
    # Some trainers keep PEFT's name of the adapter in the keys, which PEFT reads as well.
    lora = {key.replace(".default.", "."): t for key, t in state.items() if "lora_" in key}
    if any("lora_embedding" in key for key in lora):
        _refuse(ref, "LoRA on embeddings")
    tables = {}
    for key in sorted(key for key in state if "lora_" not in key):
        match = _TABLE.fullmatch(key)
        if match is None:
            _refuse(ref, f"its own {parameter(key)}")
        if match[2] != ".original_module":
            tables[match[1]] = state[key]
    own = Tables(tables.get("embed_tokens"), tables.get("lm_head"))
    return Adapter(ref, cast("LoraConfig", config), lora, own)


def _refuse(ref: Ref, what: str) -> NoReturn:
    raise ModelError(
        f"{ref.says}: brings {what}. Served are LoRA on linear layers and, with it, own "
        "embed_tokens and lm_head."
    )


def attach(model: Any, name: str, adapter: Adapter, *, trainable: bool = False) -> Any:
    """The model with the adapter's LoRA part on it, as a `PeftModel`.

    Raises:
        ModelError: made for another base.
    """
    _check_fits(adapter, model)
    config = adapter.config
    config.inference_mode = not trainable
    config.modules_to_save = None
    config.init_lora_weights = True  # the tensors follow; some ways to begin change the base
    # Serving computes in the base's dtype: mixed dtypes would cast every activation twice. Training
    # needs float32: its small steps are lost in 16 bits.
    try:
        if isinstance(model, PeftModel):
            model.add_adapter(name, config, autocast_adapter_dtype=trainable)
        else:
            model = PeftModelForCausalLM(model, config, name, autocast_adapter_dtype=trainable)
        result: Any = set_peft_model_state_dict(model, dict(adapter.lora), adapter_name=name)
    except Exception as error:
        raise adapter.ref.cannot_load(error) from error
    lacking = [k for k in result.missing_keys if "lora_" in k and f".{name}." in k]
    for keys, where in ((result.unexpected_keys, "the base"), (lacking, "the adapter")):
        if keys:
            model.delete_adapter(name)
            raise ModelError(
                f"{adapter.ref.says}: made for another base: {where} has no {parameter(keys[0])}."
            )
    return model if trainable else model.eval()


def _check_fits(adapter: Adapter, model: Any) -> None:
    """Raises ModelError if a tensor has no linear layer in the base, or another size: before
    anything is put there, so that the others' base is left as it was."""
    plain = model.get_base_model() if isinstance(model, PeftModel) else model
    layers = dict(plain.named_modules())
    for key, tensor in adapter.lora.items():
        match = _LORA.fullmatch(key)
        layer = layers.get(match["layer"]) if match else None
        if match is None or layer is None:
            raise ModelError(
                f"{adapter.ref.says}: made for another base: the base has no {parameter(key)}."
            )
        layer = layer.get_base_layer() if isinstance(layer, BaseTunerLayer) else layer
        sizes = features(layer)
        if sizes is None:
            _refuse(adapter.ref, f"LoRA on {parameter(match['layer'])}, a {type(layer).__name__}")
        down = match["part"] == "A"
        wanted, found = (sizes[0], tensor.shape[1]) if down else (sizes[1], tensor.shape[0])
        if found != wanted:
            there, here = (
                f"{len(tensor)} x {width}" if down else f"{width} x {tensor.shape[1]}"
                for width in (found, wanted)
            )
            raise ModelError(
                f"{adapter.ref.says}: made for another base: {parameter(key)} is {there} there, "
                f"{here} here."
            )


def add_adapter(model: Any, name: str, ref: Ref, *, trainable: bool) -> Any:
    """The model with one more adapter, as a `PeftModel`, to train on or to train above.

    Raises:
        ModelError: no adapter there, a broken one, one made for another base, or one that brings
            its own embeddings.
    """
    adapter = read_adapter(ref)
    if adapter.tables.count():
        raise ModelError(f"{ref.says}: brings its own embeddings; only plain LoRA trains on.")
    return attach(model, name, adapter, trainable=trainable)


def own_tables(adapter: Adapter, model: Any) -> Tables:
    """The tables to serve on this base, in its dtype and on its device, [rows, hidden] each.

    What only repeats the base's is left out, and a head that repeats the embeddings is the same
    tensor. Where a grown vocabulary comes with embeddings alone, a tied base's head grows along.

    Raises:
        ModelError: made for a base of another width.
    """
    embeddings, head = adapter.tables.embeddings, adapter.tables.head
    words = model.get_input_embeddings().weight
    out = model.get_output_embeddings().weight
    if head is None and words.data_ptr() == out.data_ptr():
        grown = embeddings is not None and len(embeddings) != len(words)
        head = embeddings if grown or adapter.config.ensure_weight_tying else None
    for name, table in (("embed_tokens", embeddings), ("lm_head", head)):
        if table is not None and table.shape[1] != words.shape[1]:
            there, here = (f"{a} x {b}" for a, b in (table.shape, words.shape))
            raise ModelError(
                f"{adapter.ref.says}: made for another base: {name} is {there} there, {here} here."
            )
    served, answered = _news(embeddings, words), _news(head, out)
    if served is not None and answered is not None and torch.equal(served, answered):
        answered = served
    return Tables(served, answered)


def _news(table: torch.Tensor | None, base: torch.Tensor) -> torch.Tensor | None:
    if table is None:
        return None
    table = table.to(base.device, base.dtype)
    return None if torch.equal(table, base) else table
