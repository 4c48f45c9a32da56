"""`python -m hera.export gguf`: the real llama.cpp answers with what is written as HERA does."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

from hera import ModelError, load_engine
from hera.export import llama_cpp, proof
from hera.export.__main__ import main as export
from hera.prompts import PROOF_QUESTIONS
from hera.refs import EMBEDDED_DIR
from tests.doubles import families, miniatures, tokenizers

STAGE2 = str(EMBEDDED_DIR / "stage2")


def exported(output: Path, *flags: str) -> dict[str, Any]:
    """What proof.json says after the command."""
    export(["gguf", *flags, "--output", str(output)])
    told: dict[str, Any] = json.loads((output / "proof.json").read_text(encoding="utf-8"))
    assert sorted([*told["files"], "proof.json"]) == sorted(p.name for p in output.iterdir())
    return told


def all_alike(told: dict[str, Any]) -> bool:
    counts = ("n", "same_prompts", "same_answers")
    return {one[count] for one in told["files"].values() for count in counts} == {20}


def test_base_adapter_and_merged_model_answer_as_hera_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = exported(tmp_path / "out", "--adapter", STAGE2)
    assert list(told["files"]) == ["base.gguf", "merged.gguf", "adapter.gguf"]
    assert all_alike(told)
    assert max(one["logprobs_apart"]["most"] for one in told["files"].values()) < 5e-3
    assert told["program"] == llama_cpp.installed()
    assert (told["weights"], told["prompts"]["n"]) == ("f32", 20)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(";")[0] for line in said] == [
        f"{tmp_path}/out/{name}: f32, llama.cpp: 20 of 20 answers are HERA's"
        for name in told["files"]
    ]


def test_quantized_weights_say_how_many_answers_differ_and_by_how_much(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = exported(tmp_path / "out", "--quantize", "q4_0")
    (found,) = told["files"].values()
    assert found["same_prompts"] == 20
    assert found["same_answers"] + len(found["differing"]) == 20
    assert 0 < found["same_answers"] < 20  # four bits show on six million parameters
    assert all(d["hera"] != d["there"] and d["nats"] >= 0 for d in found["differing"])
    assert f"q4_0, llama.cpp: {found['same_answers']} of 20" in capsys.readouterr().out
    assert (tmp_path / "out" / "base.gguf").stat().st_size < 5e6  # a fifth of float32


def speaking(tokenizer: Any) -> LlamaForCausalLM:
    """A random one that writes whole letters (half of one says nothing in a text) and no control
    tokens, of which llama.cpp takes some for the end by their names."""
    torch.manual_seed(3)
    sizes = {**families.SIZES, "vocab_size": len(tokenizer), "tie_word_embeddings": False}
    sizes |= {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": None}
    model = LlamaForCausalLM(LlamaConfig(**sizes))
    for parameter in model.parameters():  # as they begin, every answer is nearly the same
        if parameter.dim() > 1:
            parameter.data.mul_(8)
    control = tokenizer.added_tokens_decoder
    unsaid = [i for i in range(len(tokenizer)) if not tokenizer.decode([i]).isascii()]
    model.lm_head.weight.data[[*unsaid, *control]] = 0
    return model


@pytest.mark.parametrize("cut", ["whole", "digits"])
def test_a_llama_with_bytes_for_words_answers_as_hera_does(tmp_path: Path, cut: str) -> None:
    """Its queries' and keys' rows change places; its head is its own."""
    base = tmp_path / "base"
    tokenizer = tokenizers.made("byte-level", "chatml")
    if cut == "digits":
        words = tokenizer.backend_tokenizer.pre_tokenizer
        digits = pre_tokenizers.Digits(individual_digits=True)
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])
    model = speaking(tokenizer)
    model.save_pretrained(str(base))
    tokenizer.save_pretrained(base)
    adapter = families.adapter(model, tmp_path / "adapter")
    told = exported(tmp_path / "out", "--model", str(base), "--adapter", str(adapter))
    assert list(told["files"]) == ["base.gguf", "merged.gguf", "adapter.gguf"]
    assert all_alike(told)


def test_what_an_adapter_file_cannot_hold_is_in_the_merged_model(
    made: miniatures.Folders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here a grown vocabulary, with other turns."""
    told = exported(tmp_path / "out", "--adapter", str(made["resized"]))
    assert list(told["files"]) == ["base.gguf", "merged.gguf"]
    found = told["files"]["merged.gguf"]
    assert (
        found["same_prompts"] == 20
    )  # and the old turn's end, which HERA reads past, ends it there
    assert all(d["ended_early"] for d in found["differing"])
    assert found["logprobs_apart"]["most"] < 5e-3
    (said,) = [
        x for x in capsys.readouterr().err.splitlines() if x.startswith("note: adapter.gguf")
    ]
    assert "brings more than LoRA on linear layers" in said


def test_weights_that_answer_otherwise_are_no_proof(tmp_path: Path) -> None:
    """The base's file in the place of stage 2's."""
    exported(tmp_path / "out", "--quantize", "f16")
    engine, file = load_engine("embedded", dtype="float32"), tmp_path / "out" / "base.gguf"
    read = llama_cpp.prompt_ids(file, PROOF_QUESTIONS)
    ask = partial(llama_cpp.answers, file, tokens=proof.TOKENS)
    found = proof.compared(engine, "stage2", engine.tokenizer, ask, read)
    with pytest.raises(ModelError, match=r"^it: does not answer as HERA does \(0 of 20 prompts"):
        proof.check("it", found)


@pytest.mark.parametrize(
    ("family", "why"),
    [
        ("qwen2", "a qwen2 model, and HERA writes GGUF of llama and gemma2 alone. llama.cpp's own"),
        ("gemma2", "HERA does not write query_pre_attn_scalar = 256 as GGUF"),
    ],
)
def test_other_models_are_refused_in_a_line(tmp_path: Path, family: str, why: str) -> None:
    base = families.base(family, tmp_path / "base")
    with pytest.raises(ModelError, match=why) as error:
        exported(tmp_path / "out", "--model", str(base))
    assert "git clone https://github.com/ggml-org/llama.cpp" in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_head_of_its_own_is_no_gemma_there(made: miniatures.Folders, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not write tie_word_embeddings = False as GGUF"):
        exported(tmp_path / "out", "--adapter", str(made["chatml"]))
    assert not (tmp_path / "out").exists()


def test_a_tokenizer_that_cuts_otherwise_is_refused(tmp_path: Path) -> None:
    base = families.base("llama", tmp_path / "base")
    tokenizers.made("spaced", "chatml").save_pretrained(base)
    with pytest.raises(ModelError, match="that cuts text as none that HERA writes as GGUF"):
        exported(tmp_path / "out", "--model", str(base))


def test_an_adapter_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"^--model {STAGE2}: an adapter. Give it as --adapter"):
        exported(tmp_path / "out", "--model", STAGE2)


def test_without_llama_cpp_it_says_that_nothing_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(llama_cpp, "PACKAGE", "no_such_package")
    export(["gguf", "--output", str(tmp_path / "out")])
    said = "base.gguf: f32, not tried: llama.cpp is not here (pip install no_such_package)"
    assert capsys.readouterr().out == f"{tmp_path}/out/{said}\n"
    told = json.loads((tmp_path / "out" / "proof.json").read_text(encoding="utf-8"))
    assert (told["program"], told["files"]) == (None, {})
