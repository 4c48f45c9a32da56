"""The part of the protocol about a running Space: settings, hardware, stage, logs."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.hub.access import RefusedError, part, readable, writable
from tests.doubles.hub.repos import Repo
from tests.doubles.hub.spaces import HARDWARE, Space

SPACE = "/api/spaces/{owner}/{name}"


def _space(repo: Repo) -> Space:
    assert isinstance(repo, Space)
    return repo


def _of_path(request: Request, write: bool = True) -> Space:
    request.path_params["kind"] = "spaces"
    return _space(writable(request) if write else readable(request))


async def variables(request: Request) -> Response:
    """Their values may be read by anyone."""
    space = _of_path(request)
    if await _change(request, space.variables):
        space.restart()
    return JSONResponse({k: {"key": k, "value": v} for k, v in space.variables.items()})


async def secrets(request: Request) -> Response:
    """Their values come back to nobody."""
    space = _of_path(request)
    if await _change(request, space.secrets):
        space.restart()
    return JSONResponse({key: {"key": key} for key in space.secrets})


async def _change(request: Request, held: dict[str, str]) -> bool:
    """Set or delete what a POST or DELETE says; whether it was one."""
    if request.method == "GET":
        return False
    asked = await request.json()
    if request.method == "POST":
        held[asked["key"]] = asked["value"]
    else:
        held.pop(asked["key"], None)
    return True


async def runtime(request: Request) -> Response:
    return JSONResponse(_of_path(request, write=False).look())


async def hardware(request: Request) -> Response:
    space, asked = _of_path(request), await request.json()
    if asked["flavor"] not in HARDWARE:
        raise RefusedError(400, f"unknown flavor {asked['flavor']}")
    space.requested = asked["flavor"]
    space.sleep_time = asked.get("sleepTimeSeconds", space.sleep_time)
    space.restart()
    return JSONResponse(space.runtime())


async def sleep_time(request: Request) -> Response:
    space = _of_path(request)
    space.sleep_time = (await request.json())["seconds"]
    return JSONResponse(space.runtime())


async def restart(request: Request) -> Response:
    space = _of_path(request)
    space.restart(factory=request.query_params.get("factory") == "true")
    return JSONResponse(space.runtime())


async def logs(request: Request) -> Response:
    """All lines so far, as server-sent events."""
    space = _of_path(request)
    lines = space.build_log if part(request, "which") == "build" else space.run_log
    stamp = "2026-01-01T00:00:00.000Z"
    events = [json.dumps({"data": f"{line}\n", "timestamp": stamp}) for line in lines]
    return Response("".join(f"data: {e}\n\n" for e in events), media_type="text/event-stream")


ROUTES = [
    Route(SPACE + "/variables", variables, methods=["GET", "POST", "DELETE"]),
    Route(SPACE + "/secrets", secrets, methods=["GET", "POST", "DELETE"]),
    Route(SPACE + "/runtime", runtime),
    Route(SPACE + "/hardware", hardware, methods=["POST"]),
    Route(SPACE + "/sleeptime", sleep_time, methods=["POST"]),
    Route(SPACE + "/restart", restart, methods=["POST"]),
    Route(SPACE + "/logs/{which}", logs),
]
