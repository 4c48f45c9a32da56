"""A base and an adapter become one full model, for programs that take no adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from hera.errors import ModelError, one_line
from hera.export.folder import whole_folder
from hera.export.tokenizer import save_tokenizer
from hera.refs import Ref
from hera.rendering import turn_end_ids
from hera.weights.loader import load_one
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
        tokenizer, whole, own = load_one(model, adapter)
        sources = (adapter, source(adapter, model).base)
        _untie(whole.get_base_model())
        merged: Any = whole.merge_and_unload()
        _put_tables(merged, own.embeddings, own.head)
        _settle(merged, tokenizer)
        try:
            merged.to(getattr(torch, dtype)).save_pretrained(folder)
            save_tokenizer(tokenizer, sources, folder)
        except Exception as error:  # each of the libraries that write has its own type for no room
            raise ModelError(
                f"--output {output}: cannot be written ({one_line(error)})."
            ) from error
    size = f"{merged.num_parameters() / 1e6:,.1f} million parameters"
    return f"{output}: {size} in {dtype}, {merged.config.vocab_size:,} words."


def _untie(model: Any) -> None:
    """Give the head its own weights, so that what is merged into it leaves the embeddings alone."""
    head = model.get_output_embeddings()
    head = getattr(head, "base_layer", head)
    head.weight = type(head.weight)(head.weight.detach().clone(), requires_grad=False)
    model.config.tie_word_embeddings = False


def _put_tables(model: Any, embeddings: Any, head: Any) -> None:
    """The variant's own tables in place of the base's; tied again where they are the same."""
    words, out = model.get_input_embeddings(), model.get_output_embeddings()
    for layer, table in ((words, embeddings), (out, head)):
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
    model.config.tie_word_embeddings = tied
    model.config.vocab_size = model.vocab_size = len(words.weight)


def _settle(model: Any, tokenizer: Any) -> None:
    """The ids of both configs, as the variant's tokenizer has them."""
    for config in (model.config, model.generation_config):
        config.eos_token_id = turn_end_ids(tokenizer)
        config.bos_token_id = tokenizer.bos_token_id
        config.pad_token_id = tokenizer.pad_token_id
