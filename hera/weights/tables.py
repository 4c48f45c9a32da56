"""The embeddings and the output head that a variant brings of its own, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from hera.errors import ModelError
from hera.refs import Ref
from hera.weights.adapter_options import SERVED
from hera.weights.adapters import Adapter, scaling
from hera.weights.linear import plain


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


def own_tables(adapter: Adapter, model: Any) -> Tables:
    """The tables to serve on this base, in its dtype and on its device, [rows, hidden] each.

    LoRA on embeddings and the trained rows of some tokens become whole tables. What only repeats
    the base's is left out, and a head that repeats the embeddings is the same tensor. Where a grown
    vocabulary comes with embeddings alone, a tied base's head grows along.

    Raises:
        ModelError: made for a base of another width, or a table of another module.
    """
    base = plain(model)
    names = {id(module): name for name, module in base.named_modules()}
    layers = {
        names[id(layer)]: layer.weight
        for layer in (base.get_input_embeddings(), base.get_output_embeddings())
        if layer is not None
    }
    (first, words), *_ = layers.items()
    *_, (last, out) = layers.items()
    tied = words.data_ptr() == out.data_ptr()
    _check_known(adapter, layers)
    tables = {path: _whole(adapter, path, weight) for path, weight in layers.items()}
    embeddings, head = tables[first], tables[last]
    if tied and head is None:
        grown = embeddings is not None and len(embeddings) != len(words)
        along = grown or adapter.config.ensure_weight_tying or first in adapter.tokens
        head = embeddings if along else None
    served, answered = _news(embeddings, words), _news(head, out)
    if served is not None and answered is not None and torch.equal(served, answered):
        answered = served
    return Tables(served, answered)


def _check_known(adapter: Adapter, layers: Mapping[str, torch.Tensor]) -> None:
    for path in (*adapter.tables, *adapter.tokens, *adapter.embedding):
        if path not in layers:
            raise ModelError(
                f"{adapter.ref.says}: brings its own {path}, where this base has its embeddings in "
                f"{' and '.join(layers)}. {SERVED}"
            )


def _whole(adapter: Adapter, path: str, base: torch.Tensor) -> torch.Tensor | None:
    """The table of a module [rows, hidden], or None if nothing of it is the adapter's."""
    table = adapter.tables.get(path)
    if table is not None:
        _check_size(adapter.ref, path, table, (len(table), base.shape[1]))
    if path in adapter.embedding:
        parts = adapter.embedding[path]
        table = base if table is None else table
        _check_size(adapter.ref, path, parts["A"], (parts["A"].shape[0], len(table)))
        _check_size(adapter.ref, path, parts["B"], (base.shape[1], parts["B"].shape[1]))
        scale = scaling(adapter.config, path, len(parts["A"]))
        table = table.detach().float().cpu() + (parts["B"].float() @ parts["A"].float()).T * scale
    if path in adapter.tokens:
        rows = _token_rows(adapter, path)
        _check_size(adapter.ref, path, adapter.tokens[path], (len(rows), base.shape[1]))
        table = (base if table is None else table).detach().float().cpu().clone()
        table[rows] = adapter.tokens[path].float()
    return table


def _token_rows(adapter: Adapter, path: str) -> list[int]:
    """Which rows of a module's table the adapter trained."""
    named: Any = adapter.config.trainable_token_indices
    if isinstance(named, Mapping):
        named = next((v for key, v in named.items() if f".{path}".endswith(f".{key}")), None)
    if not isinstance(named, Sequence):
        raise ModelError(
            f"{adapter.ref.says}: holds trained tokens of {path}, but its config does not say "
            "which (trainable_token_indices)."
        )
    return [int(row) for row in named]


def _check_size(ref: Ref, path: str, found: torch.Tensor, wanted: tuple[int, int]) -> None:
    if tuple(found.shape) != wanted:
        there, here = (" x ".join(map(str, shape)) for shape in (found.shape, wanted))
        name = path.rpartition(".")[2]
        raise ModelError(
            f"{ref.says}: made for another base: {name} is {there} there, {here} here."
        )


def _news(table: torch.Tensor | None, base: torch.Tensor) -> torch.Tensor | None:
    if table is None:
        return None
    table = table.to(base.device, base.dtype)
    return None if torch.equal(table, base) else table
