"""The Engine on a server: a variant is a model there, or an adapter of llama.cpp's.

With the base's tokenizer here, HERA renders what is asked and sends token ids; without it the
server renders, and nothing can be scored.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

import numpy as np

from hera.engine.labels import encode_labels
from hera.engine.remote.dialects import Answer, Dialect, ReadsIds
from hera.engine.remote.models import Models, title
from hera.engine.remote.said import Said
from hera.engine.remote.streams import side_by_side
from hera.errors import InputError, ModelError, UnsupportedError
from hera.rendering import encode, render, turn_end_ids
from hera.types import (
    BASE,
    Change,
    Engine,
    GenerationParams,
    Held,
    Message,
    Origin,
    Prompt,
    Step,
    TokenLogprobs,
)
from hera.weights.strengths import parts

Asked = TypeVar("Asked")
Given = TypeVar("Given")

_NEVER = ("token_logprobs", "changes", "file_changes", "origin", "without", "embed")
_UNNAMED = "cannot score here: name the base with --model"


class RemoteEngine(Engine):
    """Implements `hera.types.Engine`.

    Args:
        url: where the server is.
        dialect: what it can be asked.
        models: what it has.
        base: the base by its REF, and its tokenizer; None where nobody named it.
        here: the server itself where it is in this process, which lives as long as the engine.
    """

    def __init__(
        self,
        url: str,
        dialect: Dialect,
        models: Models,
        base: tuple[str, Any] | None,
        here: object = None,
    ) -> None:
        self._here = here
        self._url = url
        self._dialect = dialect
        self._models = models
        self._name = base[0] if base else title(models.names[BASE])
        self._tokenizer = base[1] if base else None
        self._ends = turn_end_ids(self._tokenizer) if base else []
        self._reader = dialect if base and isinstance(dialect, ReadsIds) else None

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(self._models.names)

    @property
    def name(self) -> str:
        return self._name

    @property
    def notes(self) -> tuple[str, ...]:
        theirs = (
            f"answers come from {self._dialect.title} at {self._url}: its weights are not looked "
            "at, and the same seed draws other words there than here"
        )
        if self._here is not None:
            theirs = f"answers come from {self._dialect.title}: the same seed draws other words"
        unnamed = "without --model the server renders conversations, and cannot score here"
        left_out = (f"{name} left out: {why}" for name, why in self._models.missing.items())
        caveat = self._dialect.caveat if len(self.variants) > 1 else ""
        unnamed = "" if self._tokenizer else unnamed
        return (theirs, *(note for note in (caveat, unnamed) if note), *left_out)

    @property
    def device(self) -> str:
        return f"{self._dialect.title} at {self._url}"

    @property
    def dtype(self) -> str:
        return "unknown"

    @property
    def window(self) -> int | None:
        limit = self._models.window
        return limit if limit < sys.maxsize else None

    @property
    def held(self) -> Mapping[str, Held]:
        names = self._models.names
        loras = self._models.loras
        return {
            variant: Held(variant if variant in loras else title(model), None, local=False)
            for variant, model in names.items()
        }

    @property
    def unsupported(self) -> Mapping[str, str]:
        never = f"{self._dialect.title} is asked for answers and labels alone."
        found = dict.fromkeys(_NEVER, never)
        if self._tokenizer is None:
            found |= {"label_logprobs": f"{_UNNAMED}.", "render": f"{_UNNAMED}."}
        elif self._reader is None:
            found["label_logprobs"] = (
                "cannot score here: only vLLM and llama.cpp take token ids and score them."
            )
        return found

    @property
    def fingerprints(self) -> Mapping[str, str]:
        return {}

    @property
    def tokenizer(self) -> Any:
        if self._tokenizer is None:
            raise UnsupportedError(f"{_UNNAMED}.")
        return self._tokenizer

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        self._check([variant])
        return render(self.tokenizer, messages)

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        self._check(self.variants if variants is None else variants)
        if self._tokenizer is None:
            return 0  # only the server knows
        return len(encode(self._tokenizer, prompt)) + room - self._models.window

    def stream(
        self,
        requests: Mapping[str, Prompt],
        params: GenerationParams,
        visitor: str = "",  # noqa: ARG002
    ) -> Generator[Step, None, None]:
        self._check(list(requests))
        asked = {name: self._asks(name, prompt, params) for name, prompt in requests.items()}
        return self._steps(asked)

    def answers(
        self, variant: str, prompts: Sequence[Prompt], params: GenerationParams
    ) -> list[tuple[str, str]]:
        self._check([variant])
        steps = self._at_once(lambda prompt: self.answer({variant: prompt}, params), prompts)
        return [(step.texts[variant], step.finished[variant] or "length") for step in steps]

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        if self._reader is None:
            raise UnsupportedError(self.unsupported["label_logprobs"])
        reader = self._reader
        chosen = tuple(self.variants if variants is None else variants)
        self._check(chosen)
        read = [encode_labels(self._tokenizer, prompt, labels) for prompt in prompts]
        for context, after in read:
            self._check_room(context, max(map(len, after)))
        # One variant after another: llama.cpp batches no others with it, and vLLM on a CPU takes an
        # adapter's weights for the base's where both are in a batch.
        scores = [
            self._at_once(lambda one, name=name: self._score(reader, name, *one), read)  # type: ignore[misc]
            for name in chosen
        ]
        return np.array(scores, dtype=np.float32).reshape(len(chosen), len(prompts), len(labels))

    def token_logprobs(
        self,
        prompt: Prompt,  # noqa: ARG002
        variants: Sequence[str] | None = None,  # noqa: ARG002
        top: int = 0,  # noqa: ARG002
    ) -> Mapping[str, TokenLogprobs]:
        raise UnsupportedError(self.unsupported["token_logprobs"])

    def changes(self, variant: str) -> Mapping[str, Change]:  # noqa: ARG002
        raise UnsupportedError(self.unsupported["changes"])

    def file_changes(self, variant: str) -> Mapping[str, float]:  # noqa: ARG002
        raise UnsupportedError(self.unsupported["file_changes"])

    def origin(self, variant: str) -> Origin:  # noqa: ARG002
        raise UnsupportedError(self.unsupported["origin"])

    def without(
        self,
        prompt: Prompt,  # noqa: ARG002
        variant: str,  # noqa: ARG002
        place: int,  # noqa: ARG002
        off: Sequence[Collection[str]],  # noqa: ARG002
    ) -> np.ndarray:
        raise UnsupportedError(self.unsupported["without"])

    def embed(self, texts: Sequence[str]) -> list[np.ndarray]:  # noqa: ARG002
        raise UnsupportedError(self.unsupported["embed"])

    def _check(self, names: Sequence[str]) -> None:
        if not names:
            raise InputError(f"No variant was asked: choose among {', '.join(self.variants)}.")
        for name in names:
            if name in self._models.names:
                continue
            if not all(part in self._models.loras for part, _ in parts(name)):
                raise InputError(
                    f"Unknown variant {name!r}: choose among {', '.join(self.variants)}."
                )

    def _asks(self, name: str, prompt: Prompt, params: GenerationParams) -> Callable[[], Answer]:
        """What asks the server for one answer."""
        if self._reader is not None:
            ids = encode(self._tokenizer, prompt)
            self._check_room(ids, params.max_new_tokens)
            return partial(self._reader.answer, name, ids, params, self._ends)
        if isinstance(prompt, str) or not prompt or prompt[-1]["role"] != "user":
            raise UnsupportedError(
                "Only conversations that end with a question can be sent to this server: name the "
                "base with --model, of vLLM or llama.cpp."
            )
        return partial(self._dialect.chat, name, prompt, params)

    def _steps(self, asked: Mapping[str, Callable[[], Answer]]) -> Generator[Step, None, None]:
        began, said = time.perf_counter(), Said(asked)
        with closing(side_by_side(asked)) as deltas:
            for some in deltas:
                for name, delta in some:
                    said.add(name, delta)
                yield said.step(time.perf_counter() - began)
                said.check()
        for name in said.broken:
            line = f"--server {self._url}: it stopped in the middle of {name}'s answer."
            said.add(name, ModelError(line))
            yield said.step(time.perf_counter() - began)
            said.check()

    def _score(
        self,
        reader: ReadsIds,
        name: str,
        context: Sequence[int],
        labels: Sequence[Sequence[int]],
    ) -> list[float]:
        """The labels' log-likelihoods: each further token is read behind those before it."""
        after: dict[tuple[int, ...], dict[int, float]] = {}
        for ids in labels:
            for place, token in enumerate(ids):
                after.setdefault(tuple(ids[:place]), {})[token] = 0.0
        for begun, tokens in after.items():
            found = reader.logprobs(name, [*context, *begun], list(tokens))
            if missing := [token for token in tokens if token not in found]:
                words = self.tokenizer.decode(missing)
                raise ModelError(f"--server {self._url}: it does not say how likely {words!r} is.")
            after[begun] = {token: found[token] for token in tokens}
        return [sum(after[tuple(ids[:k])][token] for k, token in enumerate(ids)) for ids in labels]

    def _check_room(self, ids: Sequence[int], room: int) -> None:
        limit = self._models.window
        if limit < sys.maxsize and len(ids) + room > limit:
            raise InputError(
                f"The prompt is {len(ids):,} tokens long; with {room:,} more the model would need "
                f"{len(ids) + room:,}, and its server reads {limit:,} at most. Shorten the text or "
                "clear the conversation."
            )

    def _at_once(self, do: Callable[[Asked], Given], items: Sequence[Asked]) -> list[Given]:
        """What is done with every item, in their order, several at a time; the first error ends
        it."""
        pool = ThreadPoolExecutor(self._models.at_once, thread_name_prefix="ask")
        try:
            return list(pool.map(do, items))
        finally:
            pool.shutdown(cancel_futures=True)
