"""Errors as a visitor or a caller reads them: one line, no traceback."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from hera.errors import HeraError
from hera.ui.failing import noted, reason
from hera.ui.leaving import LEAVING
from hera.ui.watching import WATCH
from hera.ui.words import WORDS

Handler = Callable[..., Iterator[Any]]


class ClearError(gr.Error):
    """An error on its way out, its text as it is."""

    def __init__(self, message: str, heading: str = "") -> None:
        super().__init__(message, title=heading or WORDS.errors.heading, print_exception=False)


def clear_errors(handler: Handler) -> Handler:
    """Let an error of a generator reach a caller as one line, without a traceback; what is no
    HeraError is also noted on the terminal. Where the app is about to end, the generator is not
    begun, or ends with such a line."""

    name = f"{handler.__module__.rpartition('.')[2]}.{handler.__name__.strip('_')}"

    @functools.wraps(handler)
    def clear(*args: Any, **kwargs: Any) -> Iterator[Any]:
        try:
            with WATCH.event(name):
                yield from LEAVING.lets(handler(*args, **kwargs))
        except HeraError as error:
            raise ClearError(str(error)) from error
        except gr.Error:
            raise
        except Exception as error:  # a full disk, no memory: serving goes on
            noted(error, name)
            raise ClearError(reason(error)) from error

    return clear


def shown_errors(handler: Handler) -> Handler:
    """The same for a generator of a screen, where the line is shown as HTML: it is escaped. Those
    of Gradio's own kind (`spaces` puts links into some) pass as they are."""

    @functools.wraps(handler)
    def shown(*args: Any, **kwargs: Any) -> Iterator[Any]:
        try:
            yield from clear_errors(handler)(*args, **kwargs)
        except ClearError as error:
            raise ClearError(html.escape(error.message)) from error

    return shown
