"""What any server can be asked, and an answer while it is written."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hera.engine.remote.client import Client, Events
from hera.engine.remote.models import Models
from hera.engine.remote.shapes import Chat, Turn, shaped
from hera.errors import ModelError
from hera.types import GenerationParams, Message

_SEEDS = 2**31 - 1  # every server takes a seed below that
_ENDINGS = {"stop": "stop", "length": "length", "eos": "stop", "word": "stop", "limit": "length"}


@dataclass(frozen=True)
class Delta:
    """What one event adds to an answer: text, and how it ended if it did ("stop", "length");
    `tokens` are those of the answer so far."""

    text: str
    tokens: int
    finished: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer while it is written: `read` says what an event adds to it, given the tokens so
    far."""

    events: Events
    read: Callable[[Mapping[str, Any], int], Delta]

    def __iter__(self) -> Iterator[Delta]:
        tokens = 0
        for event in self.events:
            delta = self.read(event, tokens)
            tokens = delta.tokens
            yield delta


class Dialect:
    """Any server: it takes conversations, which it renders, and cannot score.

    Args:
        client: the server's.
        models: what it has.
    """

    title = "an OpenAI-compatible server"
    caveat = ""

    def __init__(self, client: Client, models: Models) -> None:
        self._client = client
        self._models = models

    def chat(self, variant: str, messages: Sequence[Message], params: GenerationParams) -> Answer:
        """The answer to a conversation."""
        body = {
            **self.who(variant),
            **self.sampling(params),
            "messages": [{"role": turn["role"], "content": turn["content"]} for turn in messages],
            "max_tokens": params.max_new_tokens,
            "stream_options": {"include_usage": True},
        }
        return Answer(self._client.stream("/v1/chat/completions", body), self._chat_delta)

    def who(self, variant: str) -> dict[str, object]:
        """How a request says which variant is to answer it."""
        return {"model": self._models.names[variant]}

    def sampling(self, params: GenerationParams) -> dict[str, object]:
        """HERA's sampling, and nothing that a server would add of its own."""
        seed = params.seed % _SEEDS
        return {"temperature": params.temperature, "top_p": params.top_p, "seed": seed}

    def ending(self, reason: str | None) -> str | None:
        """How an answer ended, in HERA's words; None where it goes on.

        Raises:
            ModelError: in no way that is known.
        """
        if reason and reason not in _ENDINGS:
            raise ModelError(f"{self._client.says}: it broke off its answer ({reason:.40}).")
        return _ENDINGS[reason] if reason else None

    def _chat_delta(self, event: Mapping[str, Any], tokens: int) -> Delta:
        # A token an event, as far as can be told until the server has counted them.
        chat = shaped(self._client, Chat, event)
        turn = chat.choices[0] if chat.choices else Turn()
        text = turn.delta.content or ""
        tokens = chat.usage.completion_tokens if chat.usage else tokens + bool(text)
        return Delta(text, tokens, self.ending(turn.finish_reason))


class ReadsIds(Dialect):
    """A server that takes token ids as a prompt, and can say how likely tokens are."""

    @abstractmethod
    def answer(
        self, variant: str, prompt: Sequence[int], params: GenerationParams, ends: Sequence[int]
    ) -> Answer:
        """The answer to token ids; `ends` are the ids that end a turn."""

    @abstractmethod
    def logprobs(
        self, variant: str, prompt: Sequence[int], tokens: Collection[int]
    ) -> Mapping[int, float]:
        """How likely tokens are to come next: natural log, before any sampling.

        Args:
            variant: which is asked.
            prompt: token ids.
            tokens: whose likelihood is wanted; the answer may hold others.
        """

    @abstractmethod
    def text(self, ids: Sequence[int]) -> str:
        """What the server reads in token ids."""
