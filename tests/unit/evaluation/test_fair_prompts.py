"""Each variant with its own best prompt, chosen on other questions: planted cases."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from hera.data import Question
from hera.evaluation.fair_prompts import FairPrompts, fair_prompts, in_all_prompts
from hera.evaluation.prompted import Prompted, prompt_texts
from hera.evaluation.scoring import PROMPTS, Scored

Chances = Mapping[str, Mapping[str, float]]
"""Variant -> prompt -> how often it is right."""


def answered(n: int, chances: Chances, seed: int) -> FairPrompts:
    """What is found of variants that are right so often, each question's luck shared by all."""
    draw = random.Random(seed)
    questions = [Question(str(i), "?", (".",), "", "yes") for i in range(n)]
    scored = []
    for question in questions:
        for prompt in PROMPTS:
            right = {name: draw.random() < its[prompt] for name, its in chances.items()}
            scored.append(
                Scored(
                    id=Prompted(question, prompt).id,
                    gold="yes",
                    pred={name: "yes" if is_so else "no" for name, is_so in right.items()},
                    logprobs={name: {"yes": -1.0, "no": -2.0, "maybe": -9.0} for name in chances},
                )
            )
    found = fair_prompts(in_all_prompts(questions, scored), list(chances), seed=seed)
    assert found is not None
    return found


def test_a_gain_that_is_the_prompts_alone_goes_with_the_right_one_for_each() -> None:
    at = dict.fromkeys(PROMPTS, 0.5)
    tuned = {"base": at | {"hera": 0.3, "expert": 0.9}, "stage1": at | {"hera": 0.9}}
    found = answered(200, tuned, 1)
    (pair,) = found.paired
    assert pair.under["hera"].verdict == 1  # in the prompt that stage1 was trained with
    assert pair.under["expert"].verdict == -1
    assert {choice.prompt for choice in found.variants["base"].chosen} == {"expert"}
    assert {choice.prompt for choice in found.variants["stage1"].chosen} == {"hera"}
    assert pair.fair.verdict == 0
    assert abs(pair.fair.difference) < 0.1
    assert "expert" in pair.turned
    assert "expert" in pair.reversed
    assert pair.spread.largest == pytest.approx(0.6, abs=0.15)
    assert pair.spread.largest_prompts == ("hera", "hera")
    assert pair.spread.smallest < -0.2
    assert len(pair.saying(1)) + len(pair.saying(-1)) + len(pair.saying(0)) == len(PROMPTS)


def equals(n: int, seed: int) -> FairPrompts:
    """Two variants with the same eight chances, each in an order of its own."""
    draw = random.Random(seed)
    order = {name: draw.sample(range(len(PROMPTS)), len(PROMPTS)) for name in ("base", "stage1")}
    chances = {
        name: dict(zip(PROMPTS, (0.5 + place / 20 for place in places), strict=True))
        for name, places in order.items()
    }
    return answered(n, chances, seed)


def test_variants_that_are_equally_good_are_not_told_apart() -> None:
    told = [seed for seed in range(6) if equals(100, seed).paired[0].fair.verdict]
    assert told == []


def test_every_question_counts_once_and_is_not_what_its_prompt_was_chosen_on() -> None:
    """Where all prompts are the same, the best of eight looks better only where it was chosen."""
    lucky = {"base": dict.fromkeys(PROMPTS, 0.5)}
    chosen, scored = 0.0, 0.0
    for seed in range(20):
        found = answered(60, lucky, seed)
        choices = found.variants["base"].chosen
        assert [choice.n_scored for choice in choices] == [30, 30]
        assert sum(item.half for item in found.items) == 30
        fair = found.variants["base"].fair.accuracy
        assert fair == pytest.approx(sum(choice.accuracy_scored for choice in choices) / 2)
        chosen += sum(choice.accuracy_chosen for choice in choices) / 40
        scored += fair / 20
    assert chosen > 0.58
    assert 0.46 < scored < 0.54


def test_what_is_not_in_all_prompts_does_not_count() -> None:
    questions = [Question(str(i), "?", (".",), "", "no") for i in range(2)]
    scored = [
        Scored(id=Prompted(q, prompt).id, gold="no", pred={"base": "no"})
        for q in questions
        for prompt in PROMPTS
    ]
    assert list(in_all_prompts(questions, scored[:-1])) == ["0"]
    whole = in_all_prompts(questions[:1], scored)
    assert fair_prompts(whole, ["base"], seed=0) is None


def test_all_prompts_differ_and_name_both_parts_once() -> None:
    texts = [str(text) for text in prompt_texts().values()]
    assert len(set(texts)) == len(texts) == 8
    for text in texts:
        assert text.count("{abstract}") == text.count("{question}") == 1
