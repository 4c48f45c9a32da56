"""`python -m benchmarks.metrics` against a Hub over HTTP, and `evaluate.load` of what it pushed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.metrics import FOLDER
from benchmarks.metrics.__main__ import FILES
from tests.doubles.hub.server import Hub
from tests.serving import NO_TRANSFORMERS, command

LOAD = f"""{NO_TRANSFORMERS}
import evaluate
metric = evaluate.load("me/pubmedqa")
print(metric.compute(predictions=["yes", "no"], references=["yes", "yes"])["accuracy"])
"""


def publish(
    hub: Hub, home: Path, *flags: str, token: str | None = "hf_test"
) -> subprocess.CompletedProcess[str]:
    arguments = ["-m", "benchmarks.metrics", "--space", "me/pubmedqa", *flags]
    return command(*arguments, home=home, **hub.environment(token))


def test_published_twice_is_one_commit_and_loads_by_its_name(hub: Hub, tmp_path: Path) -> None:
    before = len(hub.requests)
    dry = publish(hub, tmp_path, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert len(hub.requests) == before
    assert not hub.exists("space", "me/pubmedqa")

    first = publish(hub, tmp_path)
    assert first.returncode == 0, first.stderr
    assert f"{hub.url}/spaces/me/pubmedqa" in first.stdout
    space = hub.space("me/pubmedqa")
    commits = list(space.log)
    files = space.files()
    assert space.sdk == "gradio"
    assert {name: files[name] for name in FILES} == {
        name: (FOLDER / name).read_bytes() for name in FILES
    }
    assert set(files) <= {*FILES, ".gitattributes"}

    second = publish(hub, tmp_path)
    assert second.returncode == 0, second.stderr
    assert "nothing differs" in second.stdout
    assert space.log == commits

    loaded = command("-c", LOAD, home=tmp_path, **hub.environment(None))
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.split() == ["0.5"]


def test_without_a_right_to_write_there_it_says_so_in_one_line(hub: Hub, tmp_path: Path) -> None:
    for token, said in ((None, "HF_TOKEN"), ("hf_other", "me/pubmedqa")):
        done = publish(hub, tmp_path, token=token)
        assert done.returncode == 1
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
