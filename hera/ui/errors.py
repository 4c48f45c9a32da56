"""Errors as a visitor reads them: one line, no traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from hera.errors import HeraError
from hera.ui.words import WORDS


def clear_errors(handler: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Let a HeraError of a generator reach the visitor as one line, without a traceback."""

    @functools.wraps(handler)
    def shown(*args: Any, **kwargs: Any) -> Iterator[Any]:
        try:
            yield from handler(*args, **kwargs)
        except HeraError as error:
            raise gr.Error(str(error), title=WORDS.errors.heading, print_exception=False) from error

    return shown
