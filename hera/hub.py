"""Writing to the Hugging Face Hub: one commit at a time, patiently, with errors that say the fix.

`huggingface_hub` repeats uploads that were cut or refused for a while; what it asks only once (who
am I, create, commit) is repeated here, after the time that the Hub says.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from hera.errors import ConfigError, HubError, one_line, redacted

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["model", "dataset", "space"]
T = TypeVar("T")

TOKENS_PAGE = "https://huggingface.co/settings/tokens"
SILENCE = 10.0
"""Seconds in which the Hub has to answer at all."""

_PATIENCE = 120.0  # seconds without a byte: the Hub's client by itself waits for ever
_KNOWN = 60.0  # seconds that its answering, or not, is taken for known
_ANSWERS: dict[str, tuple[float, bool]] = {}
_ASKING = threading.Lock()
_TRIES = 6
_FIRST_WAIT = 1.0  # seconds; doubled each time where the Hub says nothing else
_TEXT = (".json", ".jsonl", ".md", ".txt", ".yaml", ".yml", ".toml", ".py", ".jinja", ".csv", "")
HUB_TOKEN = r"\bhf_[A-Za-z0-9]{20,}"
"""What the Hub's tokens look like."""
_TOKEN = re.compile(HUB_TOKEN.encode())


def check_id(flag: str, repo: str) -> None:
    """Raises ConfigError unless a repository on the Hub may be called so: owner/name."""
    from huggingface_hub import utils
    from huggingface_hub.errors import HFValidationError

    wanted = f"{flag} {repo}: give OWNER/NAME, as in me/hera-stage1"
    if repo.count("/") != 1:
        raise ConfigError(f"{wanted}.")
    try:
        utils.validate_repo_id(repo)  # type: ignore[attr-defined]
    except HFValidationError as error:
        raise ConfigError(f"{wanted} ({one_line(error)}).") from error


class _Quiet(logging.Filter):
    """Takes signed addresses out of the client's notes, and the note that nothing had changed."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), None
        return not record.msg.startswith("No files have been modified")


_QUIET = _Quiet()  # one for all calls: a logger takes the same filter once


def connect() -> HfApi:
    """The Hub's client, with the token of HF_TOKEN or of `hf auth login`.

    Raises:
        HubError: there is no token.
    """
    from huggingface_hub import HfApi, get_token

    for name in ("huggingface_hub.utils._http", "huggingface_hub.hf_api"):
        logging.getLogger(name).addFilter(_QUIET)
    if get_token() is None:
        raise HubError(
            f"The Hub wants a token: set HF_TOKEN to one with write access from {TOKENS_PAGE}."
        )
    _impatient()
    return HfApi(token=get_token())


def owner(api: HfApi, repo: str) -> str:
    """Whose namespace a repository's id names.

    Raises:
        HubError: no id of the form OWNER/NAME, or the token's user may not create anything there.
    """
    from huggingface_hub import utils
    from huggingface_hub.errors import HFValidationError

    try:
        utils.validate_repo_id(repo)  # type: ignore[attr-defined]
    except HFValidationError as error:
        raise HubError(f"{repo}: {one_line(error)}") from error
    namespace, slash, _ = repo.partition("/")
    if not slash:
        raise HubError(f"{repo}: give OWNER/NAME, as in me/hera-stage1.")
    me = patiently(api.whoami, what=repo)
    mine = [me["name"], *(str(org["name"]) for org in me.get("orgs", []))]
    if namespace not in mine:
        raise HubError(
            f"{repo}: the token belongs to {me['name']}, who may write to {', '.join(mine)}. "
            f"Choose one of them, or a token of {namespace}."
        )
    return namespace


def patiently(call: Callable[[], T], *, what: str, repeat_lost: bool = True) -> T:
    """The call's result; it is made again after 429, 5xx and broken connections.

    Args:
        call: safe to repeat.
        what: the repository, for the errors.
        repeat_lost: whether to repeat even if the Hub may have done it before the reply got lost.

    Raises:
        HubError: refused (401, 403, 404, ...), or still not done after six tries.
    """
    wait = _FIRST_WAIT
    for left in reversed(range(_TRIES)):
        try:
            return call()
        except Exception as error:
            failure = _failure_in(error)
            if failure is None:
                raise
            status = failure.response.status_code if hasattr(failure, "response") else 0
            # What an upload raises the client has repeated for a while already.
            final = left == 0 or isinstance(error, RuntimeError)
            if status and (final or (status != 429 and status < 500)):
                raise HubError(_refusal(what, failure)) from error
            if not status and (final or not repeat_lost):
                raise HubError(_unreachable(what, failure)) from error
            asked_to_wait = _seconds_to_wait(failure.response.headers) if status else None
        pause = wait if asked_to_wait is None else asked_to_wait
        why = f"it answered {status}" if status else "the connection broke"
        print(f"{what}: waiting {pause:.0f} s for the Hub ({why}).", file=sys.stderr, flush=True)
        time.sleep(pause)
        wait *= 2
    raise AssertionError("unreachable: the last try returns or raises")


def answers() -> bool:
    """Whether the Hub says anything within ten seconds; known for a minute. One that takes
    connections and says nothing would keep its client for eight minutes. Offline nobody is asked,
    and this is True."""
    import httpx2
    from huggingface_hub import constants, get_session, is_offline_mode

    if is_offline_mode():
        return True
    _impatient()
    with _ASKING:
        known = _ANSWERS.get(constants.ENDPOINT)
        if known is None or time.monotonic() - known[0] > _KNOWN:
            try:
                get_session().head(constants.ENDPOINT, timeout=SILENCE)
                known = time.monotonic(), True
            except httpx2.TransportError:
                known = time.monotonic(), False
            _ANSWERS[constants.ENDPOINT] = known
    return known[1]


def _impatient() -> None:
    """Let the Hub's client give up a request that it would wait for without an end."""
    import httpx2
    from huggingface_hub import get_session

    get_session().timeout = httpx2.Timeout(_PATIENCE, connect=SILENCE)


def fetched(fetch: Callable[..., str], *, what: str) -> Path:
    """What a download of the Hub's client returns; where the Hub does not answer, what was
    downloaded before.

    Args:
        fetch: takes `local_files_only`.
        what: the repository, for the errors.

    Raises:
        HubError: refused, or it does not answer and not all of it is here.
    """
    from huggingface_hub.errors import LocalEntryNotFoundError

    if answers():
        return Path(patiently(fetch, what=what))
    try:
        return Path(fetch(local_files_only=True))
    except LocalEntryNotFoundError as error:
        raise HubError(
            f"the Hub does not answer within {SILENCE:.0f} s, and {what} was not downloaded "
            "before. Check the network, then start again"
        ) from error


def refusal_in(what: str, error: BaseException) -> str | None:
    """One line for a refusal of the Hub that another library has wrapped; None if there is none."""
    failure = _failure_in(error)
    return _refusal(what, failure) if failure is not None and hasattr(failure, "response") else None


def _failure_in(error: BaseException | None) -> Any:
    """The refused request or broken connection behind an error, however deep it was wrapped."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    while error is not None and not isinstance(error, HfHubHTTPError | httpx2.TransportError):
        error = error.__cause__
    return error


def _seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that the Hub asks to wait, from `RateLimit` or `Retry-After`."""
    from huggingface_hub.utils._http import parse_ratelimit_headers

    limit = parse_ratelimit_headers(headers)
    if limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds)
    after = headers.get("Retry-After", "")
    return float(after) if after.isdigit() else None


def _unreachable(what: str, error: BaseException) -> str:
    return (
        f"{what}: the connection to the Hub broke ({one_line(error)}); nothing of this is visible "
        "there. Check the network, then run the command again: what arrived is not sent twice."
    )


def _refusal(what: str, error: Any) -> str:
    """One line for a refused request: what, where, and what to do."""
    status = error.response.status_code
    fixes = {
        401: "the Hub does not accept the token, or there is no such repository. Check the id and "
        f"set HF_TOKEN to a valid token from {TOKENS_PAGE}.",
        402: "the Hub wants a payment method or a plan for this. See https://huggingface.co/pricing.",
        403: f"this token may not do that. Take one with write access to {what.split('/')[0]} from "
        f"{TOKENS_PAGE}, or propose the change with --create-pr.",
        404: "no such repository, or a private one that this token cannot see. Check the id.",
        412: "somebody else changed the repository meanwhile. Run the command again.",
    }
    said = error.server_message or one_line(error)
    return f"{what}: {fixes.get(status, f'the Hub said: {one_line(Exception(said))}')} ({status})"


def commit(
    api: HfApi,
    repo: str,
    files: Mapping[str, Path | bytes],
    *,
    kind: Kind = "model",
    message: str,
    delete: Sequence[str] = (),
    create_pr: bool = False,
) -> str | None:
    """One commit of what differs: all of it becomes visible at once, or nothing.

    A call that was interrupted is simply made again: large files that the Hub already holds are not
    sent twice.

    Args:
        api: from `connect`.
        repo: an existing repository.
        files: path in the repository -> file or content.
        kind: of the repository.
        message: the commit's title.
        delete: patterns (as in `fnmatch`) of what to remove where it is not among the files; the
            Hub's own .gitattributes stays.
        create_pr: propose the commit as a pull request instead.

    Returns:
        The address of the commit (or pull request); None if nothing differs, and no commit is made.

    Raises:
        HubError: refused, unreachable, or a file holds a token.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    check_no_secrets(files, api.token if isinstance(api.token, str) else None)

    def once() -> str | None:
        there: Any = api.repo_info(repo, repo_type=kind)
        held = {file.rfilename for file in there.siblings or []}
        adding: list[Any] = [
            CommitOperationAdd(path, content if isinstance(content, bytes) else str(content))
            for path, content in sorted(files.items())
        ]
        stale = held - {*files, ".gitattributes"}
        removing = [
            CommitOperationDelete(path)
            for path in sorted(stale)
            if any(fnmatchcase(path, pattern) for pattern in delete)
        ]
        done = api.create_commit(
            repo,
            [*adding, *removing],
            commit_message=message,
            repo_type=kind,
            parent_commit=None if create_pr else there.sha,
            create_pr=create_pr,
        )
        return None if done.oid == there.sha else done.pr_url or str(done.commit_url)

    # A pull request whose reply got lost would be opened twice.
    return patiently(once, what=repo, repeat_lost=not create_pr)


def check_no_secrets(files: Mapping[str, Path | bytes], token: str | None = None) -> None:
    """Raises HubError if a text file to be uploaded holds a Hub token."""
    for path, content in files.items():
        if isinstance(content, Path):
            if content.suffix not in _TEXT:
                continue
            content = content.read_bytes()
        if _TOKEN.search(content) or (token and token.encode() in content):
            raise HubError(
                f"{path}: it holds a Hub token. Remove it there first; nothing was sent."
            )
