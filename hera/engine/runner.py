"""One copy of the weights at work: it scores labels and tokens, and decodes in a thread of its own.

Every row of a batch has its own variant (see `hera.weights.multi_lora`). `model.generate` runs in a
worker thread, a `Decoding`, which its reader can stop before the next token.
"""

from __future__ import annotations

import copy
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig
from transformers.generation.stopping_criteria import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from hera.engine.sampling import processors
from hera.errors import HeraError, ModelError, one_line
from hera.types import GenerationParams
from hera.weights.bases import window
from hera.weights.forward import Forward
from hera.weights.hardware import THREADS
from hera.weights.loader import Copy

_CHUNK = 256  # tokens whose logits are held at once where every token's are wanted


class Runner:
    """A copy of weights, and what takes turns on it: one request at a time."""

    def __init__(self, copy: Copy) -> None:
        self.model = copy.model
        self.rows = copy.rows
        self.pad = copy.pad
        self.scoring_dtype = copy.scoring_dtype
        self.turn = threading.Lock()
        self.longest = window(self.model.config)
        self.pace = copy.pace
        self.forward = Forward(self.model)
        # A row ends at its own variant's turn end (`_Ends`), not at the model's.
        self.model.generation_config.eos_token_id = None

    def inputs(self, prompts: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
        """Left-padded tensors [rows, longest]."""
        longest = max(map(len, prompts))
        ids = torch.tensor([[self.pad] * (longest - len(p)) + list(p) for p in prompts])
        mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
        device = self.model.device
        return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}

    def score(
        self, names: Sequence[str], prompts: list[list[int]], labels: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """Log-likelihoods, float32 [rows, labels]; row i is the variant names[i].

        A prompt runs once; labels of several tokens reuse its cache, where the model has one.
        """
        shared = max(map(len, labels)) > 1
        if shared and not self.forward.caches:
            return self._score_whole(names, prompts, labels)
        with self.turn, self.rows.using(names), self._scoring():
            inputs = self.inputs(prompts)
            output = self.forward(**inputs, logits_to_keep=1, use_cache=shared)
            first = torch.log_softmax(output.logits[:, -1].float(), dim=-1)
            scores = [first[:, ids[0]] for ids in labels]
            for k, ids in enumerate(labels):
                if len(ids) > 1:
                    mask = inputs["attention_mask"]
                    scores[k] = scores[k] + self._rest(output.past_key_values, mask, ids)
            return torch.stack(scores, dim=1).cpu().numpy()

    def score_tokens(self, names: Sequence[str], prompts: list[list[int]]) -> list[np.ndarray]:
        """Every token's log-likelihood after those before it, float32 [tokens] a row, nan for the
        first; row i is the variant names[i].

        The rows are read in chunks, where the model has a cache: the logits of a long text would
        not fit into memory.
        """
        parts: list[torch.Tensor] = []
        with self.turn, self.rows.using(names), self._scoring():
            inputs = self.inputs(prompts)
            ids, mask = inputs["input_ids"], inputs["attention_mask"]
            cache = None
            chunk = _CHUNK if self.forward.caches else ids.shape[1]
            for start in range(0, ids.shape[1] - 1, chunk):
                end = min(start + chunk, ids.shape[1] - 1)
                output = self.forward(
                    input_ids=ids[:, start:end],
                    attention_mask=mask[:, :end],
                    past_key_values=cache,
                    use_cache=self.forward.caches,
                )
                cache = output.past_key_values if self.forward.caches else None
                logprobs = torch.log_softmax(output.logits.float(), dim=-1)
                following = ids[:, start + 1 : end + 1].unsqueeze(-1)
                parts.append(logprobs.gather(2, following).squeeze(-1))
        first = torch.full((len(prompts), 1), torch.nan)
        table = torch.cat([first, *(part.cpu() for part in parts)], dim=1).numpy()
        each = [row[-len(prompt) :].copy() for row, prompt in zip(table, prompts, strict=True)]
        for row in each:
            row[0] = np.nan  # left of it stands padding
        return each

    @contextmanager
    def _scoring(self) -> Iterator[None]:
        lower = self.scoring_dtype != self.model.dtype
        cast = torch.autocast(self.model.device.type, self.scoring_dtype, enabled=lower)
        with torch.inference_mode(), cast:
            yield

    @property
    def step_bytes(self) -> int:
        """Of all parameters, those of the adapters included; a table of words counts only where it
        is the output head as well, since else a step reads one line of it."""
        words = self.model.get_input_embeddings()
        head = self.model.get_output_embeddings()
        tied = getattr(head, "weight", None) is getattr(words, "weight", None)
        looked_up = set() if tied else set(words.parameters())
        read = (p for p in self.model.parameters() if p not in looked_up)
        return sum(p.numel() * p.element_size() for p in read)

    def decoding_threads(self) -> AbstractContextManager[None]:
        """As many threads as suit a step of decoding; see `hera.weights.measured`."""
        return THREADS.one() if self.pace.threads == 1 else nullcontext()

    def _score_whole(
        self, names: Sequence[str], prompts: list[list[int]], labels: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """`score`, each label read with its prompt before it."""
        scores = [
            [
                row[-len(ids) :].sum()
                for row in self.score_tokens(names, [[*p, *ids] for p in prompts])
            ]
            for ids in labels
        ]
        return np.array(scores, dtype=np.float32).T

    def _rest(self, cache: Any, mask: torch.Tensor, ids: Sequence[int]) -> torch.Tensor:
        """[rows]: log-likelihood of a label's second and later tokens after the cached prompt."""
        fed = torch.tensor([list(ids[:-1])] * mask.shape[0], device=mask.device)
        whole = torch.cat([mask, torch.ones_like(fed)], dim=1)
        output = self.forward(
            input_ids=fed,
            attention_mask=whole,
            past_key_values=copy.deepcopy(cache),  # the next label must not see this one
            use_cache=True,
        )
        logprobs = torch.log_softmax(output.logits.float(), dim=-1)
        wanted = torch.tensor(list(ids[1:]), device=mask.device).expand(mask.shape[0], -1)
        return logprobs.gather(2, wanted.unsqueeze(-1)).squeeze(-1).sum(dim=1)


class Decoding:
    """One `generate` call in a thread of its own: row i is the variant names[i].

    Args:
        prompts: token ids, one prompt a row.
        ends: the ids that end each row's turn.
    """

    def __init__(
        self,
        runner: Runner,
        names: tuple[str, ...],
        prompts: list[list[int]],
        ends: list[list[int]],
        params: GenerationParams,
    ) -> None:
        self.names = names
        self._runner = runner
        self._columns: queue.Queue[list[int] | BaseException | None] = queue.Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._generate, args=(prompts, ends, params), daemon=True
        )
        self._thread.start()

    def column(self) -> list[int] | None:
        """The next token of every row, or None when all have ended; waits for it.

        Raises:
            ModelError: the model failed.
        """
        column = self._columns.get()
        if isinstance(column, HeraError):
            raise column
        if isinstance(column, BaseException):
            raise ModelError(f"Generation failed: {one_line(column)}.") from column
        return column

    def stop(self) -> None:
        """Let it end before its next token."""
        self._stop.set()

    def join(self) -> None:
        """Wait until it has ended."""
        # A stream that nobody closed may be collected in the very thread that decodes for it.
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _generate(
        self, prompts: list[list[int]], ends: list[list[int]], params: GenerationParams
    ) -> None:
        """The worker: puts a list of tokens (one a row) per step, then None or what went wrong."""
        runner = self._runner
        while not runner.turn.acquire(timeout=0.05):
            if self._stop.is_set():
                return
        try:
            with runner.rows.using(self.names), torch.inference_mode(), ExitStack() as threads:
                # The prompt is one large product and nobody reads yet: it gets all threads.
                prompt_read = partial(threads.enter_context, runner.decoding_threads())
                inputs = runner.inputs(prompts)
                device = inputs["input_ids"].device
                runner.model.generate(
                    **inputs,
                    generation_config=GenerationConfig(
                        max_new_tokens=params.max_new_tokens,
                        pad_token_id=runner.pad,
                        do_sample=False,
                    ),
                    logits_processor=processors(params, device, self.names),
                    streamer=_Columns(self._columns, prompt_read),
                    stopping_criteria=StoppingCriteriaList([_Ends(ends, self._stop, device)]),
                )
        except BaseException as error:  # must reach the reader, who waits on the queue
            self._columns.put(error)
        finally:
            runner.turn.release()
            self._columns.put(None)


class _Ends(StoppingCriteria):
    """Each row at its own turn ends, and all of them when the reader leaves."""

    def __init__(
        self, ends: Sequence[Sequence[int]], stop: threading.Event, device: torch.device
    ) -> None:
        longest = max(map(len, ends))
        padded = [[*row, *[-1] * (longest - len(row))] for row in ends]
        self._ends = torch.tensor(padded, device=device)
        self._stop = stop

    def __call__(self, input_ids: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        ended = (input_ids[:, -1:] == self._ends).any(dim=1)
        return ended | self._stop.is_set()


class _Columns(BaseStreamer):
    """Hands each step's tokens on; `TextIteratorStreamer` takes a single row only."""

    def __init__(
        self,
        columns: queue.Queue[list[int] | BaseException | None],
        prompt_read: Callable[[], None],
    ) -> None:
        self._columns = columns
        self._prompt_read = prompt_read
        self._calls = 0

    def put(self, value: torch.Tensor) -> None:
        # The first call brings the prompt, before the model reads it; the second the first tokens.
        if self._calls == 1:
            self._prompt_read()
        if self._calls:
            self._columns.put(value.reshape(-1).tolist())
        self._calls += 1

    def end(self) -> None:
        """The worker itself says when it is done."""
