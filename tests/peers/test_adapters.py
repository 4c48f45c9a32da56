"""An adapter is served only if it is known to be served right; another harms nobody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from hera import ModelError, load_engine
from hera.engine.local import LocalEngine
from hera.evaluation.scoring import check_finite
from hera.refs import EMBEDDED_DIR, Ref
from hera.weights import adapters, loader
from hera.weights.adapter_options import objection
from hera.weights.sources import source
from tests.doubles import miniatures

STAGE1 = EMBEDDED_DIR / "stage1"
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
LABELS = (" yes", " no")
PROMPTS = ["Does rest help?\nAnswer:", "Is tea a cure?\nAnswer:"]
Tensors = dict[str, torch.Tensor]


def copied(folder: Path, **config: Any) -> Path:
    """Stage 1 with other options in its config."""
    shutil.copytree(STAGE1, folder)
    path = folder / CONFIG
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **config}), encoding="utf-8")
    return folder


def with_tensors(folder: Path, change: Callable[[Tensors], Tensors]) -> Path:
    """Stage 1 with other tensors."""
    copied(folder)
    save_file(change(load_file(folder / WEIGHTS)), folder / WEIGHTS)
    return folder


def load(mine: Path, **more: bool) -> LocalEngine:
    refs = {"stage1": str(STAGE1), "mine": str(mine)}
    engine = load_engine("embedded", refs, dtype="float32", **more)  # type: ignore[arg-type]
    assert isinstance(engine, LocalEngine)
    return engine


@pytest.fixture(scope="module")
def alone() -> LocalEngine:
    """Base and stage 1 without anybody beside them."""
    return miniatures.load({})


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"init_lora_weights": "pissa_niter_4"}, "'pissa_niter_4'.*write it as plain LoRA"),
        ({"init_lora_weights": "corda"}, "'corda'.*plain LoRA"),
        ({"init_lora_weights": "loftq"}, "'loftq'.*plain LoRA"),
        ({"alora_invocation_tokens": [5, 9]}, "activated LoRA.*Leave it out"),
        ({"layer_replication": [[0, 4], [2, 6]]}, r"\(layer_replication\).*Leave it out"),
        ({"target_parameters": ["mlp.experts"]}, r"\(target_parameters\).*Merge it"),
        ({"use_qalora": True}, "the option use_qalora"),
        ({"velora_config": {"x": 1}}, "the option velora_config"),
        ({"task_type": "SEQ_CLS"}, "the task SEQ_CLS"),
        ({"invented_tomorrow": {"a": 1}}, "the option invented_tomorrow"),
    ],
)
def test_what_is_not_known_to_be_served_right_is_refused_in_a_line(
    tmp_path: Path, option: dict[str, Any], words: str
) -> None:
    with pytest.raises(ModelError, match=words) as refused:
        load(copied(tmp_path / "mine", **option))
    assert str(refused.value).startswith(f"--adapter mine={tmp_path}/mine: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "option",
    [
        {"invented_tomorrow": None},
        {"another": False, "a_third": {}},
        {"init_lora_weights": "gaussian"},
        {"init_lora_weights": "eva", "eva_config": {"rho": 2.0}},
        {"loftq_config": {"loftq_bits": 4}},
    ],
)
def test_what_changes_nothing_is_served(
    tmp_path: Path, alone: LocalEngine, option: dict[str, Any]
) -> None:
    scores = load(copied(tmp_path / "mine", **option)).label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores[1], scores[2])
    assert np.array_equal(scores[:2], alone.label_logprobs(PROMPTS, LABELS))


def test_the_default_config_of_peft_says_nothing_against_itself() -> None:
    config = LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM").to_dict()
    assert objection({**config, "peft_type": "LORA"}) is None


def test_what_is_no_peft_adapter_says_what_it_is(tmp_path: Path) -> None:
    mlx = {"model": "x/y", "fine_tune_type": "lora", "lora_parameters": {"rank": 2}}
    (tmp_path / CONFIG).write_text(json.dumps(mlx), encoding="utf-8")
    with pytest.raises(ModelError, match="is an MLX adapter"):
        load(tmp_path)
    (tmp_path / CONFIG).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="without a peft_type"):
        load(tmp_path)
    folder = copied(tmp_path / "clone")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    (folder / WEIGHTS).write_text(pointer, encoding="utf-8")
    with pytest.raises(ModelError, match=r"is a Git LFS pointer.*git lfs pull"):
        load(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_no_number_is_named_and_the_others_serve(
    tmp_path: Path, alone: LocalEngine, value: float
) -> None:
    def spoil(tensors: Tensors) -> Tensors:
        name = next(key for key in sorted(tensors) if "layers.3" in key and "lora_B" in key)
        tensors[name].view(-1)[7] = value
        return tensors

    folder = with_tensors(tmp_path / "mine", spoil)
    with pytest.raises(ModelError, match=r"layers\.3\.\S+\.lora_B holds a value that is no number"):
        load(folder)
    engine = load(folder, leave_out_broken=True)
    assert engine.variants == ("base", "stage1")
    (note,) = engine.notes
    assert note.startswith(f"mine left out: --adapter mine={folder}: layers.3")
    scores = engine.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores, alone.label_logprobs(PROMPTS, LABELS))


def test_peft_s_own_name_in_the_keys_is_read(tmp_path: Path) -> None:
    def named(tensors: Tensors) -> Tensors:
        return {key.replace(".weight", ".default.weight"): t for key, t in tensors.items()}

    scores = load(with_tensors(tmp_path / "mine", named)).label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores[1], scores[2])


def test_wrong_shapes_leave_the_others_base_as_it_was(tmp_path: Path, alone: LocalEngine) -> None:
    def cut(tensors: Tensors) -> Tensors:
        return {
            key: t[:, :-1].contiguous() if "lora_A" in key and "layers.5" in key else t
            for key, t in tensors.items()
        }

    broken = with_tensors(tmp_path / "broken", cut)
    lacking = with_tensors(
        tmp_path / "lacking", lambda t: {k: v for k, v in t.items() if "layers.2" not in k}
    )
    moved = with_tensors(
        tmp_path / "moved",
        lambda t: {key.replace("layers.2.self_attn.q_proj", "norm"): v for key, v in t.items()},
    )
    thin = with_tensors(
        tmp_path / "thin",
        lambda t: {k: v[:1].clone() if "lora_A" in k else v[:, :1].clone() for k, v in t.items()},
    )
    flat = with_tensors(tmp_path / "flat", lambda t: {k: v.flatten() for k, v in t.items()})
    for folder, words in (
        (broken, "there, .* here"),
        (thin, r"another rank than its config says \(\d+\): .* is 1 x \d+ there"),
        (flat, r"lora_A is \d+ there"),
        (lacking, "the adapter has no layers.2"),
        (moved, "brings LoRA on norm, a .*RMSNorm"),
    ):
        engine = load(folder, leave_out_broken=True)
        assert engine.variants == ("base", "stage1")
        with pytest.raises(ModelError, match=words):
            load(folder)
        scores = engine.label_logprobs(PROMPTS, LABELS)
        assert np.array_equal(scores, alone.label_logprobs(PROMPTS, LABELS))


def test_if_nothing_can_be_served_the_base_still_is(tmp_path: Path, alone: LocalEngine) -> None:
    refs = {
        "mine": str(tmp_path / "nowhere"),
        "other": str(copied(tmp_path / "o", use_qalora=True)),
    }
    engine = load_engine("embedded", refs, dtype="float32", leave_out_broken=True)
    assert engine.variants == ("base",)
    assert ["mine left out" in engine.notes[0], "other left out" in engine.notes[1]] == [True] * 2
    scores = engine.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores, alone.label_logprobs(PROMPTS, LABELS, ["base"]))


@pytest.mark.parametrize("broken", ["lacking", "overflowing"])
def test_what_was_put_on_the_base_for_a_broken_adapter_comes_off_again(
    tmp_path: Path, alone: LocalEngine, broken: str
) -> None:
    def lack(tensors: Tensors) -> Tensors:
        return {key: t for key, t in tensors.items() if "layers.2" not in key}

    def overflow(tensors: Tensors) -> Tensors:
        return {key: t * 3e37 if "lora_B" in key else t for key, t in tensors.items()}

    folder = with_tensors(tmp_path / "mine", lack if broken == "lacking" else overflow)
    if broken == "overflowing":
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        (folder / CONFIG).write_text(json.dumps({**config, "lora_alpha": 1e9}), encoding="utf-8")
    for others in ({}, {"stage1": str(STAGE1)}):
        engine = load_engine(
            "embedded", {"mine": str(folder), **others}, dtype="float32", leave_out_broken=True
        )
        assert engine.variants == ("base", *others)
        scores = engine.label_logprobs(PROMPTS, LABELS)
        assert np.array_equal(scores, alone.label_logprobs(PROMPTS, LABELS, ["base", *others]))


def test_an_adapter_that_changes_the_base_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: putting an adapter on the base moves one weight of it by a little."""
    attach = adapters.attach

    def careless(model: Any, *arguments: Any) -> Any:
        with torch.no_grad():
            model.get_input_embeddings().weight[40, 3] += 0.01
        return attach(model, *arguments)

    monkeypatch.setattr(loader, "attach", careless)
    monkeypatch.setattr("hera.weights.probe._TEXT", "".join(map(chr, range(32, 127))))
    with pytest.raises(ModelError, match="the base answers otherwise than alone"):
        load_engine("embedded", {"stage1": str(STAGE1)}, dtype="float32")


def padded(folder: Path, token: str, *, special: bool = True) -> Path:
    """Stage 1 with a tokenizer that has one more token than the base has embeddings."""
    copied(folder)
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_DIR)
    tokenizer.add_tokens([token], special_tokens=special)
    if special:
        tokenizer.pad_token = token
    tokenizer.save_pretrained(folder)
    return folder


def test_an_added_padding_token_is_in_nobody_s_way(tmp_path: Path) -> None:
    engine = load(padded(tmp_path / "mine", "[PAD]"))
    scores = engine.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores[1], scores[2])
    asked = [{"role": "user", "content": "What does [PAD] mean?"}]
    assert engine.token_logprobs(asked, ["mine"])["mine"].texts  # type: ignore[arg-type]
    # In a raw prompt its name is letters, and no token that the model has no embedding for.
    assert np.isfinite(engine.label_logprobs(["[PAD] Does rest help?"], LABELS, ["mine"])).all()
    with pytest.raises(ModelError, match="saved without its embeddings"):
        load(padded(tmp_path / "word", "zugzwang", special=False))


@pytest.mark.parametrize(
    ("named", "served", "copy"),
    [
        ("unsloth/gemma-2-2b-it-bnb-4bit", "google/gemma-2-2b-it", True),
        ("unsloth/gemma-2-2b-it-unsloth-bnb-4bit", "google/gemma-2-2b-it@main", True),
        ("somebody/Gemma-2-2b-it-GPTQ-Int4", "google/gemma-2-2b-it", True),
        ("unsloth/gemma-2-9b-it-bnb-4bit", "google/gemma-2-2b-it", False),
        ("somebody/gemma-2-2b-it-medical", "google/gemma-2-2b-it", False),
        ("unsloth/gemma-2-2b-it-bnb-4bit", "embedded", True),
    ],
)
def test_an_adapter_of_a_quantized_copy_goes_on_the_served_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, served: str, copy: bool
) -> None:
    monkeypatch.setattr("hera.weights.sources.adapter_config", config_of_folders)
    folder = copied(tmp_path / "mine", base_model_name_or_path=named)
    found = source(Ref.of(str(folder), "--adapter mine="), Ref.of(served))
    assert str(found.base) == (served if copy else named)
    assert (found.note is not None) is copy
    if copy:
        assert (
            found.note
            == f"made on {named}, a quantized copy of {served}: served on {served} itself, "
            "without --own-base"
        )
    own = source(Ref.of(str(folder), "--adapter mine="), Ref.of(served), own_base=True)
    assert (str(own.base), own.note) == (named, None)


def config_of_folders(ref: Ref) -> dict[str, Any] | None:
    """Nothing is asked of a Hub here."""
    path = None if ref.path is None else ref.path / CONFIG
    return None if path is None else dict(json.loads(path.read_text(encoding="utf-8")))


def test_a_score_that_is_no_number_names_variant_and_question() -> None:
    scores = np.zeros((2, 3, 3), dtype=np.float32)
    check_finite(scores, ("base", "mine"), ["question a", "question b", "question c"])
    scores[1, 2, 0] = np.nan
    with pytest.raises(ModelError, match=r"mine gave .* for question c"):
        check_finite(scores, ("base", "mine"), ["question a", "question b", "question c"])


def test_a_base_that_cannot_be_told_from_the_served_one_is_noted(tmp_path: Path) -> None:
    engine = load(copied(tmp_path / "mine", base_model_name_or_path="google/gemma-2-2b-it"))
    assert engine.notes == ("mine: made on google/gemma-2-2b-it: taken to be made on embedded",)
