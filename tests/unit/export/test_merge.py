"""`python -m hera.export merge`: what is written is the variant."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

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
