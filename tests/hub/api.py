"""The Hub's endpoints, as huggingface_hub, transformers, peft and datasets call them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import yaml

from tests.hub.commits import commit
from tests.hub.repos import FRONT_MATTER, File, Repo, is_large
from tests.hub.wire import RefusalError, Reply, Request, as_json

if TYPE_CHECKING:
    from tests.hub.server import Hub

KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
NOW = "2026-11-23T00:00:00.000Z"
_ID = r"(?P<id>[^/]+/[^/]+)"
_KIND = r"(?:(?P<kind>datasets|spaces)/)?"


def answer(hub: Hub, request: Request) -> Reply:
    """The reply to a request; raises RefusalError."""
    for pattern, handler in ROUTES:
        if match := re.fullmatch(pattern, request.path):
            parts = {name: unquote(part or "") for name, part in match.groupdict().items()}
            kind = KINDS[parts.pop("kind", "") or "models"]
            return handler(Call(hub, request, kind, **parts))
    raise RefusalError(404, f"no route {request.method} {request.path}")


class Call:
    """One request with its parts: the repository's kind and id, and what follows them."""

    def __init__(self, hub: Hub, request: Request, kind: str, id: str = "", rest: str = "") -> None:
        self.hub, self.request, self.kind, self.id, self.rest = hub, request, kind, id, rest

    def user(self) -> str | None:
        token = self.request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.hub.tokens.get(token)

    def known(self) -> str:
        user = self.user()
        if user is None:
            raise RefusalError(401, "Invalid credentials in Authorization header")
        return user

    def repo(self) -> Repo:
        repo, user = self.hub.repos.get((self.kind, self.id)), self.user()
        if repo is None or (repo.private and user != repo.owner):
            raise RefusalError(404 if user else 401, "Repository not found", "RepoNotFound")
        return repo

    def mine(self) -> Repo:
        user, repo = self.known(), self.repo()
        if user != repo.owner:
            raise RefusalError(403, "Forbidden: you must have write access to this repo")
        return repo

    def content(self) -> Repo:
        repo, user = self.repo(), self.user()
        if repo.gated and user not in (*repo.accepted, repo.owner):
            text = f"Access to model {repo.id} is restricted: you are not in the authorized list."
            raise RefusalError(403 if user else 401, text, "GatedRepo")
        return repo

    def at(self, repo: Repo, revision: str) -> tuple[str, dict[str, File]]:
        sha = repo.sha(revision or "main")
        if sha is None:
            raise RefusalError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return sha, repo.commits[sha]

    def page(self) -> str:
        prefix = "" if self.kind == "model" else f"{self.kind}s/"
        return f"{self.request.url}/{prefix}{self.id}"


def whoami(call: Call) -> Reply:
    told = {"type": "user", "id": "0", "name": call.known(), "orgs": []}
    role = "read" if call.request.headers["Authorization"].endswith("_read") else "write"
    return as_json({**told, "auth": {"type": "access_token", "accessToken": {"role": role}}})


def validate(call: Call) -> Reply:
    """A card's front matter, by what the Hub is known to refuse."""
    asked = call.request.json()
    match = FRONT_MATTER.match(asked["content"])
    try:
        told = yaml.safe_load(match[1]) if match else {}
    except yaml.YAMLError as error:
        return as_json({"errors": [{"message": str(error)}], "warnings": []}, 400)
    wrong = []
    if asked.get("repoType") == "space":
        allowed = {"colorFrom": COLOURS, "colorTo": COLOURS, "sdk": ("gradio", "docker", "static")}
        wrong = [k for k, values in allowed.items() if told.get(k, values[0]) not in values]
        if len(told.get("short_description", "")) > 60:
            wrong.append("short_description")
    errors = [{"message": f'"{key}" is not allowed'} for key in wrong]
    return as_json({"errors": errors, "warnings": []}, 400 if errors else 200)


def create(call: Call) -> Reply:
    asked, user = call.request.json(), call.known()
    call.kind = asked.get("type", "model")
    call.id = f"{asked.get('organization') or user}/{asked['name']}"
    owner = call.id.split("/")[0]
    if owner != user:
        raise RefusalError(403, f"You don't have the rights to create a repo under {owner}")
    if (call.kind, call.id) in call.hub.repos:
        return as_json({"error": "You already created this repo", "url": call.page()}, 409)
    private = bool(asked.get("private")) or asked.get("visibility") == "private"
    repo = Repo(call.kind, call.id, private, sdk=asked.get("sdk"))
    repo.secrets = {s["key"]: s["value"] for s in asked.get("secrets") or []}
    repo.variables = {s["key"]: s["value"] for s in asked.get("variables") or []}
    repo.requested = asked.get("hardware") or repo.requested
    call.hub.repos[call.kind, call.id] = repo
    repo.commit({".gitattributes": File(b"*.safetensors filter=lfs\n")}, "initial commit")
    return as_json({"url": call.page(), "name": call.id, "id": call.id})


def lfs_batch(call: Call) -> Reply:
    """Where to send large files; one that has come already needs no sending."""
    call.known()
    objects = []
    for wanted in call.request.json()["objects"]:
        told = {"oid": wanted["oid"], "size": wanted["size"]}
        if wanted["oid"] not in call.hub.large:
            told["actions"] = {
                "upload": {"href": f"{call.request.url}/_lfs/{wanted['oid']}?signature=secret"},
                "verify": {"href": f"{call.request.url}/_lfs/verify"},
            }
        objects.append(told)
    content = {"transfer": "basic", "objects": objects}
    return as_json(content, media="application/vnd.git-lfs+json")


def lfs_upload(call: Call) -> Reply:
    if hashlib.sha256(call.request.body).hexdigest() != call.rest:
        raise RefusalError(400, "sha256 mismatch")
    call.hub.large[call.rest] = call.request.body
    return Reply()


def lfs_verify(call: Call) -> Reply:
    return Reply(200 if call.request.json()["oid"] in call.hub.large else 404)


def resolve(call: Call) -> Reply:
    """A file's content, or a part of it, with what the client's cache goes by."""
    revision, _, path = call.rest.partition("\0")
    sha, files = call.at(call.content(), revision)
    if path not in files:
        raise RefusalError(404, "Entry not found", "EntryNotFound")
    file = files[path]
    size = len(file.data)
    headers = {"ETag": f'"{file.etag}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
    if file.large:
        headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(size)}
    if call.request.method == "HEAD":
        return Reply(200, b"", {**headers, "Content-Length": str(size)})
    if match := re.fullmatch(r"bytes=(\d+)-(\d*)", call.request.headers.get("Range", "")):
        first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Reply(206, file.data[first : last + 1], headers)
    return Reply(200, file.data, headers)


def resolve_path(call: Call) -> Reply:
    """Splits revision and path before the revision's %2F is read as a slash."""
    raw = call.request.path.split("/resolve/", 1)[1]
    revision, _, path = raw.partition("/")
    call.rest = f"{unquote(revision)}\0{unquote(path)}"
    return resolve(call)


def info(call: Call) -> Reply:
    repo = call.repo()
    sha, files = call.at(repo, call.rest.partition("/")[2])
    blobs = call.request.query("blobs")
    card = repo.card(files)
    siblings = []
    for path, file in sorted(files.items()):
        told: dict[str, Any] = {"rfilename": path}
        if blobs:
            told |= {"size": len(file.data), "blobId": file.oid}
            if file.large:
                told["lfs"] = {"sha256": file.sha256, "size": len(file.data), "pointerSize": 134}
        siblings.append(told)
    told = {
        "_id": "0",
        "id": repo.id,
        "modelId": repo.id,
        "author": repo.owner,
        "sha": sha,
        "private": repo.private,
        "gated": "manual" if repo.gated else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": card.get("tags") or [],
        "cardData": card,
        "siblings": siblings,
        "lastModified": NOW,
        "createdAt": NOW,
    }
    if repo.kind == "space":
        told |= {"sdk": repo.sdk, "host": "http://127.0.0.1", "subdomain": "x"}
    return as_json(told)


def tree(call: Call) -> Reply:
    raw = call.request.path.split("/tree/", 1)[1]
    revision, _, folder = (unquote(part) for part in raw.partition("/"))
    _, files = call.at(call.repo(), revision)
    root = f"{folder.rstrip('/')}/" if folder else ""
    inside = {path: file for path, file in sorted(files.items()) if path.startswith(root)}
    if root and not inside:
        raise RefusalError(404, f"{folder} does not exist", "EntryNotFound")
    deep = call.request.query("recursive").lower() in ("true", "1")
    entries, folders = [], {}
    for path, file in inside.items():
        parts = path[len(root) :].split("/")
        for depth in range(1, len(parts) if deep else min(2, len(parts))):
            name = root + "/".join(parts[:depth])
            folders[name] = {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        if deep or len(parts) == 1:
            entries.append(file.listed(path))
    return as_json([*folders.values(), *entries])


def paths_info(call: Call) -> Reply:
    _, files = call.at(call.repo(), call.rest.partition("/")[2])
    told = []
    for path in call.request.form("paths"):
        if path in files:
            told.append(files[path].listed(path))
        elif any(name.startswith(f"{path.rstrip('/')}/") for name in files):
            told.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
    return as_json(told)


def refs(call: Call) -> Reply:
    repo = call.repo()
    told: dict[str, list[dict[str, str]]] = {"branches": [], "tags": [], "converts": []}
    for name, sha in repo.refs.items():
        if name.startswith("refs/pr/"):
            continue
        group = "tags" if name in repo.tags else "branches"
        prefix = "refs/tags" if name in repo.tags else "refs/heads"
        told[group].append({"name": name, "ref": f"{prefix}/{name}", "targetCommit": sha})
    return as_json(told)


def tag(call: Call) -> Reply:
    repo, name = call.mine(), call.request.json()["tag"]
    sha, _ = call.at(repo, call.rest.partition("/")[2])
    if name in repo.tags:
        raise RefusalError(409, "Tag reference exists already.")
    repo.refs[name] = sha
    repo.tags.add(name)
    return Reply()


def commits(call: Call) -> Reply:
    repo = call.repo()
    authors = [{"user": repo.owner}]
    told = [
        {"id": sha, "title": title, "message": "", "date": NOW, "authors": authors}
        for sha, title in zip(repo.commits, repo.log, strict=True)
    ]
    return as_json(told[::-1])


def auth_check(call: Call) -> Reply:
    call.content()
    return Reply()


def preupload(call: Call) -> Reply:
    repo = call.repo() if call.request.query("create_pr") else call.mine()
    _, files = call.at(repo, call.rest.partition("/")[2])
    told = []
    for wanted in call.request.json()["files"]:
        path = wanted["path"]
        mode = "lfs" if is_large(path, wanted["size"]) else "regular"
        entry = {"path": path, "uploadMode": mode, "shouldIgnore": False}
        told.append({**entry, "oid": files[path].etag} if path in files else entry)
    return as_json({"files": told})


def commit_to(call: Call) -> Reply:
    proposed = bool(call.request.query("create_pr"))
    call.known()
    repo = call.repo() if proposed else call.mine()
    ref = call.rest.partition("/")[2]
    _, files = call.at(repo, ref)
    sha, target = commit(repo, ref, files, call.request.body, call.hub.large, proposed)
    told = {"success": True, "commitOid": sha, "commitUrl": f"{call.page()}/commit/{sha}"}
    if proposed:
        told["pullRequestUrl"] = f"{call.page()}/discussions/{target.rsplit('/', 1)[-1]}"
    return as_json({**told, "hookOutput": ""})


def space_values(call: Call) -> Reply:
    """Variables, which can be read, and secrets, which cannot."""
    repo = call.mine()
    secret = call.rest == "secrets"
    values = repo.secrets if secret else repo.variables
    if call.request.method == "POST":
        asked = call.request.json()
        values[asked["key"]] = asked["value"]
    if call.request.method == "DELETE":
        values.pop(call.request.json()["key"], None)
    told = {key: {"key": key, "description": None, "updatedAt": NOW} for key in values}
    if not secret:
        told = {key: {**told[key], "value": value} for key, value in values.items()}
    return as_json(told)


def space_runtime(call: Call) -> Reply:
    repo = call.repo()
    if call.rest == "hardware":
        call.mine().requested = call.request.json()["flavor"]
    if call.rest == "restart":
        call.mine().stages = list(repo.next_build)
    return as_json(repo.runtime())


Handler = Callable[[Call], Reply]
_API = rf"/api/(?P<kind>models|datasets|spaces)/{_ID}"
ROUTES: tuple[tuple[str, Handler], ...] = (
    (r"/api/whoami-v2", whoami),
    (r"/api/validate-yaml", validate),
    (r"/api/repos/create", create),
    (rf"/{_KIND}{_ID}\.git/info/lfs/objects/batch", lfs_batch),
    (r"/_lfs/verify", lfs_verify),
    (r"/_lfs/(?P<rest>[0-9a-f]{64})", lfs_upload),
    (rf"/{_KIND}{_ID}/resolve/.+", resolve_path),
    (rf"{_API}(?P<rest>/revision/[^/]+)?", lambda call: info(_after(call, "/revision"))),
    (rf"{_API}/tree/.+", tree),
    (rf"{_API}/(?P<rest>paths-info/[^/]+)", paths_info),
    (rf"{_API}/refs", refs),
    (rf"{_API}/(?P<rest>tag/[^/]+)", tag),
    (rf"{_API}/commits/[^/]+", commits),
    (rf"{_API}/auth-check", auth_check),
    (rf"{_API}/(?P<rest>preupload/[^/]+)", preupload),
    (rf"{_API}/(?P<rest>commit/[^/]+)", commit_to),
    (rf"{_API}/(?P<rest>secrets|variables)", space_values),
    (rf"{_API}/(?P<rest>runtime|hardware|restart|sleeptime)", space_runtime),
)


def _after(call: Call, prefix: str) -> Call:
    call.rest = call.rest.removeprefix(prefix)
    return call
