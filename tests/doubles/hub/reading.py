"""The part of the protocol that reads: what is there, and the files themselves."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.hub.access import (
    RefusedError,
    commit_of,
    downloadable,
    hub_of,
    no_token,
    part,
    readable,
    role,
    signed_in,
    storage,
    writable,
)
from tests.doubles.hub.cards import front_matter
from tests.doubles.hub.repos import Commit, File
from tests.doubles.hub.spaces import Space

REPO = "/api/{kind}/{owner}/{name}"
CDN = "/cdn"  # of the storage


async def whoami(request: Request) -> Response:
    name = signed_in(request)
    token = {"displayName": "test", "role": role(request)}
    return JSONResponse(
        {
            "type": "user",
            "id": name,
            "name": name,
            "fullname": name,
            "isPro": False,
            "orgs": [],
            "auth": {"type": "access_token", "accessToken": token},
        }
    )


async def info(request: Request) -> Response:
    repo = readable(request)
    revision = part(request, "revision") if "revision" in request.path_params else "main"
    commit = commit_of(repo, revision)
    card = front_matter(_text(commit, "README.md"))
    blobs = request.query_params.get("blobs", "").lower() == "true"
    told: dict[str, Any] = {
        "_id": repo.id,
        "id": repo.id,
        "author": repo.owner,
        "sha": commit.sha,
        "private": repo.private,
        "gated": "manual" if repo.gated else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": card.get("tags") or [],
        "cardData": card,
        "lastModified": commit.date,
        "createdAt": repo.history("main")[-1].date,
        "siblings": [_sibling(p, f, blobs) for p, f in sorted(commit.files.items())],
    }
    if repo.kind == "model":
        told |= {key: card.get(key) for key in ("library_name", "pipeline_tag", "model-index")}
    if isinstance(repo, Space):
        told |= {"sdk": repo.sdk, "runtime": repo.runtime()}
        told |= {"subdomain": repo.id.replace("/", "-").lower()}
        told |= {"host": f"https://{told['subdomain']}.hf.space"}
    return JSONResponse(told)


def _text(commit: Commit, path: str) -> str:
    return commit.files[path].data.decode("utf-8", "replace") if path in commit.files else ""


def _sibling(path: str, file: File, blobs: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": path}
    if blobs:
        told |= {"size": len(file.data), "blobId": file.blob}
        if file.lfs:
            told["lfs"] = {"sha256": file.sha256, "size": len(file.data), "pointerSize": 134}
    return told


def _entry(path: str, commit: Commit, expand: bool) -> dict[str, Any] | None:
    """A file or folder as tree and paths-info tell it; None if there is neither."""
    last = {"id": commit.sha, "title": commit.title, "date": commit.date}
    if file := commit.files.get(path):
        told: dict[str, Any] = {"type": "file", "path": path}
        told |= {"size": len(file.data), "oid": file.blob}
        if file.lfs:
            told["lfs"] = {"oid": file.sha256, "size": len(file.data), "pointerSize": 134}
    elif any(other.startswith(f"{path}/") for other in commit.files):
        told = {"type": "directory", "path": path, "size": 0, "oid": commit.sha}
    else:
        return None
    return told | ({"lastCommit": last} if expand else {})


async def tree(request: Request) -> Response:
    commit = commit_of(readable(request), part(request, "revision"))
    folder = part(request, "path").strip("/") if "path" in request.path_params else ""
    start = f"{folder}/" if folder else ""
    asked = {k: v.lower() == "true" for k, v in request.query_params.items()}
    paths: set[str] = set()
    for path in commit.files:
        if path.startswith(start):
            parts = path.removeprefix(start).split("/")
            depth = len(parts) if asked.get("recursive") else 1
            paths |= {start + "/".join(parts[:n]) for n in range(1, depth + 1)}
    if folder and not paths:
        raise RefusedError(404, f"{folder} does not exist", "EntryNotFound")
    found = [_entry(path, commit, asked.get("expand", False)) for path in sorted(paths)]
    return JSONResponse(found)


async def paths_info(request: Request) -> Response:
    commit = commit_of(readable(request), part(request, "revision"))
    form = await request.form()
    expand = str(form.get("expand", "")).lower() == "true"
    paths = [str(path).strip("/") for path in form.getlist("paths")]
    return JSONResponse([e for path in paths if (e := _entry(path, commit, expand))])


async def refs(request: Request) -> Response:
    repo = readable(request)

    def listed(names: dict[str, str], prefix: str) -> list[dict[str, str]]:
        return [
            {"name": name, "ref": prefix + name, "targetCommit": sha} for name, sha in names.items()
        ]

    told = {"converts": [], "branches": listed(repo.branches, "refs/heads/")}
    told["tags"] = listed(repo.tags, "refs/tags/")
    if request.query_params.get("include_prs"):
        told["pullRequests"] = listed(repo.pulls, "")
    return JSONResponse(told)


async def commits(request: Request) -> Response:
    repo = readable(request)
    newest = commit_of(repo, part(request, "revision"))
    return JSONResponse(
        [
            {
                "id": commit.sha,
                "title": commit.title,
                "message": "",
                "date": commit.date,
                "authors": [{"user": repo.owner}],
            }
            for commit in repo.history(newest.sha)
        ]
    )


async def auth_check(request: Request) -> Response:
    downloadable(request)
    return Response()


async def auth_check_write(request: Request) -> Response:
    writable(request)
    return Response()


async def resolve(request: Request) -> Response:
    """A file's headers (HEAD) or content (GET); an LFS file's content lies elsewhere."""
    repo = downloadable(request)
    commit, path = commit_of(repo, part(request, "revision")), part(request, "path")
    commit_header = {"X-Repo-Commit": commit.sha}
    if path not in commit.files:
        error = {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
        return JSONResponse({"error": "Entry not found"}, 404, headers=error | commit_header)
    file = commit.files[path]
    if not file.lfs:
        return _content(request, file.data, {"ETag": f'"{file.blob}"', **commit_header})
    hub_of(request).lfs[file.sha256] = file.data
    headers = {
        **commit_header,
        "X-Linked-Size": str(len(file.data)),
        "X-Linked-ETag": f'"{file.sha256}"',
        "Location": f"{storage(request)}{CDN}/{file.sha256}?Signature={quote(repo.id, safe='')}",
    }
    return Response(status_code=302, headers=headers)


async def cdn(request: Request) -> Response:
    no_token(request)
    oid = part(request, "oid")
    data = hub_of(request).lfs.get(oid)
    if data is None:
        raise RefusedError(404, "Not found")
    return _content(request, data, {"ETag": f'"{oid}"'})


def _content(request: Request, data: bytes, headers: dict[str, str]) -> Response:
    """All of it, or the range that is asked for."""
    headers = {**headers, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if wanted is None:
        return Response(data, headers=headers)
    first, last = wanted.groups()
    size = len(data)
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Response(data[start : end + 1], 206, headers)


ROUTES = [
    Route("/api/whoami-v2", whoami),
    Route(REPO, info),
    Route(REPO + "/revision/{revision}", info),
    Route(REPO + "/tree/{revision}", tree),
    Route(REPO + "/tree/{revision}/{path:path}", tree),
    Route(REPO + "/paths-info/{revision}", paths_info, methods=["POST"]),
    Route(REPO + "/refs", refs),
    Route(REPO + "/commits/{revision}", commits),
    Route(REPO + "/auth-check", auth_check),
    Route(REPO + "/auth-check/write", auth_check_write),
    Route("/{owner}/{name}/resolve/{revision}/{path:path}", resolve),
    Route("/{kind}/{owner}/{name}/resolve/{revision}/{path:path}", resolve),
    Route(CDN + "/{oid}", cdn),
]
