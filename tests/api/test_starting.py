"""How the app starts: the page before the model, and every wrong flag in one line."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from hera.refs import EMBEDDED_DIR
from tests.serving import answers, command, serve


def one_error_line(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    return lines[0]


def loaded_libraries(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads Linux's /proc")
def test_the_page_answers_before_torch_is_loaded(tmp_path: Path) -> None:
    with serve(tmp_path, start="fresh") as app:
        assert "libtorch_cpu" not in loaded_libraries(app.process.pid)
        deadline = time.monotonic() + 120
        while "libtorch_cpu" not in loaded_libraries(app.process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("app.py", "--port", port, home=tmp_path)
    assert done.returncode == 2
    assert "give another --port" in one_error_line(done.stderr)


@pytest.mark.parametrize("flags", [("--port", "0"), ("--adapter", "stage1"), ("--adapter", "=x")])
def test_wrong_flags(tmp_path: Path, flags: tuple[str, ...]) -> None:
    done = command("app.py", *flags, home=tmp_path)
    assert done.returncode == 2
    assert flags[0] in one_error_line(done.stderr)


def test_questions_that_cannot_be_read(tmp_path: Path) -> None:
    """At once for a file that was named; what is on the Hub is asked for later."""
    (tmp_path / "rows.json").write_text('[{"a": 1}]', encoding="utf-8")
    done = command("app.py", "--questions", str(tmp_path / "rows.json"), home=tmp_path)
    assert done.returncode == 1
    assert "rows.json, row 1: no question (fields: a)" in one_error_line(done.stderr)


def test_a_model_that_cannot_be_loaded_leaves_the_page_up(tmp_path: Path) -> None:
    with serve(tmp_path, "--model", "./nowhere") as app:
        client = Client(app.url, verbose=False)
        with pytest.raises(AppError) as caught:
            client.predict("Hello", "base", api_name="/chat")
        assert "--model ./nowhere" in str(caught.value)
        with pytest.raises(urllib.error.HTTPError) as unhealthy:
            urllib.request.urlopen(f"{app.url}health", timeout=10)
        assert unhealthy.value.code == 503
        said = json.load(unhealthy.value)
        assert (said["status"], said["variants"]) == ("degraded", [])
        assert "--model nowhere: no such folder" in said["notes"][0]
        assert answers(app.url)
        assert "Traceback" not in app.output()


def test_an_adapter_that_cannot_be_loaded_takes_no_other_with_it(tmp_path: Path) -> None:
    stage1 = f"good={EMBEDDED_DIR / 'stage1'}"
    mine = tmp_path / "my adapters" / "nowhere"
    with serve(tmp_path, "--adapter", f"mine={mine}", "--adapter", stage1) as app:
        client = Client(app.url, verbose=False)
        rows = client.predict("Hello", max_new_tokens=4, temperature=0.0, api_name="/compare")
        assert list(rows) == ["base", "good"]
        with pytest.raises(AppError, match="choose among base, good"):
            client.predict("Hello", "mine", api_name="/chat")
        assert f"note: mine left out: --adapter mine={mine}: no such folder" in app.output()
        with urllib.request.urlopen(f"{app.url}health", timeout=10) as reply:
            said = json.load(reply)
        assert (said["status"], said["left_out"]) == ("degraded", ["mine"])
        assert said["variants"] == ["base", "good"]
        assert said["notes"][0].startswith("mine left out: --adapter mine=nowhere: no such folder")
        assert "Traceback" not in app.output()
