"""Multiple choice: the shuffle, the baselines, the numbers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import medqa
from benchmarks.harness.flags import choose
from benchmarks.harness.multiple_choice import choice_summary
from hera.data import Choice, fingerprint
from hera.errors import ConfigError, DataError
from hera.evaluation.choices.asking import ScoredChoice, shuffled
from hera.evaluation.choices.result import choice_scores

TEXTS = ("rest", "water", "a splint", "a scan")


@pytest.mark.parametrize("flags", [[], ["--data", "embedded"]])
def test_medqa_without_data_says_what_to_give(flags: list[str]) -> None:
    with pytest.raises(ConfigError, match="HERA ships neither MedQA nor MedMCQA"):
        medqa.main(flags)


def test_a_question_over_the_window_is_left_out_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"question": "What helps?", "options": list(TEXTS), "answer": 2}
    rows = [{**row, "id": "a"}, {**row, "id": "b", "question": "What helps? " * 3000}]
    (tmp_path / "q.json").write_text(json.dumps(rows), encoding="utf-8")
    flags = ["--data", str(tmp_path / "q.json"), "--output", str(tmp_path / "out")]
    medqa.main(flags)
    told = capsys.readouterr()
    assert told.err == "over the model's window, left out: 1 (b)\n"
    assert "n = 1, 1 over the model's window left out" in told.out
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert (result["left_out"], result["data"]["n"]) == (["b"], 1)
    assert [item["id"] for item in result["variants"]["base"]["items"]] == ["a"]
    (tmp_path / "q.json").write_text(json.dumps(rows[1:]), encoding="utf-8")
    with pytest.raises(DataError, match=r"q.json: every question is over the model's window"):
        medqa.main(flags[:2])


def made(n: int) -> list[Choice]:
    return [Choice(f"q{i}", "t", f"Question {i}?", TEXTS, i % 3) for i in range(n)]


def test_the_shuffle_keeps_the_right_answer_and_spreads_it_evenly() -> None:
    stored = made(40)
    for seed in range(5):
        shown = shuffled(stored, seed)
        assert Counter(c.answer for c in shown) == dict.fromkeys(range(4), 10)
        for before, after in zip(stored, shown, strict=True):
            assert after.options[after.answer] == before.options[before.answer]
            assert sorted(after.options) == sorted(before.options)
        assert len({c.options for c in shown}) > 12


def test_the_shuffle_is_the_seeds() -> None:
    stored = made(40)
    assert shuffled(stored, 1) == shuffled(stored, 1)
    assert sorted(shuffled(stored[::-1], 1), key=repr) == sorted(shuffled(stored, 1), key=repr)
    assert fingerprint(shuffled(stored, 1)) != fingerprint(shuffled(stored, 2))


@pytest.mark.parametrize("last", ["All of the above", "Both a and c", "None of these", "B & C"])
def test_options_that_name_their_neighbours_stay_in_place(last: str) -> None:
    choice = Choice("q", "t", "What helps?", (*TEXTS[:3], last), 3)
    assert all(shuffled([choice], seed) == [choice] for seed in range(5))


def item(i: int, gold: str, **pred: str) -> ScoredChoice:
    logprobs = {name: {x: -1.0 - (x != p) for x in "ABCD"} for name, p in pred.items()}
    return ScoredChoice(
        id=f"q{i}", gold=gold, pred=pred, logprobs=logprobs, topic="ab"[i % 2], options=TEXTS
    )


def test_numbers_by_hand() -> None:
    items = [
        item(0, "A", base="A", tuned="A"),
        item(1, "B", base="A", tuned="B"),
        item(2, "A", base="A", tuned="D"),
        item(3, "C", base="A", tuned="C"),
    ]
    found = choice_scores(items, ("base", "tuned"), seed=0)
    base, tuned = found.variants["base"], found.variants["tuned"]
    assert (base.accuracy, tuned.accuracy) == (0.5, 0.75)
    assert base.accuracy_ci95 == pytest.approx((0.150, 0.850), abs=1e-3)
    assert {t: v.accuracy for t, v in base.per_topic.items()} == {"a": 1.0, "b": 0.0}
    assert base.chosen == {"A": 4, "B": 0, "C": 0, "D": 0}
    assert {name: b.accuracy for name, b in found.baselines.items()} == {
        "random": 0.25,
        "always A": 0.5,
        "always B": 0.25,
        "always C": 0.25,
        "always D": 0.0,
    }
    (pair,) = found.paired
    assert (pair.only_a, pair.only_b, pair.p) == (1, 2, 1.0)
    printed = choice_summary(found, "reasoning, n = 4")
    for says in ("n = 4", "random", "always D", "McNemar", "0.500  0.150 to 0.850", "b         2"):
        assert says in printed


def test_nothing_scored_is_no_crash() -> None:
    found = choice_scores([], ("base", "tuned"), seed=0)
    assert found.variants["base"].n == 0
    assert "n = 0" in choice_summary(found, "reasoning, 0 of 160")


def test_a_sample_is_shown_as_the_whole_shows_it() -> None:
    whole = {c.id: c for c in shuffled(made(40), 3)}
    assert all(whole[c.id] == c for c in choose(shuffled(made(40), 3), 8, 3))
