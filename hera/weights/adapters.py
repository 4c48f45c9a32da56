"""A LoRA adapter as it lies in its folder: read, checked, taken apart, put on a base.

Some published adapters bring embeddings, an output head or biases of their own. PEFT would change
the base for them; here they are set aside, for `multi_lora` to serve them row by row, and only the
low-rank part is put on the base, which stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from peft.utils.other import get_pattern_key
from safetensors.torch import load_file

from hera.errors import ModelError
from hera.refs import Ref, parameter
from hera.weights.adapter_options import SERVED, changes_base, objection
from hera.weights.files import WEIGHTS, adapter_config, check_not_pointer
from hera.weights.linear import features, layers

# What PEFT puts between a module's path and its parameter: as it trained a table, as it found it.
_WRAPPED = (
    r"(?P<wrap>\.modules_to_save|\.original_module|\.base_layer|\.token_adapter\.base_layer)?"
)
_KEYS = {
    "lora": r"\.lora_(?:[AB]\.(?:weight|bias)|magnitude_vector(?:\.weight)?|diag)",
    "embedding": r"\.lora_embedding_(?P<part>[AB])",
    "tokens": r"\.token_adapter\.trainable_tokens_delta",
    "tables": _WRAPPED + r"\.weight",
    "biases": r"(?:\.base_layer)?\.bias",
}
_KINDS = {
    kind: re.compile(rf"(?:base_model\.model\.)?(?P<path>.+?){end}") for kind, end in _KEYS.items()
}
_LORA = re.compile(r"base_model\.model\.(?P<layer>.*)\.lora_(?P<part>[AB]|m)\S*")


@dataclass(frozen=True)
class Adapter:
    """What an adapter's folder holds, apart from each other.

    `lora` has PEFT's keys. The rest is by the path of its module in the base: `tables` are whole
    ones [rows, hidden], `tokens` the rows of some tokens, `embedding` the two parts of LoRA on
    embeddings, `biases` those of layers.
    """

    ref: Ref
    config: LoraConfig
    lora: Mapping[str, torch.Tensor]
    tables: Mapping[str, torch.Tensor]
    tokens: Mapping[str, torch.Tensor]
    embedding: Mapping[str, Mapping[str, torch.Tensor]]
    biases: Mapping[str, torch.Tensor]

    @property
    def is_plain(self) -> bool:
        """Whether it is LoRA on linear layers and nothing else."""
        more = (self.tables, self.tokens, self.embedding, self.biases)
        changed = self.config.use_dora or self.config.lora_bias or changes_base(self.config)
        return not any(more) and not changed


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
        raise ref.cannot_load(error, weights.name) from error
    for key, tensor in state.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(
                f"{ref.says}: {parameter(key)} holds a value that is no number, so every answer "
                "would be none. Take a checkpoint from before that, or train it anew."
            )
    # Some trainers keep PEFT's name of the adapter in the keys, which PEFT reads as well.
    return _sorted(ref, cast("LoraConfig", config), {_plain(key): t for key, t in state.items()})


def _plain(key: str) -> str:
    return re.sub(r"\.default(?=\.|$)", "", key)


def _sorted(ref: Ref, config: LoraConfig, state: Mapping[str, torch.Tensor]) -> Adapter:
    """The tensors by what they are; raises ModelError at one that is nothing known."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    for key in sorted(state):
        matches = ((kind, pattern.fullmatch(key)) for kind, pattern in _KINDS.items())
        kind, match = next(((k, m) for k, m in matches if m), (None, None))
        if kind is None or match is None:
            _refuse(ref, f"its own {parameter(key)}")
        if kind == "lora":
            found[kind][key] = state[key]
        elif kind == "embedding":
            found[kind].setdefault(match["path"], {})[match["part"]] = state[key]
        elif kind != "tables" or match["wrap"] != ".original_module":
            found[kind][match["path"]] = state[key]
    return Adapter(ref, config, **found)


def scaling(config: LoraConfig, path: str, rank: int) -> float:
    """What a layer's update is multiplied by: alpha / r, or alpha / sqrt(r) (rsLoRA, Kalajdzievski
    2023, arXiv:2312.03732)."""
    patterns = config.alpha_pattern or {}
    alpha = patterns.get(get_pattern_key(list(patterns), path), config.lora_alpha)
    return float(alpha / (rank**0.5 if config.use_rslora else rank))


def _refuse(ref: Ref, what: str) -> NoReturn:
    raise ModelError(f"{ref.says}: brings {what}. {SERVED}")


def attach(model: Any, name: str, adapter: Adapter, *, trainable: bool = False) -> Any:
    """The model with the adapter's low-rank part on it, as a `PeftModel`; as it was, if the adapter
    has none.

    Raises:
        ModelError: made for another base.
    """
    if not adapter.lora:
        return model
    check_fits(adapter, model)
    config = adapter.config
    config.inference_mode = not trainable
    # What is set aside is served row by row, and the tensors follow: some ways to begin, and biases
    # that are trained, change the base.
    config.modules_to_save, config.trainable_token_indices = None, None
    config.init_lora_weights, config.bias = True, "none"
    if adapter.embedding:
        config.exclude_modules = _without(config.exclude_modules, list(adapter.embedding))
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
            raise ModelError(
                f"{adapter.ref.says}: made for another base: {where} has no {parameter(keys[0])}."
            )
    return model if trainable else model.eval()


def _without(excluded: list[str] | str | None, paths: Sequence[str]) -> list[str] | str:
    """What PEFT is to leave out, these paths as well."""
    if isinstance(excluded, str):
        return "|".join([f"({excluded})", *map(re.escape, paths)])
    return [*(excluded or ()), *paths]


def check_fits(adapter: Adapter, model: Any) -> None:
    """Raises ModelError if a tensor has no linear layer in the base, or another size: before
    anything is put there, so that the others' base is left as it was."""
    found = layers(model)
    for key, tensor in adapter.lora.items():
        match = _LORA.fullmatch(key)
        layer = found.get(match["layer"]) if match else None
        if match is None or layer is None:
            raise ModelError(
                f"{adapter.ref.says}: made for another base: the base has no {parameter(key)}."
            )
        sizes = features(layer)
        if sizes is None:
            _refuse(adapter.ref, f"LoRA on {parameter(match['layer'])}, a {type(layer).__name__}")
        rank = _rank(adapter.config, match["layer"])
        shapes = {"A": (rank, sizes[0]), "B": (sizes[1], rank)}
        wanted = shapes[match["part"]] if key.endswith(("A.weight", "B.weight")) else sizes[1:]
        if tuple(tensor.shape) != wanted:
            there, here = (" x ".join(map(str, shape)) for shape in (tensor.shape, wanted))
            other = tensor.dim() == 2 and rank not in tensor.shape
            why = (
                f"of another rank than its config says ({rank})"
                if other
                else "made for another base"
            )
            raise ModelError(
                f"{adapter.ref.says}: {why}: {parameter(key)} is {there} there, {here} here."
            )


def _rank(config: LoraConfig, path: str) -> int:
    patterns = config.rank_pattern or {}
    return int(patterns.get(get_pattern_key(list(patterns), path), config.r))


def check_biases(adapter: Adapter, model: Any) -> None:
    """Raises ModelError if a bias is none of a linear layer's in the base, or has another size."""
    found = layers(model)
    for path, bias in adapter.biases.items():
        layer = found.get(path)
        if features(layer) is None:
            _refuse(adapter.ref, f"its own bias of {path}, a {type(layer).__name__}")
        here = getattr(layer, "bias", None)
        if here is None or here.shape != bias.shape:
            raise ModelError(
                f"{adapter.ref.says}: made for another base: {path} has no bias of {len(bias)} "
                "here."
            )


def add_adapter(model: Any, name: str, ref: Ref, *, trainable: bool) -> Any:
    """The model with one more adapter, as a `PeftModel`, to train on or to train above.

    Raises:
        ModelError: no adapter there, a broken one, one made for another base, or one that brings
            more than LoRA on linear layers.
    """
    adapter = read_adapter(ref)
    if not adapter.is_plain:
        raise ModelError(
            f"{ref.says}: brings more than LoRA on linear layers (its own embeddings, say, biases "
            "or DoRA); only plain LoRA trains on."
        )
    return attach(model, name, adapter, trainable=trainable)
