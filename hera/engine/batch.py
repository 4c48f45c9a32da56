"""Rows that decode together, on one cache of keys and values: they join, and leave, between steps.

The rows are padded on the left, so that their last tokens share a column. A row that joins brings
what was read of its own prompt, and the shorter side is padded; what all rows have as padding is
cut off when one leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from hera.weights.forward import Forward

CHUNK = 256
"""Columns of prompts that are read at once: so long do the others wait."""

_GROWS = (DynamicLayer, DynamicSlidingWindowLayer)


def can_be_joined(model: Any) -> bool:
    """Whether its cache is keys and values alone, one a token, so that rows can be put together."""
    layers = DynamicCache(config=model.config).layers
    return all(type(layer) in _GROWS for layer in layers)


class Batch:
    """Rows with their prompts, or what is not yet read of them.

    Args:
        forward: the model.
        prompts: token ids, one prompt a row.
        padding: the id that stands left of the shorter ones.
        joined: whether other rows can join (`can_be_joined`); else the prompts are read whole, and
            a row that has ended goes on unseen until all have.
    """

    def __init__(
        self, forward: Forward, prompts: Sequence[Sequence[int]], padding: int, *, joined: bool
    ) -> None:
        longest = max(map(len, prompts))
        ids = [[padding] * (longest - len(p)) + list(p) for p in prompts]
        mask = [[0] * (longest - len(p)) + [1] * len(p) for p in prompts]
        self._forward = forward
        self._unread = torch.tensor(ids, device=forward.model.device)
        self._mask = torch.tensor(mask, device=forward.model.device)
        self.joined = joined and forward.caches
        # Sliding layers keep all of their tokens as well: their mask hides what is out of reach.
        self._cache: Any = DynamicCache() if self.joined else None

    @property
    def reads(self) -> bool:
        """Whether more of the prompts is left than the next step reads of an answer."""
        return self._unread.shape[1] > 1

    def step(self) -> torch.Tensor | None:
        """float32 [rows, vocabulary]: the scores of every row's next token; None while there is
        more of the prompts to read."""
        width = self._unread.shape[1]
        part = min(width, CHUNK) if self.joined else width
        seen = self._mask.shape[1] - width + part
        output = self._forward(
            input_ids=self._unread[:, :part],
            attention_mask=self._mask[:, :seen],
            past_key_values=self._cache,
            use_cache=self._forward.caches,
            logits_to_keep=1,
        )
        if self._forward.caches:
            self._cache = output.past_key_values
        if part < width:
            self._unread = self._unread[:, part:]
            return None
        scores: torch.Tensor = output.logits[:, -1].float()
        return scores

    def extend(self, tokens: torch.Tensor) -> None:
        """Every row's next token, int64 [rows]."""
        column = tokens[:, None]
        self._unread = column if self._forward.caches else torch.cat([self._unread, column], dim=1)
        self._mask = torch.cat([self._mask, torch.ones_like(column)], dim=1)

    def keep(self, rows: Sequence[int]) -> None:
        """Let all other rows go."""
        index = torch.tensor(rows, device=self._mask.device)
        self._mask, self._unread = self._mask[index], self._unread[index]
        padding = int(self._mask.any(dim=0).int().argmax())
        self._mask = self._mask[:, padding:]
        self._each(lambda values: values[index, :, padding:])

    def join(self, other: Batch) -> None:
        """Put another batch's rows below these; both have read their prompts."""
        longest = max(self._mask.shape[1], other._mask.shape[1])
        for one in (self, other):
            missing = longest - one._mask.shape[1]
            one._mask = pad(one._mask, (missing, 0))
            one._each(lambda values, by=missing: pad(values, (0, 0, by, 0)))  # type: ignore[misc]
        self._mask = torch.cat([self._mask, other._mask])
        self._unread = torch.cat([self._unread, other._unread])
        for own, more in zip(self._cache.layers, other._cache.layers, strict=True):
            if own.is_initialized:
                own.keys = torch.cat([own.keys, more.keys])
                own.values = torch.cat([own.values, more.values])

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
        """Change the keys and the values, [rows, heads, tokens, width], of every layer."""
        for layer in self._cache.layers:
            if layer.is_initialized:  # not in models whose layers share theirs
                layer.keys, layer.values = change(layer.keys), change(layer.values)
