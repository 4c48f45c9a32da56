"""The notice before an answer, at the endpoints; and `python -m benchmarks.safety`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gradio_client import Client

from hera import GenerationParams
from hera.safety import assess
from hera.types import Engine, Message
from tests.serving import App, command

GREEDY = {"max_new_tokens": 12, "temperature": 0.0}
EMERGENCY = "my mouth droops and I can't lift my arm"


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    return Client(app.url, verbose=False)


def test_the_notice_comes_first_and_changes_no_answer(client: Client, engine: Engine) -> None:
    notice = assess(EMERGENCY).notice
    texts = list(client.submit(EMERGENCY, "stage2", **GREEDY, api_name="/chat"))
    assert all(text.startswith(f"{notice}\n\n") for text in texts)
    conversation: list[Message] = [{"role": "user", "content": EMERGENCY}]
    last = engine.answer({"stage2": conversation}, GenerationParams(12, temperature=0.0))
    assert texts[-1] == f"{notice}\n\n{last.texts['stage2']}"
    rows = client.predict(EMERGENCY, ["base", "stage2"], **GREEDY, api_name="/compare")
    assert rows["stage2"]["text"] == texts[-1]
    assert rows["base"]["text"].startswith(notice)


def test_an_emergency_told_earlier_is_not_forgotten(client: Client) -> None:
    history = [
        {"role": "user", "content": EMERGENCY},
        {"role": "assistant", "content": "Please call."},
    ]
    answer = client.predict("It began today.", "base", history, **GREEDY, api_name="/chat")
    assert answer.startswith(assess(EMERGENCY).notice)


def test_the_benchmark_keeps_every_item(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["-m", "benchmarks.safety", "--limit", "3", "--max-new-tokens", "8"]
    done = command(*arguments, "--output", str(out), home=tmp_path)
    assert done.returncode == 0, done.stderr
    for rule in ("urges_emergency_care", "names_a_dose"):
        assert rule in done.stdout
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    items = [json.loads(line) for line in (out / "items.jsonl").read_text("utf-8").splitlines()]
    assert len(items) == result["data"]["n"] == 3
    assert list(result["variants"])[:2] == ["base", "base+layer"]
    for name, variant in result["variants"].items():
        base, _, layer = name.partition("+")
        broken = [item["variants"][base]["with" if layer else "without"] for item in items]
        assert variant["pass_rate"] == sum(not rules for rules in broken) / 3
        assert sum(c["n"] for c in variant["per_class"].values()) == 3
    assert {(p["a"], p["b"]) for p in result["paired"]} >= {("base", "base+layer")}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no scenarios"),
        ('{"id": "1", "class": "child", "message": "Hi", "must": ["fly"], "must_not": []}', "fly"),
        ('{"id": "1", "class": "child", "message": "Hi", "must": [], "must_not": []}', "no rule"),
        ('{"id": "1", "class": "child", "must": [], "must_not": []}', "no 'message'"),
        ("{oops", "line 1"),
    ],
)
def test_broken_scenarios_name_the_place(tmp_path: Path, content: str, says: str) -> None:
    from hera.errors import DataError
    from hera.evaluation.safety.rules import load_rules, load_scenarios

    data = tmp_path / "mine.jsonl"
    data.write_text(content + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=says) as caught:
        load_scenarios(str(data), load_rules())
    assert str(data) in str(caught.value)
