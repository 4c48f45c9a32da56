"""The loopback Hub itself, through huggingface_hub as it is: what other tests rely on."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitInfo, HfApi, SpaceHardware, constants
from huggingface_hub import CommitOperationAdd as Add
from huggingface_hub import CommitOperationDelete as Delete
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.doubles.hub.server import Hub

Clients = Callable[..., HfApi]
WEIGHTS = random.Random(0).randbytes(2**20)


@pytest.fixture
def client(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clients:
    """Makes clients of the Hub in this process, whatever its environment says."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return lambda token="hf_test": HfApi(endpoint=hub.url, token=token or False)


def push(api: HfApi, repo: str, **files: bytes) -> CommitInfo:
    adding = [Add(path.replace("_", "."), content) for path, content in files.items()]
    return api.create_commit(repo, adding, commit_message="push")


def status(refused: pytest.ExceptionInfo[HfHubHTTPError]) -> int:
    return refused.value.response.status_code


def test_what_is_pushed_can_be_listed_and_downloaded(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-round", private=True)
    push(api, "me/double-round", a_txt=b"text", w_safetensors=WEIGHTS)
    assert set(api.list_repo_files("me/double-round")) == {
        ".gitattributes",
        "a.txt",
        "w.safetensors",
    }
    listed: dict[str, Any] = {file.path: file for file in api.list_repo_tree("me/double-round")}
    assert (listed["a.txt"].lfs, listed["w.safetensors"].lfs.size) == (None, 2**20)
    for name, content in (("a.txt", b"text"), ("w.safetensors", WEIGHTS)):
        with open(api.hf_hub_download("me/double-round", name), "rb") as file:  # noqa: PTH123
            assert file.read() == content
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download("me/double-round", "b.txt")
    with pytest.raises(RepositoryNotFoundError):
        client("hf_other").repo_info("me/double-round")
    with pytest.raises(RepositoryNotFoundError):
        client(None).repo_info("me/double-round")


def test_nothing_is_sent_or_committed_twice(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-twice")
    first = push(api, "me/double-twice", w_safetensors=WEIGHTS[1:])
    seen = len(hub.requests)
    assert push(api, "me/double-twice", w_safetensors=WEIGHTS[1:]).oid == first.oid
    push(api, "me/double-twice", v_safetensors=WEIGHTS[1:])
    assert "PUT" not in [method for method, _, _ in hub.requests[seen:]]
    assert len(hub.repo("model", "me/double-twice").log) == 3


def test_revisions_tags_and_pull_requests(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-refs")
    before = push(api, "me/double-refs", a_txt=b"1")
    api.create_tag("me/double-refs", tag="v1")
    with pytest.raises(HfHubHTTPError) as taken:
        api.create_tag("me/double-refs", tag="v1")
    assert status(taken) == 409
    push(api, "me/double-refs", a_txt=b"2")
    assert hub.repo("model", "me/double-refs").files("v1")["a.txt"] == b"1"
    assert api.repo_info("me/double-refs", revision="v1").sha == before.oid
    removal = [Delete("a.txt")]
    with pytest.raises(HfHubHTTPError) as late:
        api.create_commit(
            "me/double-refs", removal, commit_message="late", parent_commit=before.oid
        )
    assert status(late) == 412
    stranger = client("hf_other")
    with pytest.raises(HfHubHTTPError) as refused:
        push(stranger, "me/double-refs", a_txt=b"3")
    assert status(refused) == 403
    proposed = stranger.create_commit(
        "me/double-refs", removal, commit_message="propose", create_pr=True
    )
    assert proposed.pr_revision == "refs/pr/1"
    assert "a.txt" not in api.list_repo_files("me/double-refs", revision="refs/pr/1")
    refs = api.list_repo_refs("me/double-refs", include_pull_requests=True)
    assert [ref.name for ref in refs.tags] == ["v1"]
    assert refs.pull_requests is not None
    assert [ref.ref for ref in refs.pull_requests] == ["refs/pr/1"]
    assert hub.repo("model", "me/double-refs").files()["a.txt"] == b"2"
    with pytest.raises(RevisionNotFoundError):
        api.repo_info("me/double-refs", revision="v2")


def test_a_gated_repository_opens_when_its_licence_is_accepted(hub: Hub, client: Clients) -> None:
    hub.seed("model", "closed/double", {"config.json": b"{}"}, gated=True)
    api = client()
    for one, expected in ((api, 403), (client(None), 401)):
        with pytest.raises(GatedRepoError) as refused:
            one.auth_check("closed/double")
        assert status(refused) == expected
    assert api.repo_info("closed/double").gated == "manual"
    hub.accept("model", "closed/double", "me")
    api.auth_check("closed/double")
    api.hf_hub_download("closed/double", "config.json")


def test_an_upload_that_is_cut_leaves_nothing_and_is_tried_again(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-cut")
    hub.cut("/_lfs/", at=0.5)
    push(api, "me/double-cut", w_safetensors=WEIGHTS[2:])
    puts = [status for method, _, status in hub.requests if method == "PUT"]
    assert puts[-2:] == [0, 200]
    hub.cut("/commit/")
    with pytest.raises(httpx2.TransportError):
        push(api, "me/double-cut", a_txt=b"1")
    assert "a.txt" not in hub.repo("model", "me/double-cut").files()


def test_a_busy_hub_says_for_how_long(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-busy")
    hub.fail("POST", "/commit/", 429, headers={"Retry-After": "3"})
    with pytest.raises(HfHubHTTPError) as busy:
        push(api, "me/double-busy", a_txt=b"1")
    assert (status(busy), busy.value.response.headers["Retry-After"]) == (429, "3")
    push(api, "me/double-busy", a_txt=b"1")


def test_a_space_is_built_after_a_commit_and_keeps_its_secrets(hub: Hub, client: Clients) -> None:
    api = client()
    api.create_repo("me/double-space", repo_type="space", space_sdk="gradio")
    assert api.get_space_runtime("me/double-space").stage == "NO_APP_FILE"
    api.create_commit(
        "me/double-space", [Add("app.py", b"")], commit_message="a", repo_type="space"
    )
    looks = [api.get_space_runtime("me/double-space") for _ in range(3)]
    assert [look.stage for look in looks] == ["BUILDING", "RUNNING", "RUNNING"]
    api.add_space_secret("me/double-space", "KEY", "hidden")
    api.add_space_variable("me/double-space", "NAME", "seen")
    assert api.get_space_secrets("me/double-space")["KEY"].key == "KEY"
    assert api.get_space_variables("me/double-space")["NAME"].value == "seen"
    assert hub.space("me/double-space").secrets == {"KEY": "hidden"}
    assert api.get_space_runtime("me/double-space").stage == "APP_STARTING"
    assert (
        api.request_space_hardware("me/double-space", SpaceHardware.T4_SMALL).requested_hardware
        == "t4-small"
    )
    hub.space("me/double-space").run_log.append("started")
    assert list(api.fetch_space_logs("me/double-space")) == ["started\n"]


def test_a_card_that_the_hub_would_refuse_is_refused(client: Clients) -> None:
    api = client()
    api.create_repo("me/double-card", repo_type="space", space_sdk="gradio")
    readme = Add("README.md", b"---\nsdk: gradio\npython_version: 3.10\ncolorTo: cyan\n---\n")
    with pytest.raises(ValueError, match=r"(?s)colorTo.*python_version"):
        api.create_commit("me/double-card", [readme], commit_message="a", repo_type="space")
