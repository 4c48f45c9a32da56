"""vLLM: adapters are models, and prompts may be token ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hera.engine.remote.dialects import Answer, Delta, ReadsIds
from hera.engine.remote.shapes import Choice, Completion, Scores, Text, shaped
from hera.types import BASE, GenerationParams

_TOKEN = re.compile(r"token_id:(\d{1,9})")


class Vllm(ReadsIds):
    """See `ReadsIds`."""

    title = "vLLM"
    caveat = (
        "vLLM on a CPU (0.32) takes an adapter's weights for the base's where both answer at once: "
        "compare there only what was asked one after another"
    )

    def answer(
        self, variant: str, prompt: Sequence[int], params: GenerationParams, ends: Sequence[int]
    ) -> Answer:
        body = {
            **self.who(variant),
            **self.sampling(params),
            "prompt": list(prompt),
            "max_tokens": params.max_new_tokens,
            "stop_token_ids": list(ends),
            "return_token_ids": True,
        }
        return Answer(self._client.stream("/v1/completions", body), self._delta)

    def logprobs(
        self, variant: str, prompt: Sequence[int], tokens: Collection[int]
    ) -> Mapping[int, float]:
        # Not its `prompt_logprobs`: with adapters these are wrong (vllm#51594, #16668).
        body = {
            **self.who(variant),
            "prompt": list(prompt),
            "max_tokens": 1,
            "temperature": 0,
            "logprobs": 1,
            "logprob_token_ids": sorted(tokens),
            "return_tokens_as_token_ids": True,
        }
        scores = shaped(self._client, Scores, self._client.ask("/v1/completions", body))
        named = scores.choices[0].logprobs.top_logprobs[0]
        return {int(m[1]): named[name] for name in named if (m := _TOKEN.fullmatch(name))}

    def text(self, ids: Sequence[int]) -> str:
        body = {**self.who(BASE), "tokens": list(ids)}
        return shaped(self._client, Text, self._client.ask("/detokenize", body)).prompt or ""

    def sampling(self, params: GenerationParams) -> dict[str, object]:
        own = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
        return {**super().sampling(params), **own}

    def _delta(self, event: Mapping[str, Any], tokens: int) -> Delta:
        choices = shaped(self._client, Completion, event).choices
        choice = choices[0] if choices else Choice()
        tokens += len(choice.token_ids or [])
        return Delta(choice.text, tokens, self.ending(choice.finish_reason))
