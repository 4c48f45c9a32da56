"""A base and an adapter become one full model, for programs that take no adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from hera.errors import ModelError, one_line
from hera.export.folder import whole_folder
from hera.export.tokenizer import save_tokenizer
from hera.refs import Ref
from hera.rendering import turn_end_ids
from hera.weights.linear import plain
from hera.weights.loader import load_one
from hera.weights.multi_lora import Own
from hera.weights.sources import source


def merge(model: Ref, adapter: Ref, output: Path, dtype: str = "float32") -> str:
    """Write the base with the adapter merged into it: weights, configs, tokenizer, template.

    An adapter made for another base than `model` is merged into its own, as it is served.

    Returns:
        What was written, in a line. After an error nothing is.

    Raises:
        ConfigError: the output folder is not empty, no folder, or cannot be made.
        ModelError: a base or an adapter that cannot be loaded or merged, or a full disk.
    """
    with whole_folder(output) as folder:
        tokenizer, merged = merged_model(model, adapter)
        sources = (adapter, source(adapter, model).base)
        try:
            merged.to(getattr(torch, dtype)).save_pretrained(folder)
            save_tokenizer(tokenizer, sources, folder)
        except Exception as error:  # each of the libraries that write has its own type for no room
            raise ModelError(
                f"--output {output}: cannot be written ({one_line(error)})."
            ) from error
    size = f"{merged.num_parameters() / 1e6:,.1f} million parameters"
    return f"{output}: {size} in {dtype}, {len(merged.get_input_embeddings().weight):,} words."


def merged_model(model: Ref, adapter: Ref) -> tuple[Any, Any]:
    """(tokenizer, model) of the base with the adapter merged into it, in float32 on the CPU.

    Raises:
        ModelError: a base or an adapter that cannot be loaded or merged.
    """
    tokenizer, whole, own = load_one(model, adapter)
    _untie(plain(whole))
    merged: Any = whole.merge_and_unload() if isinstance(whole, PeftModel) else whole
    _put_own(merged, own)
    _settle(merged, tokenizer)
    return tokenizer, merged


def _untie(model: Any) -> None:
    """Give the head its own weights, so that what is merged into it leaves the embeddings alone."""
    head = model.get_output_embeddings()
    head = getattr(head, "base_layer", head)
    head.weight = type(head.weight)(head.weight.detach().clone(), requires_grad=False)
    _say(model, tie_word_embeddings=False)


def _say(model: Any, **values: Any) -> None:
    """Set values of the config, and of its part for text where it has parts."""
    for config in (model.config, model.config.get_text_config()):
        for name, value in values.items():
            setattr(config, name, value)


def _put_own(model: Any, own: Own) -> None:
    """The variant's own biases and tables in place of the base's; tied again where they are the
    same."""
    for path, bias in own.biases.items():
        model.get_submodule(path).bias = torch.nn.Parameter(bias.float(), requires_grad=False)
    words, out = model.get_input_embeddings(), model.get_output_embeddings()
    for layer, table in ((words, own.tables.embeddings), (out, own.tables.head)):
        if table is not None:
            layer.weight = torch.nn.Parameter(table, requires_grad=False)
    if len(words.weight) != len(out.weight):
        raise ModelError(
            f"The adapter has {len(words.weight):,} embeddings, but {len(out.weight):,} rows in "
            "its output head: no full model holds both."
        )
    words.num_embeddings = out.out_features = len(words.weight)
    tied = torch.equal(words.weight, out.weight)
    if tied:
        out.weight = words.weight
    _say(model, tie_word_embeddings=tied, vocab_size=len(words.weight))


def _settle(model: Any, tokenizer: Any) -> None:
    """The ids of both configs, as the variant's tokenizer has them."""
    for config in (model.config, model.generation_config):
        config.eos_token_id = turn_end_ids(tokenizer)
        config.bos_token_id = tokenizer.bos_token_id
        config.pad_token_id = tokenizer.pad_token_id
