"""The same training on other hardware: more processes, fewer bits, another attention, packed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import get_peft_model
from safetensors.torch import load_file

from hera.refs import EMBEDDED_DIR, Ref
from hera.weights.bases import load_base
from tests.serving import command
from train import layout, rows, stage1
from train.recipe import TrainingRun
from train.starting import lora_config
from train.trainer import arguments, build

EMBEDDED = Ref.of("embedded")
ACCELERATE = (
    *("-m", "accelerate.commands.launch", "--cpu", "--num_machines", "1"),
    *("--mixed_precision", "no", "--dynamo_backend", "no", "--num_cpu_threads_per_process", "1"),
)


def held_out_loss(folder: Path) -> float:
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return float(record["held_out"]["after"]["loss"])


def test_two_processes_train_as_one_with_the_same_global_batch(tmp_path: Path) -> None:
    for processes in (1, 2):
        done = command(
            *(
                *ACCELERATE,
                "--num_processes",
                str(processes),
                "-m",
                "tests.training.without_dropout",
            ),
            str(tmp_path / str(processes)),
            home=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("held-out loss") == 1
    one, two = (load_file(tmp_path / n / "adapter_model.safetensors") for n in ("1", "2"))
    # Adam turns the last bits of a gradient near zero into whole steps; the mean stays tiny.
    difference = torch.cat([(one[name] - two[name]).abs().flatten() for name in one])
    moved = torch.cat([one[name].abs().flatten() for name in one if "lora_B" in name])
    assert difference.mean() < 0.02 * moved.mean()
    assert held_out_loss(tmp_path / "1") == pytest.approx(held_out_loss(tmp_path / "2"), abs=2e-3)


@pytest.mark.parametrize("bits", ["8", "4"])
def test_a_quantized_base_trains(tmp_path: Path, bits: str) -> None:
    out = tmp_path / "out"
    flags = ("--samples", "20", "--no-probes", "--bits", bits, "--output", str(out))
    done = command("-m", "train.stage1", *flags, home=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert record["arguments"]["bits"] == int(bits)
    assert record["held_out"]["after"]["loss"] < record["held_out"]["before"]["loss"]


@pytest.fixture(scope="module")
def base() -> tuple[Any, Any]:
    return load_base(EMBEDDED, dtype="float32")


@pytest.fixture(scope="module")
def some_rows(base: tuple[Any, Any]) -> list[rows.Row]:
    examples = stage1.training_data(EMBEDDED, 10, 0).examples
    made = [rows.tokenize(base[0], example, 400) for example in examples]
    return [row for row in made if row is not None]


def loss(base: tuple[Any, Any], some_rows: list[rows.Row], packing: bool, folder: Path) -> float:
    tokenizer, model = base
    model = get_peft_model(copy.deepcopy(model), lora_config(model, stage1.RECIPE))
    plan = layout.Layout(packing, 1 if packing else 4, 1, checkpointing=False, memory=0)
    run = TrainingRun("stage1", EMBEDDED, EMBEDDED, folder, stage1.RECIPE)
    trainer: Any = build(run, model, tokenizer, some_rows, plan)
    trainer.model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in trainer.get_train_dataloader():
            out = trainer.model(**batch, fused_lm_head=True)
            total -= out.log_probs.sum().item()
            count += out.label_mask.sum().item()
    assert count == sum(label != rows.IGNORED for row in some_rows for label in row.labels)
    return total / count


def test_packed_rows_do_not_see_each_other(
    base: tuple[Any, Any], some_rows: list[rows.Row], tmp_path: Path
) -> None:
    plain = loss(base, some_rows, False, tmp_path)
    assert loss(base, some_rows, True, tmp_path) == pytest.approx(plain, abs=1e-5)


# Compiled, as CUDA has it, flex attention needs a C++ compiler; its formula does not.
@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_flex_attention_keeps_the_soft_cap(
    base: tuple[Any, Any],
    some_rows: list[rows.Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.compile", lambda function, **_: function)
    plain = loss(base, some_rows[:4], False, tmp_path)
    flex = copy.deepcopy(base[1])
    flex.set_attn_implementation("flex_attention")
    assert loss((base[0], flex), some_rows[:4], True, tmp_path) == pytest.approx(plain, abs=1e-4)


def test_the_compact_head_is_trl_s_own(
    base: tuple[Any, Any], some_rows: list[rows.Row], tmp_path: Path
) -> None:
    """What the fast head returns, and the gradient it gives, against the head it replaces."""
    from datasets import Dataset
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling, SFTTrainer

    from train.head import compact_head

    tokenizer, model = base[0], copy.deepcopy(base[1]).requires_grad_(True)
    run = TrainingRun("stage1", EMBEDDED, EMBEDDED, tmp_path, stage1.RECIPE)
    plan = layout.Layout(False, 4, 1, checkpointing=False, memory=0)
    SFTTrainer(
        model=model,
        args=arguments(run, plan, 4, mixed=True),
        train_dataset=Dataset.from_list([row.columns for row in some_rows[:4]]),
        processing_class=tokenizer,
    )
    batch = DataCollatorForLanguageModeling(tokenizer.pad_token_id)(
        [row.columns for row in some_rows[:4]]
    )
    slow = model(**batch, fused_lm_head=True)
    compact_head(model)
    fast = model(**batch, fused_lm_head=True)
    for name in ("log_probs", "entropy", "is_top1", "label_mask"):
        assert torch.allclose(getattr(slow, name).float(), getattr(fast, name).float(), atol=1e-4)
    weight = model.model.layers[0].mlp.down_proj.weight
    one, other = (torch.autograd.grad(-out.log_probs.sum(), weight)[0] for out in (slow, fast))
    assert torch.allclose(one, other, atol=1e-3)


def test_bit_dropout_drops_its_share_and_keeps_the_mean() -> None:
    from train.dropout import BitDropout

    torch.manual_seed(0)
    dropout, x = BitDropout(0.05), torch.ones(999, 1001)
    out = dropout(x)
    assert (out == 0).float().mean() == pytest.approx(0.05, abs=1e-3)
    assert out.mean() == pytest.approx(1.0, abs=1e-3)
    assert torch.equal(dropout.eval()(x), x)


def gemma_2_2b(**changes: str) -> layout.Shape:
    whole: dict[str, Any] = {
        "layers": 26,
        "hidden": 2304,
        "intermediate": 9216,
        "heads": 8,
        "kv_heads": 4,
        "head_dim": 256,
        "vocabulary": 256_000,
        "trainable": 20_766_720,
        "weight_bytes": 2_100_000_000,
        "element": 2,
        "residual": 2,
        "attention": "flex_attention",
        "device": "cuda",
    }
    return layout.Shape(**{**whole, **changes})


def test_the_layout_follows_the_memory() -> None:
    made = [rows.Row([0] * 500, [0] * 500, cut=False)] * 100
    big = layout.choose_layout(gemma_2_2b(), made, stage1.RECIPE, 1, 80 * layout.GIB)
    small = layout.choose_layout(gemma_2_2b(), made, stage1.RECIPE, 1, 6 * layout.GIB)
    assert big.packing
    assert not big.checkpointing
    assert small.checkpointing
    assert small.memory < 6 * layout.GIB < big.memory
    assert big.micro_batch * big.accumulate == small.micro_batch * small.accumulate == 4
    shared = layout.choose_layout(gemma_2_2b(), made, stage1.RECIPE, 2, 80 * layout.GIB)
    assert shared.micro_batch * shared.accumulate * 2 == 4
    cpu = layout.choose_layout(
        gemma_2_2b(attention="eager", device="cpu"), made, stage1.RECIPE, 1, 200 * layout.GIB
    )
    assert (cpu.packing, cpu.micro_batch * cpu.accumulate) == (False, 8)


def test_attention_that_drops_the_cap_is_never_chosen() -> None:
    from hera.weights.hardware import choose_attention

    for device in ("cpu", "cuda"):
        for training in (True, False):
            assert "sdpa" not in choose_attention(device, training=training)
    assert choose_attention("cpu", training=True) == "eager"


def test_a_grown_vocabulary_is_refused(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    folder = tmp_path / "grown"
    folder.mkdir()
    for file in ("config.json", "model.safetensors"):
        (folder / file).symlink_to(Path(EMBEDDED_DIR) / file)
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_DIR)
    tokenizer.add_tokens(["<|im_start|>", "<|im_end|>"], special_tokens=True)
    tokenizer.save_pretrained(folder)
    flags = ("--model", str(folder), "--samples", "20", "--output", str(tmp_path / "out"))
    done = command("-m", "train.stage1", *flags, home=tmp_path)
    assert done.returncode == 1
    assert "6,146 tokens, its embeddings 6,144" in done.stderr
