"""A base in bfloat16 on a CPU, and a step that is read in parts."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model
from torch import nn

from hera.refs import Ref
from hera.weights.bases import load_base
from train import lowered, rows, stage1
from train.layout import Layout
from train.recipe import Recipe, TrainingRun
from train.starting import lora_config
from train.trainer import build, split

EMBEDDED = Ref.of("embedded")
RECIPE = Recipe(learning_rate=1e-3, batch_size=4, dropout=0.0, warmup=0.0)


@pytest.fixture(scope="module")
def base() -> tuple[Any, Any]:
    return load_base(EMBEDDED, dtype="float32")


def with_lora(model: Any) -> Any:
    torch.manual_seed(0)
    adapted = get_peft_model(copy.deepcopy(model), lora_config(model, RECIPE))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(weight, std=0.05)
    return adapted


def test_a_lowered_adapter_computes_what_autocast_does(base: tuple[Any, Any]) -> None:
    _, model = base
    ids = torch.arange(10, 30).unsqueeze(0)
    cast = with_lora(model).bfloat16()
    for name, weight in cast.named_parameters():
        if "lora_" in name:
            weight.data = weight.data.float()
    low = copy.deepcopy(cast)
    lowered.lower_adapter(low)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        wanted = cast(ids).logits.float()
    with torch.no_grad():
        found = low(ids).logits
    assert lowered.is_lowered(low)
    assert found.dtype == torch.bfloat16
    assert {w.dtype for n, w in low.named_parameters() if "lora_" in n} == {torch.float32}
    torch.testing.assert_close(found.float(), wanted, atol=0.1, rtol=0.02)
    with torch.no_grad(), low.disable_adapter():
        assert not torch.allclose(low(ids).logits.float(), found.float(), atol=0.1)


def test_only_long_runs_without_dropout_are_compiled(base: tuple[Any, Any]) -> None:
    adapted = with_lora(base[1])
    assert not lowered.compile_layers(adapted, tokens=1000, dropout=0.0)
    assert not lowered.compile_layers(adapted, tokens=10**9, dropout=0.05)
    layers = adapted.get_base_model().get_decoder().layers
    assert all(layer._compiled_call_impl is None for layer in layers)


def test_parts_hold_every_row_once_and_no_more_than_they_may() -> None:
    lengths = [3, 9, 1, 9, 4, 2]
    mask = torch.tensor([[int(at < n) for at in range(9)] for n in lengths])
    ids = torch.arange(1, 7).unsqueeze(1) * mask
    parts = split({"input_ids": ids, "attention_mask": mask}, 10)
    assert [tuple(part["input_ids"].shape) for part in parts] == [(1, 9), (1, 9), (2, 4), (2, 2)]
    read = sorted(int(row[0]) for part in parts for row in part["input_ids"])
    assert read == [1, 2, 3, 4, 5, 6]
    assert sum(int(part["attention_mask"].sum()) for part in parts) == sum(lengths)


def test_a_step_in_parts_is_the_step(base: tuple[Any, Any], tmp_path: Path) -> None:
    tokenizer, model = base
    examples = stage1.training_data(EMBEDDED, 20, 0).examples
    made = [row for e in examples if (row := rows.tokenize(tokenizer, e, 400)) is not None][:8]
    after = []
    for positions in (None, 300):
        run = TrainingRun("stage1", EMBEDDED, EMBEDDED, tmp_path / str(positions), RECIPE)
        plan = Layout(False, 4, 1, checkpointing=False, memory=0, positions=positions)
        adapted = with_lora(model)
        trainer: Any = build(run, adapted, tokenizer, made, plan)
        trainable = [w for w in adapted.parameters() if w.requires_grad]
        trainer.optimizer = torch.optim.SGD(trainable, lr=0.1)  # Adam makes steps of last bits
        trainer.train()
        after.append({n: w.detach() for n, w in adapted.named_parameters() if "lora_" in n})
    # Under autocast, where the CPU has it, sums of other lengths are rounded otherwise.
    start = dict(with_lora(model).named_parameters())
    at_once, in_parts = after
    for name, weight in at_once.items():
        assert (in_parts[name] - weight).norm() < 0.05 * (weight - start[name].detach()).norm()
