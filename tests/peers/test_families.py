"""Any base that transformers runs as a causal model: as transformers and PEFT compute it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from hera import GenerationParams, ModelError, load_engine
from tests.doubles import families
from tests.doubles.miniatures import LABELS, PROMPTS, QUESTION

SHORT = GenerationParams(max_new_tokens=8, temperature=0.0)


def plain(folder: Path) -> PreTrainedModel:
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    return cast("PreTrainedModel", model.eval())


@torch.inference_mode()
def logprobs(model: Any, ids: list[int]) -> torch.Tensor:
    logits: torch.Tensor = model(torch.tensor([ids])).logits[0]
    return logits.float().log_softmax(-1)


@torch.inference_mode()
def greedy(model: Any, ids: list[int], ends: set[int]) -> list[int]:
    said: list[int] = []
    for _ in range(SHORT.max_new_tokens):
        said.append(int(model(torch.tensor([ids + said])).logits[0, -1].argmax()))
        if said[-1] in ends:
            break
    return said


@pytest.mark.parametrize("family", list(families.CONFIGS))
def test_a_family_is_served_as_transformers_and_peft_compute_it(
    family: str, tmp_path: Path
) -> None:
    base = families.base(family, tmp_path / "base")
    made = {n: families.adapter(plain(base), tmp_path / n, seed=s) for s, n in enumerate("xy")}
    engine = load_engine(
        str(base), {n: str(f) for n, f in made.items()}, dtype="float32", device="cpu"
    )
    labels = engine.label_logprobs(PROMPTS, LABELS)
    answers = engine.answer(dict.fromkeys(engine.variants, QUESTION), SHORT)
    tokens = engine.token_logprobs(PROMPTS[2])
    long = list(tokens["base"].ids)
    for k, name in enumerate(engine.variants):
        model: Any = plain(base)
        if name != "base":
            model = PeftModel.from_pretrained(model, made[name]).eval()
        for i, prompt in enumerate(PROMPTS):
            for j, label in enumerate(LABELS):
                wanted = families.label_logprob(model, engine.tokenizer, prompt, label)
                assert labels[k, i, j] == pytest.approx(wanted, abs=1e-4)
        said = greedy(model, engine.render(QUESTION), {1, 6})
        assert answers.texts[name] == engine.tokenizer.decode(said, skip_special_tokens=True)
        every = logprobs(model, long)[:-1].gather(1, torch.tensor(long)[1:, None])[:, 0].numpy()
        assert np.allclose(tokens[name].logprobs[1:], every, atol=1e-4)
    assert np.abs(labels[0] - labels[1]).max() > 0.01
    assert np.abs(labels[1] - labels[2]).max() > 0.01


def test_a_family_that_reads_padded_rows_otherwise_is_refused(tmp_path: Path) -> None:
    families.CONFIGS["rwkv"] = lambda: AutoConfig.for_model(
        "rwkv", vocab_size=6144, hidden_size=32, num_hidden_layers=2, context_length=512
    )
    try:
        base = families.base("rwkv", tmp_path / "base")
    finally:
        del families.CONFIGS["rwkv"]
    with pytest.raises(ModelError, match="a rwkv model, which reads a padded row otherwise"):
        load_engine(str(base), device="cpu")
