"""The named endpoints as MCP tools: named as they are everywhere, answering in JSON."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from hera.ui.guard.failures import only_first_lines


def plain_tools(demo: gr.Blocks) -> None:
    """Once the app is launched: on a Space as anywhere else tools are called `chat`, not
    `SPACE_chat`; what they answer is a text or JSON, where Gradio writes Python's `None`.

    It is Gradio's own server, which `launch(mcp_server=True)` starts, with one method replaced.
    """
    only_first_lines()
    server: Any = demo.mcp_server_obj
    server.tool_prefix = ""
    server.tool_to_endpoint = server.get_tool_to_endpoint()
    content = server.postprocess_output_data

    def in_json(data: list[Any], root_url: str) -> list[Any]:
        return list(content([_text(one) for one in data], root_url))

    server.postprocess_output_data = in_json


def _text(one: Any) -> str:
    return one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
