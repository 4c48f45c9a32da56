"""A commit as it is posted: lines of JSON, a header and then what is added and removed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from tests.hub.repos import File, Repo
from tests.hub.wire import RefusalError


def commit(
    repo: Repo,
    ref: str,
    files: Mapping[str, File],
    body: bytes,
    large: Mapping[str, bytes],
    proposed: bool,
) -> tuple[str, str]:
    """(sha, ref) of the new commit; a proposed one goes to a pull request's own ref."""
    after, title = dict(files), ""
    for line in body.splitlines():
        entry = json.loads(line)
        value = entry["value"]
        match entry["key"]:
            case "header":
                title = value["summary"]
                parent = value.get("parentCommit")
                if parent and parent != repo.sha(ref):
                    raise RefusalError(
                        412, "A commit has happened since. Please refresh and try again."
                    )
            case "file":
                after[value["path"]] = File(base64.b64decode(value["content"]))
            case "lfsFile":
                if value["oid"] not in large:
                    raise RefusalError(400, f"LFS object {value['oid']} is missing")
                after[value["path"]] = File(large[value["oid"]], large=True)
            case "deletedFile":
                after.pop(value["path"], None)
            case "deletedFolder":
                folder = f"{value['path'].rstrip('/')}/"
                after = {path: f for path, f in after.items() if not path.startswith(folder)}
            case key:
                raise RefusalError(400, f"unknown operation {key}")
    number = 1 + sum(name.startswith("refs/pr/") for name in repo.refs)
    target = f"refs/pr/{number}" if proposed else ref
    return repo.commit(after, title, target), target
