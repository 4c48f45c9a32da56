"""`python -m benchmarks.embedded`: what the embedded model is measured by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.embedded import __main__ as embedded
from benchmarks.embedded import shortcuts
from hera.cli import run
from tests.serving import command

KINDS = ("all", "facts", "phrasings", "unread")


def test_every_part_is_measured_and_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = command(
        *("-m", "benchmarks.embedded", "--limit", "6", "--output", str(out)), home=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert found["pubmedqa"]["all"]["stage1"]["n"] == 6
    assert {k: found["pubmedqa"][k]["stage1"]["n"] for k in found["pubmedqa"]} == {
        "all": 6,
        "unseen terms": found["pubmedqa"]["unseen terms"]["base"]["n"],
        "unseen phrasings": 6 - found["pubmedqa"]["unseen terms"]["base"]["n"],
    }
    for temperature in ("0", "0.7"):
        assert set(found[f"messages at {temperature}"]) <= set(KINDS)
        assert found[f"messages at {temperature}"]["all"]["ends its turn"]["n"] == 6
        assert found[f"outside at {temperature}"]["n"] == 6
    for words in ("held-out questions", "shortcuts", "patients' messages", "outside its world"):
        assert words in done.stdout


def test_conversations_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    embedded.main(["--conversations", "4"])
    told = capsys.readouterr().out
    assert told.count("HERA: ") >= 4
    assert [f"{n}." in told.splitlines() for n in range(1, 6)] == [True] * 4 + [False]


def test_shortcuts_fail_on_the_held_out_questions() -> None:
    """No better than a few points over always "yes" (0.55); a stage that reads gets far more."""
    found, _ = shortcuts.shortcut_scores()
    limits = {"question alone": 0.6, "last sentence": 0.7, "keyword rule": 0.65}
    for name, limit in limits.items():
        (told,) = (by["held-out"] for full, by in found.items() if full.startswith(name))
        assert told["n"] == 1000
        assert told["accuracy"] < limit


@pytest.mark.parametrize(
    ("flags", "words"), [(("--conversations", "101"), "at most 100"), (("--limit", "0"), "--limit")]
)
def test_bad_use_is_one_line(
    capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], words: str
) -> None:
    assert run(lambda: embedded.main([*flags])) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
