"""What can go wrong, as a small tree. Every message says what was wrong, where, and what to do.

HeraError
├── ConfigError   a flag or an environment variable
├── InputError    what a visitor typed, or a caller passed to the engine
├── BusyError     too many requests wait
├── UnsupportedError  what this engine cannot do, whatever it is asked
├── DataError     a data set: missing, unreadable, wrong columns, a row that cannot be used
├── ModelError    a base or an adapter: missing, broken, or not made for each other
├── TrainingError a run that cannot go on: a full disk, a loss that is no number
└── HubError      the Hub says no, or cannot be reached
"""

from __future__ import annotations

import re

# What must not reach a log or a screen: tokens, and the queries of signed upload addresses.
_SECRET = re.compile(r"hf_[A-Za-z0-9]{8,}|(?<=[\w/])\?[^\s'\"]*(?:[Ss]ignature|[Tt]oken)=[^\s'\"]*")

# An absolute path, or one from here or from home; neither a Hub id nor an address.
_PATH = re.compile(r"(?<![\w:/\\])(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][^\s/\\'\"`,;:()]+)+[/\\]?")


class HeraError(Exception):
    """The root: commands print it as one line on stderr, screens show it as a message."""


class ConfigError(HeraError):
    """A flag or an environment variable has a value that cannot be served."""


class InputError(HeraError):
    """A message, a variant name or a generation parameter that the engine cannot take."""


class BusyError(HeraError):
    """Too many requests wait for the model already; the message says when to come again."""


class UnsupportedError(HeraError):
    """An engine that cannot do what is asked of it; see `hera.types.Engine.unsupported`."""


class DataError(HeraError):
    """A data set is missing, unreadable, or holds rows that cannot be used."""


class ModelError(HeraError):
    """A base model or an adapter is missing, broken, or made for another base."""


class TrainingError(HeraError):
    """A training run cannot go on; the message names the last good checkpoint."""


class HubError(HeraError):
    """The Hub refused a request, or could not be reached; the message names the repository."""


def redacted(text: str) -> str:
    """The text without tokens and without the signatures of upload addresses."""
    return _SECRET.sub("…", text)


def without_folders(text: str) -> str:
    """The text without tokens, and with the last parts of paths alone."""
    return _PATH.sub(lambda path: re.split(r"[/\\]", path[0].rstrip("/\\"))[-1], redacted(text))


def out_of_memory(error: BaseException) -> bool:
    """Whether Python, or torch on whatever device, had no memory left."""
    named = type(error).__name__ == "OutOfMemoryError"  # torch's, which is not imported here
    said = isinstance(error, RuntimeError) and "allocate memory" in str(error)
    return isinstance(error, MemoryError) or named or said


def one_line(error: BaseException, limit: int = 300) -> str:
    """The first sentence-like line of another library's error, for use inside ours."""
    text = redacted(" ".join(str(error).split())) or type(error).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
