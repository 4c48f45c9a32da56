"""One client to one server: JSON asked and answered, and whatever goes wrong in a line of ours."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    OpenAI,
    Stream,
)

from hera.errors import BusyError, ConfigError, HeraError, InputError, ModelError, one_line

CONNECT = 5.0
"""Seconds until a server that cannot be connected to is given up."""

SILENCE = 30.0
"""Seconds without a byte until a server is given up."""

_TRIES = 2  # more, to connect: nothing was said by then
_KEPT = 2.0  # seconds: shorter than a server keeps a connection that nobody uses
_ADDRESS = re.compile(r"(https?://(?:\[[0-9A-Fa-f:]+\]|[\w.-]+)(?::\d{1,5})?(?:/[\w.~%-]+)*?)/?")
_SENT = ("host", "accept", "accept-encoding", "connection", "content-type", "content-length")
_REFUSED = (400, 413, 422)
_Body = Mapping[str, object]


def address(url: str) -> str:
    """A server's address without the `/v1` and the slash that people write behind it.

    Raises:
        ConfigError: it is none; a key in it would be shown with it.
    """
    match = _ADDRESS.fullmatch(url.strip())
    if match is None:
        shown = re.sub(r"//[^/@]*@", "//…@", url)
        raise ConfigError(
            f"--server {shown}: expected an address without a name, a key or a query, as in "
            "http://127.0.0.1:8000. A key goes into HERA_SERVER_KEY."
        )
    return match[1].removesuffix("/v1")


class Events:
    """The answer to one streamed request: JSON objects as they come. Whoever reads it closes it;
    another thread stops it."""

    def __init__(self, client: Client, stream: Stream[object]) -> None:
        self._client = client
        self._stream = stream

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        with self._client.telling():
            for event in self._stream:
                yield self._client.object_in(event)

    def close(self) -> None:
        """Let go of what is not read."""
        self._stream.close()

    def stop(self) -> None:
        """Let its reader find the end: a socket that another thread reads must not be closed."""
        network = self._stream.response.extensions.get("network_stream")
        connection = network.get_extra_info("socket") if network is not None else None
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself
                return


class Client:
    """What is sent is what is asked, and a key if there is one: nothing of this machine.

    Args:
        url: see `address`.
        key: what the server wants to see; "" for none.
        silence: seconds without a byte until it is given up.
    """

    def __init__(self, url: str, key: str = "", silence: float = SILENCE) -> None:
        self.url = address(url)
        self._key = key
        self._silence = silence
        http = httpx2.Client(
            transport=httpx2.HTTPTransport(
                retries=_TRIES,
                limits=httpx2.Limits(
                    max_connections=None, max_keepalive_connections=8, keepalive_expiry=_KEPT
                ),
            ),
            timeout=httpx2.Timeout(silence, connect=CONNECT),
            event_hooks={"request": [self._only_what_is_asked]},
        )
        self._openai = OpenAI(
            base_url=f"{self.url}/v1", api_key=key or "none", max_retries=0, http_client=http
        )

    @property
    def says(self) -> str:
        """How an error about it begins."""
        return f"--server {self.url}"

    def get(self, path: str) -> object:
        """What it answers, any JSON.

        Raises:
            ModelError, InputError, BusyError: it does not answer, or says no.
        """
        with self.telling():
            return self._openai.get(self.url + path, cast_to=object)

    def ask(self, path: str, body: _Body) -> Mapping[str, Any]:
        """The object that it answers.

        Raises:
            ModelError, InputError, BusyError: as `get`; an answer that is no object.
        """
        with self.telling():
            answer = self._openai.post(self.url + path, cast_to=object, body=body)
        return self.object_in(answer)

    def stream(self, path: str, body: _Body) -> Events:
        """The events that it answers, one JSON object each.

        Raises:
            ModelError, InputError, BusyError: as `get`; here, and while they are read.
        """
        with self.telling():
            stream = self._openai.post(
                self.url + path,
                cast_to=object,
                body={**body, "stream": True},
                # Of its own: who stops an answer must not stop the next one on its connection.
                options={"headers": {"connection": "close"}},
                stream=True,
                stream_cls=Stream[object],
            )
        sent = stream.response.headers.get("content-type", "").partition(";")[0]
        if sent != "text/event-stream":
            stream.close()
            raise self.no_such_server(f"it sent {sent or 'nothing'} in place of a stream")
        return Events(self, stream)

    def object_in(self, answer: object) -> Mapping[str, Any]:
        """The answer, which must be an object; raises ModelError."""
        if not isinstance(answer, dict):
            raise self.no_such_server(f"it sent {_kind(answer)}")
        return answer

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Within, the client's errors become ours."""
        try:
            yield
        except HeraError:
            raise
        except APIStatusError as error:
            raise self._refusal(error) from error
        except (APITimeoutError, httpx2.TimeoutException) as error:
            raise self._late(error) from error
        except (APIConnectionError, httpx2.TransportError) as error:
            raise self._lost(error) from error
        except APIError as error:  # an event that says so, in the middle of an answer
            raise ModelError(f"{self.says}: it failed ({self._words(error)}).") from error
        except (json.JSONDecodeError, UnicodeDecodeError, httpx2.DecodingError) as error:
            raise self.no_such_server("it sent what is no JSON") from error

    def _only_what_is_asked(self, request: httpx2.Request) -> None:
        """OpenAI's client adds what it knows of this machine, and what OPENAI_* variables say."""
        kept = [(name, value) for name, value in request.headers.items() if name in _SENT]
        request.headers = httpx2.Headers(kept)
        request.headers["user-agent"] = "hera"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"

    def _refusal(self, error: APIStatusError) -> HeraError:
        status, said = error.status_code, self._words(error)
        if status in (401, 403):
            hint = "the one in HERA_SERVER_KEY is not it" if self._key else "set HERA_SERVER_KEY"
            return ModelError(f"{self.says}: it wants a key ({status}): {hint}.")
        if status in _REFUSED:
            return InputError(f"{self.says}: it does not take the request ({said}).")
        if status in (429, 503):
            return BusyError(f"{self.says}: it is busy ({said}). Try again in a minute.")
        return ModelError(f"{self.says}: it answered {status} ({said}).")

    def _late(self, error: Exception) -> ModelError:
        if isinstance(_cause(error), httpx2.ConnectTimeout):
            return ModelError(f"{self.says}: it cannot be reached within {CONNECT:g} s.")
        return ModelError(f"{self.says}: it was silent for {self._silence:g} s, and is given up.")

    def _lost(self, error: Exception) -> ModelError:
        cause = _cause(error)
        if isinstance(cause, httpx2.ConnectError):
            return ModelError(
                f"{self.says}: it cannot be reached ({one_line(cause, 120)}). Is it running there?"
            )
        return ModelError(f"{self.says}: it stopped in the middle ({one_line(cause, 120)}).")

    def no_such_server(self, what: str) -> ModelError:
        """The error over an answer that no such server gives."""
        return ModelError(
            f"{self.says}: no OpenAI-compatible server answers there ({what}). Give the address "
            "at which one does, as in http://127.0.0.1:8000."
        )

    def _words(self, error: APIError) -> str:
        """What the server says was wrong, without the key in case it repeats that."""
        body = error.body
        inner = body.get("error", body) if isinstance(body, dict) else {}
        said = inner.get("message") if isinstance(inner, dict) else inner
        text = one_line(ValueError(said), 200) if isinstance(said, str) and said else "no reason"
        text = "a page of HTML" if text.lstrip().startswith("<") else text
        return (text.replace(self._key, "…") if self._key else text).rstrip(".")


def _cause(error: Exception) -> BaseException:
    return error.__cause__ or error


def _kind(answer: object) -> str:
    if isinstance(answer, str):
        return "a page of HTML" if answer.lstrip().startswith("<") else "plain text"
    return "nothing" if answer is None else f"a {type(answer).__name__}"
