"""`GET /alive`: which process answers, and whether it is about to end; open pages ask it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hera.ui.leaving import ALIVE, LEAVING


def alive_route() -> Route:
    """{"app", "leaving"}: `app` is another number after a restart, and the one of the page's
    configuration before that. See `page_restart.js`."""

    async def answer(request: Request) -> JSONResponse:
        LEAVING.hear()
        said = {"app": request.app.get_blocks().app_id, "leaving": LEAVING.asked}
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    return Route(ALIVE, answer)
