"""MedMCQA and MedQA by their Hub ids, in the layouts that they have there."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.doubles.hub.server import Hub
from tests.serving import command

MEDMCQA, MEDQA = "openlifescienceai/medmcqa", "GBaker/MedQA-USMLE-4-options"
READ = """
from hera.data import load_choices
from hera.errors import DataError
for ref, split in (("{0}", "validation"), ("{1}", "test"), ("{0}", "test"), ("{0}", "dev")):
    try:
        print([(c.id, c.topic, c.options[c.answer]) for c in load_choices(ref, split)])
    except DataError as error:
        print(error)
"""


def medmcqa(identity: str, cop: int) -> bytes:
    texts = {f"op{letter}": f"option {letter}" for letter in "abcd"}
    row = {"id": identity, "question": "Which?", **texts, "cop": cop, "subject_name": "Surgery"}
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), sink)
    return sink.getvalue()


def medqa(letter: str) -> bytes:
    options = {x: f"option {x}" for x in "ABCD"}
    row = {"question": "Which?", "answer": f"option {letter}", "options": options}
    return json.dumps({**row, "meta_info": "step1", "answer_idx": letter}).encode() + b"\n"


def test_splits_and_withheld_answers(hub: Hub, tmp_path: Path) -> None:
    parts = {"train": medmcqa("a", 0), "validation": medmcqa("b", 4), "test": medmcqa("c", -1)}
    files = {f"data/{name}-00000-of-00001.parquet": part for name, part in parts.items()}
    hub.seed("dataset", MEDMCQA, files)
    files = {
        f"phrases_no_exclude_{name}.jsonl": medqa(x) for name, x in (("train", "A"), ("test", "D"))
    }
    hub.seed("dataset", MEDQA, files)
    program = READ.format(MEDMCQA, MEDQA)
    done = command("-c", program, home=tmp_path, **hub.environment())
    assert done.returncode == 0, done.stderr
    validation, medqa_test, withheld, unknown = done.stdout.splitlines()
    assert validation == "[('b', 'Surgery', 'option d')]"
    assert medqa_test == "[('1', 'step1', 'option D')]"
    assert "cop is -1" in withheld
    assert f"{MEDMCQA}: no split 'dev', only train, validation, test." in unknown
