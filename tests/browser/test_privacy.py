"""What the page says of privacy, held to: what is written at any door is looked for afterwards on
the disk, in the log and in what the app tells of itself."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.ready import longest, ready, typed
from tests.browser.test_keep import opens, saved
from tests.browser.test_questions import UPLOAD
from tests.browser.test_tabs import SLOW, open_tab, send
from tests.serving import ROOT, App, serve

CANARY = f"zq{uuid4().hex}"
MEDICAL = "my pemphigoid blisters weep since the ninth of May"
TEXT = f"Doctor, {MEDICAL}, says {CANARY}."
SHORT = {"max_new_tokens": 4, "temperature": 0.0}
NOT_OURS = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__"}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[App]:
    """An app that tells whoever runs it all that it can tell, and keeps all that it keeps in its
    home."""
    (tmp_path / "tmp").mkdir()
    where = {"TMPDIR": str(tmp_path / "tmp"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with serve(tmp_path, "--log", "--metrics", start="fresh", **where) as running:
        yield running


def test_nothing_of_what_is_written_anywhere_stays(
    watched: App, browser: Browser, tmp_path: Path
) -> None:
    began = time.time()
    files = _files(tmp_path.parent / f"{tmp_path.name}-visitor")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    page = context.new_page()
    page.goto(watched.url)
    ready(page)
    _is_told(page)
    _in_chat(page)
    _in_compare(page, files["other"].parent)
    _in_pubmedqa(page, files)
    assert context.cookies() == []
    context.close()
    _by_program(watched)
    _by_assistant(watched)
    _malformed(watched)
    unread = _left_unread(watched, files)

    told = [_get(watched, path) for path in ("metrics", "health")]
    assert 'hera_events_total{event="endpoints.chat",outcome="done"}' in told[0]
    assert [text for text in told if _told(text.encode())] == []
    assert _traces(tmp_path, began) == [unread]  # so it would be found
    watched.process.terminate()
    assert watched.process.wait(timeout=20) == 0
    assert _traces(tmp_path, began) == []
    lines = [json.loads(line) for line in watched.output().splitlines() if line.startswith("{")]
    assert len(lines) > 20
    assert {key for line in lines for key in line} == {"at", "event", "outcome", "seconds"}


def _get(app: App, path: str) -> str:
    return httpx.get(f"{app.url}{path}", trust_env=False).text


def _files(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    row = {"context": [f"{TEXT} Nothing else was found."], "long_answer": TEXT}
    rows = [
        {"id": f"{CANARY}{n}", "question": f"Is it {CANARY}?", "final_decision": answer, **row}
        for n, answer in enumerate(("yes", "no", "maybe"))
    ]
    made = {name: folder / f"{CANARY}-{name}.json" for name in ("questions", "other", "unread")}
    made["choices"] = folder / f"{CANARY}-choices.jsonl"
    choice = {
        "question": TEXT,
        "options": dict(zip("ABCD", (CANARY, *"xyz"), strict=True)),
        "answer_idx": "A",
    }
    made["choices"].write_text(json.dumps({**choice, "answer": CANARY}), encoding="utf-8")
    made["questions"].write_text(json.dumps(rows), encoding="utf-8")
    for name in ("other", "unread"):
        made[name].write_text(json.dumps([{"text": TEXT}]), encoding="utf-8")
    return made


def _is_told(page: Page) -> None:
    """What the page says is for this app: no server behind it, and no votes."""
    page.locator("#privacy").get_by_role("button").click()
    told = page.locator("#privacy-told")
    expect(told).to_contain_text("It is sent on to nobody")
    expect(told).to_contain_text("Votes and opinions are not collected here.")
    expect(told).not_to_contain_text("Hugging Face")


def _write(box: Locator, text: str) -> None:
    typed(box.locator("textarea, input").first, text)


def _in_chat(page: Page) -> None:
    longest(page, "chat", 6)
    answers = page.locator("#chat-log [data-testid=bot]")
    for count, text in enumerate((TEXT, f"I want to kill myself. {TEXT}"), 1):
        send(page, text)
        expect(answers).to_have_count(count, timeout=SLOW)
        expect(page.locator("#chat-send")).to_have_text("Send", timeout=SLOW)
    page.locator("#history .manage summary").click()
    file = {"name": f"{CANARY}.json", "mimeType": "application/json", "buffer": TEXT.encode()}
    page.locator(".history .file").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".history .told")).to_contain_text(CANARY)


def _in_compare(page: Page, folder: Path) -> None:
    open_tab(page, "Compare")
    longest(page, "compare", 6)
    _write(page.locator("#compare-message"), TEXT)
    page.locator("#compare-start").click()
    expect(page.locator("#compare-rate-2")).to_contain_text("tokens/s ·", timeout=SLOW)
    page.locator("#keep").get_by_role("button").first.click()
    kept = [saved(page, f"#keep-{kind}", folder) for kind in ("html", "md", "png", "json")]
    opens(page, kept[-1])
    expect(page.locator("#compare-kept")).to_contain_text("nothing was computed", timeout=SLOW)
    page.locator("#blind > button").first.click()
    _write(page.locator("#blind-message"), TEXT)
    page.locator("#blind-start").click()
    expect(page.locator("#blind-ballot")).to_be_visible(timeout=SLOW)
    page.locator("#blind-vote").get_by_label("A is better", exact=True).check()
    page.locator("#blind-cast").click()
    expect(page.locator("#blind-told")).to_contain_text("You preferred", timeout=SLOW)


def _in_pubmedqa(page: Page, files: dict[str, Path]) -> None:
    open_tab(page, "PubMedQA")
    page.get_by_test_id(UPLOAD).set_input_files(files["other"])
    expect(page.locator("#pqa-refused").get_by_role("alert")).to_contain_text(CANARY)
    page.get_by_test_id(UPLOAD).set_input_files(files["questions"])
    expect(page.locator("#pqa-source")).to_contain_text(f"3 questions from your file {CANARY}")
    page.locator("#pqa-start").click()
    scored = page.locator("#pqa-summary")
    expect(scored).to_contain_text("3 of 3 questions scored", timeout=SLOW)
    page.locator("#own-abstract").get_by_role("button").first.click()
    _write(page.locator("#own-text"), f"{TEXT} It went away later.")
    _write(page.locator("#own-question"), f"Is it {CANARY}?")
    page.locator("#own-start").click()
    expect(page.locator("#own-shown .said")).to_have_count(2, timeout=SLOW)
    page.locator("#bench-picker").get_by_text("MedQA or MedMCQA").click()
    chooses = page.locator("#medqa").get_by_test_id("Choose a file-upload-button")
    chooses.set_input_files(files["choices"])
    expect(page.locator("#medqa-source")).to_contain_text(f"from your file {CANARY}")
    page.locator("#medqa-start").click()
    expect(page.locator("#medqa-shown")).to_contain_text("1 of 1", timeout=SLOW)


def _by_program(app: App) -> None:
    """Every endpoint that takes a text."""
    client = Client(app.url, verbose=False)

    def asked(name: str, **given: Any) -> Any:
        return client.predict(**given, api_name=f"/{name}")

    talk = [{"role": "user", "content": TEXT}, {"role": "assistant", "content": TEXT}]
    asked("chat", message=TEXT, history=talk, details=True, **SHORT)
    asked("compare", message=TEXT, variants=["base", "stage2"], **SHORT)
    asked("film", message=TEXT, step=-1, **SHORT)
    asked("own_abstract", abstract=TEXT, question=CANARY, variants=["base"])
    asked("label_logprobs", prompts=[TEXT, talk], labels=[CANARY, " no"], variants=["base"])
    asked("token_logprobs", text=TEXT, variants=["base"])
    asked("why", message=TEXT, answer=TEXT, variant="stage1")
    asked("receipt", message=TEXT, answer=TEXT, variant="stage1")
    asked("layers", message=TEXT, answer=TEXT, variant="stage1", place=0)
    asked("luck", message=TEXT, variants=["base", "stage1"], draws=2, max_new_tokens=4)
    kept = asked("keep", message=TEXT, variants=["base"], **SHORT)
    asked("compare_page", comparison=kept["json"])
    blind = {"message": TEXT, "variants": ["base", "stage1"], "seed": 1}
    answers = asked("blind", **blind)
    asked("blind_tally", trials=[asked("blind_vote", **blind, vote="a", answers=answers)])
    assert CANARY in kept["link"]
    assert "gradio" in _get(app, kept["link"])


def _by_assistant(app: App) -> None:
    async def talk() -> None:
        async with (
            streamable_http_client(f"{app.url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            await session.call_tool("chat", {"message": TEXT, **SHORT})
            await session.call_tool("chat", {"message": TEXT, "variant": CANARY})
            await session.call_tool(CANARY, {"message": TEXT})

    with ThreadPoolExecutor() as aside:  # where no browser's loop runs
        aside.submit(asyncio.run, talk()).result()


def _malformed(app: App) -> None:
    """What is refused, or is nowhere."""
    with httpx.Client(base_url=app.url, trust_env=False) as client:
        for path in (CANARY, f"?question={CANARY}", f"gradio_api/file=/{CANARY}"):
            client.get(path, headers={"User-Agent": CANARY})
        for body in ([TEXT], [[TEXT]], {"a": TEXT}):
            client.post("gradio_api/call/chat", json={"data": body})
        client.post("gradio_api/queue/join", json={"data": [TEXT], "fn_index": CANARY})
        kind = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        for sent in ({"id": CANARY, "result": {}}, {"id": 1, "method": CANARY, "params": [TEXT]}):
            said = json.dumps({"jsonrpc": "2.0", **sent})
            client.post("gradio_api/mcp/", content=said, headers=kind)
        client.post("gradio_api/mcp/", content=TEXT, headers=kind)
        picture = ("files", (f"{CANARY}.svg", TEXT.encode(), "image/svg+xml"))
        assert client.post("gradio_api/upload", files=[picture]).status_code == 415


def _left_unread(app: App, files: dict[str, Path]) -> str:
    """Where a file lies that nobody reads: it goes after minutes, and with the app."""
    content = ("files", (files["unread"].name, files["unread"].read_bytes(), "application/json"))
    (path,) = httpx.post(f"{app.url}gradio_api/upload", files=[content], trust_env=False).json()
    return str(path)


def _told(content: bytes) -> bool:
    return CANARY.encode() in content or MEDICAL.encode() in content


def _traces(home: Path, began: float) -> list[str]:
    """Every file with a trace: of all in its home, and of those in its working directory that are
    younger than the visit."""
    young = [path for path in _in(ROOT) if path.is_file() and path.stat().st_mtime >= began]
    return [
        str(path)
        for path in (*(p for p in home.rglob("*") if p.is_file()), *young)
        if _told(str(path).encode() + path.read_bytes())
    ]


def _in(folder: Path) -> Iterator[Path]:
    """The files of the checkout."""
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(where) / name for name in names)
