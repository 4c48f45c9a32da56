"""`python -m benchmarks.people`: what is counted, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.people import __main__ as people
from benchmarks.people.asked import load_questions, load_talks
from benchmarks.people.result import Answered, groups
from hera.errors import DataError
from hera.refs import Ref

ASKED = [
    {"id": "a", "kind": "x", "message": "What helps a cold?", "any": [["\\brest", "tea"]]},
    {"id": "b", "kind": "y", "message": "And acne?", "any": [["wash"], ["doctor", "skin"]]},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ASKED), encoding="utf-8")
    return file


def test_every_list_asks_for_a_word(data: Path) -> None:
    cold, acne = load_questions(Ref.of(str(data), "--data"))
    assert cold.is_met_by("You should REST.")
    assert not cold.is_met_by("The forest is green.")
    assert acne.is_met_by("Wash it; else see a doctor.")
    assert not acne.is_met_by("Wash it.")


def test_a_line_that_is_no_question_is_named(data: Path) -> None:
    with data.open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "message": "?", "any": [["("]]}\n')
    with pytest.raises(DataError, match=r"--data .*mine\.jsonl, line 3: no question"):
        load_questions(Ref.of(str(data), "--data"))


def test_hera_s_own_are_two_hundred_and_ten_conversations() -> None:
    own = load_questions(Ref.of("embedded", "--data"))
    assert [sum(q.group == name for q in own) for name in ("plain", "outside")] == [100, 100]
    assert [len(turns) for turns in load_talks()] == [3] * 10


def test_shares_and_pairs_are_those_of_the_answers() -> None:
    said = {"base": (True, False, False), "stage2": (True, True, True)}
    items = [
        Answered.of(
            {
                "id": str(place),
                "group": "plain",
                "kind": "x",
                "message": "?",
                "answers": {
                    name: {"text": "Yes.", "finished": "stop" if met[place] else "length",
                           "met": met[place]}
                    for name, met in said.items()
                },
            }
        )
        for place in range(3)
    ]  # fmt: skip
    group = groups(items, ["base", "stage2"], 0)["plain"]
    assert group["variants"]["base"]["to the point"]["rate"] == pytest.approx(1 / 3)
    assert group["variants"]["base"]["ends its turn"]["rate"] == pytest.approx(1 / 3)
    assert group["variants"]["stage2"]["to the point"]["rate"] == 1
    (pair,) = group["paired"]
    assert (pair["only_a"], pair["only_b"], pair["p"]) == (0, 2, 0.5)


def test_it_asks_all_variants_and_goes_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--data", str(data), "--max-new-tokens", "8", "--output", str(tmp_path / "out")]
    people.main(flags)
    said = capsys.readouterr().out
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [item["id"] for item in result["items"]] == ["a", "b"]
    assert set(result["items"][0]["answers"]) == {"base", "stage1", "stage2"}
    assert result["groups"]["plain"]["n"] == 2
    assert "plain, n = 2: share of answers" in said
    assert "stage1 to stage2" in said
    people.main([*flags, "--resume"])
    assert capsys.readouterr().out.splitlines()[0] == said.splitlines()[0]


def test_conversations_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    people.main(["--conversations", "--max-new-tokens", "4"])
    said = capsys.readouterr().out
    assert said.count("Visitor: ") == said.count("stage2: ") == 30
