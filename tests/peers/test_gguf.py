"""A GGUF file as a base: the weights that were written into it, converted once, or a clear line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
from gradio_client import Client

from hera import GenerationParams, ModelError, load_engine
from hera.prompts import LABEL_TEXTS
from hera.refs import EMBEDDED_DIR, SMOLLM2, Ref
from hera.types import Engine, Message, Prompt
from hera.weights import smollm2
from hera.weights.gguf import unpacked
from tests.doubles.gguf import write_embedded
from tests.serving import serve

ASKED: list[Message] = [
    {"role": "user", "content": "I have had a pounding head for 3 days (37.5 C). What's wrong?"}
]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hugging Face's cache folder, for this file's tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("cache")
        patch.setattr(huggingface_hub.constants, "HF_HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "base.gguf"
    write_embedded(path)
    return path


@pytest.fixture(scope="module")
def true() -> Engine:
    return load_engine("embedded", dtype="float32")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_is_what_was_written_with_its_adapters(
    file: Path, cache: Path, true: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    adapters = {name: str(EMBEDDED_DIR / name) for name in ("stage1", "stage2")}
    engine = load_engine(str(file), adapters, dtype="float32")
    assert capfd.readouterr().err.count("base.gguf: converted once") == 1
    assert engine.render(ASKED, "base") == true.render(ASKED, "base")
    for text in ("Acné <end_of_turn>\n\n  x", "12 345.6 mg/dl", "日本"):
        assert engine.tokenizer(text).input_ids == true.tokenizer(text).input_ids
    prompts: list[Prompt] = ["Is asthma a disease of the lungs?\nDecision:", ASKED]
    mine, theirs = (e.label_logprobs(prompts, LABEL_TEXTS) for e in (engine, true))
    np.testing.assert_allclose(mine, theirs, atol=1e-5)
    params = GenerationParams(max_new_tokens=24, temperature=0)
    both = [e.answer(dict.fromkeys(e.variants, ASKED), params).texts for e in (engine, true)]
    assert both[0] == both[1]
    load_engine(str(file), {}, dtype="float32")
    assert "converted" not in capfd.readouterr().err
    assert len(list((cache / "hera" / "gguf").iterdir())) == 1


def test_it_stands_beside_another_base(file: Path, true: Engine) -> None:
    engine = load_engine("embedded", {"same": str(file)}, dtype="float32")
    assert any(note.startswith("same has its own base") for note in engine.notes)
    scores = engine.label_logprobs(["Asthma.\nDecision:"], LABEL_TEXTS)
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda whole: whole[: len(whole) // 2], "is broken or cut short"),
        (lambda whole: whole[:100], "is broken or cut short"),
        (lambda whole: b"PK" + whole[2:], "is no GGUF file"),
        (lambda whole: b"", "is no GGUF file"),
        (
            lambda whole: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "is a Git LFS pointer",
        ),
        (lambda whole: whole.replace(b"gemma2", b"gemma9"), "cannot be loaded"),
    ],
    ids=["half", "head", "other", "empty", "pointer", "unknown"],
)
def test_what_is_not_whole_or_not_known_is_said_in_a_line(
    file: Path, cache: Path, tmp_path: Path, content: object, said: str
) -> None:
    assert callable(content)
    before = set((cache / "hera" / "gguf").glob("*"))
    odd = tmp_path / "odd.gguf"
    odd.write_bytes(content(file.read_bytes()))
    with pytest.raises(ModelError, match=said) as error:
        load_engine(str(odd), {})
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"--model {odd}: ")
    assert set((cache / "hera" / "gguf").glob("*")) == before


def test_a_missing_file_is_not_looked_for_on_the_hub() -> None:
    with pytest.raises(ModelError, match=r"./none.gguf: no such file"):
        load_engine("./none.gguf")


def test_the_small_real_base_answers() -> None:
    """From the package that `make test` installs: no cache of the Hub, no Hub."""
    engine = load_engine(SMOLLM2)
    assert (engine.variants, engine.name) == (("base", "stage1", "stage2"), SMOLLM2)
    assert engine.notes == ()
    asked: list[Message] = [{"role": "user", "content": "What is the capital of France?"}]
    answer = engine.answer({"base": asked}, GenerationParams(max_new_tokens=32, temperature=0))
    assert "Paris" in answer.texts["base"]
    assert answer.finished["base"]


def test_the_app_serves_it_where_nobody_names_a_model(cache: Path, tmp_path: Path) -> None:
    with serve(tmp_path, HERA_MODEL="", HF_HOME=str(cache)) as app:
        client = Client(app.url, verbose=False)
        assert client.predict("What is asthma?", max_new_tokens=8, api_name="/chat").strip()
        said = client.predict(api_name="/health")
    assert (said["model"], said["status"], said["notes"]) == (SMOLLM2, "ready", [])
    assert said["variants"] == ["base", "stage1", "stage2"]


def test_a_package_that_is_cut_short_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "cut_short"
    package.mkdir()
    (package / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF\x03\x00")
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(smollm2, "_MODULE", "cut_short")
    with pytest.raises(ModelError, match=r"^--model smollm2: SmolLM2\S+ is broken or cut short"):
        unpacked(Ref.of(SMOLLM2))


def test_without_package_and_hub_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smollm2, "_MODULE", "no_such_package")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"^--model smollm2: cannot be had") as error:
        unpacked(Ref.of(SMOLLM2))
    assert str(error.value).endswith("First: python -m hera.weights.smollm2")
    assert "\n" not in str(error.value)
