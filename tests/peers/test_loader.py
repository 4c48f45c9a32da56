"""Adapters with their own words and turns, adapters on another base, full models as variants."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel

from hera import GenerationParams, ModelError, load_engine
from hera.engine.local import LocalEngine
from hera.refs import EMBEDDED_DIR
from hera.types import Engine, Message, Prompt, Step
from hera.weights.sources import Source
from tests.doubles import families, miniatures, tokenizers
from tests.doubles.miniatures import (
    FOREIGN,
    GREEDY,
    LABELS,
    PROMPTS,
    QUESTION,
    VOCABULARY,
    load,
)
from tests.threads import decoding, none_decodes


def last(
    engine: Engine, *names: str, params: GenerationParams = GREEDY, prompt: Prompt = QUESTION
) -> Step:
    return list(engine.stream(dict.fromkeys(names, prompt), params))[-1]


@torch.inference_mode()
def reference(model: miniatures.Model, prompt: list[int], label: list[int]) -> float:
    logprobs = model(torch.tensor([prompt + label])).logits[0].log_softmax(-1)
    places = range(len(prompt) - 1, len(prompt) + len(label) - 1)
    return float(sum(logprobs[i, t] for i, t in zip(places, label, strict=True)))


def test_every_kind_loads_and_the_second_copies_are_said(
    mixed: LocalEngine, made: miniatures.Folders, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mixed.variants == ("base", "stage1", *FOREIGN)
    words = " / ".join(mixed.notes)
    assert "onmerged, full have their own base: a second copy of the weights (6.3 m" in words
    assert "chatml has its own embeddings: 3.1 million" in words
    assert "resized has its own embeddings: 1.6 million" in words
    load(made, "full")
    assert "note: full has its own base" in capsys.readouterr().err


def test_a_shared_base_is_loaded_once(mixed: LocalEngine) -> None:
    runners = {id(mixed._variants[name].runner) for name in ("onmerged", "full")}
    assert len(runners) == 1
    assert mixed._variants["chatml"].runner is mixed._variants["base"].runner


def test_the_others_change_no_bit_of_the_base(mixed: LocalEngine, plain: LocalEngine) -> None:
    for names in (["base"], ["base", "stage1"]):
        wanted = plain.label_logprobs(PROMPTS, LABELS, names)
        assert np.array_equal(mixed.label_logprobs(PROMPTS, LABELS, names), wanted)
    wanted = plain.label_logprobs(PROMPTS, LABELS)
    assert np.array_equal(mixed.label_logprobs(PROMPTS, LABELS)[:2], wanted)


def test_in_one_batch_a_row_has_no_probability_beyond_its_own_words(
    mixed: LocalEngine, plain: LocalEngine
) -> None:
    runner, other = mixed._variants["base"].runner, plain._variants["base"].runner
    ids = torch.tensor([mixed.render(QUESTION)] * 2)
    with torch.inference_mode(), runner.rows.using(["base", "chatml"]):
        logits = runner.model(ids).logits
    with torch.inference_mode(), other.rows.using(["base", "base"]):
        wanted = other.model(ids).logits
    assert logits.shape[-1] == VOCABULARY + 2
    assert torch.equal(logits[0, :, :VOCABULARY], wanted[0])
    assert torch.isinf(logits[0, :, VOCABULARY:]).all()
    assert torch.isfinite(logits[1]).all()
    assert torch.equal(logits[0].log_softmax(-1)[:, :VOCABULARY], wanted[0].log_softmax(-1))


@pytest.mark.parametrize("name", FOREIGN)
def test_scores_are_what_peft_itself_computes(
    mixed: LocalEngine, alone: Mapping[str, miniatures.Model], name: str
) -> None:
    tokenizer = mixed._variants[name].tokenizer
    labels = [tokenizer.encode(t, add_special_tokens=False) for t in LABELS]
    scores = mixed.label_logprobs(PROMPTS, LABELS, [name])[0]
    for row, prompt in zip(scores, PROMPTS, strict=True):
        ids = tokenizer.encode(prompt) if isinstance(prompt, str) else mixed.render(prompt, name)
        wanted = [reference(alone[name], ids, label) for label in labels]
        assert np.allclose(row, wanted, atol=1e-4)
    assert not np.allclose(scores, mixed.label_logprobs(PROMPTS, LABELS, ["base"])[0], atol=0.1)


def test_one_request_over_all_kinds_is_each_alone(
    mixed: LocalEngine, alone: Mapping[str, miniatures.Model]
) -> None:
    together = last(mixed, *mixed.variants)
    for name in mixed.variants:
        single = last(mixed, name)
        assert together.texts[name] == single.texts[name]
        assert together.tokens[name] == single.tokens[name]
        assert together.finished[name] == single.finished[name] is not None
    assert len(set(together.texts.values())) > 3
    ids = torch.tensor([mixed.render(QUESTION, "chatml")])
    model: Any = alone["chatml"]
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, max_new_tokens=24, do_sample=False, eos_token_id=VOCABULARY + 1
        )
    decode = mixed._variants["chatml"].tokenizer.decode
    assert together.texts["chatml"] == decode(out[0, ids.shape[1] :], skip_special_tokens=True)


def test_a_seed_repeats_a_sample_over_several_runners(mixed: LocalEngine) -> None:
    params = GenerationParams(max_new_tokens=12, temperature=1.5, top_p=0.9, seed=4)
    names = ("base", "chatml", "full")
    texts = [dict(last(mixed, *names, params=params).texts) for _ in range(2)]
    assert texts[0] == texts[1]


def test_chatml_is_rendered_by_its_own_template(mixed: LocalEngine) -> None:
    turns: list[Message] = [*QUESTION, {"role": "assistant", "content": "Wheezing."}, *QUESTION]
    tokenizer: Any = miniatures.chatml_tokenizer()
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = mixed.render(turns, "chatml")
    assert ids == tokenizer.encode(text, add_special_tokens=False)
    assert ids[0] == tokenizer.convert_tokens_to_ids("<|im_start|>") == VOCABULARY
    assert mixed.render(turns) == mixed.render(turns, "full")
    assert mixed.tokenizer.convert_tokens_to_ids("<|im_end|>") != VOCABULARY + 1


def test_chatml_ends_on_its_own_turn_end(mixed: LocalEngine) -> None:
    step = last(mixed, "base", "chatml")
    assert step.finished["chatml"] == "stop"
    assert 2 <= step.tokens["chatml"] <= 9
    assert "<|im_end|>" not in step.texts["chatml"]


def test_closing_the_stream_stops_all_workers_at_once(mixed: LocalEngine) -> None:
    params = GenerationParams(max_new_tokens=1500, temperature=2.0)
    stream = mixed.stream(dict.fromkeys(("base", "chatml", "full"), QUESTION), params)
    next(stream)
    assert decoding() == 2
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 2
    assert none_decodes()


def rewritten(source: Path, folder: Path, **changes: object) -> Path:
    """A copy of an adapter with another config."""
    shutil.copytree(source, folder)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, **changes}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"use_dora": True}, "the adapter has no layers.0.self_attn.q_proj.lora_magnitude"),
        ({"peft_type": "IA3", "feedforward_modules": []}, "IA3"),
    ],
)
def test_what_is_no_plain_lora_is_refused(
    made: miniatures.Folders, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    folder = rewritten(EMBEDDED_DIR / "stage1", tmp_path / "other", **changes)
    with pytest.raises(ModelError, match=words) as caught:
        load(made, mine=folder)
    assert "--adapter mine=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_adapter_of_embeddings_alone_is_served(made: miniatures.Folders, tmp_path: Path) -> None:
    config = LoraConfig(r=4, target_modules=["embed_tokens"], task_type="CAUSAL_LM")
    peer: Any = get_peft_model(miniatures.base(), config)
    for name, parameter in peer.named_parameters():
        if "lora_embedding" in name:
            parameter.data.normal_(0, 0.3, generator=torch.Generator().manual_seed(4))
    peer.save_pretrained(str(tmp_path / "other"), save_embedding_layers=False)
    engine = load(made, mine=tmp_path / "other")
    found = engine.label_logprobs(PROMPTS, LABELS, ["mine"])
    for i, prompt in enumerate(PROMPTS):
        for j, label in enumerate(LABELS):
            wanted = families.label_logprob(peer.eval(), engine.tokenizer, prompt, label)
            assert found[0, i, j] == pytest.approx(wanted, abs=1e-4)


def test_a_module_that_is_no_table_is_named(made: miniatures.Folders, tmp_path: Path) -> None:
    config = LoraConfig(r=4, modules_to_save=["norm"], task_type="CAUSAL_LM")
    get_peft_model(miniatures.base(), config).save_pretrained(str(tmp_path / "other"))
    words = (
        r"brings its own model\.\S*norm, where this base has its embeddings in model.embed_tokens"
    )
    with pytest.raises(ModelError, match=words):
        load(made, mine=tmp_path / "other")


def test_grown_words_without_a_tokenizer_are_refused(
    made: miniatures.Folders, tmp_path: Path
) -> None:
    folder = tmp_path / "mute"
    shutil.copytree(made["chatml"], folder, ignore=shutil.ignore_patterns("token*", "*.jinja"))
    with pytest.raises(ModelError, match=r"6,146 rows, the base's 6,144.*Add its tokenizer"):
        load(made, mine=folder)


def test_words_without_embeddings_are_refused(made: miniatures.Folders, tmp_path: Path) -> None:
    folder = tmp_path / "lost"
    shutil.copytree(EMBEDDED_DIR / "stage1", folder)
    miniatures.chatml_tokenizer().save_pretrained(folder)
    with pytest.raises(ModelError, match=r"6,146 tokens, but its embeddings 6,144 rows"):
        load(made, mine=folder)


def small_base(**changes: object) -> PreTrainedModel:
    config = miniatures.base().config
    for key, value in changes.items():
        setattr(config, key, value)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config)
    return model


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": 128}, r"layers.0.self_attn.q_proj.lora_A is 4 x 128 there, 4 x 256 here"),
        (
            {"num_hidden_layers": 7, "layer_types": ["full_attention"] * 7},
            r"the base has no layers.6.self_attn.q_proj.lora_A",
        ),
        (
            {"num_hidden_layers": 2, "layer_types": ["full_attention"] * 2},
            r"the adapter has no layers.2.self_attn.q_proj.lora_A",
        ),
    ],
)
def test_wrong_shapes_name_the_parameter(
    made: miniatures.Folders, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    model = get_peft_model(
        small_base(**changes), LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM")
    )
    model.save_pretrained(str(tmp_path / "other"), save_embedding_layers=False)
    with pytest.raises(ModelError, match=f"made for another base: {words}") as caught:
        load(made, mine=tmp_path / "other")
    assert "\n" not in str(caught.value)


def test_bases_are_told_apart(made: miniatures.Folders, tmp_path: Path) -> None:
    from hera.refs import Ref
    from hera.weights.sources import source

    def base_of(named: str, served: str) -> Source:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        ref = rewritten(made["onmerged"], folder, base_model_name_or_path=named)
        return source(Ref.of(str(ref), "--adapter a="), Ref.of(str(served)))

    merged = str(made["full"])
    assert base_of("hera/embedded", "embedded").base.is_embedded
    assert base_of(str(EMBEDDED_DIR), "embedded").base.is_embedded
    assert str(base_of(merged, "embedded").base) == merged
    assert base_of("hera/embedded", merged).base.is_embedded
    assert str(base_of("google/gemma-2-2b-it", merged).base) == merged
    pinned = "google/gemma-2-2b-it@main"
    assert str(base_of("Google/gemma-2-2b-it", pinned).base) == pinned
    gone = base_of("/content/merged", "embedded")
    assert gone.base.is_embedded
    assert gone.note is not None
    assert "/content/merged, which is not here" in gone.note


def test_what_is_neither_model_nor_adapter_is_refused(
    made: miniatures.Folders, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"nor a config\.json"):
        load(made, mine=tmp_path)


def test_the_page_says_what_a_variant_costs(mixed: LocalEngine) -> None:
    from hera.config import Config
    from hera.ui.serving import Serving

    serving = Serving(Config())
    serving._engine = mixed
    serving._done.set()
    assert "own base: a second copy of the weights" in serving.status()


def with_template(folder: Path, template: str | None) -> Path:
    """A tiny base with another chat template, or none."""
    families.base("llama", folder)
    tokenizer = tokenizers.embedded()
    tokenizer.chat_template = template
    for name in ("chat_template.jinja", "tokenizer_config.json"):
        (folder / name).unlink(missing_ok=True)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_base_without_a_chat_template_answers_raw_text_and_says_so(tmp_path: Path) -> None:
    engine = load_engine(str(with_template(tmp_path / "mute", None)), device="cpu")
    assert engine.notes == (
        "base has no chat template and is given raw text: the turns of a conversation with an "
        "empty line between them",
    )
    text = "Asthma is a disease of"
    as_turn = engine.answer({"base": [{"role": "user", "content": text}]}, GREEDY)
    assert as_turn.texts == engine.answer({"base": text}, GREEDY).texts


def test_a_template_that_cannot_be_rendered_is_one_line_at_load(tmp_path: Path) -> None:
    broken = with_template(tmp_path / "broken", "{{ messages[0].content.nothing.at.all }}")
    with pytest.raises(ModelError, match="cannot render this conversation") as caught:
        load_engine(str(broken), device="cpu")
    assert str(caught.value).startswith(f"--model {broken}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_model_says_what_is_missing(tmp_path: Path) -> None:
    folder = families.base("llama", tmp_path / "base")
    config = (folder / "config.json").read_text(encoding="utf-8")
    for name, content, words in (
        ("config.json", "[]", "its config.json holds no object"),
        ("config.json", "{", "its config.json is cut short or damaged"),
        ("tokenizer", None, "no tokenizer there"),
        ("config.json", None, "no config.json there"),
    ):
        (folder / "config.json").write_text(config, encoding="utf-8")
        if content is not None:
            (folder / name).write_text(content, encoding="utf-8")
        for path in folder.glob(f"{name}*" if content is None else "none"):
            path.unlink()
        with pytest.raises(ModelError, match=words) as caught:
            load_engine(str(folder), device="cpu")
        assert str(caught.value).startswith(f"--model {folder}: ")


@pytest.mark.parametrize("pad", [None, "[PAD]"])
def test_a_base_without_a_padding_token_that_it_knows_answers_in_a_batch(
    tmp_path: Path, pad: str | None
) -> None:
    folder = families.base("llama", tmp_path / "base")
    wanted = load_engine(str(folder), dtype="float32", device="cpu").label_logprobs(PROMPTS, LABELS)
    tokenizer = tokenizers.embedded()
    tokenizer.pad_token = pad
    if pad is None:
        tokenizer.eos_token = None
    tokenizer.save_pretrained(folder)
    engine = load_engine(str(folder), dtype="float32", device="cpu")
    assert np.allclose(engine.label_logprobs(PROMPTS, LABELS), wanted, atol=1e-5)
    assert engine.answer({"base": QUESTION}, GREEDY).texts["base"]
