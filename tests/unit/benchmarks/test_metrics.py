"""PubMedQA's metric: its numbers, and that its folder stands alone."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import evaluate
import pytest
from huggingface_hub import SpaceCard

from benchmarks.metrics import FOLDER, load
from benchmarks.metrics.__main__ import FILES, main
from benchmarks.metrics.pubmedqa.pubmedqa import Pubmedqa
from hera.data.pubmedqa import LABELS
from hera.errors import ConfigError
from hera.evaluation import stats
from tests.serving import NO_TRANSFORMERS, ROOT, environment

CARD = SpaceCard.load(FOLDER / "README.md")


@pytest.fixture(scope="module")
def metric(tmp_path_factory: pytest.TempPathFactory) -> Pubmedqa:
    return Pubmedqa(keep_in_memory=True, cache_dir=str(tmp_path_factory.mktemp("cache")))


def answers() -> Iterator[tuple[list[str], list[str]]]:
    """Pairs of lists: degenerate ones, then random ones of every size, kind and skew."""
    for label in LABELS:
        yield [label], [label]
        yield [label] * 7, [label] * 7
        yield [label] * 5, [gold for gold in LABELS if gold != label] * 2 + [LABELS[0]]
    yield ["yes"] * 4, ["no"] * 4
    yield ["maybe", "maybe"], ["yes", "no"]
    yield ["none", "yes", "none"], ["yes", "yes", "no"]
    chance = random.Random(0)
    for _ in range(40):
        n, used = chance.randint(1, 60), chance.sample(LABELS, chance.randint(1, 3))
        yield chance.choices(used, k=n), chance.choices(LABELS, weights=(6, 3, 1), k=n)


def test_the_screen_and_the_metric_give_the_same_numbers(metric: Pubmedqa) -> None:
    for predictions, references in answers():
        n = min(len(predictions), len(references))
        gold, said = references[:n], predictions[:n]
        assert metric.compute(predictions=said, references=gold) == {
            **stats.measure(gold, said),
            "n": n,
        }


def test_numbers_worked_out_by_hand(metric: Pubmedqa) -> None:
    found = metric.compute(
        predictions=["yes"] * 5 + ["no"] * 3 + ["maybe"] * 2,
        references=["yes"] * 4 + ["no"] * 4 + ["yes", "maybe"],
    )
    assert found["accuracy"] == 0.8
    assert found["accuracy_ci95"] == pytest.approx([0.4902, 0.9433], abs=1e-4)
    assert found["per_class"] == {
        "yes": {"precision": 0.8, "recall": 0.8, "f1": pytest.approx(0.8), "support": 5},
        "no": {"precision": 1.0, "recall": 0.75, "f1": pytest.approx(6 / 7), "support": 4},
        "maybe": {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1},
    }
    assert found["macro_f1"] == pytest.approx((0.8 + 6 / 7 + 2 / 3) / 3)
    assert found["confusion"]["no"] == {"yes": 1, "no": 3, "maybe": 0}
    json.dumps(found)  # no numpy types


def test_a_label_that_does_not_occur_is_shown_and_not_averaged(metric: Pubmedqa) -> None:
    found = metric.compute(predictions=["yes", "yes"], references=["yes", "no"])
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["per_class"]["maybe"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}


@pytest.mark.parametrize(
    ("predictions", "references", "said"),
    [
        (["yes", "Yes"], ["yes", "no"], r"predictions\[1\] is 'Yes'.*yes, no, maybe"),
        (["yes"], [""], r"references\[0\] is ''"),
        (["yes", "no"], ["yes", None], r"references\[1\] is None"),
        (["yes"], ["yes", "no"], r"predictions \(1\) and references \(2\)"),
        ([], ["yes"], "nothing to score"),
        ([], [], "nothing to score"),
        (None, None, "nothing to score"),
    ],
)
def test_what_cannot_be_scored_is_said_and_leaves_no_trace(
    metric: Pubmedqa, predictions: list[str] | None, references: list[str | None] | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        metric.compute(predictions=predictions, references=references)
    assert metric.compute(predictions=["no"], references=["no"])["n"] == 1


def test_the_card_shows_what_the_metric_gives(metric: Pubmedqa) -> None:
    call = re.search(r"metric\.compute\(\n(.*?)\n\)", CARD.text, re.DOTALL)
    shown = re.search(r"```json\n(.*?)```", CARD.text, re.DOTALL)
    assert call is not None
    assert shown is not None
    inputs = {
        name: re.findall(r'"(\w+)"', labels)
        for name, labels in re.findall(r"(\w+)=\[(.*?)\]", call.group(1))
    }
    assert metric.compute(**inputs) == json.loads(shown.group(1))
    assert metric.citation.strip() in CARD.text


LOAD = f"""{NO_TRANSFORMERS}
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
sys.addaudithook(lambda event, args: event in NETWORK and sys.exit(f"{{event}} {{args}}"))
sys.path = [p for p in sys.path if p not in ("", {str(ROOT)!r})]
import json, evaluate
metric = evaluate.load({str(FOLDER)!r}, keep_in_memory=True)
print(json.dumps(metric.compute(predictions=["yes", "no"], references=["yes", "yes"])))
assert "hera" not in sys.modules
"""


def test_two_at_once_load_it_from_its_folder_with_no_network(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD],
            cwd=tmp_path,
            env={**environment(tmp_path), "TMPDIR": str(tmp_path / "tmp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        printed, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert said == ""
        assert json.loads(printed)["accuracy"] == 0.5
    assert {path.name for path in tmp_path.iterdir()} == {"hf", "tmp"}  # nothing but caches
    assert not list((tmp_path / "tmp").iterdir())


def test_a_cache_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(evaluate.config, "HF_MODULES_CACHE", tmp_path / "file")
    with pytest.raises(ConfigError, match="Set HF_HOME"):
        load()


def pins(path: Path) -> dict[str, str]:
    pin = re.compile(r"^([\w-]+)(?:\[[\w,]+\])?==([^\s#]+)", re.M)
    return dict(pin.findall(path.read_text(encoding="utf-8")))


def test_the_space_runs_on_the_versions_of_the_project() -> None:
    ours = pins(ROOT / "requirements.txt")
    assert CARD.data.sdk == "gradio"
    assert CARD.data.sdk_version == ours["gradio"]
    assert CARD.data.app_file in FILES
    assert set(CARD.data.tags) == {"evaluate", "metric"}
    assert len(CARD.data.short_description) <= 60
    assert pins(FOLDER / "requirements.txt").items() <= ours.items()


def test_dry_run_lists_the_whole_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hera.hub.connect", lambda: pytest.fail("a dry run contacts nothing"))
    main(["--space", "me/pubmedqa", "--dry-run"])
    listed = [line.split()[-1] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert listed == sorted(path.name for path in FOLDER.iterdir() if path.is_file())


def test_a_space_that_evaluate_could_not_load_from_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"me/metric.*metric\.py.*OWNER/pubmedqa"):
        main(["--space", "me/metric", "--dry-run"])
