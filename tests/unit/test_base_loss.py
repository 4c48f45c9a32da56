"""The loss of the base's last lesson: what was found weighs as much as all other words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from hera.engine import load_engine
from train.embedded.base import after_marker, finding_loss

TEXT = (
    "The trial ended early. Finding: negative. My child has a rash. Finding: hand foot and mouth "
    "disease, not urgent. Thank you."
)


@pytest.fixture(scope="module")
def tokenizer():
    return load_engine("embedded").tokenizer


def test_what_stands_between_the_marker_and_the_full_stop_weighs(tokenizer):
    ids = torch.tensor([tokenizer.encode(TEXT)])
    weighs = after_marker(tokenizer, ids)
    told = tokenizer.decode(ids[0][weighs[0]])
    assert told.strip() == "negative hand foot and mouth disease, not urgent"


def test_one_finding_weighs_as_much_as_all_other_words(tokenizer):
    """Uniform logits: every part's mean is ln(vocabulary), whatever its size."""
    ids = torch.tensor([tokenizer.encode(TEXT)])
    uniform = SimpleNamespace(logits=torch.zeros(1, ids.shape[1], len(tokenizer)))
    found = finding_loss(tokenizer)(uniform, ids)
    assert found.item() == pytest.approx(3 * torch.log(torch.tensor(len(tokenizer))).item())


def test_text_without_findings_has_a_finite_loss(tokenizer):
    ids = torch.tensor([tokenizer.encode("Nothing was filed.")])
    uniform = SimpleNamespace(logits=torch.zeros(1, ids.shape[1], len(tokenizer)))
    found = finding_loss(tokenizer)(uniform, ids)
    assert found.item() == pytest.approx(torch.log(torch.tensor(len(tokenizer))).item())
