"""`GET /health`: what is served and what is missing, for whatever watches over the app."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hera.errors import redacted
from hera.ui.serving import Serving
from hera.ui.words import WORDS

# An absolute path, or one from here or from home; neither a Hub id nor an address.
_PATH = re.compile(r"(?<![\w:/\\])(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][^\s/\\'\"`,;:()]+)+[/\\]?")


def health(serving: Serving) -> dict[str, Any]:
    """{"status", "model", "variants", "left_out", "notes"}: "ok" once every variant that was asked
    for is served, "degraded" before that and without it; the notes say why. It waits for nothing.
    Of this machine's paths only the last part is in it."""
    serving.start()
    state = serving.state
    notes = {
        "loading": lambda: (WORDS.health.loading,),
        "failed": lambda: (WORDS.health.failed.format(error=serving.error),),
        "ready": lambda: serving.notes,
    }[state]()
    served = serving.planned if state == "ready" else ()
    left_out = [name for name in serving.promised if name not in served]
    return {
        "status": "degraded" if left_out else "ok",
        "model": public_text(serving, str(serving.model)),
        "variants": list(served),
        "left_out": left_out,
        "notes": [public_text(serving, note) for note in notes],
    }


def health_route(serving: Serving) -> Route:
    """The same over plain HTTP: 503 where there is no model and never will be."""

    def answer(_: Request) -> JSONResponse:
        return JSONResponse(health(serving), status_code=503 if serving.state == "failed" else 200)

    return Route("/health", answer)


def public_text(serving: Serving, text: str) -> str:
    """The text without tokens, and with the last parts of paths alone."""
    for ref in serving.refs:
        if ref.path is not None:
            for written in {str(ref), str(ref.path.resolve())}:
                text = text.replace(written, Path(written).name)
    return _PATH.sub(lambda path: re.split(r"[/\\]", path[0].rstrip("/\\"))[-1], redacted(text))
