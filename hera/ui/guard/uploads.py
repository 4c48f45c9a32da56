"""Only what a tab reads is taken: one table or comparison a request, of the right size; it lies in
a folder of this run, which goes when the run ends.

Gradio takes any number of files of any kind from anybody, stops at its limit only when so much has
reached its folder, and leaves them there.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import (
    MultipartParser,
    parse_options_header,
)
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hera.ui.upload import KINDS, MOST_BYTES, MOST_SENT
from hera.ui.words import WORDS

_HELD = 10 * MOST_SENT
"""Bytes of uploads that are in memory at once; the next visitor is told to come again."""
_PATIENCE = 120.0  # seconds until an upload has arrived
_FOLDER = "hera-uploads-"


class CheckedUploads:
    """ASGI middleware that looks at an upload before it reaches the disk. One that does not say
    how large it is, is refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _is_upload(scope):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal() or int(length) > MOST_SENT:
            said = WORDS.errors.too_large.format(mb=MOST_BYTES // 2**20)
            await PlainTextResponse(said, 413)(scope, receive, send)
        elif self._held + int(length) > _HELD:
            await PlainTextResponse(WORDS.errors.uploads_busy, 503)(scope, receive, send)
        else:
            self._held += int(length)
            try:
                await self._checked(scope, receive, send)
            finally:
                self._held -= int(length)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                body = await Request(scope, receive).body()
        except TimeoutError:
            await PlainTextResponse(WORDS.errors.too_slow, 408)(scope, receive, send)
            return
        if not _is_one_table(Headers(scope=scope).get("content-type", ""), body):
            said = WORDS.errors.kind.format(kinds=", ".join(KINDS))
            await PlainTextResponse(said, 415)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


def folder_of_this_run() -> None:
    """Let Gradio keep what it must in a folder that goes with this process. Those of processes
    that were killed go too."""
    here = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    here.mkdir(parents=True, exist_ok=True)
    for left in here.glob(f"{_FOLDER}*"):
        if not _runs(left.name.removeprefix(_FOLDER).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=here)
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(_removed, folder, os.getpid())


def _removed(folder: str, process: int) -> None:
    if os.getpid() == process:  # a forked child ends without taking its parent's
        shutil.rmtree(folder, ignore_errors=True)


def _runs(process: str) -> bool:
    if not process.isdecimal():
        return True  # somebody else's folder
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_upload(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    return path.rstrip("/").endswith("/upload")


def _is_one_table(content_type: str, body: bytes) -> bool:
    """Whether a form holds one file, and that is of a kind that a tab reads."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        return False
    heads = _Heads()
    try:
        MultipartParser(options[b"boundary"], heads.callbacks).write(body)
    except FormParserError:
        return False
    if len(heads.parts) != 1:
        return False
    _, said = parse_options_header(heads.parts[0].get(b"content-disposition", b""))
    name = said.get(b"filename", b"").decode("utf-8", "replace").lower()
    return bool(said.get(b"name") == b"files" and name.endswith(KINDS))


class _Heads:
    """The headers of a form's parts."""

    def __init__(self) -> None:
        self.parts: list[dict[bytes, bytes]] = []
        self._field = self._value = b""

    @property
    def callbacks(self) -> Any:
        return {
            "on_part_begin": lambda: self.parts.append({}),
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_end,
        }

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_end(self) -> None:
        self.parts[-1][self._field.lower()] = self._value
        self._field = self._value = b""


def _again(body: bytes, receive: Receive) -> Receive:
    """What was read, for whoever reads next."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
