"""`GET /health`: what is served and what is missing, for whatever watches over the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hera.errors import without_folders
from hera.ui.leaving import LEAVING
from hera.ui.serving import Serving
from hera.ui.words import WORDS


def health(serving: Serving) -> dict[str, Any]:
    """{"status", "model", "variants", "left_out", "notes"}: "loading", then "ready" once every
    variant that was asked for is served and "degraded" without it, and "leaving" at the end; the
    notes say why. It waits for nothing. Of this machine's paths only the last part is in it."""
    serving.start()
    state = serving.state
    notes = {
        "loading": lambda: (WORDS.health.loading,),
        "failed": lambda: (WORDS.health.failed.format(error=serving.error),),
        "ready": lambda: serving.notes,
    }[state]()
    if LEAVING.asked:
        notes = (*notes, WORDS.leaving.refused)
    served = serving.planned if state == "ready" else ()
    left_out = [name for name in serving.promised if name not in served]
    return {
        "status": _status(serving, left_out),
        "model": public_text(serving, str(serving.model)),
        "variants": list(served),
        "left_out": left_out,
        "notes": [public_text(serving, note) for note in notes],
    }


def _status(serving: Serving, left_out: list[str]) -> str:
    if LEAVING.asked:
        return "leaving"
    if serving.state == "loading":
        return "loading"
    return "degraded" if left_out or serving.state == "failed" else "ready"


def health_route(serving: Serving) -> Route:
    """The same over plain HTTP: 503 where there is no model and never will be, and at the end."""

    def answer(_: Request) -> JSONResponse:
        gone = LEAVING.asked or serving.state == "failed"
        return JSONResponse(health(serving), status_code=503 if gone else 200)

    return Route("/health", answer)


def public_text(serving: Serving, text: str) -> str:
    """The text without tokens, and with the last parts of paths alone."""
    for ref in serving.refs:
        if ref.path is not None:
            for written in {str(ref), str(ref.path.resolve())}:
                text = text.replace(written, Path(written).name)
    return without_folders(text)
