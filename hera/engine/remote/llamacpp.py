"""llama.cpp's server: one model, adapters by number at any strength, prompts may be token ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hera.engine.remote.dialects import Answer, Delta, ReadsIds
from hera.engine.remote.shapes import Part, Probabilities, Text, shaped
from hera.types import BASE, GenerationParams
from hera.weights.strengths import parts

_LIKELY = 64  # tokens among which a label nearly always is
_FORCED = 1000.0  # nats


class LlamaCpp(ReadsIds):
    """See `ReadsIds`."""

    title = "llama.cpp"

    def answer(
        self,
        variant: str,
        prompt: Sequence[int],
        params: GenerationParams,
        ends: Sequence[int],  # noqa: ARG002
    ) -> Answer:
        # It knows the ids that end a turn from its own file.
        own = {**self.who(variant), **self.sampling(params)}
        body = {**own, "prompt": list(prompt), "n_predict": params.max_new_tokens}
        return Answer(self._client.stream("/completion", body), self._delta)

    def logprobs(
        self, variant: str, prompt: Sequence[int], tokens: Collection[int]
    ) -> Mapping[int, float]:
        # One that is not among the likeliest is forced: the server tells the likelihood that it had
        # without that. All that it knows would be megabytes.
        body = {**self.who(variant), "prompt": list(prompt), "n_predict": 1, "temperature": 0}
        found = self._scores({**body, "n_probs": _LIKELY})
        for token in set(tokens) - found.keys():
            found |= self._scores({**body, "n_probs": 1, "logit_bias": [[token, _FORCED]]})
        return found

    def _scores(self, body: Mapping[str, object]) -> dict[int, float]:
        answer = self._client.ask("/completion", body)
        place = shaped(self._client, Probabilities, answer).completion_probabilities[0]
        every = [place, *place.top_logprobs]
        return {token.id: token.logprob for token in every if token.logprob is not None}

    def text(self, ids: Sequence[int]) -> str:
        answer = self._client.ask("/detokenize", {"tokens": list(ids)})
        return shaped(self._client, Text, answer).content or ""

    def who(self, variant: str) -> dict[str, object]:
        # All of them, since what is not named may keep the strength that the server began with.
        scales = dict.fromkeys(self._models.every_lora, 0.0)
        scales |= {self._models.loras[name]: strength for name, strength in parts(variant)}
        loras = [{"id": number, "scale": scale} for number, scale in scales.items()]
        # What it keeps of a prompt for the next request it keeps without the adapters that read it.
        return {"model": self._models.names[BASE], "lora": loras, "cache_prompt": False}

    def sampling(self, params: GenerationParams) -> dict[str, object]:
        return {**super().sampling(params), "samplers": ["temperature", "top_p"]}

    def _delta(self, event: Mapping[str, Any], _: int) -> Delta:
        part = shaped(self._client, Part, event)
        return Delta(part.content, part.tokens_predicted, self.ending(part.stop_type))
