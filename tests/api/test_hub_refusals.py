"""What a Hub that says no looks like: one line with the page to open and the variable to set."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.serving import command


class Refusing(BaseHTTPRequestHandler):
    """Answers as the Hub does for a gated repository, and for one that is not there."""

    def refuse(self) -> None:
        gated = "gemma" in self.path
        self.send_response(403 if gated else 404)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.send_header("X-Error-Message", "Access to model google/gemma-2-2b-it is restricted.")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = refuse  # noqa: N815  (names that http.server calls)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def hub() -> Iterator[dict[str, str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    }
    server.shutdown()


def one_line(done) -> str:
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_gated_model_says_what_to_click_and_which_variable_to_set(hub, tmp_path):
    flags = ("--model", "google/gemma-2-2b-it", "--samples", "20", "--output", str(tmp_path / "x"))
    error = one_line(command("-m", "train.stage1", *flags, home=tmp_path, **hub))
    assert "https://huggingface.co/google/gemma-2-2b-it, click" in error
    assert "HF_TOKEN" in error


def test_an_unknown_data_set_is_named(hub, tmp_path):
    flags = ("--data", "nobody/nothing", "--output", str(tmp_path / "x"))
    error = one_line(command("-m", "train.stage1", *flags, home=tmp_path, **hub))
    assert "nobody/nothing" in error
    assert "HF_TOKEN" in error
