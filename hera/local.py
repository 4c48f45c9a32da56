"""The Engine on this machine: transformers + peft, one copy of the weights, variants in one batch.

Every row of a batch has its own variant (see `hera.variants`), so base, stage 1 and stage 2 share
each forward pass. `model.generate` decodes in a worker thread; the caller's generator reads from
it, and closing the generator stops the worker before its next token.
"""

from __future__ import annotations

import copy
import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from transformers import GenerationConfig, PreTrainedTokenizerBase
from transformers.generation.stopping_criteria import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from hera import loading, prompts
from hera.batches import length_sorted_batches
from hera.engine import BASE, GenerationParams, Message, Prompt, Step
from hera.errors import InputError, ModelError, one_line

_TOKENS_PER_BATCH = 2048  # padding included: measured fastest on 2 CPU cores; a GPU fills as well


class LocalEngine:
    """Implements `hera.engine.Engine`. Requests take turns: a second one waits for the first."""

    def __init__(
        self,
        name: str,
        loaded: loading.Loaded,
    ) -> None:
        self._name = name
        self._model = loaded.model
        self._tokenizer: PreTrainedTokenizerBase = loaded.tokenizer
        self._variants = (BASE, *loaded.adapters)
        self._rows = loaded.rows
        self._scoring_dtype = loaded.scoring_dtype
        self._turn = threading.Lock()

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
        return self._variants

    @property
    def name(self) -> str:
        return self._name

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        return self._tokenizer

    @property
    def dtype(self) -> str:
        """What labels are scored in: "bfloat16" or "float32"."""
        return str(self._scoring_dtype).removeprefix("torch.")

    @property
    def device(self) -> str:
        """Where the weights are, as "cpu" or "cuda:0"."""
        return str(self._model.device)

    def render(self, messages: Sequence[Message], variant: str = BASE) -> list[int]:
        self._check_variants([variant])
        return prompts.render(self._tokenizer, messages)

    def stream(
        self, requests: Mapping[str, Prompt], params: GenerationParams
    ) -> Generator[Step, None, None]:
        self._check_variants(list(requests))
        rows = [self._encode(prompt, room=params.max_new_tokens) for prompt in requests.values()]
        return self._steps(tuple(requests), rows, params)

    def label_logprobs(
        self,
        prompts: Sequence[Prompt],
        labels: Sequence[str] = ("yes", "no", "maybe"),
        variants: Sequence[str] | None = None,
    ) -> np.ndarray:
        chosen = tuple(self._variants if variants is None else variants)
        self._check_variants(chosen)
        label_ids = [self._tokenizer.encode(t, add_special_tokens=False) for t in labels]
        if not label_ids or not all(label_ids):
            raise InputError(f"The labels {list(labels)} must be one or more non-empty texts.")
        encoded = [self._encode(p, room=max(map(len, label_ids))) for p in prompts]
        out = np.empty((len(chosen), len(encoded), len(labels)), dtype=np.float32)
        cells = [(v, p) for p in range(len(encoded)) for v in range(len(chosen))]
        lengths = [len(encoded[p]) for _, p in cells]
        for batch in length_sorted_batches(lengths, _TOKENS_PER_BATCH):
            rows = [encoded[cells[i][1]] for i in batch]
            names = [chosen[cells[i][0]] for i in batch]
            with self._turn, self._rows.using(names), self._scoring():
                scores = self._score(rows, label_ids)
            for i, score in zip(batch, scores, strict=True):
                out[cells[i]] = score
        return out

    def _check_variants(self, names: Sequence[str]) -> None:
        if not names:
            raise InputError(f"No variant was asked: choose among {', '.join(self._variants)}.")
        for name in names:
            if name not in self._variants:
                raise InputError(
                    f"Unknown variant {name!r}: choose among {', '.join(self._variants)}."
                )

    def _encode(self, prompt: Prompt, room: int) -> list[int]:
        if isinstance(prompt, str):
            if not prompt.strip():
                raise InputError("The prompt is empty: write something first.")
            ids = cast("list[int]", self._tokenizer.encode(prompt))
        else:
            ids = prompts.render(self._tokenizer, prompt)
        limit = int(self._model.config.max_position_embeddings)
        if len(ids) + room > limit:
            raise InputError(
                f"The prompt is {len(ids):,} tokens long; with {room:,} more the model would need "
                f"{len(ids) + room:,}, and it reads {limit:,} at most. Shorten the text or clear "
                "the conversation."
            )
        return ids

    @contextmanager
    def _scoring(self) -> Iterator[None]:
        device = self._model.device.type
        lower = self._scoring_dtype != self._model.dtype
        with torch.inference_mode(), torch.autocast(device, self._scoring_dtype, enabled=lower):
            yield

    def _inputs(self, rows: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
        """Left-padded tensors [rows, longest]."""
        longest = max(map(len, rows))
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (longest - len(r)) + list(r) for r in rows])
        mask = torch.tensor([[0] * (longest - len(r)) + [1] * len(r) for r in rows])
        device = self._model.device
        return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}

    def _score(self, rows: list[list[int]], label_ids: list[list[int]]) -> np.ndarray:
        """float32 [rows, labels]: a prompt runs once; labels of several tokens reuse its cache."""
        inputs = self._inputs(rows)
        mask = inputs["attention_mask"]
        shared = max(map(len, label_ids)) > 1
        output = self._model(
            **inputs,
            position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
            logits_to_keep=1,
            use_cache=shared,
        )
        first = torch.log_softmax(output.logits[:, -1].float(), dim=-1)
        scores = [first[:, ids[0]] for ids in label_ids]
        for k, ids in enumerate(label_ids):
            if len(ids) > 1:
                scores[k] = scores[k] + self._rest(output.past_key_values, mask, ids)
        return torch.stack(scores, dim=1).cpu().numpy()

    def _rest(self, cache: Any, mask: torch.Tensor, ids: list[int]) -> torch.Tensor:
        """[rows]: log-likelihood of a label's second and later tokens after the cached prompt."""
        length = mask.shape[1]
        fed = torch.tensor([ids[:-1]] * mask.shape[0], device=mask.device)
        whole = torch.cat([mask, torch.ones_like(fed)], dim=1)
        output = self._model(
            input_ids=fed,
            attention_mask=whole,
            position_ids=(whole.cumsum(-1) - 1)[:, length:],
            past_key_values=copy.deepcopy(cache),  # the next label must not see this one
            use_cache=True,
        )
        logprobs = torch.log_softmax(output.logits.float(), dim=-1)
        wanted = torch.tensor(ids[1:], device=mask.device).expand(mask.shape[0], -1)
        return logprobs.gather(2, wanted.unsqueeze(-1)).squeeze(-1).sum(dim=1)

    def _steps(
        self, names: tuple[str, ...], rows: list[list[int]], params: GenerationParams
    ) -> Generator[Step, None, None]:
        began = time.perf_counter()
        columns: queue.Queue[list[int] | BaseException | None] = queue.Queue()
        stop = threading.Event()
        worker = threading.Thread(
            target=self._generate, args=(names, rows, params, columns, stop), daemon=True
        )
        transcript = _Transcript(self._tokenizer, names, params.max_new_tokens)
        worker.start()
        try:
            while (column := columns.get()) is not None:
                if isinstance(column, BaseException):
                    raise ModelError(f"Generation failed: {one_line(column)}.") from column
                transcript.add(column)
                yield transcript.step(time.perf_counter() - began)
        finally:
            stop.set()
            worker.join()

    def _generate(
        self,
        names: tuple[str, ...],
        rows: list[list[int]],
        params: GenerationParams,
        columns: queue.Queue[list[int] | BaseException | None],
        stop: threading.Event,
    ) -> None:
        """The worker: puts a list of tokens (one a row) per step, then None or what went wrong."""
        while not self._turn.acquire(timeout=0.05):
            if stop.is_set():
                return
        try:
            with self._rows.using(names), torch.inference_mode():
                torch.manual_seed(params.seed)
                self._model.generate(
                    **self._inputs(rows),
                    generation_config=self._generation_config(params),
                    streamer=_Columns(columns),
                    stopping_criteria=StoppingCriteriaList([_Stopped(stop)]),
                )
        except BaseException as error:  # must reach the caller, who waits on the queue
            columns.put(error)
        finally:
            self._turn.release()
            columns.put(None)

    def _generation_config(self, params: GenerationParams) -> GenerationConfig:
        sampling: dict[str, Any] = {"do_sample": False}
        if params.temperature > 0:
            sampling = {
                "do_sample": True,
                "temperature": params.temperature,
                "top_p": params.top_p,
                "top_k": 0,
            }
        return GenerationConfig(
            max_new_tokens=params.max_new_tokens,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=prompts.turn_end_ids(self._tokenizer),
            **sampling,
        )


class _Columns(BaseStreamer):
    """Hands each step's tokens on; `TextIteratorStreamer` takes a single row only."""

    def __init__(self, columns: queue.Queue[list[int] | BaseException | None]) -> None:
        self._columns = columns
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if self._prompt_seen:
            self._columns.put(value.reshape(-1).tolist())
        self._prompt_seen = True

    def end(self) -> None:
        """The worker itself says when it is done."""


class _Stopped(StoppingCriteria):
    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def __call__(self, input_ids: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), self._stop.is_set(), device=input_ids.device)


@dataclass
class _Transcript:
    """Turns columns of tokens into Steps; a row that has ended ignores the padding after it."""

    tokenizer: PreTrainedTokenizerBase
    names: tuple[str, ...]
    limit: int
    ids: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    finished: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = set(prompts.turn_end_ids(self.tokenizer))
        for name in self.names:
            self.ids[name], self.texts[name], self.finished[name] = [], "", None

    def add(self, column: Sequence[int]) -> None:
        for name, token in zip(self.names, column, strict=True):
            if self.finished[name] is not None:
                continue
            self.ids[name].append(token)
            if token in self.ends:
                self.finished[name] = "stop"
            elif len(self.ids[name]) == self.limit:
                self.finished[name] = "length"
            text = cast("str", self.tokenizer.decode(self.ids[name], skip_special_tokens=True))
            # A trailing replacement character is half of a character still being spelled in bytes.
            self.texts[name] = text if self.finished[name] else text.rstrip("\ufffd")

    def step(self, seconds: float) -> Step:
        return Step(
            texts=dict(self.texts),
            tokens={name: len(ids) for name, ids in self.ids.items()},
            finished=dict(self.finished),
            seconds=seconds,
        )
