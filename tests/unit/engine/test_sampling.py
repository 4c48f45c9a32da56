"""Sampling with a generator of its own draws from the model's distribution."""

from __future__ import annotations

import pytest
import torch

from hera import GenerationParams, ModelError
from hera.engine.sampling import processors


def draws(logits: torch.Tensor, temperature: float, top_p: float = 0.95) -> torch.Tensor:
    generation = GenerationParams(temperature=temperature, top_p=top_p, seed=7)
    scores = logits.repeat(20_000, 1)
    for processor in processors(generation, torch.device("cpu"), ["base"]):
        scores = processor(None, scores)
    return torch.bincount(scores.argmax(-1), minlength=len(logits)) / len(scores)


def test_frequencies_are_the_softmax() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -torch.inf])
    assert torch.allclose(draws(logits, temperature=1.0, top_p=1.0), logits.softmax(0), atol=0.01)
    warm = (logits / 2).softmax(0)
    assert torch.allclose(draws(logits, temperature=2.0, top_p=1.0), warm, atol=0.01)


def test_top_p_leaves_the_rest_out() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0])
    wanted = torch.tensor([2.0, 1.0]).softmax(0)
    assert torch.allclose(draws(logits, temperature=1.0, top_p=0.8)[:2], wanted, atol=0.01)
    assert draws(logits, temperature=1.0, top_p=0.8)[2] == 0


def test_a_seed_repeats_and_greedy_adds_nothing() -> None:
    logits = torch.tensor([0.0, 0.0, 0.0])
    assert torch.equal(draws(logits, temperature=1.0), draws(logits, temperature=1.0))
    greedy = processors(GenerationParams(temperature=0.0), torch.device("cpu"), ["base", "mine"])
    ids, scores = torch.zeros(2, 1, dtype=torch.long), torch.tensor([[0.0, 1.0], [2.0, 1.0]])
    assert all(torch.equal(one(ids, scores), scores) for one in greedy)
    scores[1, 0] = torch.nan
    with pytest.raises(ModelError, match=r"^mine gave scores that are no numbers"):
        greedy[0](ids, scores)
