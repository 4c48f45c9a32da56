"""An adapter as GGUF: the real llama.cpp answers with it as HERA does, or a clear line."""

from __future__ import annotations

from pathlib import Path

import pytest
from peft import LoraConfig, get_peft_model

from hera import GenerationParams, ModelError, load_engine
from hera.export import llama_cpp
from hera.refs import EMBEDDED_DIR, Ref
from hera.types import Message
from hera.weights.gguf.adapter import write_adapter
from tests.doubles import families, miniatures
from tests.doubles.gguf import write_embedded
from tests.doubles.options import adapter

ASKED: list[list[Message]] = [
    [{"role": "user", "content": text}]
    for text in ("What is asthma?", "I have had a pounding head for 3 days (37.5 C). What's wrong?")
]


def test_llama_cpp_answers_with_it_as_hera_does(tmp_path: Path) -> None:
    base, file = tmp_path / "base.gguf", tmp_path / "adapter.gguf"
    write_embedded(base)
    engine = load_engine("embedded", dtype="float32")
    said = {}
    for name in ("stage1", "stage2"):
        write_adapter(Ref.of(str(EMBEDDED_DIR / name)), Ref.of("embedded"), file)
        prompts = [engine.render(asked, name) for asked in ASKED]
        mine = engine.answers(name, ASKED, GenerationParams(32, temperature=0))
        theirs = llama_cpp.answers(base, prompts, 32, file)
        said[name] = [engine.tokenizer.decode(r.ids, skip_special_tokens=True) for r in theirs]
        assert said[name] == [text for text, _ in mine]
    assert said["stage1"] != said["stage2"]


@pytest.mark.parametrize(
    ("family", "option", "why"),
    [
        ("llama", "rslora-patterns", r"scales model.layers.\d.\S+ otherwise \(rsLoRA"),
        ("llama", "dora", "brings more than LoRA on linear layers"),
        ("llama", "own-head", "brings more than LoRA"),
        ("llama", "lora-bias", "brings more than LoRA"),
        ("llama", "pissa", "brings more than LoRA"),
        ("qwen2", "dora", "a qwen2 model, and HERA writes GGUF of llama and gemma2 .*git clone"),
    ],
)
def test_what_llama_cpp_cannot_hold_is_refused(
    tmp_path: Path, family: str, option: str, why: str
) -> None:
    base = families.base(family, tmp_path / "base")
    adapter(family, option, base, tmp_path / "mine")
    refused(tmp_path, base, why)


def refused(room: Path, base: Path, why: str) -> None:
    """The adapter `mine` is, in a line, and nothing is written."""
    mine, on = Ref.of(str(room / "mine"), "--adapter"), Ref.of(str(base))
    with pytest.raises(ModelError, match=rf"^--\S+ \S+: {why}") as error:
        write_adapter(mine, on, room / "file.gguf")
    assert "\n" not in str(error.value)
    assert not (room / "file.gguf").exists()


def test_one_for_another_base_is_refused(tmp_path: Path) -> None:
    families.adapter(miniatures.base(), tmp_path / "mine")
    base = families.base("gemma2", tmp_path / "base")
    refused(tmp_path, base, "made for another base: ")


def test_lora_on_a_head_that_is_the_embeddings_is_refused(tmp_path: Path) -> None:
    base = families.base("llama-tied", tmp_path / "base")
    config = LoraConfig(r=4, target_modules=["lm_head"], task_type="CAUSAL_LM")
    made = get_peft_model(miniatures.base(base), config)
    made.save_pretrained(str(tmp_path / "mine"), save_embedding_layers=False)
    refused(tmp_path, base, "changes lm_head, which is no layer of its own there")
