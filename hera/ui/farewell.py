"""How the app ends at SIGTERM, within ten seconds: it says so to open pages, begins nothing, lets
answers end for a while, then ends them with a line, sends shared votes, and closes the port."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

import gradio as gr

from hera.ui.feedback import Feedback
from hera.ui.leaving import LEAVING

# Seconds from the signal on.
_TOLD = 3.5  # every open page has asked once, where nothing runs
_GRACE = 3.0  # what runs may go on
_ENDED = 4.0  # it has ended, having been told to
_KEPT = 8.0  # pages have fetched and kept what came last
_SENT = 8.5  # shared votes are sent
_LIMIT = 9.5  # the process is gone, whatever hangs

# Seconds without a request, after which no page fetches what comes next.
_QUIET = 1.0
_SETTLED = 2.5  # where an answer was cut: a page asks three times until it has kept that


def leaves_politely(demo: gr.Blocks, feedback: Feedback | None) -> None:
    """See to it in a thread; `LEAVING.heed` makes the signal known, and `demo` is launched."""
    threading.Thread(target=_leave, args=(demo, feedback), name="leaving", daemon=True).start()


def _leave(demo: gr.Blocks, feedback: Feedback | None) -> None:
    LEAVING.wait()
    began = time.monotonic()
    _at(began + _LIMIT, lambda: os._exit(0))
    print("note: HERA was told to end: answers have 3 s.", file=sys.stderr, flush=True)
    if feedback is not None:
        threading.Thread(target=feedback.send, args=(_SENT,), daemon=True).start()
    told = began + (_TOLD if LEAVING.watched else 0.0)
    _until(lambda: not LEAVING.at_work and time.monotonic() >= told, began + _GRACE)
    quiet = _SETTLED if LEAVING.at_work else _QUIET
    LEAVING.cut()
    _until(lambda: not LEAVING.at_work, began + _ENDED)
    _until(lambda: LEAVING.quiet(quiet), began + _KEPT)
    if feedback is not None:
        feedback.send(max(0.5, began + _SENT - time.monotonic()))
        feedback.stop()
    if demo.server is not None:
        demo.server.config.timeout_graceful_shutdown = 1
    demo.close(verbose=False)


def _until(done: Callable[[], bool], latest: float) -> None:
    while not done() and time.monotonic() < latest:
        time.sleep(0.05)


def _at(when: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(when - time.monotonic(), act)
    timer.daemon = True
    timer.start()
