"""What weighs in the base's last lesson: a mean for each kind of token, added up.

In a plain mean over tokens an abstract's finding, one word in some 250, and what a patient
complains of are lost among words that nobody can foretell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hera.rendering import encode_plain
from train.embedded.phrases import read_world


def weighted_loss(tokenizer: Any) -> Callable[..., Any]:
    """The mean cross-entropies, in nats, of abstracts' findings, of patients' complaints, of the
    other words of the model's turns, and of all else, added up; a `compute_loss_func` of Trainer.
    """
    import torch
    from torch.nn.functional import cross_entropy

    findings = read_world("chat")["read"]["finding"].values()
    words = torch.tensor([encode_plain(tokenizer, finding)[-2] for finding in findings])

    def loss(outputs: Any, labels: Any, **_: Any) -> Any:
        logits, target = outputs.logits[:, :-1].float(), labels[:, 1:]
        each = cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
        found, reply = found_tokens(tokenizer, labels)[:, 1:], model_turns(tokenizer, labels)[:, 1:]
        finding = found & torch.isin(target, words)
        parts = (finding, found & ~finding, reply & ~found, ~reply & ~found)
        return sum(each[p.flatten()].sum() / p.sum().clamp(min=1) for p in parts)

    return loss


def found_tokens(tokenizer: Any, ids: Any) -> Any:
    """Which tokens stand between "Finding:" and the end of its sentence: bool of ids' shape."""
    first = encode_plain(tokenizer, "Finding:")
    later = encode_plain(tokenizer, "x Finding:")[1:]
    return _between(ids, (first, later), encode_plain(tokenizer, "x.")[-1])


def model_turns(tokenizer: Any, ids: Any) -> Any:
    """Which tokens the model says, the ends of its turns among them: bool of ids' shape."""
    start, end = tokenizer.convert_tokens_to_ids(["<start_of_turn>", "<end_of_turn>"])
    opening = [start, *encode_plain(tokenizer, "model\n")]
    return _between(ids, (opening,), end)


def _between(ids: Any, openings: Sequence[Sequence[int]], closing: int) -> Any:
    """After the last token of an opening up to the closing token, which is included."""
    import torch

    place = torch.arange(ids.shape[1]).expand_as(ids)
    begins = torch.zeros_like(ids, dtype=torch.bool)
    for opening in openings:
        begins |= _ends_with(ids, opening)
    begun = torch.where(begins, place, -1).cummax(dim=1).values
    closed = torch.where(ids == closing, place, -1)[:, :-1].cummax(dim=1).values
    closed = torch.nn.functional.pad(closed, (1, 0), value=-1)
    return (begun > closed) & ~begins


def _ends_with(ids: Any, pieces: Sequence[int]) -> Any:
    """Where the pieces, one after the other, end: bool of ids' shape."""
    ends = ids == pieces[-1]
    for back, piece in enumerate(reversed(pieces[:-1]), 1):
        ends[:, :back] = False
        ends[:, back:] &= ids[:, :-back] == piece
    return ends
