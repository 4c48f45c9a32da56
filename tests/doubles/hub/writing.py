"""The part of the protocol that writes: new repositories, uploads, commits, tags."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.hub.access import (
    RefusedError,
    commit_of,
    hub_of,
    no_token,
    page,
    part,
    readable,
    role,
    signed_in,
    storage,
    writable,
)
from tests.doubles.hub.cards import problems
from tests.doubles.hub.reading import REPO
from tests.doubles.hub.repos import GIT_ATTRIBUTES, KINDS, LFS_SIZE, File, Repo, goes_to_lfs, stored
from tests.doubles.hub.spaces import Space

UPLOAD = "/_lfs"  # of the storage


async def create(request: Request) -> Response:
    """A new repository with what the Hub puts into it."""
    asks, asked = signed_in(request), await request.json()
    kind, owner = asked.get("type", "model"), asked.get("organization") or asks
    if kind not in KINDS:
        raise RefusedError(400, f"unknown type {kind}")
    if owner != asks or role(request) == "read":
        raise RefusedError(
            403, f'You don\'t have the rights to create a {kind} under the namespace "{owner}"'
        )
    name = f"{owner}/{asked['name']}"
    repos = hub_of(request).repos
    if (kind, name) in repos:
        there = page(request, repos[kind, name])
        raise RefusedError(409, f"You already created this {kind} repo", url=there)
    private = asked.get("visibility") == "private" or bool(asked.get("private"))
    files = {".gitattributes": GIT_ATTRIBUTES}
    repo = Repo(kind, name, private)
    if kind == "space":
        repo = Space(kind, name, private, sdk=asked["sdk"])
        repo.variables = {v["key"]: v["value"] for v in asked.get("variables", [])}
        repo.secrets = {s["key"]: s["value"] for s in asked.get("secrets", [])}
        repo.requested = asked.get("hardware", repo.requested)
        repo.sleep_time = asked.get("sleepTimeSeconds")
        files["README.md"] = f"---\ntitle: {asked['name']}\nsdk: {asked['sdk']}\n---\n"
    repo.commit(stored(files), "initial commit")
    repos[kind, name] = repo
    return JSONResponse({"url": page(request, repo), "name": name, "id": name})


async def validate_yaml(request: Request) -> Response:
    asked = await request.json()
    errors, warnings = problems(asked["content"], asked.get("repoType", "model"))
    told = {
        "errors": [{"message": text} for text in errors],
        "warnings": [{"message": text} for text in warnings],
    }
    return JSONResponse(told, 400 if errors else 200)


def _target(request: Request) -> Repo:
    """The repository to write to: one's own, or anybody's for a pull request."""
    pull = request.query_params.get("create_pr") or (
        "revision" in request.path_params and part(request, "revision").startswith("refs/pr/")
    )
    if not pull:
        return writable(request)
    signed_in(request)
    return readable(request)


async def preupload(request: Request) -> Response:
    """Which files go through LFS, and what is there already. It ignores no file."""
    there = commit_of(_target(request), part(request, "revision")).files
    answers = []
    for asked in (await request.json())["files"]:
        path = asked["path"]
        lfs = goes_to_lfs(path, asked["size"], base64.b64decode(asked["sample"]))
        told = {"path": path, "uploadMode": "lfs" if lfs else "regular", "shouldIgnore": False}
        answers.append(told | ({"oid": there[path].etag} if path in there else {}))
    return JSONResponse({"files": answers})


async def lfs_batch(request: Request) -> Response:
    """Where the LFS files go that are not there yet."""
    signed_in(request)
    readable(request)
    lfs, host = hub_of(request).lfs, f"http://{request.headers['host']}"
    objects = []
    for asked in (await request.json())["objects"]:
        told: dict[str, Any] = {"oid": asked["oid"], "size": asked["size"]}
        if asked["oid"] not in lfs:
            put = f"{storage(request)}{UPLOAD}/{asked['oid']}?X-Amz-Signature=signed-for-one-upload"
            told["actions"] = {
                "upload": {"href": put},
                "verify": {"href": f"{host}{UPLOAD}/verify"},
            }
        objects.append(told)
    answer = {"transfer": "basic", "objects": objects}
    return JSONResponse(answer, media_type="application/vnd.git-lfs+json")


async def lfs_upload(request: Request) -> Response:
    """An LFS file; nothing of it is kept unless all of it came."""
    no_token(request)
    oid, data = part(request, "oid"), await request.body()
    if hashlib.sha256(data).hexdigest() != oid:
        raise RefusedError(400, "the content does not have this sha256")
    hub_of(request).lfs[oid] = data
    return Response()


async def lfs_verify(request: Request) -> Response:
    asked = await request.json()
    if len(hub_of(request).lfs.get(asked["oid"], b"")) != asked["size"]:
        raise RefusedError(404, "no such LFS object")
    return Response()


async def commit(request: Request) -> Response:
    """All of a commit or nothing."""
    repo, branch = _target(request), part(request, "revision")
    if branch not in repo.branches and branch not in repo.pulls:
        raise RefusedError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
    head = commit_of(repo, branch)
    lines = [json.loads(line) for line in (await request.body()).splitlines() if line.strip()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if (parent := header.get("parentCommit")) and not head.sha.startswith(parent):
        raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
    files = dict(head.files)
    for line in lines:
        _apply(files, line["key"], line["value"], hub_of(request).lfs)
    if "README.md" in files:
        errors, _ = problems(files["README.md"].data.decode("utf-8", "replace"), repo.kind)
        if errors:
            raise RefusedError(400, f"Invalid metadata in README.md: {'; '.join(errors)}")
    pull = repo.open_pull(branch) if request.query_params.get("create_pr") else None
    new = repo.commit(files, header["summary"], pull or branch)
    address = page(request, repo)
    told: dict[str, Any] = {"success": True, "commitOid": new.sha}
    told["commitUrl"] = f"{address}/commit/{new.sha}"
    if pull:
        told["pullRequestUrl"] = f"{address}/discussions/{pull.rsplit('/', 1)[-1]}"
    return JSONResponse(told)


def _apply(files: dict[str, File], key: str, value: dict[str, str], lfs: dict[str, bytes]) -> None:
    """One line of a commit."""
    path = value.get("path", "")
    if key == "file":
        data = base64.b64decode(value["content"])
        if len(data) > LFS_SIZE:
            raise RefusedError(400, f"{path} is too large for a regular file")
        files[path] = File(data, lfs=False)
    elif key == "lfsFile":
        if value["oid"] not in lfs:
            raise RefusedError(400, f"the LFS object of {path} was not uploaded")
        files[path] = File(lfs[value["oid"]], lfs=True)
    elif key == "deletedFile":
        if files.pop(path, None) is None:
            raise RefusedError(404, f"{path} does not exist", "EntryNotFound")
    elif key == "deletedFolder":
        for inside in [p for p in files if p.startswith(path.rstrip("/") + "/")]:
            del files[inside]
    elif key != "header":
        raise RefusedError(400, f"unknown operation {key}")


async def tag(request: Request) -> Response:
    repo, asked = writable(request), await request.json()
    target = commit_of(repo, part(request, "revision"))
    if asked["tag"] in repo.tags:
        raise RefusedError(409, f"Tag {asked['tag']} already exists")
    repo.tags[asked["tag"]] = target.sha
    return JSONResponse({})


async def delete_tag(request: Request) -> Response:
    repo, name = writable(request), part(request, "revision")
    if repo.tags.pop(name, None) is None:
        raise RefusedError(404, f"Invalid rev id: {name}", "RevisionNotFound")
    return Response()


BATCH = "/{owner}/{name}.git/info/lfs/objects/batch"
ROUTES = [
    Route("/api/repos/create", create, methods=["POST"]),
    Route("/api/validate-yaml", validate_yaml, methods=["POST"]),
    Route(REPO + "/preupload/{revision}", preupload, methods=["POST"]),
    Route(REPO + "/commit/{revision}", commit, methods=["POST"]),
    Route(REPO + "/tag/{revision}", tag, methods=["POST"]),
    Route(REPO + "/tag/{revision}", delete_tag, methods=["DELETE"]),
    Route(BATCH, lfs_batch, methods=["POST"]),
    Route("/{kind}" + BATCH, lfs_batch, methods=["POST"]),
    Route(UPLOAD + "/verify", lfs_verify, methods=["POST"]),
    Route(UPLOAD + "/{oid}", lfs_upload, methods=["PUT"]),
]
