"""PubMedQA's official test questions, wherever they come from, are asked and never trained on."""

from __future__ import annotations

import json
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
    taken = stage1.training_data(ref, 40, 0)
    assert (len(taken.examples), taken.official, taken.unusable) == (12, 30, [])
    assert not any(i in e.completion for i in OFFICIAL[:30] for e in taken.examples)
    both = stage2.mixed(ref, taken, taken, 0)
    counted = run.counts(Rows([Row([1], [1], False)], []), both.official).plain()
    assert counted == {"train": 1, "held_out": 0, "cut": 0, "unusable": 0, "official_test": 30}


def test_a_clone_trains_on_the_artificial_set(tmp_path: Path) -> None:
    data(tmp_path / "pqa_labeled" / "train-0.parquet", [*map(int, OFFICIAL), 1, 2])
    data(tmp_path / "pqa_artificial" / "train-0.parquet", list(range(100, 115)))
    taken = stage1.training_data(Ref.of(str(tmp_path), "--data"), 40, 0)
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
