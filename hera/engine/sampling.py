"""From scores to the next token: greedy, or a sample that a seed repeats; and which scores are no
numbers, from which there is none."""

from __future__ import annotations

from hashlib import blake2b
from typing import cast

import torch
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper

from hera.types import GenerationParams


def lost(scores: torch.Tensor) -> torch.Tensor:
    """bool [rows]: whether a row's scores, [rows, vocabulary], are no numbers, or the highest is
    infinite: their argmax would be some token."""
    return ~scores.amax(dim=-1).isfinite()


class Sampler:
    """Picks the next tokens of one request's rows, which all draw the same noise: what differs
    between two variants' answers is then what they think and not their luck.

    The noise is Gumbel's, under which the argmax is a sample (Maddison et al. 2014,
    arXiv:1411.0030). It depends on the seed, on the token's place in the answer and on the word,
    and on nothing else: not on the row, nor on who else is in the batch.
    """

    def __init__(self, params: GenerationParams) -> None:
        self._seed = params.seed
        self._greedy = params.temperature == 0
        self._warpers = LogitsProcessorList()
        if not self._greedy:
            self._warpers.append(TemperatureLogitsWarper(params.temperature))
        if not self._greedy and params.top_p < 1:
            self._warpers.append(TopPLogitsWarper(params.top_p))

    def __call__(self, scores: torch.Tensor, place: int) -> torch.Tensor:
        """int64 [rows]: a token each.

        Args:
            scores: float32 [rows, vocabulary], none of them `lost`.
            place: how many tokens of the answer there are already.
        """
        if not self._greedy:
            # These warpers look at no words before.
            warped = self._warpers(cast("torch.LongTensor", None), scores)
            scores = warped + self._noise(scores, place)
        return scores.argmax(dim=-1)

    def _noise(self, scores: torch.Tensor, place: int) -> torch.Tensor:
        """[vocabulary]: one draw a word."""
        named = blake2b(f"{self._seed}/{place}".encode(), digest_size=7).digest()
        # Of where the scores are: on ZeroGPU the model believes that it is elsewhere.
        generator = torch.Generator(scores.device).manual_seed(int.from_bytes(named))
        noise = torch.empty_like(scores[0]).exponential_(generator=generator)
        return -noise.clamp_(min=torch.finfo(noise.dtype).tiny).log_()
