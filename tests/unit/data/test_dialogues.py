"""Dialogues in every shape people have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hera.data import Dialogue, load_dialogues
from hera.errors import DataError

ASK, REPLY = "I cough at night.", "Since when?"
SHORT = Dialogue(ASK, REPLY)
LONG = Dialogue("Since Monday.", "Rest well.", history=((ASK, REPLY),))
TURNS = [ASK, REPLY, "Since Monday.", "Rest well."]


def messages(texts: list[Any], *names: str, role: str = "role", content: str = "content") -> Any:
    return [{role: names[i % 2], content: text} for i, text in enumerate(texts)]


CHAT = messages(TURNS, "user", "assistant")
SYSTEM = {"role": "system", "content": "Be kind."}
SHAPES: dict[str, tuple[dict[str, Any], Dialogue]] = {
    "healthcaremagic": ({"instruction": "Be a doctor.", "input": ASK, "output": REPLY}, SHORT),
    "alpaca": ({"instruction": ASK, "input": "", "output": REPLY}, SHORT),
    "alpaca_null": ({"instruction": ASK, "input": None, "output": REPLY}, SHORT),
    "no_input": ({"instruction": ASK, "output": REPLY}, SHORT),
    "prompt": ({"prompt": ASK, "completion": f" {REPLY}\n"}, SHORT),
    "prompt_messages": ({"prompt": [SYSTEM, *CHAT[:3]], "completion": CHAT[3:]}, LONG),
    "messages": ({"messages": CHAT}, LONG),
    "system": ({"messages": [SYSTEM, *CHAT[:2]]}, SHORT),
    "parts": (
        {"messages": messages([[{"type": "text", "text": t}] for t in TURNS], "user", "model")},
        LONG,
    ),
    "sharegpt": (
        {"conversations": messages(TURNS, "human", "gpt", role="from", content="value")},
        LONG,
    ),
    "conversations_of_roles": ({"conversations": CHAT}, LONG),
    "text": ({"messages": json.dumps(CHAT)}, LONG),
    "nulls": ({"instruction": None, "input": None, "output": None, "messages": CHAT}, LONG),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_every_shape(tmp_path: Path, shape: str, suffix: str) -> None:
    row, dialogue = SHAPES[shape]
    path = tmp_path / f"d{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        path.write_text(json.dumps(row))
    assert load_dialogues(str(path)) == [dialogue]


def test_what_all_rows_are_instructed_is_nobodys_message(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    same = {"instruction": "Answer as a doctor.", "output": REPLY}
    path.write_text(json.dumps({**same, "input": ASK}) + "\n" + json.dumps({**same, "input": " "}))
    unusable: list[str] = []
    assert load_dialogues(str(path), unusable=unusable) == [SHORT]
    assert unusable == [
        f"{path}, row 2: no 'input' (fields: instruction, output, input): rows need instruction, "
        "input and output."
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"text": "x", "label": 1}, r"no dialogue \(fields: text, label\). Wanted: {\"instruction"),
        (["x"], "no dialogue .*not an object"),
        ({"messages": []}, r"no dialogue \(fields: messages\)"),
        ({"messages": CHAT[:3]}, "not a patient's and a doctor's in turns"),
        ({"messages": CHAT[1:]}, "not a patient's and a doctor's in turns"),
        ({"messages": [SYSTEM]}, "not a patient's and a doctor's in turns"),
        ({"messages": [CHAT[0], {"role": "tool", "content": "x"}]}, "a message of 'tool'"),
        (
            {"messages": [CHAT[0], {"role": "assistant", "content": None}]},
            "a message of 'assistant' in place",
        ),
        ({"messages": [["user", "x"]]}, "a message of None in place"),
        ({"messages": 7}, "a message of None in place"),
        ({"messages": "[{'role': 'user'}]"}, "kept as text that is no JSON"),
        ({"prompt": 5, "completion": 6}, "'input' is 5, no text"),
        ({"instruction": ["x"], "output": REPLY}, r"'input' is \['x'\], no text"),
        ({"instruction": "Be a doctor.", "input": 5, "output": REPLY}, "'input' is 5, no text"),
        ({"input": ASK, "output": REPLY, "history": 5}, "'history' is no list"),
        ({"input": ASK, "output": REPLY, "history": [None]}, "'history' is no list"),
    ],
)
def test_rows_that_are_no_dialogues(tmp_path: Path, row: Any, says: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(json.dumps([row]))
    with pytest.raises(DataError, match=says) as caught:
        load_dialogues(str(path))
    assert "\n" not in str(caught.value)
    assert "row 1" in str(caught.value)
