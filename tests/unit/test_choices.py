"""Multiple choice: every schema that people have, the shuffle, the baselines, the numbers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import medqa, runs
from benchmarks.choices import shuffled, summary, table
from hera.data import fingerprint, load_choices
from hera.errors import ConfigError, DataError
from hera.multiple_choice import Choice

TEXTS = ("rest", "water", "a splint", "a scan")
MEDQA: dict[str, Any] = {
    "question": "What helps?",
    "answer": "a splint",
    "options": dict(zip("ABCD", TEXTS, strict=True)),
    "answer_idx": "C",
    "meta_info": "step1",
}
MEDMCQA: dict[str, Any] = {
    "id": "e9ad",
    "question": "What helps?",
    **{f"op{letter}": text for letter, text in zip("abcd", TEXTS, strict=True)},
    "cop": 2,
    "choice_type": "single",
    "subject_name": "Surgery",
}
OWN: dict[str, Any] = {
    "id": "x-01",
    "topic": "bones",
    "question": "What helps?",
    "options": list(TEXTS),
    "answer": 2,
}


def write(path, rows):
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize(
    ("row", "identity", "topic"),
    [(MEDQA, "1", "step1"), (MEDMCQA, "e9ad", "Surgery"), (OWN, "x-01", "bones")],
    ids=["medqa", "medmcqa", "own"],
)
def test_every_schema_in_every_format(tmp_path, suffix, row, identity, topic):
    read = load_choices(write(tmp_path / f"rows{suffix}", [row]))
    assert read == [Choice(identity, topic, "What helps?", TEXTS, 2)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no rows"),
        ([{**MEDQA, "answer_idx": "E"}], "row 1: answer_idx is 'E', not A, B, C or D"),
        ([{**MEDQA, "options": {**MEDQA["options"], "E": "a cast"}}], "5 options with text"),
        ([{**MEDQA, "options": {"A": "rest", "B": "water"}, "answer_idx": "A"}], "2 options"),
        ([{**MEDMCQA, "opd": None}], "3 options with text instead of four"),
        ([{**MEDMCQA, "cop": -1}], "cop is -1: MedMCQA's test split comes without its answers"),
        ([{**MEDMCQA, "cop": 4}], "this file counts from 1"),
        ([{**MEDMCQA, "cop": "b"}], "cop is 'b', not 0, 1, 2 or 3"),
        ([{**MEDMCQA, "id": None}], "row 1: no id"),
        ([MEDMCQA, MEDMCQA], "the id e9ad occurs twice"),
        ([OWN, {**OWN, "id": "x-02", "question": " "}], "row 2: no question"),
        ([OWN, *[{**OWN, "id": str(i), "answer": 7} for i in range(3)]], "3 of 4 rows cannot"),
        ([{**OWN, "options": "rest"}], "0 options"),
        (["text"], "row 1: expected an object"),
    ],
)
def test_rows_that_are_no_questions(tmp_path, rows, says):
    with pytest.raises(DataError, match=says) as caught:
        load_choices(write(tmp_path / "rows.json", rows))
    assert "\n" not in str(caught.value)


def test_a_folder_gives_the_split_that_is_asked_for(tmp_path):
    write(tmp_path / "train-0.parquet", [{**MEDMCQA, "id": "a"}])
    write(tmp_path / "validation-0.parquet", [{**MEDMCQA, "id": "b"}])
    assert [c.id for c in load_choices(str(tmp_path), "validation")] == ["b"]
    with pytest.raises(DataError, match="no file is named after the split 'test'"):
        load_choices(str(tmp_path), "test")


@pytest.mark.parametrize("flags", [[], ["--data", "embedded"]])
def test_medqa_without_data_says_what_to_give(flags):
    with pytest.raises(ConfigError, match="HERA ships neither MedQA nor MedMCQA"):
        medqa.main(flags)


def made(n):
    return [Choice(f"q{i}", "t", f"Question {i}?", TEXTS, i % 3) for i in range(n)]


def test_the_shuffle_keeps_the_right_answer_and_spreads_it_evenly():
    stored = made(40)
    for seed in range(5):
        shown = shuffled(stored, seed)
        assert Counter(c.answer for c in shown) == dict.fromkeys(range(4), 10)
        for before, after in zip(stored, shown, strict=True):
            assert after.options[after.answer] == before.options[before.answer]
            assert sorted(after.options) == sorted(before.options)
        assert len({c.options for c in shown}) > 12


def test_the_shuffle_is_the_seeds():
    stored = made(40)
    assert shuffled(stored, 1) == shuffled(stored, 1)
    assert sorted(shuffled(stored[::-1], 1), key=repr) == sorted(shuffled(stored, 1), key=repr)
    assert fingerprint(shuffled(stored, 1)) != fingerprint(shuffled(stored, 2))


@pytest.mark.parametrize("last", ["All of the above", "Both a and c", "None of these", "B & C"])
def test_options_that_name_their_neighbours_stay_in_place(last):
    choice = Choice("q", "t", "What helps?", (*TEXTS[:3], last), 3)
    assert all(shuffled([choice], seed) == [choice] for seed in range(5))


def item(i, gold, **pred):
    logprobs = {name: {x: -1.0 - (x != p) for x in "ABCD"} for name, p in pred.items()}
    return {"id": f"q{i}", "topic": "ab"[i % 2], "gold": gold, "pred": pred, "logprobs": logprobs}


def test_numbers_by_hand():
    items = [
        item(0, "A", base="A", tuned="A"),
        item(1, "B", base="A", tuned="B"),
        item(2, "A", base="A", tuned="D"),
        item(3, "C", base="A", tuned="C"),
    ]
    found = summary(items, ("base", "tuned"), seed=0)
    base, tuned = found["variants"]["base"], found["variants"]["tuned"]
    assert (base["accuracy"], tuned["accuracy"]) == (0.5, 0.75)
    assert base["accuracy_ci95"] == pytest.approx([0.150, 0.850], abs=1e-3)
    assert {t: v["accuracy"] for t, v in base["per_topic"].items()} == {"a": 1.0, "b": 0.0}
    assert base["chosen"] == {"A": 4, "B": 0, "C": 0, "D": 0}
    assert {name: b["accuracy"] for name, b in found["baselines"].items()} == {
        "random": 0.25,
        "always A": 0.5,
        "always B": 0.25,
        "always C": 0.25,
        "always D": 0.0,
    }
    (pair,) = found["paired"]
    assert (pair["only_a"], pair["only_b"], pair["p"]) == (1, 2, 1.0)
    printed = table(found, "reasoning, n = 4")
    for says in ("n = 4", "random", "always D", "McNemar", "0.500  0.150 to 0.850", "b         2"):
        assert says in printed


def test_nothing_scored_is_no_crash():
    found = summary([], ("base", "tuned"), seed=0)
    assert found["variants"]["base"]["n"] == 0
    assert "n = 0" in table(found, "reasoning, 0 of 160")


def test_a_sample_is_shown_as_the_whole_shows_it():
    whole = {c.id: c for c in shuffled(made(40), 3)}
    assert all(whole[c.id] == c for c in runs.choose(shuffled(made(40), 3), 8, 3))
