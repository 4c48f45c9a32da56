"""The local engine's promises, on the embedded model."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hera import GenerationParams, load_engine
from hera.errors import InputError, ModelError
from hera.refs import EMBEDDED_DIR
from hera.types import Engine, Message, Prompt, Step
from hera.weights.multi_lora import VariantLinear
from tests.threads import none_decodes

GREEDY = GenerationParams(max_new_tokens=40, temperature=0.0)


def ask(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def last(engine: Engine, requests: Mapping[str, Prompt], params: GenerationParams = GREEDY) -> Step:
    return list(engine.stream(requests, params))[-1]


def test_variants_in_one_batch_are_token_for_token_what_each_is_alone(engine: Engine) -> None:
    prompt = ask("What is asthma?")
    together = last(engine, dict.fromkeys(engine.variants, prompt))
    for name in engine.variants:
        alone = last(engine, {name: prompt})
        assert together.texts[name] == alone.texts[name]
        assert together.tokens[name] == alone.tokens[name]
    assert len(set(together.texts.values())) > 1


def test_rows_of_different_length_are_right_to_the_last_token(engine: Engine) -> None:
    short, long = ask("Hello"), ask("What are the signs of asthma? " * 12)
    both = last(engine, {"base": short, "stage2": long})
    assert both.texts["base"] == last(engine, {"base": short}).texts["base"]
    assert both.texts["stage2"] == last(engine, {"stage2": long}).texts["stage2"]


def test_variants_are_what_peft_itself_computes(engine: Engine) -> None:
    """Every adapter alone, merged by PEFT into the base, gives the same label scores."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    exact = load_engine("embedded", dtype="float32")
    ids = exact.render(ask("Does rest help?"))
    labels = [exact.tokenizer.encode(t, add_special_tokens=False)[0] for t in (" yes", " no")]
    scores = exact.label_logprobs([ask("Does rest help?")], (" yes", " no"))
    for k, name in enumerate(exact.variants):
        model = AutoModelForCausalLM.from_pretrained(
            EMBEDDED_DIR, dtype=torch.float32, attn_implementation="eager"
        )
        if name != "base":
            model = PeftModel.from_pretrained(model, EMBEDDED_DIR / name).merge_and_unload()
        with torch.inference_mode():
            logits = model(torch.tensor([ids])).logits[0, -1]
        wanted = torch.log_softmax(logits, dim=-1)[labels].numpy()
        assert np.allclose(scores[k, 0], wanted, atol=1e-3)


def test_label_scores_do_not_depend_on_the_batch(engine: Engine) -> None:
    exact = load_engine("embedded", dtype="float32")
    prompts = [ask("word " * n) for n in (3, 90, 17, 41)]
    labels = (" yes", " no", " not at all")
    together = exact.label_logprobs(prompts, labels)
    assert together.shape == (3, 4, 3)
    assert together.dtype == np.float32
    for i, prompt in enumerate(prompts):
        assert np.allclose(together[:, i], exact.label_logprobs([prompt], labels)[:, 0], atol=1e-4)


def test_embeddings_are_the_bases_last_but_one_hidden_states() -> None:
    from transformers import AutoModelForCausalLM

    exact = load_engine("embedded", dtype="float32")
    texts = ["Rest.", "Drink water, and see your doctor if it does not get better. " * 3, "No!"]
    found = exact.embed(texts)
    model = AutoModelForCausalLM.from_pretrained(
        EMBEDDED_DIR, dtype=torch.float32, attn_implementation="eager"
    )
    for text, vectors in zip(texts, found, strict=True):
        ids = exact.tokenizer.encode(text)
        with torch.inference_mode():
            states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(ids) - 1, model.config.hidden_size)  # none for <bos>
        assert np.allclose(vectors, states[-2][0, 1:].numpy(), atol=1e-3)
    with pytest.raises(InputError, match="empty"):
        exact.embed(["Rest.", " "])


def test_closing_the_stream_stops_the_worker_at_once(engine: Engine) -> None:
    params = GenerationParams(max_new_tokens=1500, temperature=2.0)
    stream = engine.stream({"base": ask("Tell me about asthma.")}, params)
    next(stream)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 2
    assert last(engine, {"base": ask("Hello")}).texts["base"]
    assert none_decodes()


def test_a_seed_repeats_the_sample(engine: Engine) -> None:
    prompt = ask("What helps against back pain?")

    def sample(seed: int) -> str:
        params = GenerationParams(max_new_tokens=40, temperature=1.5, top_p=1.0, seed=seed)
        return last(engine, {"base": prompt}, params).texts["base"]

    assert sample(1) == sample(1)
    assert len({sample(seed) for seed in range(4)}) > 1


def test_answers_end_their_turn(engine: Engine) -> None:
    params = GenerationParams(max_new_tokens=256, temperature=0.0)
    done = last(
        engine, dict.fromkeys(engine.variants, ask("What are the signs of asthma?")), params
    )
    assert set(done.finished.values()) == {"stop"}


def test_labels_and_turn_markers_are_single_tokens(engine: Engine) -> None:
    for text in (" yes", " no", " maybe", "<start_of_turn>", "<end_of_turn>"):
        assert len(engine.tokenizer.encode(text, add_special_tokens=False)) == 1


def test_the_embedded_base_is_a_whole_gemma_2(engine: Engine) -> None:
    from transformers import AutoConfig, Gemma2ForCausalLM, GemmaTokenizer

    config = AutoConfig.from_pretrained(EMBEDDED_DIR)
    assert Gemma2ForCausalLM.__name__ in config.architectures
    assert {"sliding_attention", "full_attention"} == set(config.layer_types)
    assert config.attn_logit_softcapping == 50
    assert config.final_logit_softcapping == 30
    assert config.tie_word_embeddings
    assert config.num_key_value_heads < config.num_attention_heads
    assert isinstance(engine.tokenizer, GemmaTokenizer)
    size = sum(p.stat().st_size for p in EMBEDDED_DIR.rglob("*") if p.is_file())
    assert size <= 25 * 2**20


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ({}, "No variant"),
        ({"stage9": ask("Hi")}, "choose among"),
        ({"base": []}, "empty"),
        ({"base": ask(" ")}, "empty"),
        ({"base": ask("pain " * 20_000)}, "Shorten"),
        ({"base": [{"role": "system", "content": "x"}]}, "role"),
    ],
)
def test_bad_requests_are_refused_before_anything_runs(
    engine: Engine, requests: Mapping[str, Prompt], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        engine.stream(requests, GREEDY)


def test_a_broken_adapter_is_named(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_engine("embedded", {"mine": str(tmp_path)})


def test_a_label_that_begins_another_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="begins"):
        engine.label_logprobs([ask("Does rest help?")], (" no", " no doubt"))


def test_many_answers_are_what_each_prompt_gets_alone(engine: Engine) -> None:
    prompts = [ask("I have a sore throat."), ask("What is asthma? " * 9), ask("Hello doctor,")]
    found = engine.answers("stage2", prompts, GREEDY)
    for prompt, (text, ended) in zip(prompts, found, strict=True):
        alone = last(engine, {"stage2": prompt})
        assert (text, ended) == (alone.texts["stage2"], alone.finished["stage2"])
    short = GenerationParams(max_new_tokens=2, temperature=0.0)
    assert [ended for _, ended in engine.answers("stage2", prompts, short)] == ["length"] * 3
    assert engine.answers("stage2", [], GREEDY) == []
    with pytest.raises(InputError, match="stage9"):
        engine.answers("stage9", prompts, GREEDY)


def test_every_token_of_a_text_has_its_likelihood(engine: Engine) -> None:
    """Against transformers alone, on a text of more than one chunk and than the sliding window."""
    from transformers import AutoModelForCausalLM

    exact = load_engine("embedded", dtype="float32")
    text = "The patient has asthma and should rest at home. " * 60
    scored = exact.token_logprobs(text)
    assert list(scored) == ["base", "stage1", "stage2"]
    base = scored["base"]
    assert list(base.ids) == exact.tokenizer.encode(text)
    assert len(base.ids) > 512
    assert "".join(base.texts[1:]) == text
    model = AutoModelForCausalLM.from_pretrained(
        EMBEDDED_DIR, dtype=torch.float32, attn_implementation="eager"
    )
    ids = torch.tensor([base.ids])
    with torch.inference_mode():
        logprobs = model(ids).logits[0].log_softmax(-1)
    wanted = logprobs[:-1].gather(1, ids[0, 1:, None])[:, 0].numpy()
    assert base.logprobs.dtype == np.float32
    assert np.isnan(base.logprobs[0])
    assert np.allclose(base.logprobs[1:], wanted, atol=1e-4)
    assert not np.allclose(base.logprobs[1:], scored["stage1"].logprobs[1:], atol=0.1)


def test_a_reply_is_as_likely_by_its_tokens_as_by_its_label(engine: Engine) -> None:
    exact = load_engine("embedded", dtype="float32")
    prompt, reply = ask("What is asthma?"), "Asthma is a disease of the airways."
    turns: list[Message] = [*prompt, {"role": "assistant", "content": reply}]
    said = len(exact.render(prompt))
    labels = exact.label_logprobs([prompt], [reply])[:, 0, 0]
    scored = exact.token_logprobs(turns)
    sums = [float(its.logprobs[said:].sum()) for its in scored.values()]
    assert np.allclose(sums, labels, atol=1e-3)
    with pytest.raises(InputError, match="stage9"):
        exact.token_logprobs(turns, ["stage9"])


def test_the_engine_says_what_it_computes_in_and_that_it_can_do_everything(engine: Engine) -> None:
    assert engine.device == "cpu"
    assert engine.dtype in ("float32", "bfloat16")
    assert load_engine("embedded", dtype="float32").dtype == "float32"
    assert engine.unsupported == {}


def threads_of_a_new_thread() -> int:
    counts = []
    worker = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    worker.start()
    worker.join()
    return counts[0]


def test_the_thread_count_comes_back_when_the_decoding_ends(engine: Engine) -> None:
    assert none_decodes()  # the thread of an earlier test would go on, with the count it began with
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        stream = engine.stream({"base": ask("Hello")}, GREEDY)
        next(stream)
        stream.close()  # does not wait within an event loop, such as a browser's tests leave here
        assert none_decodes()  # between two steps the count is back already, and goes again
        assert threads_of_a_new_thread() == 3
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_a_thread_count_of_earlier_does_not_come_back(engine: Engine) -> None:
    before = torch.get_num_threads()
    for count in (3, 1):
        torch.set_num_threads(count)
        try:
            list(engine.stream({"base": ask("Hello")}, GREEDY))
            assert none_decodes()  # its thread asks for the count as it begins
            assert threads_of_a_new_thread() == count
        finally:
            torch.set_num_threads(before)


def test_what_is_no_number_ends_its_row_alone() -> None:
    """Planted: one value of one variant's update is lost after loading."""
    planted: Any = load_engine("embedded", dtype="float32")
    prompt = ask("Does rest help?")
    before = planted.label_logprobs([prompt], (" yes", " no"))
    layer = next(m for m in planted._base.runner.model.modules() if isinstance(m, VariantLinear))
    layer.down.data[0, 0] = float("nan")  # the first block is stage 1's
    assert layer.blocks[0][0] == "stage1"
    after = planted.label_logprobs([prompt], (" yes", " no"))
    assert np.isnan(after[1]).all()
    assert np.array_equal(after[[0, 2]], before[[0, 2]])
    whole = last(planted, {"base": prompt, "stage2": prompt})
    lost = last(planted, dict.fromkeys(planted.variants, prompt))
    assert lost.failed.keys() == {"stage1"}
    assert lost.failed["stage1"].startswith("stage1 gave scores that are no numbers")
    assert lost.finished == {**whole.finished, "stage1": "failed"}
    assert lost.texts == {**whole.texts, "stage1": ""}
    for asked in ({"stage1": prompt}, dict.fromkeys(planted.variants, prompt)):
        with pytest.raises(ModelError, match=r"^stage1 gave scores that are no numbers"):
            planted.answer(asked, GREEDY)
