"""Every call of a handler, a page's or a caller's: readable, allowed, still wanted; and where it
fails, one line for whoever called, and for the log one that holds nothing of what was sent."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.state_holder import StateHolder
from gradio.utils import safe_aclose_iterator

from hera.errors import InputError
from hera.ui.errors import ClearError
from hera.ui.guard.failures import log_failure
from hera.ui.guard.left import LISTENING
from hera.ui.guard.places import Places
from hera.ui.guard.sessions import Sessions
from hera.ui.words import WORDS

_DEEPEST = 64
"""Lists and objects in one another: what the app is sent has fewer than ten."""


class Guarded(gr.Blocks):
    """Blocks that look at every call."""

    @property
    def state_holder(self) -> StateHolder:
        """What is kept of sessions; Gradio hands over an empty one with every app it makes."""
        return self._sessions

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        holder.__class__ = Sessions
        self._sessions = holder

    def queue(self, *args: Any, **kwargs: Any) -> Guarded:
        """As Gradio's, with a place for everybody."""
        super().queue(*args, **kwargs)
        self._queue.__class__ = Places
        return self

    async def process_api(
        self,
        block_fn: Any,
        inputs: list[Any],
        state: Any = None,
        request: Any = None,
        iterator: Any = None,
        session_hash: str | None = None,
        event_id: str | None = None,
        event_data: gr.EventData | None = None,
        *rest: Any,
        **more: Any,
    ) -> dict[str, Any]:
        """As Gradio's; its queue, its direct routes and its MCP tools all come through here."""
        LocalContext.request.set(request)  # what is said is in this caller's language
        fn = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        try:
            if iterator is None:
                _check_asked(fn, request)
                _check_event(event_data)
            await self._check_wanted(iterator, session_hash, event_id)
            return await super().process_api(
                fn,
                inputs,
                state,
                request,
                iterator,
                session_hash,
                event_id,
                event_data,
                *rest,
                **more,
            )
        except gr.Error as error:
            error.print_exception = False  # Gradio's own quote what was sent
            raise
        except InputError as error:
            raise ClearError(str(error)) from error
        except Exception as error:  # whatever a library raises, it is said and the app stays up
            log_failure(str(fn.api_name), error)
            raise ClearError(WORDS.errors.unexpected) from error

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, explicit_call: bool = False
    ) -> Any:
        """As Gradio's, which would put what was sent into its log."""
        if len(inputs) < len(block_fn.inputs):
            raise InputError(WORDS.errors.missing.format(n=len(inputs), of=len(block_fn.inputs)))
        try:
            return await super().preprocess_data(block_fn, mended(inputs), state, explicit_call)
        except InputError:
            raise
        except Exception as error:
            raise InputError(WORDS.errors.unreadable) from error

    async def _check_wanted(
        self, iterator: Any, session_hash: str | None, event_id: str | None
    ) -> None:
        if event_id is None:
            return
        if LISTENING.has_left(session_hash, event_id):
            if iterator is not None:
                await safe_aclose_iterator(iterator)
            raise InputError(WORDS.errors.left)


def mended(value: Any, depth: int = 0) -> Any:
    """What was sent, with U+FFFD for each half of a character, which no tokenizer and no answer
    takes.

    Raises:
        InputError: it is nested deeper than anything that is read here.
    """
    if depth > _DEEPEST:
        raise InputError(WORDS.errors.unreadable)
    if isinstance(value, str):
        return (
            value
            if value.isascii()
            else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    if isinstance(value, list):
        return [mended(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {mended(k, depth + 1): mended(v, depth + 1) for k, v in value.items()}
    return value


def _check_event(event: gr.EventData | None) -> None:
    if event is not None:
        event._data = mended(event._data)


def _check_asked(fn: Any, request: Any) -> None:
    """Raises InputError where something calls a handler of a screen as if it were an endpoint. A
    browser names its page's origin with whatever it posts; another program may do so as well, and
    then is answered as a page is."""
    if fn.fn is None:
        raise InputError(WORDS.errors.no_endpoint)
    if fn.api_visibility == "public" or not isinstance(request, gr.Request):
        return
    path = str(request.url.path).rstrip("/")
    if not path.endswith(("/queue/join", "/run/predict")) or "origin" not in request.headers:
        raise InputError(WORDS.errors.no_endpoint)
