"""`python -m benchmarks.report`: what it says, what it draws, what it refuses."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from benchmarks.report import __main__ as report
from benchmarks.report.kinds import read_section
from hera.errors import ConfigError, DataError
from tests.doubles.results import QUALITY, SAFETY, STOPPED, VERDICTS


def write(folder: Path, result: dict[str, Any]) -> str:
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(result), encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One report of four runs, the first of them given twice."""
    runs, output = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("new") / "report"
    told = {"1st": VERDICTS, "2nd": STOPPED, "3rd": SAFETY, "4th": QUALITY}
    folders = [write(runs / name, result) for name, result in told.items()]
    report.main([*folders, folders[0] + "/", "--output", str(output)])
    text = (output / "report.md").read_text(encoding="utf-8")
    summary, *sections = re.split(r"^## \d\. ", text, flags=re.M)
    said = re.split(r"^\*\*\d\. ", summary, flags=re.M)[1:]
    return SimpleNamespace(output=output, text=text, said=said, sections=sections)


def under(word: str, said: str) -> list[str]:
    """The pairs listed under "- Improved:" and the like."""
    lines = re.search(rf"^- {word}:\n((?:  - .*\n)+)", said + "\n", re.M)
    return re.findall(r"  - (\S+ to \S+):", lines.group(1)) if lines else []


def test_a_difference_needs_its_interval_and_its_corrected_p(made: SimpleNamespace) -> None:
    said = made.said[0]
    assert under("Improved", said) == ["base to stage1"]
    assert under("Got worse", said) == ["stage1 to stage2"]
    assert under("Cannot be told", said) == ["base to stage2", "base to mix"]
    assert "+45.0 points (95 % interval +20.0 to +70.0, corrected p = 0.0120)" in said
    rows = [line for line in made.sections[0].splitlines() if line.startswith("| base   | stage2")]
    assert ["cannot be told" in row for row in rows] == [True]
    assert "- Got worse: none." in made.said[2]
    assert "Of 20, right are: base 8, stage1 17, stage2 12." in said


def test_what_n_can_tell(made: SimpleNamespace) -> None:
    assert "With n = 20 a difference under 30 points cannot be told from chance." in made.said[0]
    assert "With n = 5 no difference can be told from chance." in made.said[1]
    assert "With n = 500 a difference under 1.2 points cannot be told from chance." in made.said[2]


def test_variants_are_held_against_guessing_but_not_against_people(made: SimpleNamespace) -> None:
    against = [line for line in made.said[0].splitlines() if "against" in line]
    assert against == [
        "- By its own interval, against majority (60.0 %): above it: stage1; below it: base; "
        "cannot be told from it: stage2."
    ]
    assert "| *human*    |       |        78.0 |" in made.sections[0]
    assert "against silence (30.0 %)" in made.said[2]


def test_means_are_never_called_better(made: SimpleNamespace) -> None:
    assert made.said[3].splitlines()[4].startswith("- Cannot be told")
    assert "| words   | -10.5 (-12.0 to -9.0) * |" in made.sections[3]
    assert "| words   | 20.0 | 9.500 (8.000 to 11.000) |" in made.sections[3]
    assert re.search(r"\| grade   \|    - \| +1\.000 \(1\.000 to 1\.000\) \|", made.sections[3])
    assert "- words: how many" in made.sections[3]


def test_a_partial_run_says_so_everywhere_and_no_other(made: SimpleNamespace) -> None:
    mark = "PARTIAL: 5 of 500 items"
    captions = re.findall(r"^(?:Table|Figure) .*", made.sections[1], re.M)
    assert len(captions) == 7
    assert all(mark in caption for caption in captions)
    assert mark in made.said[1].splitlines()[0]
    assert mark in made.sections[1].splitlines()[0]
    rest = [*made.said[:1], *made.said[2:], *made.sections[:1], *made.sections[2:]]
    assert not any("PARTIAL" in part for part in rest)


def test_a_partial_runs_pictures_say_so_themselves(tmp_path: Path) -> None:
    write(tmp_path / "x", STOPPED)
    figures = read_section(tmp_path / "x").draw()
    assert list(figures) == ["accuracy", "pairs", "confusion", "reliability"]
    assert all("PARTIAL: 5 of 500" in figure.get_suptitle() for figure in figures.values())


def test_runs_stay_apart_and_a_name_with_two_meanings_is_called_out(made: SimpleNamespace) -> None:
    assert len(made.sections) == 4
    assert (
        "**stage1 is not the same weights everywhere:** bbbbbbbbbbbb in run 1, 3, 4; "
        in (made.said[3])
    )
    assert "dddddddddddd in run 2." in made.said[3]
    for told in ("sha256 cccccccccccc", "seed: 42", "torch 2.13.0", "stage1 bbbbbbbbbbbb"):
        assert told in made.sections[0]
    assert "`q.json`" in made.sections[0]
    assert "/home/me" not in made.text


def test_pictures_are_there_and_large_enough_to_print(made: SimpleNamespace) -> None:
    linked = re.findall(r"!\[[^]]+\]\((.*?)\)", made.text)
    assert len(linked) == 4 + 4 + 2 + 1
    assert sorted([*linked, "report.html", "report.md"]) == sorted(
        p.name for p in made.output.iterdir()
    )
    for name in linked:
        with Image.open(made.output / name) as image:
            image.verify()
            assert image.format == "PNG"
            assert image.width >= 900
            assert 250 <= image.height <= 1600


def test_columns_of_every_table_stand_under_each_other(made: SimpleNamespace) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", made.text, re.M)
    assert len(tables) == 3 + 3 + 3 + 2
    for table in tables:
        bars = [[m.start() for m in re.finditer(r"(?<!\\)\|", x)] for x in table.splitlines()]
        assert all(places == bars[0] for places in bars)
    assert "a \\| b" in made.text


MISSING = object()


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("benchmark",), "speed", "`benchmark` is 'speed'"),
        (("benchmark",), MISSING, "no `benchmark`"),
        (("environment", "weights"), MISSING, "`environment.weights` is not there"),
        (("partial",), MISSING, "`partial` is not there"),
        (("seed",), True, "`seed` is True, not int"),
        (("paired", 0, "p_holm"), MISSING, "`paired.0.p_holm` is not there"),
        (("paired", 0, "difference"), -0.45, "`paired.0.difference` contradicts"),
        (("paired", 0, "difference_ci95"), [0.7, 0.2], "ends before it begins"),
        (("variants", "base", "accuracy"), float("nan"), "`variants.base.accuracy` is no finite"),
        (("variants", "base", "accuracy_ci95"), [0.1], "`variants.base.accuracy_ci95.1`"),
        (("variants", "stage1", "items"), [], "`variants.stage1.items` is empty"),
        (("data", "n"), 21, "`variants.base.items` holds 20 items, where `data.n` is 21"),
    ],
)
def test_a_bad_result_names_the_file_and_the_key(
    tmp_path: Path, keys: tuple[str | int, ...], value: object, said: str
) -> None:
    result = copy.deepcopy(VERDICTS)
    place: Any = result
    for key in keys[:-1]:
        place = place[key]
    if value is MISSING:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    folder = write(tmp_path / "bad", result)
    refused(folder, tmp_path / "out", said)


@pytest.mark.parametrize("content", ["{oops", "[1, 2]", "\udc80"])
def test_what_is_no_result_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    refused(tmp_path, tmp_path / "out", "")


def test_a_folder_without_a_result_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", tmp_path / "out", "no such file")


def refused(folder: str | Path, output: Path, said: str) -> None:
    with pytest.raises(DataError) as error:
        report.main([str(folder), "--output", str(output)])
    assert str(error.value).startswith(f"{folder}/results.json: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not output.exists()


def test_nothing_is_overwritten_and_the_folder_has_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "mine.md").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="--output report: it is not empty"):
        report.main([write(tmp_path / "run", QUALITY)])
