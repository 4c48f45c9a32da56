"""A full model as a GGUF file, in float32 or in fewer bits, for llama.cpp and what uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, quant_shape_to_byte_shape
from gguf.quants import quantize

from hera.errors import ModelError, one_line
from hera.refs import Ref
from hera.weights.gguf.names import architecture, in_order, tensor_name
from hera.weights.gguf.settings import add_settings, check_settings
from hera.weights.gguf.words import add_tokenizer

_TYPES = GGMLQuantizationType
KINDS = {
    "f32": (_TYPES.F32, LlamaFileType.ALL_F32),
    "f16": (_TYPES.F16, LlamaFileType.MOSTLY_F16),
    "bf16": (_TYPES.BF16, LlamaFileType.MOSTLY_BF16),
    "q8_0": (_TYPES.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (_TYPES.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}
"""What the matrices can be written in. Vectors are always float32, and with q4_0 the embeddings and
the head are q8_0: they are what suffers most."""

_BLOCK = 32  # weights that share a scale; a row that is no multiple of it stays f16
_TABLES = ("token_embd.weight", "output.weight")


def write_model(ref: Ref, tokenizer: Any, model: Any, path: Path, kind: str = "f32") -> None:
    """Write a model to a GGUF file, a tensor at a time.

    Args:
        ref: what it was loaded from, for an error.
        tokenizer: its tokenizer, with the chat template.
        model: a transformers model in float32 on the CPU, without adapters on it.
        path: the file.
        kind: one of `KINDS`.

    Raises:
        ModelError: of a family, with a setting or a tokenizer that HERA does not write; a weight
            that is too large for the kind; or a file that cannot be written.
    """
    config = model.config
    writer = GGUFWriter(path, architecture(ref, config))
    check_settings(ref, config)
    keys = _keys(ref, model)
    shapes = {name: tuple(model.get_parameter(key).shape) for name, key in keys.items()}
    kinds = {name: _packing(name, shape, kind) for name, shape in shapes.items()}
    writer.add_name(ref.title)
    add_settings(writer, config)
    writer.add_file_type(KINDS[kind][1])
    add_tokenizer(writer, ref, tokenizer, shapes["token_embd.weight"][0])
    for name, shape in shapes.items():
        size = int(np.prod(quant_shape_to_byte_shape(shape, kinds[name])))
        writer.add_tensor_info(name, shape, np.dtype(np.float32), size, raw_dtype=kinds[name])
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name, key in keys.items():
            writer.write_tensor_data(_packed(ref, key, _weights(model, key), kinds[name]))
        writer.close()
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({one_line(error)}).") from error


def _keys(ref: Ref, model: Any) -> dict[str, str]:
    """The parameters by llama.cpp's names; a head that is the embeddings is none of its own."""
    found = {key: tensor_name(model.config, key) for key, _ in model.named_parameters()}
    for key, name in found.items():
        if name is None:
            raise ModelError(f"{ref.says}: has {key}, for which GGUF has no place.")
    return {str(name): key for key, name in found.items()}


def _weights(model: Any, key: str) -> np.ndarray:
    weights = model.get_parameter(key).detach().numpy()
    # llama.cpp multiplies by the weight of a norm, Gemma by one more than it.
    more = model.config.model_type == "gemma2" and key.endswith("norm.weight")
    return in_order(model.config, key, weights + 1 if more else weights)


def _packing(name: str, shape: tuple[int, ...], kind: str) -> GGMLQuantizationType:
    """How a tensor is written."""
    wanted = KINDS[kind][0]
    if len(shape) < 2:
        return _TYPES.F32
    if wanted is _TYPES.Q4_0 and name in _TABLES:
        wanted = _TYPES.Q8_0
    return _TYPES.F16 if wanted in (_TYPES.Q8_0, _TYPES.Q4_0) and shape[-1] % _BLOCK else wanted


def _packed(ref: Ref, key: str, weights: np.ndarray, kind: GGMLQuantizationType) -> np.ndarray:
    if kind is _TYPES.F16 and np.abs(weights).max() > np.finfo(np.float16).max:
        raise ModelError(f"{ref.says}: {key} is too large for f16. Take bf16.")
    return np.ascontiguousarray(quantize(np.ascontiguousarray(weights), kind))
