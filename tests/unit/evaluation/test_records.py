"""Result files: what is written is read back, and what is wrong in one is named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hera.errors import DataError, ModelError
from hera.evaluation import records
from hera.evaluation.results import PubmedqaResult
from tests.doubles.results import VERDICTS


def test_what_is_written_is_read_back_with_keys_of_a_newer_hera(tmp_path: Path) -> None:
    content = {**copy.deepcopy(VERDICTS), "votes": {"up": 3}}
    content["data"]["ref"] = "/home/me/q.json"
    path = tmp_path / "results.json"
    records.write(path, PubmedqaResult.of(content))
    assert json.loads(path.read_text(encoding="utf-8")) == content
    read = records.read(path, PubmedqaResult)
    assert read.data.ref == "q.json"
    assert read.plain() == {**content, "data": {**content["data"], "ref": "q.json"}}
    assert read.paired[0].verdict == 1
    assert read.n == 20


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_result_holds_what_is_no_number(tmp_path: Path, number: float) -> None:
    content = copy.deepcopy(VERDICTS)
    content["variants"]["base"]["items"][0]["logprobs"]["no"] = number
    with pytest.raises(ModelError, match=r"^`variants\.base\.items\.0\.logprobs\.no` is no finite"):
        PubmedqaResult.of(content)
    with pytest.raises(DataError, match=r"logprobs\.no` is no finite number"):
        records.parse(tmp_path / "results.json", PubmedqaResult, content)
    unknown = PubmedqaResult.of(VERDICTS).model_copy(update={"votes": {"up": [1.0, number]}})
    with pytest.raises(ModelError, match=r"^`votes\.up\.1` is no finite number"):
        records.write(tmp_path / "results.json", unknown)
    assert list(tmp_path.iterdir()) == []


def test_a_record_does_not_change() -> None:
    record = PubmedqaResult.of(VERDICTS)
    with pytest.raises(ValueError, match="frozen"):
        record.seed = 1


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("variants", "base", "per_class", "yes", "support"), 1.5, "not int"),
        (("variants", "base", "confusion", "yes"), [1], "not dict"),
        (("variants", "base", "items", 0, "logprobs", "no"), "x", "not float"),
        (("environment", "weights", "base"), None, "is None, not str"),
        (("benchmark",), "safety", "`benchmark`"),
    ],
)
def test_what_is_of_another_kind_is_named(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, said: str
) -> None:
    content: Any = copy.deepcopy(VERDICTS)
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path = tmp_path / "results.json"
    with pytest.raises(DataError, match=rf"`{'.'.join(map(str, keys))}`") as refused:
        records.parse(path, PubmedqaResult, content)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
