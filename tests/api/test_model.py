"""`/model`, and the program that it gives, as others run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio_client import Client

from hera.explain.sheet.snippets import QUESTION, TOKENS
from tests.serving import App, command


@pytest.fixture(scope="module")
def told(app: App) -> dict[str, object]:
    found: dict[str, object] = Client(app.url, verbose=False).predict(api_name="/model")
    return found


def test_what_is_loaded_is_data(app: App, told: dict[str, object]) -> None:
    assert [v["name"] for v in told["variants"]] == ["base", "stage1", "stage2"]  # type: ignore[attr-defined]
    assert set(told["running"]["versions"]) >= {"torch", "transformers", "peft", "gradio"}  # type: ignore[index]
    described = Client(app.url, verbose=False).view_api(return_format="dict")
    assert "what it scores" in described["named_endpoints"]["/model"]["description"]


def test_the_program_answers_as_chat_does(
    app: App, told: dict[str, object], tmp_path: Path
) -> None:
    code = next(s["code"] for s in told["snippets"] if s["kind"] == "hera")  # type: ignore[attr-defined]
    done = command("-c", code, home=tmp_path)
    assert done.returncode == 0, done.stderr
    client = Client(app.url, verbose=False)
    said = client.predict(QUESTION, max_new_tokens=TOKENS, temperature=0.0, api_name="/chat")
    assert done.stdout.strip() == said.strip()
