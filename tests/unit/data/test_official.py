"""PubMedQA's official test questions, wherever they come from, are asked and never trained on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.data import official_test
from hera.errors import DataError
from hera.refs import Ref
from train import run, stage1, stage2
from train.rows import Row, Rows

OFFICIAL = sorted(official_test())


def row(identity: Any) -> dict[str, Any]:
    return {
        "pubid": identity,
        "question": "Does tea help?",
        "context": {"contexts": ["We asked."], "labels": ["AIM"]},
        "long_answer": f"Study {identity} says so.",
        "final_decision": "yes",
    }


def data(path: Path, identities: list[Any]) -> Ref:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row(i) for i in identities]), path)
    else:
        path.write_text("\n".join(json.dumps(row(i)) for i in identities))
    return Ref.of(str(path), "--data")


@pytest.mark.parametrize(
    ("name", "kind"), [("q.jsonl", str), ("q.jsonl", int), ("q.parquet", int), ("q.parquet", float)]
)
def test_they_are_left_out_and_counted(tmp_path: Path, name: str, kind: Any) -> None:
    ref = data(tmp_path / name, [kind(i) for i in [*OFFICIAL[:30], *range(1, 13)]])
    taken = stage1.training_data(ref, 20, 0)
    assert (len(taken.examples), taken.official, taken.unusable) == (12, 30, [])
    assert not any(i in e.completion for i in OFFICIAL[:30] for e in taken.examples)
    both = stage2.mixed(ref, taken, taken, 0)
    counted = run.counts(Rows([Row([1], [1], False)], []), both.official).plain()
    assert counted == {"train": 1, "held_out": 0, "cut": 0, "unusable": 0, "official_test": 30}


def original(identity: str) -> dict[str, Any]:
    """A row of ori_pqal.json."""
    plain = row(identity)
    names = ("question", "long_answer")
    kept = {name.upper(): plain[name] for name in names} | {"final_decision": "yes"}
    return {**kept, "CONTEXTS": plain["context"]["contexts"], "LABELS": ["AIM"]}


def bigbio(identity: str) -> dict[str, Any]:
    """A row of BigBio's, which has no long answer: what a copy adds one to."""
    ids = dict.fromkeys(("id", "question_id", "document_id"), identity)
    said = {"type": "yesno", "choices": ["yes", "no", "maybe"], "answer": ["yes"]}
    plain = row(identity)
    texts = {name: plain[name] for name in ("question", "long_answer")}
    return {**ids, **texts, **said, "context": "We asked."}


def as_csv(path: Path, identities: list[str]) -> None:
    """A table that made the ids floats, and these text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row("")))
        writer.writeheader()
        for identity in identities:
            plain = row(identity)
            context = json.dumps(plain["context"])
            writer.writerow({**plain, "pubid": f"{identity}.0", "context": context})


WRITE: dict[str, Callable[[Path, list[str]], Any]] = {
    "ori_pqal.json": lambda path, ids: path.write_text(json.dumps({i: original(i) for i in ids})),
    "bigbio.jsonl": lambda path, ids: path.write_text(
        "\n".join(json.dumps(bigbio(i)) for i in ids)
    ),
    "table.csv": as_csv,
}


@pytest.mark.parametrize("name", WRITE)
def test_they_are_known_in_every_shape(tmp_path: Path, name: str) -> None:
    WRITE[name](tmp_path / name, [*OFFICIAL[:30], *map(str, range(1, 13))])
    taken = stage1.training_data(Ref.of(str(tmp_path / name), "--data"), 20, 0)
    assert (len(taken.examples), taken.official, taken.unusable) == (12, 30, [])
    assert not any(f"Study {i} " in e.completion for i in OFFICIAL[:30] for e in taken.examples)


def test_a_clone_trains_on_the_artificial_set(tmp_path: Path) -> None:
    data(tmp_path / "pqa_labeled" / "train-0.parquet", [*map(int, OFFICIAL), 1, 2])
    data(tmp_path / "pqa_artificial" / "train-0.parquet", list(range(100, 115)))
    taken = stage1.training_data(Ref.of(str(tmp_path), "--data"), 20, 0)
    assert (len(taken.examples), taken.official) == (15, 0)
    labelled = Ref.of(str(tmp_path / "pqa_labeled"), "--data")
    with pytest.raises(DataError, match=r"500 of its 502 questions .* leaves 2: 10 are") as caught:
        stage1.training_data(labelled, 40, 0)
    assert "\n" not in str(caught.value)


def test_nothing_is_noted_where_there_are_none() -> None:
    taken = stage1.training_data(Ref.of("embedded", "--data"), 10, 0)
    assert taken.official == 0
    counted = run.counts(Rows([Row([1], [1], False)], []), 0).plain()
    assert counted == {"train": 1, "held_out": 0, "cut": 0, "unusable": 0}
