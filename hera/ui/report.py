"""`GET /report.html`: the operator's page of all that was measured (`python -m benchmarks.report`).

It is a document of its own and never part of the app's page: its policy lets it run nothing, fetch
nothing and reach nothing of the app, whatever is written in the file.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from hera.ui.documents.frame import PICTURES

PATH = "/report.html"
_HEADERS = {
    "Content-Security-Policy": f"{PICTURES}; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def report_route(report: Path) -> Route:
    """The file as it lies there."""

    def answer(_: Request) -> FileResponse:
        return FileResponse(report, media_type="text/html; charset=utf-8", headers=_HEADERS)

    return Route(PATH, answer)
