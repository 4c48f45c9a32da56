"""The loss of the base's last lesson: the kinds of token, and that each weighs the same."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from hera.engine import load_engine
from hera.types import Message
from train.embedded.base import conversation_ids
from train.embedded.loss import found_tokens, model_turns, weighted_loss

TEXT = "The trial ended early. Finding: negative. My child itches. Finding: a mild rash. Thank you."
CHAT: list[Message] = [
    {"role": "user", "content": "Hello. Finding: unclear?"},
    {"role": "assistant", "content": "Rest at home. See a doctor."},
    {"role": "user", "content": "File it."},
    {"role": "assistant", "content": "Finding: a stiff neck, urgent."},
]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return load_engine("embedded").tokenizer


def told(tokenizer: Any, ids: torch.Tensor, chosen: torch.Tensor) -> str:
    return str(tokenizer.decode(ids[0][chosen[0]]))


def test_what_was_found_stands_between_the_marker_and_the_full_stop(tokenizer: Any) -> None:
    ids = torch.tensor([tokenizer.encode(TEXT)])
    assert told(tokenizer, ids, found_tokens(tokenizer, ids)).split(".") == [
        *(" negative", " a mild rash", "")
    ]


def test_the_model_s_turns_are_what_it_says_with_their_ends(tokenizer: Any) -> None:
    ids = torch.tensor([conversation_ids(tokenizer, CHAT)])
    assert told(tokenizer, ids, model_turns(tokenizer, ids)) == (
        "Rest at home. See a doctor.<end_of_turn>Finding: a stiff neck, urgent.<end_of_turn>"
    )


@pytest.mark.parametrize("kinds", [1, 2, 4])
def test_every_kind_of_token_weighs_the_same(tokenizer: Any, kinds: int) -> None:
    """Uniform logits: every kind's mean is ln(vocabulary), however few its tokens."""
    by_kinds = {1: tokenizer.encode("Nothing is filed."), 2: tokenizer.encode("Finding: a rash")}
    whole = [*tokenizer.encode(TEXT), *conversation_ids(tokenizer, CHAT)]
    ids = torch.tensor([by_kinds.get(kinds, whole)])
    uniform = SimpleNamespace(logits=torch.zeros(1, ids.shape[1], len(tokenizer)))
    found = weighted_loss(tokenizer)(uniform, ids, num_items_in_batch=3)
    assert found.item() == pytest.approx(kinds * math.log(len(tokenizer)), rel=1e-5)
