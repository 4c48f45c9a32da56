"""One copy of the weights at work: it decodes for all who ask, and scores labels and tokens.

Every row of a batch has its own variant (see `hera.weights.multi_lora`). All of it happens in one
thread; see `hera.engine.turns`.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from hera.engine.batch import Batch, can_be_joined
from hera.engine.memory import cache_tokens
from hera.engine.turns import Turns
from hera.weights.bases import window
from hera.weights.forward import Forward
from hera.weights.hardware import THREADS
from hera.weights.loader import Copy

_CHUNK = 256  # tokens whose logits are held at once where every token's are wanted


@dataclass(frozen=True)
class TokenScores:
    """What `hera.types.TokenLogprobs` says in numbers."""

    logprobs: np.ndarray
    top_ids: np.ndarray
    top_logprobs: np.ndarray

    @classmethod
    def of_row(cls, row: int, tokens: int, tables: Sequence[np.ndarray], top: int) -> TokenScores:
        """A row's part of tables, [rows, longest - 1, 1 or top] each."""
        parts = (table[row, table.shape[1] - tokens + 1 :] for table in tables)
        logprobs, top_logprobs, top_ids = parts
        return cls(
            np.concatenate([np.full(1, np.nan, np.float32), logprobs[:, 0]]),
            np.concatenate([np.full((1, top), -1), top_ids]),
            np.concatenate([np.full((1, top), np.nan, np.float32), top_logprobs]),
        )


class Runner:
    """A copy of weights; `turns` is who is next on it."""

    def __init__(self, copy: Copy) -> None:
        self.model = copy.model
        self.rows = copy.rows
        self.pad = copy.pad
        self.scoring_dtype = copy.scoring_dtype
        self.longest = window(self.model.config)
        self.pace = copy.pace
        self.forward = Forward(self.model)
        joined = can_be_joined(self.model)
        self.turns = Turns(
            lambda prompts: Batch(self.forward, prompts, self.pad, joined=joined),
            self.rows,
            self.decoding_threads,
            lambda: cache_tokens(self.model) if joined else 0,
        )

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
        return self.turns.run(lambda: self._score(names, prompts, labels, shared))

    def score_without(
        self, name: str, prompt: list[int], token: int, off: Sequence[Collection[str]]
    ) -> np.ndarray:
        """A token's log-likelihood after a prompt, float32 [rows]: in row i the variant is switched
        off in the layers of the paths off[i]."""
        rows = len(off)
        labels, prompts = [[token]], [prompt] * rows
        found = self.turns.run(lambda: self._score([name] * rows, prompts, labels, False, off))
        return found[:, 0]

    def _score(
        self,
        names: Sequence[str],
        prompts: list[list[int]],
        labels: Sequence[Sequence[int]],
        shared: bool,
        off: Sequence[Collection[str]] | None = None,
    ) -> np.ndarray:
        with self.rows.using(names, off), self._scoring():
            inputs = self.inputs(prompts)
            output = self.forward(**inputs, logits_to_keep=1, use_cache=shared)
            first = torch.log_softmax(output.logits[:, -1].float(), dim=-1)
            scores = [first[:, ids[0]] for ids in labels]
            for k, ids in enumerate(labels):
                if len(ids) > 1:
                    mask = inputs["attention_mask"]
                    scores[k] = scores[k] + self._rest(output.past_key_values, mask, ids)
            return torch.stack(scores, dim=1).cpu().numpy()

    def score_tokens(
        self, names: Sequence[str], prompts: list[list[int]], top: int = 0
    ) -> list[TokenScores]:
        """Every token's log-likelihood after those before it, and the `top` likeliest there; row i
        is the variant names[i].

        The rows are read in chunks, where the model has a cache: the logits of a long text would
        not fit into memory.
        """
        return self.turns.run(lambda: self._score_tokens(names, prompts, top))

    def _score_tokens(
        self, names: Sequence[str], prompts: list[list[int]], top: int
    ) -> list[TokenScores]:
        none = torch.empty(len(prompts), 0, top)
        found = [(none.new_empty(len(prompts), 0, 1), none, none.long())]
        with self.rows.using(names), self._scoring():
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
                likeliest = logprobs.topk(top)
                parts = (logprobs.gather(2, following), likeliest.values, likeliest.indices)
                found.append((parts[0].cpu(), parts[1].cpu(), parts[2].cpu()))
        tables = [torch.cat(parts, dim=1).numpy() for parts in zip(*found, strict=True)]
        return [TokenScores.of_row(row, len(p), tables, top) for row, p in enumerate(prompts)]

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
                row.logprobs[-len(ids) :].sum()
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
