"""The Engine on this machine: transformers + peft, one copy of the weights, variants in one batch.

Base and LoRA variants share each forward pass of one `Runner`. A variant on another base has a
runner of its own; the runners of one request decode at once, and every Step takes a column of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from transformers import PreTrainedTokenizerBase

from hera.engine import hidden_states
from hera.engine.batches import length_sorted_batches
from hera.engine.decoding import Column, Decoding
from hera.engine.labels import LabelIds, encode_labels
from hera.engine.memory import taken
from hera.engine.runner import Runner
from hera.engine.transcript import Transcript
from hera.errors import InputError
from hera.refs import Ref
from hera.rendering import encode, render
from hera.types import (
    BASE,
    Change,
    Engine,
    GenerationParams,
    Held,
    Memory,
    Message,
    Origin,
    Pace,
    Prompt,
    Step,
    TokenLogprobs,
    Work,
)
from hera.weights import loader
from hera.weights.changes import changes, file_changes
from hera.weights.files import adapter_parameters, trained_on, weights_sha256
from hera.weights.strengths import adapter_of, parts

_OFTEN = 0.5  # seconds between two words to one who waits
_MOST = 100  # of the likeliest tokens at a place
_TOKENS_PER_BATCH = 2048  # padding included: measured fastest on 2 CPU cores; a GPU fills as well
_SCORED_ON_CPU = 512  # as fast there, and whoever waits for an answer waits for no more than that


@dataclass(frozen=True)
class _Variant:
    """Which copy of the weights answers for a variant, the tokenizer that it speaks through, and
    how many token ids it has embeddings for."""

    runner: Runner
    tokenizer: Any
    vocabulary: int
    low_rank: bool


class LocalEngine(Engine):
    """Implements `hera.types.Engine`. Requests take turns: a second one waits for the first."""

    def __init__(self, name: str, loaded: loader.Loaded) -> None:
        self._name = name
        every = {
            variant: _Variant(
                runner, tokenizer, copy.vocabularies[variant], variant in copy.low_rank
            )
            for runner, copy in ((Runner(copy), copy) for copy in loaded.copies)
            for variant, tokenizer in copy.tokenizers.items()
        }
        self._variants = {variant: every[variant] for variant in loaded.refs}
        self._base = self._variants[BASE]
        self._notes = loaded.notes
        self._refs = loaded.refs
        self._bases = loaded.bases
        self._hashes: dict[Ref, str] = {}
        self._copies = {name: copy for copy in loaded.copies for name in copy.tokenizers}

    @classmethod
    def load(
        cls,
        model: Ref,
        adapters: Mapping[str, Ref] | None,
        *,
        dtype: str,
        four_bit: bool,
        device: str,
        own_base: bool,
        leave_out_broken: bool,
    ) -> LocalEngine:
        """See `hera.engine.load_engine`."""
        loaded = loader.load(
            model,
            adapters,
            dtype=dtype,
            four_bit=four_bit,
            device=device,
            own_base=own_base,
            leave_out_broken=leave_out_broken,
        )
        return cls(str(model), loaded)

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(self._variants)

    @property
    def name(self) -> str:
        return self._name

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes

    @property
    def window(self) -> int | None:
        longest = self._base.runner.longest
        return longest if longest < sys.maxsize else None

    @cached_property
    def held(self) -> Mapping[str, Held]:
        return {name: self._held(name) for name in self._variants}

    def _held(self, name: str) -> Held:
        ref, base, copy = self._refs[name], self._bases[name], self._copies[name]
        parameters = copy.parameters if base is None else adapter_parameters(ref)
        return Held(str(ref), None if base is None else str(base), parameters, copy.bits)

    @property
    def memory(self) -> Memory:
        return taken(self._base.runner.model.device)

    @property
    def work(self) -> Work:
        turns = [runner.turns for runner in {v.runner for v in self._variants.values()}]
        return Work(
            steps=sum(one.steps for one in turns),
            rows=sum(one.rows for one in turns),
            waiting=sum(one.waiting for one in turns),
            scored=sum(one.jobs for one in turns),
        )

    @property
    def unsupported(self) -> Mapping[str, str]:
        return {}

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        return {name: self._sha256(ref) for name, ref in self._refs.items()}

    def _sha256(self, ref: Ref) -> str:
        if ref not in self._hashes:
            self._hashes[ref] = weights_sha256(ref)
        return self._hashes[ref]

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return cast("PreTrainedTokenizerBase", self._base.tokenizer)

    @property
    def dtype(self) -> str:
        return str(self._base.runner.scoring_dtype).removeprefix("torch.")

    @property
    def pace(self) -> Pace:
        return self._base.runner.pace

    @property
    def step_bytes(self) -> int:
        return self._base.runner.step_bytes

    @property
    def device(self) -> str:
        return str(self._base.runner.model.device)

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        self._check_variants([variant])
        return render(self._named(variant).tokenizer, messages)

    def excess(self, prompt: Prompt, room: int, variants: Sequence[str] | None = None) -> int:
        chosen = tuple(self._variants if variants is None else variants)
        self._check_variants(chosen)
        ones = [self._named(chosen[alike[0]]) for alike in self._alike(chosen)]
        return max(len(encode(one.tokenizer, prompt)) + room - one.runner.longest for one in ones)

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams, visitor: str = ""
    ) -> Generator[Step, None, None]:
        self._check_variants(list(requests))
        rows = {
            name: _encode(self._named(name), prompt, room=params.max_new_tokens)
            for name, prompt in requests.items()
        }
        return self._steps(rows, params, {name: name for name in rows}, visitor)

    def answers(
        self, variant: str, prompts: Sequence[Prompt], params: GenerationParams
    ) -> list[tuple[str, str]]:
        self._check_variants([variant])
        own = self._named(variant)
        rows = [_encode(own, prompt, room=params.max_new_tokens) for prompt in prompts]
        whole = [len(row) + params.max_new_tokens for row in rows]
        ended: dict[int, tuple[str, str]] = {}
        for batch in length_sorted_batches(whole, _TOKENS_PER_BATCH):
            asked = {str(i): rows[i] for i in batch}
            *_, last = self._steps(asked, params, dict.fromkeys(asked, variant))
            last.check()
            ended |= {i: (last.texts[str(i)], last.finished[str(i)] or "length") for i in batch}
        return [ended[i] for i in range(len(rows))]

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        chosen = tuple(self._variants if variants is None else variants)
        self._check_variants(chosen)
        out = np.empty((len(chosen), len(prompts), len(labels)), dtype=np.float32)
        # Only variants that read alike share a batch: the others' presence changes no bit of it.
        for alike in self._alike(chosen):
            self._score(chosen, alike, prompts, labels, out)
        return out

    def token_logprobs(
        self, prompt: Prompt, variants: Sequence[str] | None = None, top: int = 0
    ) -> Mapping[str, TokenLogprobs]:
        chosen = tuple(self._variants if variants is None else variants)
        self._check_variants(chosen)
        if not 0 <= top <= _MOST:
            raise InputError(f"top is {top}: give 0 to {_MOST}.")
        out: dict[str, TokenLogprobs] = {}
        for alike in self._alike(chosen):
            names = [chosen[k] for k in alike]
            one = self._named(names[0])
            ids = _encode(one, prompt, room=0)
            texts = tuple(one.tokenizer.decode([token]) for token in ids)
            scored = one.runner.score_tokens(names, [ids] * len(names), top)
            out |= {
                name: TokenLogprobs(tuple(ids), texts, s.logprobs, s.top_ids, s.top_logprobs)
                for name, s in zip(names, scored, strict=True)
            }
        return {name: out[name] for name in chosen}

    def changes(self, variant: str) -> Mapping[str, Change]:
        return changes(self._low_rank(variant).runner.model, variant)

    def file_changes(self, variant: str) -> Mapping[str, float]:
        return file_changes(self._own_ref(variant))

    def origin(self, variant: str) -> Origin:
        ref, base = self._own_ref(variant), self._bases[variant]
        return Origin(None if base is None else self._sha256(base), trained_on(ref))

    def without(
        self, prompt: Prompt, variant: str, place: int, off: Sequence[Collection[str]]
    ) -> np.ndarray:
        known = self.changes(variant).keys()
        if wrong := [path for one in off for path in one if path not in known]:
            raise InputError(f"{variant} does not change {wrong[0]}.")
        one = self._named(variant)
        ids = _encode(one, prompt, room=0)
        if not 0 < place < len(ids):
            raise InputError(f"place is {place}: give 1 to {len(ids) - 1}, the text's last.")
        at_once = max(1, _scored_at_once(one.runner) // place)
        found = [
            one.runner.score_without(variant, ids[:place], ids[place], off[start : start + at_once])
            for start in range(0, len(off), at_once)
        ]
        return np.concatenate([*found, np.empty(0, np.float32)])

    def embed(self, texts: Sequence[str]) -> list[np.ndarray]:
        rows = [_encode(self._base, text, room=0) for text in texts]
        added = len(self._base.tokenizer.encode(""))
        return [s[added:] for s in hidden_states.states(self._base.runner, rows, _TOKENS_PER_BATCH)]

    def _alike(self, names: Sequence[str]) -> list[list[int]]:
        """Indices of the names, those of one runner and one tokenizer together."""
        groups: dict[tuple[int, int], list[int]] = {}
        for k, name in enumerate(names):
            variant = self._named(name)
            groups.setdefault((id(variant.runner), id(variant.tokenizer)), []).append(k)
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
        variant = self._named(names[alike[0]])
        asked: dict[LabelIds, dict[int, list[int]]] = {}
        for p, prompt in enumerate(prompts):
            context, label_ids = _encode_labels(variant, prompt, labels)
            asked.setdefault(label_ids, {})[p] = context
        # Labels are read with the prompt before them, which nearly always makes the same of them.
        for label_ids, encoded in asked.items():
            cells = [(k, p) for p in encoded for k in alike]
            lengths = [len(encoded[p]) for _, p in cells]
            for batch in length_sorted_batches(lengths, _scored_at_once(variant.runner)):
                rows = [encoded[cells[i][1]] for i in batch]
                scores = variant.runner.score([names[cells[i][0]] for i in batch], rows, label_ids)
                for i, score in zip(batch, scores, strict=True):
                    out[cells[i]] = score

    def _check_variants(self, names: Sequence[str]) -> None:
        if not names:
            raise InputError(f"No variant was asked: choose among {', '.join(self._variants)}.")
        for name in names:
            self._named(name)

    def _own_ref(self, variant: str) -> Ref:
        """Where a variant's own weights lie; raises InputError of one that is not served."""
        if variant not in self._refs:
            raise InputError(f"Unknown variant {variant!r}: choose among {', '.join(self._refs)}.")
        return self._refs[variant]

    def _low_rank(self, name: str) -> _Variant:
        """A variant of LoRA and nothing else.

        Raises:
            InputError: there is none such, or it is the base or more.
        """
        self._check_variants([name])
        if name == BASE or not all(self._variants[adapter_of(p)].low_rank for p, _ in parts(name)):
            raise InputError(f"{name!r} is not made of LoRA alone: choose another variant.")
        return self._named(name)

    def _named(self, name: str) -> _Variant:
        """A variant, or one made of several or of another strength (`hera.weights.strengths`).

        Raises:
            InputError: there is none such.
        """
        if name in self._variants:
            return self._variants[name]
        made_of = [adapter_of(part) for part, _ in parts(name)]
        for part in made_of:
            if part not in self._variants or part == BASE:
                raise InputError(
                    f"Unknown variant {name!r}: choose among {', '.join(self._variants)}."
                )
            if not self._variants[part].low_rank:
                raise InputError(f"{name!r}: {part} is more than LoRA and has no strength.")
        first, *others = (self._variants[part] for part in made_of)
        if any(o.runner is not first.runner or o.tokenizer is not first.tokenizer for o in others):
            raise InputError(f"{name!r}: {' and '.join(made_of)} cannot be added: other bases.")
        return first

    def _steps(
        self,
        rows: Mapping[str, list[int]],
        params: GenerationParams,
        variants: Mapping[str, str],
        visitor: str = "",
    ) -> Generator[Step, None, None]:
        """Decode every row with its own of the variants, rows of one runner in one batch."""
        began = time.perf_counter()
        tokenizers = {name: self._named(variants[name]).tokenizer for name in rows}
        transcript = Transcript(tokenizers, params.max_new_tokens)
        decodings: dict[tuple[str, ...], Decoding] = {}
        try:
            for runner, names in self._by_runner(variants).items():
                one = Decoding(
                    [variants[name] for name in names],
                    [rows[name] for name in names],
                    [transcript.ends[name] for name in names],
                    params,
                    visitor,
                )
                runner.turns.decode(one)
                decodings[names] = one
                while one.waits(_OFTEN):
                    yield transcript.step(time.perf_counter() - began, runner.turns.ahead(one))
            for columns in _columns(decodings):
                for names, column in columns.items():
                    transcript.add({names[row]: token for row, token in column.items()})
                yield transcript.step(time.perf_counter() - began)
                transcript.check()
        finally:
            for decoding in decodings.values():
                decoding.stop()
            for decoding in decodings.values():
                decoding.join()

    def _by_runner(self, variants: Mapping[str, str]) -> dict[Runner, tuple[str, ...]]:
        groups: dict[Runner, tuple[str, ...]] = {}
        for name, variant in variants.items():
            runner = self._named(variant).runner
            groups[runner] = (*groups.get(runner, ()), name)
        return groups


def _scored_at_once(runner: Runner) -> int:
    """Tokens, padding included."""
    return _SCORED_ON_CPU if runner.model.device.type == "cpu" else _TOKENS_PER_BATCH


def _columns(
    decodings: Mapping[tuple[str, ...], Decoding],
) -> Iterator[dict[tuple[str, ...], Column]]:
    """The next column of every decoding that still runs, until none does."""
    running = dict(decodings)
    while running:
        asked = {names: decoding.column() for names, decoding in running.items()}
        columns = {names: column for names, column in asked.items() if column is not None}
        if columns:
            yield columns
        running = {names: running[names] for names in columns}


def _encode(variant: _Variant, prompt: Prompt, room: int) -> list[int]:
    """A prompt's token ids; raises InputError unless `room` more fit."""
    ids = encode(variant.tokenizer, prompt)
    _check_room(variant, ids, room)
    return ids


def _encode_labels(
    variant: _Variant, prompt: Prompt, labels: Sequence[str]
) -> tuple[list[int], LabelIds]:
    """A prompt's token ids, and the labels' behind them; raises InputError unless they fit."""
    context, label_ids = encode_labels(variant.tokenizer, prompt, labels)
    _check_room(variant, context, max(map(len, label_ids)))
    return context, label_ids


def _check_room(variant: _Variant, ids: Sequence[int], room: int) -> None:
    if max(ids) >= variant.vocabulary:
        token = variant.tokenizer.convert_ids_to_tokens(max(ids))
        raise InputError(f"The prompt holds {token}, which the model has no embedding for.")
    limit = variant.runner.longest
    if len(ids) + room > limit:
        raise InputError(
            f"The prompt is {len(ids):,} tokens long; with {room:,} more the model would need "
            f"{len(ids) + room:,}, and it reads {limit:,} at most. Shorten the text or clear "
            "the conversation."
        )
