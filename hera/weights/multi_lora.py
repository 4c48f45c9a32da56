"""Variants in one batch: each row of a forward pass has its own LoRA adapter, at the cost of one.

PEFT's own mixed batches visit the adapters one after another in every layer, which on a small model
costs more than the layer itself. Here the adapters of a layer stand side by side in one pair of
matrices, all rows go through both, and a mask in between keeps of each row only its own adapter's
block: rank columns of zeros add exactly nothing. LoRA: Hu et al. 2021, arXiv:2106.09685.

A variant that brings its own embeddings or output head gets its rows from its own tables, and one
with biases or DoRA has values of its own added to its rows. The narrower heads' logits end in -inf,
so that no probability of a row knows of another row's words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from peft.tuners.lora import Linear, LoraLayer
from torch import nn
from torch.func import functional_call

from hera.errors import ModelError
from hera.weights.controls import control
from hera.weights.linear import features, plain
from hera.weights.strengths import adapter_of, control_of, parts
from hera.weights.tables import Tables
from hera.weights.updates import Update


@dataclass(frozen=True)
class Own:
    """What a variant brings: its tables, and by the path of their layer its updates and its biases,
    [out] each."""

    tables: Tables
    updates: Mapping[str, Update]
    biases: Mapping[str, torch.Tensor]

    @property
    def is_low_rank(self) -> bool:
        """Whether it is LoRA and nothing else, which can be had at any strength."""
        more = any(u.gain is not None or u.shift is not None for u in self.updates.values())
        return not (more or self.biases or self.tables.count())


class RowVariants:
    """Which variant answers for each row of the batch at work; shared by all layers of a model."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.parts: tuple[Mapping[str, float], ...] = ()
        self.off: tuple[Collection[str], ...] = ()
        self.controls: frozenset[str] = frozenset()
        self.tokens = 0
        self._masks: dict[tuple[Any, ...], Any] = {}

    @contextmanager
    def using(
        self, names: Sequence[str], off: Sequence[Collection[str]] | None = None
    ) -> Iterator[None]:
        """Within, row i of every batch is answered by the variant names[i], which may be an adapter
        at another strength, a sum or a control (see `hera.weights.strengths`), and whose low-rank
        updates are switched off in the layers of the paths off[i]."""
        self.names, self._masks = tuple(names), {}
        self.parts = tuple(dict(parts(name)) for name in names)
        self.off = () if off is None else tuple(off)
        self.controls = frozenset(p for own in self.parts for p in own if control_of(p))
        try:
            yield
        finally:
            self.names, self.parts, self.off, self._masks = (), (), (), {}
            self.controls = frozenset()

    def strengths(self, part: str, path: str) -> list[float]:
        """Every row's strength of an adapter, or of a control, in the layer of that path."""
        on = [own.get(part, 0.0) for own in self.parts]
        if self.off:
            on = [0.0 if path in off else s for s, off in zip(on, self.off, strict=True)]
        return on

    def own(
        self, path: str, blocks: tuple[tuple[str, int], ...], inner: torch.Tensor
    ) -> torch.Tensor:
        """Zero in all columns but those of each row's own adapters, which are times its strength.

        Args:
            path: of the layer.
            blocks: (adapter, columns), in their order.
            inner: [rows, tokens, columns], or [rows * tokens, columns] where a model flattens.

        Raises:
            ModelError: the layer reads something else than every token of every row, as the experts
                of a mixture do.
        """
        rows = len(self.names)
        flat = inner.dim() == 2
        if (len(inner) != rows * self.tokens) if flat else (len(inner) != rows):
            raise ModelError(
                "An adapter changes a layer that does not read the text row by row (an expert in a "
                "mixture, say): not served."
            )
        by_row = inner.unflatten(0, (rows, -1)) if flat else inner
        # Not a product: what overflows in one adapter must not become NaN in another's row.
        strengths, others = self._strengths(path, blocks, by_row)
        kept = by_row.masked_fill(others, 0)
        if strengths is not None:
            kept = kept * strengths
        return kept.flatten(0, 1) if flat else kept

    def each(self, values: Mapping[str, torch.Tensor], like: torch.Tensor) -> torch.Tensor:
        """The own values [out] of each row's variant, zeros where it has none, as they go with an
        output: [rows, 1, ..., out], or [rows * tokens, out] where a model flattens. Put together
        once a batch."""
        key = (id(values), like.dtype, like.device)
        if key not in self._masks:
            none = torch.zeros(like.shape[-1], dtype=like.dtype, device=like.device)
            own = [values.get(name, none).to(like) for name in self.names]
            self._masks[key] = torch.stack(own)
        picked: torch.Tensor = self._masks[key]
        if like.dim() == 2:
            return picked.repeat_interleave(self.tokens, dim=0)
        return picked.view(len(picked), *[1] * (like.dim() - 2), -1)

    def _strengths(
        self, path: str, blocks: tuple[tuple[str, int], ...], like: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor]:
        """[rows, 1, ..., columns]: each row's strength of every column, None where all are 0 or 1,
        and, in bool, where it is 0. Made once a batch, of layers that are switched off somewhere
        once each."""
        key = (path if self.off else "", blocks, like.dim(), like.dtype, like.device)
        if key not in self._masks:
            columns = [self.strengths(name, path) for name, r in blocks for _ in range(r)]
            table = torch.tensor(columns, dtype=like.dtype, device=like.device).T
            table = table.reshape(len(self.parts), *[1] * (like.dim() - 2), -1)
            whole = all(strength in (0, 1) for column in columns for strength in column)
            self._masks[key] = (None if whole else table, table == 0)
        found: tuple[torch.Tensor | None, torch.Tensor] = self._masks[key]
        return found

    def with_strength(
        self, part: str, path: str, like: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The places of a part's rows along the first axis of [rows, tokens, width], or of
        [rows * tokens, width], int64, and its strength at each, [places, 1, ...]."""
        key = (part, path, like.dim(), like.shape[0], like.dtype, like.device)
        if key not in self._masks:
            each = torch.tensor(self.strengths(part, path), dtype=like.dtype, device=like.device)
            each = each.repeat_interleave(like.shape[0] // len(each))
            places = each.nonzero()[:, 0]
            self._masks[key] = places, each[places].view(-1, *[1] * (like.dim() - 1))
        found: tuple[torch.Tensor, torch.Tensor] = self._masks[key]
        return found

    def count_tokens(self, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        """A hook before the model's forward: how many tokens of each row it is about to read."""
        ids = given[0] if given else named.get("input_ids")
        self.tokens = int((named["inputs_embeds"] if ids is None else ids).shape[1])

    def places(self, tables: Mapping[str, torch.Tensor]) -> dict[str, list[int]]:
        """The rows of every variant that is in the batch and has its own table."""
        return {
            name: [i for i, other in enumerate(self.names) if other == name]
            for name in dict.fromkeys(self.names)
            if name in tables
        }


class VariantLinear(nn.Module):
    """A linear layer and the updates of all adapters that have one for it, by variant."""

    def __init__(
        self, path: str, base_layer: nn.Module, updates: Mapping[str, Update], rows: RowVariants
    ) -> None:
        super().__init__()
        self.path = path
        self.base_layer = base_layer
        self.rows = rows
        self._controls: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        self.blocks = tuple((name, len(own.down)) for name, own in updates.items())
        self.down = _fixed(torch.cat([own.down for own in updates.values()], dim=0))
        self.up = _fixed(torch.cat([own.up for own in updates.values()], dim=1))
        self.gains = {n: own.gain for n, own in updates.items() if own.gain is not None}
        self.shifts = {n: own.shift for n, own in updates.items() if own.shift is not None}

    @property
    def weight(self) -> torch.Tensor:
        """The base's, for models that look at it; as PEFT's layers show it."""
        return cast("torch.Tensor", self.base_layer.weight)

    @property
    def bias(self) -> torch.Tensor | None:
        """The base's."""
        return cast("torch.Tensor | None", self.base_layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[rows, tokens, in] -> [rows, tokens, out], or [rows * tokens, in] likewise."""
        out = cast("torch.Tensor", self.base_layer(x))
        if not any(self.rows.parts):
            return out
        inner = nn.functional.linear(x.to(self.down.dtype), self.down)
        inner = self.rows.own(self.path, self.blocks, inner)
        more = nn.functional.linear(inner, self.up).to(out.dtype)
        for part in sorted(self.rows.controls):
            self._add_control(part, x, more)
        if self.gains:
            product = out if self.bias is None else out - self.bias
            more = more + product * self.rows.each(self.gains, out)
        if self.shifts:
            more = more + self.rows.each(self.shifts, out)
        return out + more

    def update(self, adapter: str) -> tuple[torch.Tensor, torch.Tensor] | None:
        """An adapter's (down [r, in], up [out, r]) here, scaled; None if it has none."""
        start = 0
        for name, columns in self.blocks:
            if name == adapter:
                end = start + columns
                return self.down[start:end], self.up[:, start:end]
            start += columns
        return None

    def _add_control(self, part: str, x: torch.Tensor, more: torch.Tensor) -> None:
        """Add what a control does to its rows."""
        if part not in self._controls:
            own = self.update(adapter_of(part))
            if own is None:
                return
            self._controls[part] = control(*own, self.path, control_of(part))
        down, up = self._controls[part]
        places, strengths = self.rows.with_strength(part, self.path, more)
        inner = nn.functional.linear(x[places].to(down.dtype), down)
        more[places] += nn.functional.linear(inner, up).to(more.dtype) * strengths


def _fixed(values: torch.Tensor) -> nn.Parameter:
    return nn.Parameter(values.detach(), requires_grad=False)


class VariantEmbedding(nn.Module):
    """The base's embeddings, and the own ones of the variants that have some."""

    def __init__(
        self, base_layer: nn.Module, tables: Mapping[str, torch.Tensor], rows: RowVariants
    ):
        super().__init__()
        self.base_layer = base_layer
        self.tables = tables
        self.rows = rows

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """int64 [rows, tokens] -> [rows, tokens, hidden]."""
        own = self.rows.places(self.tables)
        if not own:
            return cast("torch.Tensor", self.base_layer(ids))
        known = ids.clone()
        for places in own.values():
            known[places] = 0  # their words may lie beyond the base's table
        out = cast("torch.Tensor", self.base_layer(known))
        for name, places in own.items():
            # The base layer on another table: it may do more than look up (Gemma scales).
            weights = {"weight": self.tables[name]}
            out[places] = functional_call(self.base_layer, weights, (ids[places],))
        return out


class VariantHead(nn.Module):
    """The base's output head, and the own ones of the variants that have one.

    It caps the logits itself (`cap`, None for none): a cap after it would make -cap of -inf.
    """

    def __init__(
        self,
        base_layer: nn.Module,
        tables: Mapping[str, torch.Tensor],
        cap: float | None,
        rows: RowVariants,
    ) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.tables = tables
        self.cap = cap
        self.rows = rows

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """[rows, tokens, hidden] -> [rows, tokens, widest vocabulary in the batch]."""
        own = self.rows.places(self.tables)
        if not own:
            return self._capped(self.base_layer(hidden))
        parts = [
            (places, self._capped(nn.functional.linear(hidden[places], self.tables[name])))
            for name, places in own.items()
        ]
        others = [i for i, name in enumerate(self.rows.names) if name not in own]
        if others:
            # All rows go through the base's head: the same product, to the bit, as without others.
            parts.append((others, self._capped(self.base_layer(hidden))[others]))
        widest = max(logits.shape[-1] for _, logits in parts)
        out = parts[0][1].new_full((*hidden.shape[:-1], widest), -torch.inf)
        for places, logits in parts:
            out[places, :, : logits.shape[-1]] = logits
        return out

    def _capped(self, logits: torch.Tensor) -> torch.Tensor:
        return logits if self.cap is None else torch.tanh(logits / self.cap) * self.cap


def side_by_side(model: Any, own: Mapping[str, Own]) -> tuple[Any, RowVariants]:
    """The plain transformers model with its adapters side by side in every adapted layer.

    Args:
        model: the base with all adapters on it: a `PeftModel`, unless none has a low-rank part.
        own: what the variants bring.

    Raises:
        ModelError: an adapter is on a layer that is quantized in another way than in 4 bits.
    """
    rows = RowVariants()
    base = plain(model)
    shifts = _shifts(base, own)
    for path, layer in list(base.named_modules()):
        updates = {name: one.updates[path] for name, one in own.items() if path in one.updates}
        base_layer = layer
        if isinstance(layer, LoraLayer):
            base_layer = layer.get_base_layer()
            if updates:
                _check(path, layer)
        for name, shift in shifts.get(path, {}).items():
            updates[name] = _shifted(updates.get(name), shift, base_layer)
        if isinstance(layer, LoraLayer) or updates:
            served = VariantLinear(path, base_layer, updates, rows) if updates else base_layer
            parent, _, last = path.rpartition(".")
            setattr(base.get_submodule(parent), last, served)
    _add_tables(base, {name: one.tables for name, one in own.items()}, rows)
    base.register_forward_pre_hook(rows.count_tokens, with_kwargs=True)
    return base, rows


def _shifts(base: nn.Module, own: Mapping[str, Own]) -> dict[str, dict[str, torch.Tensor]]:
    """How far each variant's bias of a layer is from the base's, by layer and variant."""
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, one in own.items():
        for path, bias in one.biases.items():
            layer: Any = base.get_submodule(path)
            found.setdefault(path, {})[name] = bias.to(layer.bias) - layer.bias.detach()
    return found


def _shifted(update: Update | None, shift: torch.Tensor, layer: nn.Module) -> Update:
    """An update, or none at all, with a bias of its own."""
    sizes = features(layer)
    assert sizes is not None
    none = Update(shift.new_zeros(0, sizes[0]), shift.new_zeros(sizes[1], 0))
    kept = none if update is None else update
    return replace(kept, shift=shift if kept.shift is None else kept.shift + shift)


def _add_tables(base: Any, own: Mapping[str, Tables], rows: RowVariants) -> None:
    words = {name: o.embeddings for name, o in own.items() if o.embeddings is not None}
    if words:
        base.set_input_embeddings(VariantEmbedding(base.get_input_embeddings(), words, rows))
    heads = {name: o.head for name, o in own.items() if o.head is not None}
    if heads:
        config = base.config.get_text_config()
        cap = getattr(config, "final_logit_softcapping", None)
        head = VariantHead(base.get_output_embeddings(), heads, cap, rows)
        config.final_logit_softcapping = None
        base.set_output_embeddings(head)


def _check(name: str, layer: LoraLayer) -> None:
    if not isinstance(layer, Linear) and "4bit" not in type(layer).__name__:
        raise ModelError(f"An adapter changes {name}, a {type(layer).__name__}: not served.")
