"""What an adapter may bring, beside a plain one: as PEFT alone computes it, the base untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from peft import PeftModel

from hera import load_engine
from hera.export.__main__ import main as export
from tests.doubles import families
from tests.doubles.options import CHOSEN, adapter, plain_model

LABELS = (" yes", " no")
PROMPTS = ["Does rest help?\nAnswer:", "Is tea a cure?\nAnswer:"]
PAIRS = [(family, option) for family, chosen in CHOSEN.items() for option in chosen]


@pytest.mark.parametrize(("family", "option"), PAIRS)
def test_an_option_is_served_as_peft_alone_computes_it(
    tmp_path: Path, family: str, option: str
) -> None:
    """Trained for some steps with it, then beside a plain adapter: to the bit the same base, and
    the other adapter to rounding, since its columns are now some of a wider matrix."""
    folder = families.base(family, tmp_path / "base")
    peer = adapter(family, option, folder, tmp_path / "mine")
    other = families.adapter(plain_model(folder), tmp_path / "other")
    refs = {"other": str(other), "mine": str(tmp_path / "mine")}
    engine = load_engine(str(folder), refs, dtype="float32", device="cpu")
    alone = load_engine(str(folder), {"other": str(other)}, dtype="float32", device="cpu")
    scores = engine.label_logprobs(PROMPTS, LABELS)
    base, plain = alone.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(scores[0], base)
    np.testing.assert_allclose(scores[1], plain, rtol=0, atol=1e-5)
    again = PeftModel.from_pretrained(plain_model(folder), str(tmp_path / "mine")).eval()
    for i, prompt in enumerate(PROMPTS):
        for j, label in enumerate(LABELS):
            for model in (again, peer):
                wanted = families.label_logprob(model, engine.tokenizer, prompt, label)
                assert scores[2, i, j] == pytest.approx(wanted, abs=1e-4)
    assert np.abs(scores[0] - scores[2]).max() > 5e-4


@pytest.mark.parametrize(
    ("family", "option"),
    [
        ("llama", "dora"),
        ("llama", "tokens-by-name"),
        ("llama", "pissa-rslora"),
        ("qwen2", "bias-lora-only"),
        ("qwen2", "embedding-lora"),
        ("gpt2", "own-head"),
        ("opt", "kasa"),
    ],
)
def test_an_option_is_merged_as_peft_alone_computes_it(
    tmp_path: Path, family: str, option: str
) -> None:
    folder = families.base(family, tmp_path / "base")
    peer = adapter(family, option, folder, tmp_path / "mine")
    refs = ("--model", str(folder), "--adapter", str(tmp_path / "mine"))
    export(["merge", *refs, "--output", str(tmp_path / "merged")])
    engine = load_engine(str(tmp_path / "merged"), dtype="float32", device="cpu")
    scores = engine.label_logprobs(PROMPTS, LABELS)
    for i, prompt in enumerate(PROMPTS):
        for j, label in enumerate(LABELS):
            wanted = families.label_logprob(peer, engine.tokenizer, prompt, label)
            assert scores[0, i, j] == pytest.approx(wanted, abs=1e-4)
