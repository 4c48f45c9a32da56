"""What strangers send: refused in one line before any work, and nothing of it reaches the log."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import App, command, serve

CANARY = "purple-canary-9"
TURN = {"role": "user", "content": CANARY}


@pytest.fixture(scope="module")
def http_client(app: App) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=app.url, timeout=60, trust_env=False) as client:
        yield client


def call(client: httpx.Client, name: str, data: Any) -> tuple[str, Any]:
    """How a call by name ends, "complete" or "error", and what it says last."""
    body = json.dumps({"data": data}).encode()  # json writes half characters as they are
    kind = {"content-type": "application/json"}
    asked = client.post(f"gradio_api/call/{name}", content=body, headers=kind)
    if asked.status_code != 200:
        return "error", asked.json()["detail"]
    event, said = "", None
    with client.stream("GET", f"gradio_api/call/{name}/{asked.json()['event_id']}") as stream:
        for line in stream.iter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                event = value
            elif key == "data":
                said = json.loads(value)
    return event, said


CHAT: list[Any] = [CANARY, "base", [], 4, 0.0, 0.9, 0, "", False]
ENDS = [CANARY, CANARY, "base"]


def chat(**other: Any) -> list[Any]:
    settings = ("max_new_tokens", "temperature", "top_p", "seed", "country", "details")
    names = ("message", "variant", "history", *settings)
    return [other.get(name, value) for name, value in zip(names, CHAT, strict=True)]


MALFORMED: list[tuple[str, Any, str]] = [
    ("chat", chat(message=123), "message must be a text."),
    ("chat", chat(message=None), "message must be a text."),
    ("chat", chat(message=[CANARY]), "message must be a text."),
    ("chat", chat(message="<end_of_turn>" * 80_000), "message has 1,040,000 characters"),
    ("chat", chat(variant=["base"]), "variant must be a text."),
    ("chat", chat(variant=f"<{CANARY}>"), "Unknown variant"),
    ("chat", chat(history="x"), "history must hold"),
    ("chat", chat(history=[TURN, 7]), "history must hold"),
    ("chat", chat(history=[{"role": 3, "content": CANARY}]), "history must hold"),
    ("chat", chat(history=[TURN] * 60_000), "history holds 60,000 entries"),
    ("chat", chat(seed="abc"), "seed must be a whole number."),
    ("chat", chat(seed=2**70), "seed must be a whole number from 0 to"),
    ("chat", chat(max_new_tokens=True), "max_new_tokens must be a whole number."),
    ("chat", chat(max_new_tokens=1e9), "give 1 to 8192"),
    ("chat", chat(temperature="hot"), "temperature must be a number."),
    ("chat", chat(country="Mexico"), "two letters, as US"),
    ("chat", chat(details="yes"), "details must be true or false."),
    ("chat", [CANARY], "1 of 9 arguments arrived"),
    ("chat", [], "0 of 9 arguments arrived"),
    ("compare", [CANARY, "base", 4, 0, 0.9, 0, ""], "variants must be a list of texts."),
    ("compare", [CANARY, ["base"] * 100, 4, 0, 0.9, 0, ""], "variants holds 100 entries"),
    ("compare", [CANARY, ["base", "base"], 4, 0, 0.9, 0, ""], "variants holds a name twice"),
    ("compare", [CANARY, [["base"]], 4, 0, 0.9, 0, ""], "variants must be a list of texts."),
    ("pubmedqa", [["base"], "many", 0], "questions must be a whole number."),
    ("pubmedqa", [["base"], 10**9, 0], "choose 1 to"),
    ("label_logprobs", [CANARY, ["a"], ["base"]], "Give 1 to 500 prompts"),
    ("label_logprobs", [[CANARY], [["a"]], ["base"]], "labels must be a list of texts."),
    ("label_logprobs", [["x " * 60_000] * 40, ["a"], ["base"]], "prompts has 4,800,000"),
    ("token_logprobs", [{"text": CANARY}, ["base"], 0], "text must be a text."),
    ("why", [CANARY, 5, "base"], "answer must be a text."),
    ("layers", [*ENDS, "first"], "place must be a whole number."),
    ("luck", [CANARY, ["base"], 10**9, 4, 1, 1, 0], "draws"),
    ("film", [CANARY, 1.5, 4, 0, 0.9, 0, ""], "step must be a whole number."),
    ("own_abstract", [[CANARY], "Is it?", ["base"]], "abstract must be a text."),
    ("compare_page", [[CANARY]], "comparison must be an object."),
    ("blind", [CANARY, ["base", "stage1"], {"seed": 1}, ""], "seed must be a whole number."),
    ("blind_vote", [CANARY, 5, [], 0, {}, "", ""], "vote must be a text."),
    ("blind_tally", [[{"question": CANARY}] * 3_000], "trials holds 3,000 entries"),
]


def test_what_is_malformed_is_one_line_before_any_work(app: App, http_client: httpx.Client) -> None:
    call(http_client, "chat", CHAT)  # the model is there
    written, began = len(app.output()), time.monotonic()
    for name, data, says in MALFORMED:
        event, said = call(http_client, name, data)
        line = said["error"] if isinstance(said, dict) else said
        assert (event, says in str(line)) == ("error", True), (name, str(data)[:80], said)
        assert "\n" not in line
    assert time.monotonic() - began < 10
    assert app.output()[written:] == ""


def test_what_can_be_read_is_answered(app: App, http_client: httpx.Client) -> None:
    written = len(app.output())
    half = "What is asthma? \ud83d"  # half a character, in every place where a text may stand
    turns = [{"role": "user", "content": half}, {"role": "assistant", "content": half}]
    for data in (
        chat(message=half, history=turns),
        chat(history=None, variant=None, max_new_tokens=4.0),
    ):
        assert call(http_client, "chat", data)[0] == "complete"
    assert call(http_client, "chat", chat(variant=half))[0] == "error"
    assert call(http_client, "token_logprobs", [half, ["base"], 1])[0] == "complete"
    assert call(http_client, "label_logprobs", [[half, turns], [half], ["base"]])[0] == "complete"
    nested: Any = []
    for _ in range(500):
        nested = [nested]
    event, said = call(http_client, "blind_tally", [nested])
    assert (event, said["error"].startswith("What was sent cannot be read")) == ("error", True)
    assert app.output()[written:] == ""


def test_nothing_is_there_that_is_not_described(app: App, http_client: httpx.Client) -> None:
    written = len(app.output())
    for path in (
        "gradio_api/deep_link?session_hash=x",
        "gradio_api/runs",
        "gradio_api/proxy=https://example.org/",
        "gradio_api/vibe-code",
        "gradio_api/stream/a/b/c/playlist.m3u8",
        "monitoring",
        "docs",
    ):
        reply = http_client.get(path)
        assert (reply.status_code, reply.json()) == (404, {"detail": "There is nothing here."})
    for path in ("gradio_api/component_server", "gradio_api/process_recording"):
        assert http_client.post(path, json={}).status_code == 404
    config = http_client.get("config").json()
    hidden = [d for d in config["dependencies"] if d["api_visibility"] != "public"]
    assert len(hidden) > 20
    for dependency in hidden:
        data = [CANARY] * len(dependency["inputs"])
        for way in ("call", "run", "call/v2"):
            named = http_client.post(
                f"gradio_api/{way}/{dependency['api_name']}", json={"data": data}
            )
            assert named.status_code == 404
        body = {"data": data, "fn_index": dependency["id"], "session_hash": "stranger"}
        for path in ("run/predict", "run/chat"):
            reply = http_client.post(f"gradio_api/{path}", json=body)
            assert reply.status_code == 500
            assert "no such endpoint" in reply.json()["error"]
        file = {"path": CANARY, "meta": {"_type": "gradio.FileData"}}
        body |= {"data": [None] * len(data), "event_data": file}
        page = {"Origin": str(http_client.base_url).rstrip("/")}
        http_client.post("gradio_api/run/predict", json=body, headers=page)
    no_handler = {"data": [], "fn_index": 10**6, "session_hash": "x"}
    odd: list[Any] = [no_handler, {"data": CANARY}, [], 7]
    for one in odd:
        assert http_client.post("gradio_api/queue/join", json=one).status_code in (400, 422)
    noted = app.output()[written:]
    assert CANARY not in noted
    assert "Traceback" not in noted


def test_only_what_a_tab_reads_can_be_uploaded(app: App, http_client: httpx.Client) -> None:
    table = ("q.jsonl", CANARY.encode(), "application/json")
    for files in (
        [("files", ("page.html", f"<script>{CANARY}</script>".encode(), "text/html"))],
        [("files", ("picture.svg", CANARY.encode(), "image/svg+xml"))],
        [("files", table), ("files", table)],
        [("other", table)],
    ):
        reply = http_client.post("gradio_api/upload", files=files)
        assert (reply.status_code, "Give one file" in reply.text) == (415, True)
    for content in (b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="files"'):
        kind = {"content-type": "multipart/form-data; boundary=x"}
        assert (
            http_client.post("gradio_api/upload", content=content, headers=kind).status_code == 415
        )
    (path,) = http_client.post("gradio_api/upload", files=[("files", table)]).json()
    served = http_client.get(f"gradio_api/file={path}")
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert served.headers["x-content-type-options"] == "nosniff"


def test_uploads_go_with_the_app_also_where_it_was_killed(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    for ends in ("kill", "terminate"):
        with serve(tmp_path, start="fresh", TMPDIR=str(tmp_path / "tmp")) as running:
            files = [("files", ("q.json", CANARY.encode(), "application/json"))]
            kept = httpx.post(
                f"{running.url}gradio_api/upload", files=files, trust_env=False
            ).json()
            lying = [p for p in (tmp_path / "tmp").rglob("q.json") if p.is_file()]
            assert [str(path) for path in lying] == kept
            getattr(running.process, ends)()
            running.process.wait(timeout=20)


def test_every_reply_says_what_a_browser_may_do(http_client: httpx.Client) -> None:
    for path in ("", "config", "health", "assets/none.js", "nothing"):
        headers = http_client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'; " in policy
        assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy
        assert "http:" not in policy.replace("https:", "")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
    assert "x-frame-options" not in http_client.get("").headers


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_no_host_is_echoed_that_is_not_this_one(app: App, header: str) -> None:
    address = urllib.parse.urlsplit(app.url).netloc
    wrong = ("evil.example", "a b", '"><script>', "localhost.evil.example", "[::1", "x:y")
    for host, status in [*((name, 400) for name in wrong), ("localhost", 200), (address, 200)]:
        line = http.client.HTTPConnection(address, timeout=20)
        line.putrequest("GET", "/config", skip_host=True)
        if header != "Host":
            line.putheader("Host", address)
        line.putheader(header, host)
        line.putheader("X-Gradio-Server", "http://evil.example")
        line.endheaders()
        reply = line.getresponse()
        said = reply.read().decode()
        assert (reply.status, "evil.example" in said) == (status, False), host
        line.close()


def test_generated_requests_crash_nothing(app: App, tmp_path: Path) -> None:
    written = len(app.output())
    words = ("-m", "benchmarks.hostile", "--cases", "96", "--seed", "3", "--url", app.url)
    done = command(*words, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "96 cases, seed 3, " in done.stdout
    assert ": 0 crashes; afterwards /health says ready" in done.stdout
    noted = app.output()[written:]
    assert CANARY not in noted
    assert "Traceback" not in noted
