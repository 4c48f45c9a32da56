"""The endpoints as MCP tools, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

from hera import GenerationParams
from hera.types import Engine
from tests.serving import App

TOOLS = {
    *("blind", "blind_tally", "blind_vote", "chat", "compare", "compare_page", "film", "health"),
    *("keep", "label_logprobs", "layers", "luck", "model", "own_abstract"),
    *("pubmedqa", "receipt", "token_logprobs", "why"),
}
CANARY = "zxqv canary"


def asked(
    app: App, *calls: tuple[str, Mapping[str, Any]]
) -> tuple[list[Tool], list[CallToolResult]]:
    """All tools, and what some of them answer, as a client of its own hears it."""

    async def talk() -> tuple[list[Tool], list[CallToolResult]]:
        async with (
            streamable_http_client(f"{app.url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, [await session.call_tool(name, dict(given)) for name, given in calls]

    with ThreadPoolExecutor() as aside:  # where no browser's loop runs
        return aside.submit(asyncio.run, talk()).result()


def text(answer: CallToolResult) -> str:
    (part,) = answer.content
    assert part.type == "text"
    return part.text


def test_every_tool_is_an_endpoint_and_says_what_it_takes(app: App) -> None:
    tools, _ = asked(app)
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.description is not None
        assert " Returns: " in tool.description, tool.name
        for name, given in tool.inputSchema["properties"].items():
            assert given.get("description"), f"{tool.name}: {name}"


def test_tools_answer_as_the_engine_does(app: App, engine: Engine) -> None:
    message = f"What is asthma? ({CANARY})"
    prompt = "Is asthma a disease of the airways? Answer:"
    _, (chat, labels, tokens, health, empty, unknown) = asked(
        app,
        ("chat", {"message": message, "variant": "base", "max_new_tokens": 12, "temperature": 0}),
        ("label_logprobs", {"prompts": [prompt], "labels": [" yes", " no"], "variants": ["base"]}),
        ("token_logprobs", {"text": CANARY, "variants": ["stage1"], "top": 1}),
        ("health", {}),
        ("chat", {"message": " "}),
        (CANARY, {}),
    )
    greedy = GenerationParams(12, temperature=0.0)
    whole = engine.answer({"base": [{"role": "user", "content": message}]}, greedy)
    assert text(chat) == whole.texts["base"]  # whole, though the endpoint streams
    told = json.loads(text(labels))
    assert (told["n"], told["of"], told["labels"]) == (1, 1, [" yes", " no"])
    right = engine.label_logprobs([prompt], [" yes", " no"], ["base"])[0]
    assert told["variants"]["base"][0] == pytest.approx(right[0].tolist(), abs=1e-3)
    read = json.loads(text(tokens))["stage1"]
    assert read["logprobs"][0] is None
    own = engine.token_logprobs(CANARY, ["stage1"])["stage1"]
    assert read["logprobs"][1:] == pytest.approx(own.logprobs[1:].tolist(), abs=1e-3)
    assert json.loads(text(health))["variants"] == ["base", "stage1", "stage2"]
    assert empty.isError
    assert unknown.isError
    assert text(empty) == "The message is empty: write something first."
    assert CANARY.split()[0] not in app.output()
    assert "Traceback" not in app.output()


def test_on_a_space_they_have_the_same_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "me/my-demo")
    from gradio.mcp import GradioMCPServer

    from hera.config import Config
    from hera.refs import Ref
    from hera.ui.app import build
    from hera.ui.asking import Asking
    from hera.ui.serving import Serving
    from hera.ui.tools import plain_tools

    embedded = Ref.of("embedded")
    demo = build(Serving(Config(embedded, fallback=None)), Asking(embedded, None), None)
    server = demo.mcp_server_obj = GradioMCPServer(demo)
    assert "my_demo_chat" in server.tool_to_endpoint
    plain_tools(demo)
    assert set(server.tool_to_endpoint) == TOOLS
