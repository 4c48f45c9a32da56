"""The vocabulary: what is asked, what comes back, and what every engine can do.

A variant is the base, the base with one adapter, or another model beside it. An engine streams the
variants' answers side by side, scores labels and texts, says which token ids a conversation
becomes, and shows what the base makes of a text inside.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from hera.errors import InputError, ModelError

if TYPE_CHECKING:
    import numpy as np

BASE = "base"


class Message(TypedDict):
    """One turn. `role` is "user" or "assistant", and of the first one also "system", where the
    model's chat template knows that (Gemma 2's does not)."""

    role: str
    content: str


Prompt = str | Sequence[Message]
"""Either raw text, tokenized as it stands (names of control tokens are letters), or a conversation,
rendered in the chat template. A conversation that ends with an assistant turn leaves that turn
open, for the model to go on. A model without a chat template is given a conversation as raw
text."""


@dataclass(frozen=True)
class GenerationParams:
    """How to decode. `temperature=0` is greedy; `seed` makes sampling repeatable.

    Raises:
        InputError: a value is out of its range.
    """

    max_new_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.max_new_tokens <= 8192:
            raise InputError(f"max_new_tokens is {self.max_new_tokens}: give 1 to 8192.")
        if not 0.0 <= self.temperature <= 5.0:
            raise InputError(f"temperature is {self.temperature}: give 0 (greedy) to 5.")
        if not 0.0 < self.top_p <= 1.0:
            raise InputError(f"top_p is {self.top_p}: give more than 0 and at most 1.")


@dataclass(frozen=True)
class Step:
    """The state of all rows after one more token each; every mapping is keyed by variant."""

    texts: Mapping[str, str]
    """The text so far, without control tokens."""
    tokens: Mapping[str, int]
    """How many tokens the text so far took (the turn end, once reached, counts)."""
    finished: Mapping[str, str | None]
    """None while the row still runs, then "stop" (the model ended its turn), "length" or
    "failed"."""
    seconds: float
    """Wall time since the request began; the first step's that brings a token is the time to first
    token."""
    ahead: int = 0
    """How many requests come before this one, while it waits for room: nothing is said yet."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why rows failed, in a line each; what they had said stays."""

    def check(self) -> None:
        """Raises ModelError where a row has failed."""
        for line in self.failed.values():
            raise ModelError(line)


@dataclass(frozen=True)
class TokenLogprobs:
    """A text's tokens, as one variant reads them, and how likely it finds each."""

    ids: tuple[int, ...]
    texts: tuple[str, ...]
    """Every token by itself as text, control tokens by their names."""
    logprobs: np.ndarray
    """float32 [tokens], natural log, of each token after all before it; nan for the first."""
    top_ids: np.ndarray
    """int64 [tokens, top]: the likeliest tokens at each place, the likeliest first; -1 at the first
    place, before which there is nothing."""
    top_logprobs: np.ndarray
    """float32 [tokens, top]: how likely they are; nan at the first place."""


@dataclass(frozen=True)
class Change:
    """What an adapter does to one layer's weights, as Frobenius norms."""

    update: float
    """Of what it adds, ‖ΔW‖."""
    weight: float
    """Of the base's own, ‖W‖."""


@dataclass(frozen=True)
class Origin:
    """The base that a variant stands on, by the sha256 (hex) of its weights."""

    base: str | None
    """The one that it is served on; None of a model that is whole by itself."""
    trained_on: str | None
    """The one that its training.json names; None where nothing says that."""


@dataclass(frozen=True)
class Pace:
    """How an engine decodes, and what it was chosen by."""

    dtype: str
    """What the weights are kept in, as "float32"."""
    threads: int | None
    """Of a CPU; None for all that torch has."""
    tried: Mapping[str, float]
    """How many times as fast a step was one way as another, as {"bfloat16 against float32": 0.9};
    empty where that did not matter."""

    @property
    def choice(self) -> str:
        """What was chosen, without the ratios, which are others every time."""
        threads = "all threads" if self.threads is None else "one thread"
        return f"decodes in {self.dtype} with {threads}"

    def __str__(self) -> str:
        tried = ", ".join(
            f"{ways}: {ratio:.2f} times as fast" for ways, ratio in self.tried.items()
        )
        return self.choice + (f" ({tried})" if tried else "")


@dataclass(frozen=True)
class Held:
    """What an engine answers with for a variant."""

    ref: str
    """The REF of its own weights; on a server what that calls it."""
    base: str | None
    """The REF of the base that it stands on; None of a model that is whole by itself, and where the
    engine cannot tell."""
    parameters: int | None = None
    """How many of its own there are; None where the engine cannot tell."""
    bits: int | None = None
    """In how many the weights of the full model behind it are kept; None likewise."""
    local: bool = True
    """Whether the REF names something on this machine or the Hub."""


@dataclass(frozen=True)
class Memory:
    """What an engine takes, in bytes."""

    used: int
    peak: int
    """The most since its process began."""
    place: str
    """ "process", or "GPU" for what is on it."""


@dataclass(frozen=True)
class Work:
    """What an engine does for all who ask it."""

    steps: int
    """So many it has made, each of which gave every row at work a token or read of its prompt."""
    rows: int
    """Answers at work."""
    waiting: int
    """Requests that wait for room."""
    scored: int
    """Batches that were scored between the steps."""


class Engine(Protocol):
    """What every engine can do, or says that it cannot."""

    @property
    def variants(self) -> tuple[str, ...]:
        """The names that can be asked, "base" first."""

    @property
    def name(self) -> str:
        """What is served, in words for a screen: the base's REF."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever serves it should know, a line each: a second copy of the weights, say."""

    @property
    def device(self) -> str:
        """Where the weights are, as "cpu" or "cuda:0"."""

    @property
    def dtype(self) -> str:
        """What labels are scored in: "bfloat16" or "float32"."""

    @property
    def pace(self) -> Pace | None:
        """How the base decodes; None where the engine cannot tell."""
        return None

    @property
    def step_bytes(self) -> int | None:
        """How many bytes of weights a step of decoding reads; None where the engine cannot tell."""
        return None

    @property
    def window(self) -> int | None:
        """How many tokens a prompt and its answer may have together; None where there is no limit,
        or only a server knows it."""
        return None

    @property
    def held(self) -> Mapping[str, Held]:
        """Variant -> what answers for it; empty for an engine that cannot tell."""
        return {}

    @property
    def memory(self) -> Memory | None:
        """What it takes now; None where that is another machine's."""
        return None

    @property
    def work(self) -> Work | None:
        """What it does now; None where that is another machine's."""
        return None

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Method -> why this engine cannot do it; the method then raises UnsupportedError with the
        same words. Empty for an engine that can do everything."""

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """Variant -> sha256 (hex) of its own weights: the base's, an adapter's, a full model's."""

    @property
    def tokenizer(self) -> Any:
        """The base's tokenizer (a `PreTrainedTokenizerBase`)."""

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        """The exact token ids that a conversation becomes in the variant's own chat template,
        generation prompt included.

        Raises:
            InputError: an unknown variant, an empty conversation, roles that do not alternate, a
                template that cannot render it, or text that would be lost on the way.
        """

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        """How many tokens a prompt, with `room` more, has too many for one of the variants (all of
        them if None): 0 or less where it fits.

        Raises:
            InputError: an unknown variant, an empty prompt.
        """

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        """Answer every request in one batch, a Step a token; closing the iterator stops the work.

        Requests of all callers share the batch, and none depends on another: where a row fails, the
        Steps say so, and the others go on. Where there is no room for one yet, its Steps say twice
        a second how many come before it.

        Args:
            requests: variant -> its prompt. The rows may differ in prompt and in length.
            params: shared by all rows, which also draw the same noise.
            visitor: who asks: where requests wait, visitors take turns.

        Raises:
            InputError: an unknown variant, an empty or too long prompt.
            BusyError: too many requests wait already.
            HeraError: every row failed; this is why the first one asked did.
        """

    def answer(self, requests: Mapping[str, Prompt], params: GenerationParams) -> Step:
        """The last Step of `stream`: every answer whole.

        Raises:
            InputError: as `stream`.
            ModelError: a row failed.
        """
        with closing(self.stream(requests, params)) as steps:
            *_, last = steps
        last.check()
        return last

    def answers(
        self, variant: str, prompts: Sequence[Prompt], params: GenerationParams
    ) -> list[tuple[str, str]]:
        """One variant's answers to many prompts, several in a batch: (text, "stop" or "length").

        Raises:
            InputError: an unknown variant, an empty or too long prompt.
            ModelError: one of them failed.
        """

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        """Summed log-likelihood (natural log) of each label as the continuation of each prompt.

        Args:
            prompts: raw texts or conversations.
            labels: continuations as they stand (mind the leading space), tokenized with the prompt
                before them by each variant's own tokenizer.
            variants: which to score; all of them if None.

        Returns:
            float32 [len(variants), len(prompts), len(labels)].

        Raises:
            InputError: an unknown variant, no labels, a label that another one begins with, an
                empty or too long prompt.
        """

    def token_logprobs(
        self, prompt: Prompt, variants: Sequence[str] | None = None, top: int = 0
    ) -> Mapping[str, TokenLogprobs]:
        """Every token of a text, or of a conversation as it is rendered, with its log-probability.

        A conversation that ends with an assistant turn holds that turn's tokens last: those after
        the first `len(render(conversation[:-1], variant))` are what was said in it.

        Args:
            prompt: one raw text or conversation.
            variants: which to score; all of them if None.
            top: how many of the likeliest tokens to tell at each place, 0 to 100.

        Returns:
            variant -> its tokens, in the order asked.

        Raises:
            InputError: an unknown variant, an empty or too long prompt.
        """

    def changes(self, variant: str) -> Mapping[str, Change]:
        """How much a LoRA variant changes every layer that it is on, by the layer's path, from the
        first to the last.

        Raises:
            InputError: an unknown variant, or one that is more than LoRA.
        """

    def file_changes(self, variant: str) -> Mapping[str, float]:
        """The norm ‖ΔW‖ of every layer of an adapter, by the layer's path, computed from its own
        file: what `changes` must say of what is loaded.

        Raises:
            InputError: an unknown variant, or no adapter, or one that is more than LoRA.
            ModelError: the file cannot be read any more.
        """

    def origin(self, variant: str) -> Origin:
        """Which base a variant is served on, and which it was trained on.

        Raises:
            InputError: an unknown variant.
            ModelError: its training.json cannot be read.
        """

    def without(
        self, prompt: Prompt, variant: str, place: int, off: Sequence[Collection[str]]
    ) -> np.ndarray:
        """How likely one token of a text is, with a LoRA variant switched off in some layers.

        Args:
            prompt: the text or conversation, as for `token_logprobs`.
            variant: an adapter, or a sum of some.
            place: of the token in the text, 1 or more.
            off: sets of layers' paths, as `changes` tells them; each is tried by itself.

        Returns:
            float32 [len(off)], natural log.

        Raises:
            InputError: an unknown variant, one that is more than LoRA, no such place, a path that
                it does not change.
        """

    def embed(self, texts: Sequence[str]) -> list[np.ndarray]:
        """What the base makes of each text: its last-but-one hidden states, from left to right.

        Returns:
            float32 [tokens, width] a text: one vector for each of its tokens, none for those that
            the tokenizer adds.

        Raises:
            InputError: an empty or too long text.
        """
