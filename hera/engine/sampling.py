"""From scores to the next token: greedy, or a sample that a seed repeats; never from no number."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from hera.errors import ModelError
from hera.types import GenerationParams


def processors(
    params: GenerationParams, device: torch.device, names: Sequence[str]
) -> LogitsProcessorList:
    """What to do to the scores so that their argmax is the next token; row i is names[i]'s."""
    chain = LogitsProcessorList([_Numbers(names)])
    if params.temperature == 0:
        return chain
    chain.append(TemperatureLogitsWarper(params.temperature))
    if params.top_p < 1:
        chain.append(TopPLogitsWarper(params.top_p))
    chain.append(_Noise(params.seed, device))
    return chain


class _Numbers(LogitsProcessor):
    """Raises ModelError where a row's scores are none: their argmax would be some token."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __call__(self, _: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        lost = scores.amax(dim=-1).isnan()
        if lost.any():
            raise ModelError(
                f"{self._names[int(lost.int().argmax())]} gave scores that are no numbers: its "
                "weights overflow. Leave it out, or compute in another --dtype."
            )
        return scores


class _Noise(LogitsProcessor):
    """Gumbel noise, under which the argmax is a sample (Maddison et al. 2014, arXiv:1411.0030).

    torch's own sampling draws from one generator of the whole process, where two copies of weights
    that decode at once would take from each other, and no seed would repeat a sample.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._generator = torch.Generator(device).manual_seed(seed)

    def __call__(self, _: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        noise = torch.empty_like(scores).exponential_(generator=self._generator)
        return scores - noise.clamp_(min=torch.finfo(noise.dtype).tiny).log_()
