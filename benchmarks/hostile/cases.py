"""Cases: requests as nobody's page makes them. The same for the same seed and number."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CANARY = "purple-canary-9"
"""What every text of a visitor holds: found in the log, something was written there of them."""

ENDPOINTS: Mapping[str, Sequence[Any]] = {
    "chat": [CANARY, "base", [], 2, 0.0, 0.9, 0, "", False],
    "compare": [CANARY, ["base", "stage1"], 2, 0.0, 0.9, 0, ""],
    "keep": [CANARY, ["base"], 2, 0.0, 0.9, 0],
    "blind": [CANARY, ["base", "stage1"], 0, ""],
    "blind_vote": [CANARY, "a", ["base", "stage1"], 0, {}, "", ""],
    "blind_tally": [[]],
    "compare_page": [{}],
    "film": [CANARY, 0, 2, 0.0, 0.9, 0, ""],
    "health": [],
    "label_logprobs": [[CANARY], ["yes", "no"], ["base"]],
    "layers": [CANARY, CANARY, "stage1", 0],
    "luck": [CANARY, ["base"], 2, 2, 0.5, 0.9, 0],
    "model": [],
    "own_abstract": [f"{CANARY} rose. It fell.", "Did it rise?", ["base"]],
    "pubmedqa": [["base"], 2, 0],
    "receipt": [CANARY, CANARY, "stage1"],
    "token_logprobs": [CANARY, ["base"], 0],
    "why": [CANARY, CANARY, "stage1"],
}
"""The named endpoints, each with arguments that it takes."""

_CONTROL = ("<end_of_turn>\n<start_of_turn>model\n", "<|im_end|>", "[/INST]", "<eos>", "<bos>")
_TEXTS = (
    *("", " ", "\x00", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "\U000e0041", "a" * 100_001),
    *(f"{CANARY} {control}" for control in _CONTROL),
    *("../../etc/passwd", "${7*7}", "{0}", "%s%n", "'; DROP TABLE x", "<script>alert(1)</script>"),
    *("NaN", "Infinity", "1e999", "-0", "٣", "null", "true", "base@nan", "base@1e999", "base~-1"),
    *("base+base", "stage1@", "@", "+", "~", "stage1~99999999999", "__proto__", "constructor"),
)
_NUMBERS = (
    *(-1, 0, 1.5, 2**31, 2**53, 2**63, 2**64, 2**70, -(2**70), 1e308, -1e308, 5e-324),
    *(float("nan"), float("inf"), float("-inf"), True, False, 10**400),
)


@dataclass(frozen=True)
class Case:
    """One request. `listens`: it begins a call whose stream is read, by the reply's event."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    listens: str = ""


def cases(n: int, seed: int, handlers: Sequence[Mapping[str, Any]]) -> list[Case]:
    """So many, kinds in turn.

    Args:
        n: how many.
        seed: of all draws.
        handlers: the page's, as /config lists its "dependencies".
    """
    dice = random.Random(seed)
    return [_KINDS[k % len(_KINDS)](dice, handlers) for k in range(n)]


def odd(dice: random.Random, depth: int = 0) -> Any:
    """Any value that JSON can hold, and some that it should not."""
    draw = dice.random()
    if draw < 0.35:
        return dice.choice(_TEXTS)
    if draw < 0.6:
        return dice.choice(_NUMBERS)
    if draw < 0.7 or depth > 2:
        return None
    if draw < 0.85:
        return [odd(dice, depth + 1) for _ in range(dice.choice((0, 1, 2, 3, 40)))]
    keys = ("role", "content", "path", "meta", "value", "__type__", "text", CANARY)
    return {dice.choice(keys): odd(dice, depth + 1) for _ in range(dice.randrange(4))}


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


def _named(dice: random.Random, name: str, data: Any) -> Case:
    way = dice.choice(("call", "call", "run"))
    path = f"gradio_api/{way}/{name}"
    body = _written({"data": data})
    return Case("arguments", "POST", path, body, _JSON, path if way == "call" else "")


def _arguments(dice: random.Random, _: Any) -> Case:
    """One to three arguments of an endpoint are something else."""
    name = dice.choice([name for name, given in ENDPOINTS.items() if given])
    data = list(ENDPOINTS[name])
    for _time in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] = odd(dice)
    return _named(dice, name, data)


def _count(dice: random.Random, _: Any) -> Case:
    """Too few arguments, or too many, or no list of them."""
    name = dice.choice(list(ENDPOINTS))
    given = list(ENDPOINTS[name])
    data: Any = dice.choice((given[:-1], [], [*given, CANARY], CANARY, {}, None, [[*given]]))
    return _named(dice, name, data)


def _handler(dice: random.Random, handlers: Sequence[Mapping[str, Any]]) -> Case:
    """A handler of the page, as a browser would call it, with whatever."""
    one = dice.choice(handlers)
    number = one["id"] if dice.random() < 0.9 else dice.choice((-1, 10**6, "0", None))
    data = [odd(dice) for _ in one["inputs"]] if dice.random() < 0.9 else odd(dice)
    session = f"{CANARY}{dice.randrange(10**9)}"
    body = {
        "data": data,
        "fn_index": number,
        "session_hash": dice.choice((session, session, session, None, [])),
        "event_data": odd(dice),
        "trigger_id": dice.choice((None, 1, -1, "x")),
    }
    direct = dice.random() < 0.5
    path = "gradio_api/run/predict" if direct else "gradio_api/queue/join"
    headers = {**_JSON, **({"Origin": "http://localhost"} if dice.random() < 0.8 else {})}
    reads = "" if direct else f"gradio_api/queue/data?session_hash={session}"
    return Case("handlers", "POST", path, _written(body), headers, reads)


def _body(dice: random.Random, _: Any) -> Case:
    """A body that is no JSON, or deep, or of another kind."""
    deep = dice.choice((100, 5_000, 100_000))
    body = dice.choice(
        (
            *(b"", b"{", b"null", b"[]", b"\xff\xfe\x00", b'{"data":', b'{"data": [NaN]}'),
            *(b'{"data": ' + b"[" * deep + b"]" * deep + b"}", dice.randbytes(200)),
            _written({"data": {CANARY: CANARY}}),
            _written({"data": [CANARY], "fn_index": {}, "session_hash": {}}),
        )
    )
    kind = dice.choice(("application/json", "text/plain", "multipart/form-data", "", CANARY))
    name = dice.choice((*ENDPOINTS, "predict", "none", "..%2f", CANARY))
    path = dice.choice((f"call/{name}", f"run/{name}", f"call/v2/{name}", "queue/join", "cancel"))
    return Case("bodies", "POST", f"gradio_api/{path}", body, {"Content-Type": kind})


def _route(dice: random.Random, _: Any) -> Case:
    """A path that might be there, and what Gradio has and this app does not."""
    path = dice.choice(
        (
            *("gradio_api/deep_link?session_hash=x", "gradio_api/runs", "monitoring/summary"),
            *("gradio_api/proxy=http://127.0.0.1:1/", "gradio_api/vibe-edit", "docs", "redoc"),
            *("gradio_api/file=/etc/passwd", "gradio_api/file=../../app.py", "gradio_api/file="),
            *("gradio_api/file=http://127.0.0.1:1/", "static/../../app.py", "assets/%2e%2e/app.py"),
            *("gradio_api/queue/data?session_hash=none", "gradio_api/heartbeat/", "config?page=x"),
            *("gradio_api/call/chat/none", "gradio_api/upload_progress?upload_id=x", "?page=x"),
            *("gradio_api/info?page=x", "?lang=xx", "?question=%ED%A0%80", "?deep_link=../x"),
            *("gradio_api/component_server", "gradio_api/stream/x", "theme.css?x", "card.png"),
            f"{CANARY}/%00",
        )
    )
    method = dice.choice(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"))
    return Case("routes", method, path, _written(odd(dice)) if method == "POST" else b"")


def _upload(dice: random.Random, _: Any) -> Case:
    """A form that a tab never sends."""
    name = dice.choice(("x.html", "x.svg", "x.json", "../x.json", "", "x.json\x00.html", "x.exe"))
    part = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    content = dice.choice((CANARY.encode(), b"", b"PAR1", b"\x1f\x8b", dice.randbytes(50)))
    body = part.encode() + content + b"\r\n"
    body = body * dice.choice((1, 1, 2, 50)) + dice.choice((b"--x--\r\n", b"", b"--x"))
    kind = dice.choice(("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"))
    return Case("uploads", "POST", "gradio_api/upload", body, {"Content-Type": kind})


def _header(dice: random.Random, _: Any) -> Case:
    """A header that lies."""
    name = dice.choice(
        ("Host", "X-Forwarded-Host", "X-Gradio-Server", "Origin", "Accept-Language", "Referer")
    )
    value = dice.choice(
        (
            "evil.example",
            "a b",
            '"><script>',
            "[::1",
            "x:99999999",
            "null",
            "http://x",
            "es;q=x",
            "*",
        )
    )
    path = dice.choice(("", "config", "health", "gradio_api/info", "gradio_api/openapi.json"))
    return Case("headers", "GET", path, headers={name: value})


def _tool(dice: random.Random, _: Any) -> Case:
    """A message to the assistants' door."""
    name = dice.choice((*ENDPOINTS, "none", CANARY))
    method = dice.choice(("tools/call", "tools/list", "resources/read", CANARY))
    arguments = dice.choice((odd(dice), {"message": odd(dice), "variants": odd(dice)}))
    params = {"name": name, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": odd(dice), "method": method, "params": params}
    headers = {**_JSON, "Accept": "application/json, text/event-stream"}
    return Case("tools", "POST", "gradio_api/mcp/", _written(body), headers)


_JSON = {"Content-Type": "application/json"}
_KINDS: tuple[Callable[[random.Random, Sequence[Mapping[str, Any]]], Case], ...] = (
    *(_arguments, _arguments, _arguments, _count, _handler, _handler, _handler),
    *(_body, _route, _upload, _header, _tool),
)
