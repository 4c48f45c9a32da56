"""`python -m hera.export merge`: what is written is the variant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2
from transformers import AutoModelForCausalLM, AutoTokenizer

from hera import ConfigError, ModelError, load_engine
from hera.engine.local import LocalEngine
from hera.export.__main__ import main as export
from hera.refs import EMBEDDED_DIR
from hera.types import Engine, Step
from tests.doubles import miniatures
from tests.doubles.miniatures import (
    GREEDY,
    LABELS,
    PROMPTS,
    QUESTION,
    VOCABULARY,
)

PIECES: Any = sentencepiece_model_pb2  # generated: its names are there only at run time


def last(engine: Engine, *names: str) -> Step:
    return engine.answer(dict.fromkeys(names, QUESTION), GREEDY)


@pytest.mark.parametrize("name", ["chatml", "resized", "onmerged"])
def test_merging_writes_the_variant(
    mixed: LocalEngine,
    made: miniatures.Folders,
    tmp_path: Path,
    name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    export(["merge", "--adapter", str(made[name]), "--output", str(out)])
    assert str(out) in capsys.readouterr().out
    merged = load_engine(str(out), dtype="float32")
    wanted = mixed.label_logprobs(PROMPTS, LABELS, [name])
    assert np.allclose(merged.label_logprobs(PROMPTS, LABELS), wanted, atol=1e-4)
    assert last(merged, "base").texts["base"] == last(mixed, name).texts[name]
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    grown = name != "onmerged"
    assert config["vocab_size"] == VOCABULARY + 2 * grown
    assert config["tie_word_embeddings"] is (name != "chatml")
    assert config["eos_token_id"] == ([VOCABULARY + 1] if grown else [1, 6])
    settings = json.loads((out / "generation_config.json").read_text(encoding="utf-8"))
    assert settings["eos_token_id"] == config["eos_token_id"]
    assert merged.render(QUESTION) == mixed.render(QUESTION, name)
    with pytest.raises(ConfigError, match="not empty"):
        export(["merge", "--adapter", str(made[name]), "--output", str(out)])


def test_merging_leaves_transformers_nothing_to_guess(
    made: miniatures.Folders, tmp_path: Path
) -> None:
    """What is written loads without HERA, and answers the same."""
    out = tmp_path / "out"
    export(["merge", "--adapter", str(EMBEDDED_DIR / "stage1"), "--output", str(out)])
    here = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    ids = torch.tensor([[2, 17, 90, 400]])
    with torch.inference_mode():
        wanted = miniatures.base(made["full"])(ids).logits
        assert torch.allclose(here(ids).logits, wanted, atol=1e-4)


def test_merging_refuses_in_a_line(made: miniatures.Folders, tmp_path: Path) -> None:
    full, other = str(made["full"]), str(tmp_path / "new")
    with pytest.raises(ModelError, match="nothing to merge"):
        export(["merge", "--adapter", full, "--output", other])
    with pytest.raises(ModelError, match="Give the base"):
        export(["merge", "--model", str(made["chatml"]), "--adapter", full, "--output", other])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="it is a file"):
        export(["merge", "--adapter", str(made["chatml"]), "--output", str(tmp_path / "file")])


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded base with the SentencePiece file that its tokenizer could have come from."""
    folder = tmp_path_factory.mktemp("pieces") / "base"
    folder.mkdir()
    for path in EMBEDDED_DIR.iterdir():
        if path.is_file():
            (folder / path.name).symlink_to(path)
    words = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    model = PIECES.ModelProto()
    model.trainer_spec.model_type, model.trainer_spec.byte_fallback = 2, True
    model.normalizer_spec.name, model.normalizer_spec.add_dummy_prefix = "identity", False
    model.normalizer_spec.remove_extra_whitespaces = False
    for word, i in sorted(words.items(), key=lambda entry: entry[1]):
        kind = {3: "UNKNOWN"}.get(i, "CONTROL" if i < 3 else "USER_DEFINED" if i < 11 else "NORMAL")
        kind = "BYTE" if 11 <= i < 11 + 256 else kind
        model.pieces.add(piece=word, score=-i, type=model.SentencePiece.Type.Value(kind))
    (folder / "tokenizer.model").write_bytes(model.SerializeToString())
    return folder


def on_that_base(adapter: Path, base: Path, folder: Path) -> Path:
    shutil.copytree(adapter, folder)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = str(base)
    path.write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["stage1", "chatml"])
def test_the_sentencepiece_file_goes_along(
    pieces: Path, made: miniatures.Folders, tmp_path: Path, name: str
) -> None:
    """llama.cpp converts from it alone, and from `added_tokens.json` what it lacks."""
    adapter, out = made.get(name, EMBEDDED_DIR / name), tmp_path / "out"
    adapter = on_that_base(adapter, pieces, tmp_path / "adapter")
    export(["merge", "--model", str(pieces), "--adapter", str(adapter), "--output", str(out)])
    assert (out / "tokenizer.model").read_bytes() == (pieces / "tokenizer.model").read_bytes()
    tokenizer = AutoTokenizer.from_pretrained(out)
    text = "I have a bad cold:\n\nwhat should I do in 2026? \u00e9\U0001f912"
    read = SentencePieceProcessor(model_file=str(out / "tokenizer.model"))
    assert read.encode(text) == tokenizer.encode(text, add_special_tokens=False)
    added = out / "added_tokens.json"
    if name == "stage1":
        assert not added.exists()
    else:
        told = json.loads(added.read_text(encoding="utf-8"))
        assert told == {"<|im_start|>": VOCABULARY, "<|im_end|>": VOCABULARY + 1}
        assert tokenizer.get_vocab() == miniatures.chatml_tokenizer().get_vocab()


def test_a_sentencepiece_file_of_other_words_stays_behind(
    pieces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The adapter's is a broken one, the base's is right: with neither, the merge still stands."""
    adapter = on_that_base(EMBEDDED_DIR / "stage1", pieces, tmp_path / "adapter")
    (adapter / "tokenizer.model").write_bytes(b"no such thing")
    flags = ["merge", "--model", str(pieces), "--adapter", str(adapter), "--output"]
    export([*flags, str(tmp_path / "one")])
    assert "adapter: its tokenizer.model is left out, since it cannot" in capsys.readouterr().err
    assert (tmp_path / "one" / "tokenizer.model").is_file()
    other = tmp_path / "other"
    shutil.copytree(pieces, other, symlinks=True)
    model = PIECES.ModelProto.FromString((pieces / "tokenizer.model").read_bytes())
    model.pieces[400].piece, model.pieces[401].piece = "swapped", "words"
    (other / "tokenizer.model").write_bytes(model.SerializeToString())
    adapter = on_that_base(EMBEDDED_DIR / "stage1", other, tmp_path / "second")
    flags = ["merge", "--model", str(other), "--adapter", str(adapter), "--output"]
    export([*flags, str(tmp_path / "two")])
    assert "since its words are not the tokenizer's" in capsys.readouterr().err
    assert not (tmp_path / "two" / "tokenizer.model").exists()
