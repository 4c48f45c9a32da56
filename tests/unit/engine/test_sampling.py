"""Sampling with noise of its own draws from the model's distribution, the same for all rows."""

from __future__ import annotations

import torch

from hera import GenerationParams
from hera.engine.sampling import Sampler, lost


def draws(logits: torch.Tensor, temperature: float, top_p: float = 0.95) -> torch.Tensor:
    """How often each word comes at 20,000 places of an answer."""
    sampler = Sampler(GenerationParams(temperature=temperature, top_p=top_p, seed=7))
    drawn = torch.cat([sampler(logits[None], place) for place in range(20_000)])
    return torch.bincount(drawn, minlength=len(logits)) / len(drawn)


def test_frequencies_are_the_softmax() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -torch.inf])
    assert torch.allclose(draws(logits, temperature=1.0, top_p=1.0), logits.softmax(0), atol=0.015)
    warm = (logits / 2).softmax(0)
    assert torch.allclose(draws(logits, temperature=2.0, top_p=1.0), warm, atol=0.015)


def test_top_p_leaves_the_rest_out() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0])
    wanted = torch.tensor([2.0, 1.0]).softmax(0)
    drawn = draws(logits, temperature=1.0, top_p=0.8)
    assert torch.allclose(drawn[:2], wanted, atol=0.015)
    assert drawn[2] == 0


def test_rows_and_runs_draw_the_same_and_seeds_and_places_do_not() -> None:
    scores = torch.zeros(3, 1000)
    drawn = {
        (seed, place): Sampler(GenerationParams(seed=seed))(scores, place).tolist()
        for seed in range(4)
        for place in range(50)
    }
    again = Sampler(GenerationParams(seed=2))
    assert again(scores[:1], 7).tolist() == drawn[2, 7][:1]
    assert all(len(set(rows)) == 1 for rows in drawn.values())
    assert len({rows[0] for rows in drawn.values()}) > 150


def test_greedy_takes_the_likeliest_and_what_is_no_number_is_lost() -> None:
    scores = torch.tensor([[0.0, 1.0], [2.0, 1.0]])
    assert Sampler(GenerationParams(temperature=0.0))(scores, 0).tolist() == [1, 0]
    assert lost(scores).tolist() == [False, False]
    scores[1, 0] = torch.nan
    assert lost(scores).tolist() == [False, True]
    assert lost(torch.full((2, 2), -torch.inf)).tolist() == [True, True]
