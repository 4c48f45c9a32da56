"""One pass of a causal model, whatever its family's `forward` takes."""

from __future__ import annotations

import inspect
from typing import Any

import torch


class Forward:
    """Calls a model on the last tokens of left-padded rows.

    `caches` says whether it goes on from keys and values (`past_key_values`); Mamba, whose state is
    of another kind, is read anew.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        # What every family takes, though some do not say so: transformers reads it before they do.
        self._takes = {"output_hidden_states", *inspect.signature(model.forward).parameters}
        self.caches = "past_key_values" in self._takes

    def __call__(
        self, *, input_ids: torch.Tensor, attention_mask: torch.Tensor, **options: Any
    ) -> Any:
        """The model's output.

        Args:
            input_ids: int64 [rows, tokens]: those that no cache holds.
            attention_mask: int64 [rows, all tokens], those in the cache included.
            options: what most families take; what this one does not take is left out.
        """
        positions = (attention_mask.cumsum(-1) - 1).clamp(min=0)[:, -input_ids.shape[1] :]
        given = {"attention_mask": attention_mask, "position_ids": positions, **options}
        return self.model(input_ids, **{k: v for k, v in given.items() if k in self._takes})
