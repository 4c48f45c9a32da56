"""What the base makes of a text inside: one vector a token, from below its last block."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch

from hera.engine.batches import length_sorted_batches
from hera.engine.runner import Runner
from hera.types import BASE


def states(runner: Runner, rows: Sequence[list[int]], budget: int) -> list[np.ndarray]:
    """The base's last-but-one hidden states, computed in the weights' own dtype.

    Args:
        runner: the base's.
        rows: token ids, at least one a row.
        budget: the most tokens of a batch, padding included.

    Returns:
        float32 [tokens, width] for each row.
    """
    out: dict[int, np.ndarray] = {}
    for batch in length_sorted_batches([len(row) for row in rows], budget):
        some = [rows[i] for i in batch]
        vectors = runner.turns.run(partial(_batch, runner, some))
        out |= dict(zip(batch, vectors, strict=True))
    return [out[i] for i in range(len(rows))]


def _batch(runner: Runner, rows: Sequence[list[int]]) -> list[np.ndarray]:
    # One thread for a small model, as in decoding: five rows of 100 tokens take it 0.2 s on 2 cores
    # that others want as well, and two threads, waiting for each other, up to 4 s.
    with (
        runner.decoding_threads(),
        runner.rows.using([BASE] * len(rows)),
        torch.inference_mode(),
    ):
        output = runner.forward(
            **runner.inputs(rows), logits_to_keep=1, use_cache=False, output_hidden_states=True
        )
        hidden = output.hidden_states[-2].float().cpu().numpy()
    return [table[-len(row) :] for table, row in zip(hidden, rows, strict=True)]
