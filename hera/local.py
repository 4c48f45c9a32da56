"""The Engine on this machine: transformers + peft, one copy of the weights, variants in one batch.

Base and LoRA variants share each forward pass of one `Body`. A variant on another base has a body
of its own; the bodies of one request decode at once, and every Step takes a column of each.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from transformers import PreTrainedTokenizerBase

from hera import hidden, loading, prompts
from hera.adapter_files import fingerprint
from hera.batches import length_sorted_batches
from hera.body import Body, Decoding
from hera.engine import BASE, GenerationParams, Message, Prompt, Step
from hera.errors import InputError

_TOKENS_PER_BATCH = 2048  # padding included: measured fastest on 2 CPU cores; a GPU fills as well


class LocalEngine:
    """Implements `hera.engine.Engine`. Requests take turns: a second one waits for the first."""

    def __init__(self, name: str, loaded: loading.Loaded) -> None:
        self._name = name
        self._loaded = loaded.variants
        self._base = loaded.variants[BASE]
        self._notes = loaded.notes
        self._refs = loaded.refs

    @classmethod
    def load(
        cls,
        model: str,
        adapters: Mapping[str, str] | None,
        *,
        dtype: str,
        four_bit: bool,
        device: str,
    ) -> LocalEngine:
        """See `hera.engine.load_engine`."""
        loaded = loading.load(model, adapters, dtype=dtype, four_bit=four_bit, device=device)
        return cls(model, loaded)

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(self._loaded)

    @property
    def name(self) -> str:
        return self._name

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        return {name: fingerprint("", ref) for name, ref in self._refs.items()}

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return cast("PreTrainedTokenizerBase", self._base.tokenizer)

    @property
    def dtype(self) -> str:
        """What labels are scored in: "bfloat16" or "float32"."""
        return str(self._base.body.scoring_dtype).removeprefix("torch.")

    @property
    def device(self) -> str:
        """Where the weights are, as "cpu" or "cuda:0"."""
        return str(self._base.body.model.device)

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        self._check_variants([variant])
        return prompts.render(self._loaded[variant].tokenizer, messages)

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams
    ) -> Generator[Step, None, None]:
        self._check_variants(list(requests))
        rows = {
            name: _encode(self._loaded[name], prompt, room=params.max_new_tokens)
            for name, prompt in requests.items()
        }
        return self._steps(rows, params, {name: name for name in rows})

    def answers(
        self, variant: str, prompts: Sequence[Prompt], params: GenerationParams
    ) -> list[tuple[str, str]]:
        self._check_variants([variant])
        own = self._loaded[variant]
        rows = [_encode(own, prompt, room=params.max_new_tokens) for prompt in prompts]
        whole = [len(row) + params.max_new_tokens for row in rows]
        found: dict[int, tuple[str, str]] = {}
        for batch in length_sorted_batches(whole, _TOKENS_PER_BATCH):
            asked = {str(i): rows[i] for i in batch}
            last = deque(self._steps(asked, params, dict.fromkeys(asked, variant)), maxlen=1).pop()
            found |= {i: (last.texts[str(i)], last.finished[str(i)] or "length") for i in batch}
        return [found[i] for i in range(len(rows))]

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        chosen = tuple(self._loaded if variants is None else variants)
        self._check_variants(chosen)
        if not labels or not all(labels):
            raise InputError(f"The labels {list(labels)} must be one or more non-empty texts.")
        out = np.empty((len(chosen), len(prompts), len(labels)), dtype=np.float32)
        # Only variants that read alike share a batch: the others' presence changes no bit of it.
        for alike in self._alike(chosen):
            self._score(chosen, alike, prompts, labels, out)
        return out

    def embed(self, texts: Sequence[str]) -> list[np.ndarray]:
        rows = [_encode(self._base, text, room=0) for text in texts]
        added = len(self._base.tokenizer.encode(""))
        return [s[added:] for s in hidden.states(self._base.body, rows, _TOKENS_PER_BATCH)]

    def _alike(self, names: Sequence[str]) -> list[list[int]]:
        """Indices of the names, those of one body and one tokenizer together."""
        groups: dict[tuple[int, int], list[int]] = {}
        for k, name in enumerate(names):
            variant = self._loaded[name]
            groups.setdefault((id(variant.body), id(variant.tokenizer)), []).append(k)
        return list(groups.values())

    def _score(
        self,
        names: Sequence[str],
        alike: Sequence[int],
        prompts: Sequence[Prompt],
        labels: Sequence[str],
        out: np.ndarray,
    ) -> None:
        """Fill out[k] for every k of `alike`, indices of names that read alike."""
        variant = self._loaded[names[alike[0]]]
        label_ids = [variant.tokenizer.encode(t, add_special_tokens=False) for t in labels]
        _check_labels(labels, label_ids)
        encoded = [_encode(variant, p, room=max(map(len, label_ids))) for p in prompts]
        cells = [(k, p) for p in range(len(encoded)) for k in alike]
        lengths = [len(encoded[p]) for _, p in cells]
        for batch in length_sorted_batches(lengths, _TOKENS_PER_BATCH):
            rows = [encoded[cells[i][1]] for i in batch]
            scores = variant.body.score([names[cells[i][0]] for i in batch], rows, label_ids)
            for i, score in zip(batch, scores, strict=True):
                out[cells[i]] = score

    def _check_variants(self, names: Sequence[str]) -> None:
        if not names:
            raise InputError(f"No variant was asked: choose among {', '.join(self._loaded)}.")
        for name in names:
            if name not in self._loaded:
                raise InputError(
                    f"Unknown variant {name!r}: choose among {', '.join(self._loaded)}."
                )

    def _steps(
        self, rows: Mapping[str, list[int]], params: GenerationParams, variants: Mapping[str, str]
    ) -> Generator[Step, None, None]:
        """Decode every row with its own of the variants, rows of one body in one batch."""
        began = time.perf_counter()
        tokenizers = {name: self._loaded[variants[name]].tokenizer for name in rows}
        transcript = _Transcript(tokenizers, params.max_new_tokens)
        decodings = {
            names: Decoding(
                body,
                tuple(variants[name] for name in names),
                [rows[name] for name in names],
                [transcript.ends[name] for name in names],
                params,
            )
            for body, names in self._by_body(variants).items()
        }
        try:
            running = decodings
            while True:
                asked = [(names, decoding.column()) for names, decoding in running.items()]
                columns = {names: column for names, column in asked if column is not None}
                if not columns:
                    return
                running = {names: running[names] for names in columns}
                for names, column in columns.items():
                    transcript.add(names, column)
                yield transcript.step(time.perf_counter() - began)
        finally:
            for decoding in decodings.values():
                decoding.stop()
            for decoding in decodings.values():
                decoding.join()

    def _by_body(self, variants: Mapping[str, str]) -> dict[Body, tuple[str, ...]]:
        bodies: dict[Body, tuple[str, ...]] = {}
        for name, variant in variants.items():
            body = self._loaded[variant].body
            bodies[body] = (*bodies.get(body, ()), name)
        return bodies


def _check_labels(labels: Sequence[str], ids: Sequence[Sequence[int]]) -> None:
    """Raises InputError if a label's tokens begin another's: it could not but be likelier."""
    for one, other in itertools.permutations(range(len(labels)), 2):
        if ids[other][: len(ids[one])] == ids[one]:
            raise InputError(
                f"The label {labels[one]!r} begins {labels[other]!r}, so it is always the likelier "
                "of the two. Choose other labels."
            )


def _encode(variant: loading.Variant, prompt: Prompt, room: int) -> list[int]:
    """A prompt's token ids; raises InputError unless `room` more fit."""
    if isinstance(prompt, str):
        if not prompt.strip():
            raise InputError("The prompt is empty: write something first.")
        ids = cast("list[int]", variant.tokenizer.encode(prompt))
    else:
        ids = prompts.render(variant.tokenizer, prompt)
    limit = variant.body.longest
    if len(ids) + room > limit:
        raise InputError(
            f"The prompt is {len(ids):,} tokens long; with {room:,} more the model would need "
            f"{len(ids) + room:,}, and it reads {limit:,} at most. Shorten the text or clear "
            "the conversation."
        )
    return ids


@dataclass
class _Transcript:
    """Turns columns of tokens into Steps; a row that has ended ignores what comes after it."""

    tokenizers: Mapping[str, Any]
    limit: int
    ids: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    finished: dict[str, str | None] = field(default_factory=dict)
    ends: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, tokenizer in self.tokenizers.items():
            self.ids[name], self.texts[name], self.finished[name] = [], "", None
            self.ends[name] = prompts.turn_end_ids(tokenizer)

    def add(self, names: Sequence[str], column: Sequence[int]) -> None:
        for name, token in zip(names, column, strict=True):
            if self.finished[name] is not None:
                continue
            self.ids[name].append(token)
            if token in self.ends[name]:
                self.finished[name] = "stop"
            elif len(self.ids[name]) == self.limit:
                self.finished[name] = "length"
            tokenizer = self.tokenizers[name]
            text = cast("str", tokenizer.decode(self.ids[name], skip_special_tokens=True))
            # A trailing replacement character is half of a character still being spelled in bytes.
            self.texts[name] = text if self.finished[name] else text.rstrip("\ufffd")

    def step(self, seconds: float) -> Step:
        return Step(
            texts=dict(self.texts),
            tokens={name: len(ids) for name, ids in self.ids.items()},
            finished=dict(self.finished),
            seconds=seconds,
        )
