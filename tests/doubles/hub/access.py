"""Who may do what: every handler asks here for its repository."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.hub.repos import Commit, Repo

if TYPE_CHECKING:
    from tests.doubles.hub.server import Hub


class RefusedError(Exception):
    """An answer that is no success, in the words and headers that the clients read."""

    def __init__(self, status: int, message: str, code: str = "", **fields: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.fields = status, message, code, fields


async def refused(request: Request, error: Exception) -> Response:
    """A RefusedError as the Hub sends it."""
    assert isinstance(error, RefusedError)
    headers = {"X-Error-Message": error.message} | (
        {"X-Error-Code": error.code} if error.code else {}
    )
    return JSONResponse({"error": error.message, **error.fields}, error.status, headers)


def hub_of(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def token(request: Request) -> str | None:
    given = request.headers.get("authorization")
    return None if given is None else given.removeprefix("Bearer ")


def role(request: Request) -> str:
    """What the token may do: "read" or "write"."""
    return "read" if token(request) in hub_of(request).read_only else "write"


def part(request: Request, name: str) -> str:
    """One part of the path, unquoted."""
    return unquote(request.path_params[name])


def user(request: Request) -> str | None:
    """Who asks; None is anybody. A token that nobody holds is refused everywhere."""
    given = token(request)
    if given is None:
        return None
    known = hub_of(request).tokens.get(given)
    if known is None:
        raise RefusedError(401, "Invalid credentials in Authorization header")
    return known


def signed_in(request: Request) -> str:
    """Who asks, who must be somebody."""
    name = user(request)
    if name is None:
        raise RefusedError(401, "Invalid username or password.")
    return name


def readable(request: Request) -> Repo:
    """The repository of a path, if it is there for this user: its name, its list of files."""
    kind = request.path_params.get("kind", "models").removesuffix("s")
    name = f"{part(request, 'owner')}/{part(request, 'name')}"
    asks, found = user(request), hub_of(request).repos.get((kind, name))
    if found is None or (found.private and asks != found.owner):
        # The real Hub sends no code with the 401, and the client then goes by the URL, but only by
        # an https one: the code makes it the same error over http.
        if asks is None:
            raise RefusedError(401, "Invalid username or password.", "RepoNotFound")
        raise RefusedError(404, "Repository not found", "RepoNotFound")
    return found


def downloadable(request: Request) -> Repo:
    """The same, if this user may have the contents: a gated one asks for an accepted licence."""
    found, asks = readable(request), user(request)
    if not found.gated or asks == found.owner or asks in found.accepted:
        return found
    restricted = f"Access to {found.kind} {found.id} is restricted"
    if asks is None:
        raise RefusedError(
            401, f"{restricted}. You must have access to it and be authenticated.", "GatedRepo"
        )
    raise RefusedError(403, f"{restricted} and you are not in the authorized list.", "GatedRepo")


def writable(request: Request) -> Repo:
    """The same, if it is this user's own."""
    found, asks = readable(request), signed_in(request)
    if asks != found.owner or role(request) == "read":
        raise RefusedError(403, f"Forbidden: you must have write access to {found.id}")
    return found


def commit_of(repo: Repo, revision: str) -> Commit:
    try:
        return repo.at(revision)
    except KeyError:
        raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound") from None


def page(request: Request, repo: Repo) -> str:
    """The repository's address in a browser."""
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    return f"http://{request.headers['host']}/{prefix}{repo.id}"


def storage(request: Request) -> str:
    """Where LFS files lie: as on the real Hub another host, which must never see a token."""
    return f"http://localhost:{request.url.port}"


def no_token(request: Request) -> None:
    """The storage takes its signed addresses only."""
    if "authorization" in request.headers:
        raise RefusedError(400, "Only one auth mechanism allowed")
