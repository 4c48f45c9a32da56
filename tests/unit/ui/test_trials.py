"""Blind trials: who is on which side, names that are hidden, votes, and what they come to."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hera.errors import InputError
from hera.types import BASE, Engine
from hera.ui.feedback import shared
from hera.ui.running import pairing
from hera.ui.tally import Share, tally
from hera.ui.trials import (
    CHANCE,
    MOST,
    SETTINGS,
    Guess,
    Kept,
    Opinions,
    Side,
    Trial,
    Vote,
    drawn,
    pairs,
    read,
    usual_pair,
    voted,
)
from hera.ui.unnamed import MARK, names_of, unnamed

SERVED = ("base", "stage1", "stage2")


def trial(a: str, b: str, vote: Vote, guess: Guess | None = None) -> Trial:
    """One that is voted on; stage2's answer has three words, another two."""
    sides = [
        Side(variant=v, seed=k, text="go now please" if v == "stage2" else "wait here")
        for k, v in enumerate((a, b))
    ]
    made = Trial(model="m", question="What?", pair=("base", "stage2"), sides=(sides[0], sides[1]))
    return voted(made, vote, guess, ["other", "care"])


def test_chance_decides_the_sides_the_seeds_and_the_twins() -> None:
    dice = random.Random(1)
    made = [drawn("m", " hi ", "base+stage2", SERVED, dice) for _ in range(800)]
    twins = [t for t in made if t.is_twin]
    low, high = Share(len(twins), 800).interval
    assert low < 0.25 < high
    low, high = Share(sum(t.sides[0].variant == BASE for t in twins), len(twins)).interval
    assert low < 0.5 < high
    others = [t for t in made if not t.is_twin]
    low, high = Share(sum(t.answer == "a" for t in others), len(others)).interval
    assert low < 0.5 < high
    assert all(t.sides[0].seed != t.sides[1].seed for t in made)
    assert {t.question for t in made} == {"hi"}
    assert {t.pair for t in made} == {("base", "stage2")}
    any_pair = {drawn("m", "hi", "any", SERVED, dice).pair for _ in range(100)}
    assert any_pair == set(pairs(SERVED).values())


def test_always_the_same_side_is_right_as_often_as_chance_is_said_to_be() -> None:
    dice = random.Random(2)
    made = [drawn("m", "hi", usual_pair(SERVED), SERVED, dice) for _ in range(800)]
    low, high = Share(sum(t.answer == "a" for t in made), len(made)).interval
    assert low < CHANCE < high
    assert made[0].pair == ("base", "stage2")


def test_what_cannot_be_drawn_or_voted_on_is_said() -> None:
    dice = random.Random(0)
    with pytest.raises(InputError, match="needs two variants"):
        drawn("m", "hi", None, ["base"], dice)
    with pytest.raises(InputError, match="message is empty"):
        drawn("m", " ", None, SERVED, dice)
    fresh = drawn("m", "hi", None, SERVED, dice)
    with pytest.raises(InputError, match="which answer is better"):
        voted(fresh, None, "a", [])
    for spent in (None, voted(fresh, "unclear", None, [])):
        with pytest.raises(InputError, match="no trial to vote on"):
            voted(spent, "a", None, [])
    full = Kept(trials=(fresh,) * MOST)
    with pytest.raises(InputError, match=f"keeps {MOST} trials already"):
        full.check_room()


def test_each_answer_is_drawn_by_itself_with_its_own_seed(engine: Engine) -> None:
    serving: Any = SimpleNamespace(engine=lambda: engine)
    params = replace(SETTINGS, max_new_tokens=24, temperature=1.5)
    asked = trial("base", "base", "same").model_copy(update={"question": "What is asthma?"}).asked
    for sides in ([("base", 1), ("base", 2)], [("stage2", 3), ("base", 4)]):
        *_, last = pairing(serving)(asked, sides, params, "")
        alone = [
            engine.answer({name: asked}, replace(params, seed=seed)).texts[name]
            for name, seed in sides
        ]
        assert [said.text for said in last] == alone
        assert alone[0] != alone[1]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I am Gemma, made by Google.", "I am ■, made by ■."),
        ("I'm SmolLM2-135M-Instruct!", "I'm ■!"),
        ("This is Chat Doctor. My name is Dr. Jane Roe, hi", "This is ■. My name is ■, hi"),
        ("As stage2 I would say: STAGE2.", "As ■ I would say: ■."),
        ("I am the base model.", "I am ■ model."),
        ("my-lora, not my-loras", "■, not my-loras"),
    ],
)
def test_names_that_a_model_says_of_itself_are_hidden(said: str, shown: str) -> None:
    names = names_of((*SERVED, "my-lora"), "google/gemma-2-2b-it")
    assert unnamed(said, names) == shown


def test_what_only_looks_like_a_name_stays() -> None:
    text = (
        "I am sorry. The pain at the base of the thumb, your GPT of 35 U/L, the embedded splinter "
        "and a meta-analysis: I'm not sure. I am a doctor."
    )
    assert unnamed(text, names_of(SERVED, "embedded")) == text


def test_no_beginning_of_a_name_is_seen_while_an_answer_grows() -> None:
    names = names_of(SERVED, "google/gemma-2-2b-it")
    text = "Well, I am Gemma, also called ChatGPT or Hugging Face's stage2. " + "More. " * 8
    whole = unnamed(text, names)
    for end in range(len(text)):
        seen = unnamed(text[:end], names, ended=False)
        assert whole.startswith(seen)
    assert whole.count(MARK) == 4


def test_votes_are_counted_by_variant_and_twins_apart() -> None:
    votes = [
        trial("base", "stage2", "b", "b"),
        trial("stage2", "base", "a", "b"),
        trial("stage2", "base", "b"),
        trial("base", "stage2", "same", "twin"),
        trial("stage2", "stage2", "a", "twin"),
        trial("base", "base", "unclear", "a"),
    ]
    found = tally(votes)
    (preference,) = found.preferences
    assert (preference.share.hits, preference.share.n, preference.open) == (2, 3, 1)
    assert preference.preferred is None
    assert (found.luck.hits, found.luck.n) == (1, 2)
    assert (found.guesses.hits, found.guesses.n) == (2, 5)
    assert found.lengths is not None
    assert (found.lengths.longer, found.lengths.n) == (4, 4)
    assert (found.lengths.base, found.lengths.tuned) == (2, 3)


@pytest.mark.parametrize(("wins", "n", "preferred"), [(5, 5, None), (6, 6, "stage2"), (7, 9, None)])
def test_nothing_is_claimed_while_luck_can_have_done_it(
    wins: int, n: int, preferred: str | None
) -> None:
    votes = [trial("base", "stage2", "b" if k < wins else "a") for k in range(n)]
    (preference,) = tally(votes).preferences
    assert preference.preferred == preferred
    (mirrored,) = tally([trial("base", "stage2", "a")] * 6).preferences
    assert mirrored.preferred == "base"
    assert mirrored.p == pytest.approx(2 / 2**6)


def test_a_browser_keeps_all_of_it_and_nothing_else_is_read() -> None:
    kept = Kept().with_trial(trial("base", "stage2", "b", "b"))
    assert read(kept.plain()).trials == kept.trials
    assert read({}) == read(None) == Kept()
    unknown = kept.plain()["trials"][0] | {"vote": "c"}
    not_its_pair = kept.plain()["trials"][0] | {"pair": ["base", "stage1"]}
    every: list[object] = [[{}], 1, [unknown], [not_its_pair]]
    for broken in every:
        with pytest.raises(InputError, match="Press Forget"):
            read({"trials": broken})


def test_two_tabs_keep_the_trials_of_both() -> None:
    first, second, third = (trial(a, "base", "b") for a in ("base", "stage2", "base"))
    third = third.model_copy(update={"question": "Another?"})
    here = Kept(trials=(first,), before=Opinions(tell="mostly"))
    there = Kept(trials=(first, second, third), before=Opinions(length="longer"))
    both = here.with_others(there)
    assert both.trials == (first, second, third)
    assert both.before == Opinions(tell="mostly", length="longer")
    assert both.with_others(here) == both.with_others(Kept()) == both
    assert len(Kept(trials=(first,) * MOST).with_others(there).trials) == MOST


def test_what_is_shared_says_nothing_of_who_voted() -> None:
    record = shared(trial("base", "stage2", "b", "twin"))
    assert record == {
        "model": "m",
        "question": "What?",
        "pair": ["base", "stage2"],
        "sides": [
            {"variant": "base", "seed": 0, "text": "wait here"},
            {"variant": "stage2", "seed": 1, "text": "go now please"},
        ],
        "max_new_tokens": 256,
        "temperature": 0.7,
        "top_p": 0.95,
        "vote": "b",
        "guess": "twin",
        "changed": ["care", "other"],
    }
