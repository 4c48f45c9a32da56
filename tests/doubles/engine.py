"""An Engine without a model: words are tokens, and every variant says what the test lets it say."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Mapping, Sequence

import numpy as np

from hera.errors import InputError, UnsupportedError
from hera.types import (
    BASE,
    Change,
    Engine,
    GenerationParams,
    Message,
    Origin,
    Prompt,
    Step,
    TokenLogprobs,
)

Likelihood = Callable[[str, str, str], float]
"""(variant, prompt as text, label) -> log-likelihood."""

WINDOW = 200  # words that a variant reads at most


class WordTokenizer:
    """A token for each word, numbered as they come."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        for word in text.split():
            if word not in self._words:
                self._words.append(word)
        return [self._words.index(word) for word in text.split()]

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = False) -> str:
        return " ".join(self._words[i] for i in ids)


class FakeEngine(Engine):
    """`answers_by` are the variants' answers, whatever is asked; a label is as likely as
    `likelihood` says, and a token as its variant is late."""

    def __init__(
        self,
        answers_by: Mapping[str, str],
        likelihood: Likelihood = lambda variant, prompt, label: -float(len(label)),
        unsupported: Mapping[str, str] | None = None,
        seconds_a_step: float = 0.01,
    ) -> None:
        self.answers_by = answers_by
        self.likelihood = likelihood
        self.seconds_a_step = seconds_a_step
        self.closed = 0
        self._unsupported = unsupported or {}
        self._tokenizer = WordTokenizer()

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(self.answers_by)

    @property
    def name(self) -> str:
        return "fake"

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @property
    def device(self) -> str:
        return "nowhere"

    @property
    def dtype(self) -> str:
        return "float32"

    @property
    def unsupported(self) -> Mapping[str, str]:
        return self._unsupported

    @property
    def fingerprints(self) -> Mapping[str, str]:
        return {name: f"{i:064x}" for i, name in enumerate(self.variants)}

    @property
    def tokenizer(self) -> WordTokenizer:
        return self._tokenizer

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        self._check([variant])
        return self._tokenizer.encode(as_text(messages))

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        self._check(self.variants if variants is None else variants)
        return len(as_text(prompt).split()) + room - WINDOW

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        self._check(list(requests))
        return self._steps(list(requests), params.max_new_tokens)

    def answers(
        self, variant: str, prompts: Sequence[Prompt], params: GenerationParams
    ) -> list[tuple[str, str]]:
        steps = [self.answer({variant: prompt}, params) for prompt in prompts]
        return [(step.texts[variant], step.finished[variant] or "length") for step in steps]

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        names = self.variants if variants is None else tuple(variants)
        self._check(names)
        table = [
            [
                [self.likelihood(name, as_text(prompt), label) for label in labels]
                for prompt in prompts
            ]
            for name in names
        ]
        return np.array(table, dtype=np.float32)

    def token_logprobs(
        self, prompt: Prompt, variants: Sequence[str] | None = None, top: int = 0
    ) -> Mapping[str, TokenLogprobs]:
        names = self.variants if variants is None else tuple(variants)
        self._check(names)
        words = as_text(prompt).split()
        ids = tuple(self._tokenizer.encode(" ".join(words)))
        scores = {}
        for late, name in enumerate(names, 1):
            logprobs = np.full(len(ids), -float(late), dtype=np.float32)
            logprobs[0] = np.nan
            likeliest = np.tile(logprobs[:, None], top)
            same = np.tile(np.array(ids)[:, None], top)
            scores[name] = TokenLogprobs(ids, tuple(words), logprobs, same, likeliest)
        return scores

    def changes(self, variant: str) -> Mapping[str, Change]:
        raise UnsupportedError("It has no layers.")

    def file_changes(self, variant: str) -> Mapping[str, float]:
        raise UnsupportedError("It has no layers.")

    def origin(self, variant: str) -> Origin:
        return Origin(None, None)

    def without(
        self, prompt: Prompt, variant: str, place: int, off: Sequence[Collection[str]]
    ) -> np.ndarray:
        raise UnsupportedError("It has no layers.")

    def embed(self, texts: Sequence[str]) -> list[np.ndarray]:
        if "embed" in self._unsupported:
            raise UnsupportedError(self._unsupported["embed"])
        return [np.eye(8, dtype=np.float32)[[len(w) % 8 for w in text.split()]] for text in texts]

    def _check(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.answers_by:
                raise InputError(
                    f"Unknown variant {name!r}: choose among {', '.join(self.variants)}."
                )

    def _steps(self, names: Sequence[str], limit: int) -> Generator[Step, None, None]:
        words = {name: re.findall(r"\s*\S+", self.answers_by[name]) for name in names}
        last = min(limit, max(len(its) + 1 for its in words.values()))
        try:
            for n in range(1, last + 1):
                yield Step(
                    texts={name: "".join(its[:n]) for name, its in words.items()},
                    tokens={name: min(n, len(its) + 1) for name, its in words.items()},
                    finished={name: _ending(len(its), n, limit) for name, its in words.items()},
                    seconds=n * self.seconds_a_step,
                )
        finally:
            self.closed += 1


def _ending(words: int, n: int, limit: int) -> str | None:
    """The turn end counts as a token, as it does in a model's answer."""
    if n > words:
        return "stop"
    return "length" if n == limit else None


def as_text(prompt: Prompt) -> str:
    """What a prompt says, turn after turn."""
    return prompt if isinstance(prompt, str) else "\n".join(m["content"] for m in prompt)
