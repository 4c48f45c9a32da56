"""`python -m spaces_config.deploy` from a checkout to a Hub over HTTP (`tests.doubles.hub`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import ctrl_c
from tests.doubles.hub.server import Hub
from tests.serving import ROOT, environment

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
WRITING = ("create", "commit", "variables", "secrets", "hardware", "_lfs")
ADAPTER = {
    "adapter_config.json": b"{}",
    "README.md": b"---\ndatasets:\n- qiaojin/PubMedQA\n---\n",
}
GEMMA = ("--model", "closed/gemma-2-2b", "--adapter", "stage1=me/shown-stage1")


@dataclass(frozen=True)
class Deployed:
    """What the command said, and its requests to the Hub; `wrote` are the last words of those that
    change something."""

    returncode: int
    stdout: str
    stderr: str
    asked: list[tuple[str, str, int]]
    wrote: list[str]


Deploy = Callable[..., Deployed]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows, or would add, in a checkout of their own that a test may change."""
    folder = tmp_path_factory.mktemp("checkout")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "hera" / "notes.txt").write_text("git does not know me", encoding="utf-8")
    return folder


@pytest.fixture
def deploy(checkout: Path, hub: Hub, tmp_path: Path) -> Deploy:
    """Runs the command; what it says, and what it wrote to the Hub."""

    def run(*flags: str, space: str, hardware: str = "cpu-basic", **variables: str) -> Deployed:
        before = len(hub.requests)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "spaces_config.deploy"),
                *("--space", space, "--hardware", hardware, *flags),
            ],
            cwd=checkout,
            env={**environment(tmp_path), **hub.environment(), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        asked = hub.requests[before:]
        wrote = [
            path.rpartition("/")[2] if "commit" not in path else "commit"
            for method, path, _ in asked
            if method in ("POST", "PUT", "DELETE") and any(word in path for word in WRITING)
        ]
        assert "Traceback" not in done.stderr
        assert not any(token in done.stdout + done.stderr for token in hub.tokens)
        return Deployed(done.returncode, done.stdout, done.stderr, asked, wrote)

    return run


def pinned_gradio() -> str:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (pin,) = (line.split()[0] for line in lines if line.startswith("gradio[mcp]=="))
    return pin.split("==")[1]


def front_matter(readme: bytes) -> dict[str, Any]:
    return dict(yaml.safe_load(readme.decode().split("---\n")[1]))


def test_a_free_cpu_space_from_nothing_and_then_only_what_differs(
    hub: Hub, deploy: Deploy, checkout: Path
) -> None:
    names = ("onnx/model.onnx", "model.safetensors", "tokenizer.json", "config.json")
    card = {"README.md": b"---\ndatasets: HuggingFaceTB/smoltalk\n---\n"}
    hub.seed("model", SMOLLM2, {**card, **dict.fromkeys(names, b"{}")})
    first = deploy(space="me/hera")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == f"{hub.url}/spaces/me/hera"
    assert "building" in first.stderr
    assert "running" in first.stderr
    made = hub.space("me/hera")
    assert (made.sdk, made.hardware, made.private) == ("gradio", "cpu-basic", False)
    assert len(made.log) == 2  # the Hub's own, and one of ours
    base, asked = head(hub, "model", SMOLLM2), head(hub, "dataset", "qiaojin/PubMedQA")
    assert made.variables == {  # the app's defaults, as they were today
        "HERA_QUEUE": "10",
        "HERA_MODEL": f"smollm2@{base}",
        "HERA_QUESTIONS": f"qiaojin/PubMedQA@{asked}",
    }
    assert made.secrets == {}
    files = made.files()
    assert {"app.py", "requirements.txt", "LICENSE", "README.md", "assets/chat.png"} <= set(files)
    assert files["hera/embedded/model.safetensors"][:64] == first_bytes("model.safetensors")
    roots = {path.split("/")[0] for path in files} - {".gitattributes"}
    assert roots == {"app.py", "hera", "requirements.txt", "README.md", "LICENSE", "assets"}
    assert "hera/notes.txt" not in files
    matter = front_matter(files["README.md"])
    assert matter["sdk_version"] == pinned_gradio()
    assert (matter["python_version"], matter["app_file"]) == ("3.12", "app.py")
    assert matter["suggested_hardware"] == "cpu-basic"
    assert (matter["models"], matter["datasets"]) == (
        [SMOLLM2],
        ["qiaojin/PubMedQA", "HuggingFaceTB/smoltalk"],
    )
    # Not what the repository holds for other programs.
    read = "config.json,tokenizer.json,model.safetensors"
    assert matter["preload_from_hub"] == [f"{SMOLLM2} {read} {base}"]

    again = deploy(space="me/hera")
    assert again.returncode == 0, again.stderr
    assert again.wrote == []
    assert "nothing differs" in again.stdout
    assert len(made.log) == 2

    with (checkout / "app.py").open("a", encoding="utf-8") as app:
        app.write("# changed\n")
    (checkout / "hera" / "ui" / "theme.py").rename(checkout / "theme.py")
    changed = deploy(space="me/hera")
    (checkout / "theme.py").rename(checkout / "hera" / "ui" / "theme.py")
    assert changed.wrote == ["commit"]
    assert len(made.log) == 3
    now = made.files()
    assert set(files) - set(now) == {"hera/ui/theme.py"}
    assert [path for path in now if now[path] != files[path]] == ["app.py"]


def head(hub: Hub, kind: str, name: str) -> str:
    """The commit that the default branch is at."""
    return hub.repo(kind, name).at("main").sha


def first_bytes(name: str) -> bytes:
    with (ROOT / "hera" / "embedded" / name).open("rb") as file:
        return file.read(64)


def test_a_gpu_space_with_gated_gemma(hub: Hub, deploy: Deploy) -> None:
    hub.seed("model", "closed/gemma-2-2b", {"config.json": b"{}"}, gated=True)
    hub.seed("model", "me/shown-stage1", ADAPTER)
    refused = deploy(*GEMMA, space="me/gpu", hardware="t4-small")
    assert refused.returncode == 2
    assert "closed/gemma-2-2b: gated or private" in refused.stderr
    assert "HERA_SPACE_TOKEN" in refused.stderr
    own = deploy(*GEMMA, space="me/gpu", hardware="t4-small", HERA_SPACE_TOKEN="hf_test")
    other = deploy(*GEMMA, space="me/gpu", hardware="t4-small", HERA_SPACE_TOKEN="hf_other")
    assert "the same token as HF_TOKEN" in own.stderr
    assert "it can write" in other.stderr
    assert refused.wrote == own.wrote == other.wrote == []

    reader = {"HERA_SPACE_TOKEN": "hf_read"}
    done = deploy(*GEMMA, space="me/gpu", hardware="t4-small", **reader)
    assert done.returncode == 0, done.stderr
    made = hub.space("me/gpu")
    assert made.secrets == {"HF_TOKEN": "hf_read"}
    assert made.hardware == "t4-small"
    assert made.variables == {
        "HERA_MODEL": f"closed/gemma-2-2b@{head(hub, 'model', 'closed/gemma-2-2b')}",
        "HERA_ADAPTERS": f"stage1=me/shown-stage1@{head(hub, 'model', 'me/shown-stage1')}",
        "HERA_QUESTIONS": f"qiaojin/PubMedQA@{head(hub, 'dataset', 'qiaojin/PubMedQA')}",
        "HERA_4BIT": "1",
        "HERA_QUEUE": "15",
    }
    matter = front_matter(made.files()["README.md"])
    assert matter["models"] == ["closed/gemma-2-2b", "me/shown-stage1"]
    assert matter["datasets"] == ["qiaojin/PubMedQA"]
    ahead = f"me/shown-stage1 README.md,adapter_config.json {head(hub, 'model', 'me/shown-stage1')}"
    assert matter["preload_from_hub"] == [ahead]  # a build may not read what is gated
    assert matter["suggested_hardware"] == "t4-small"

    hub.seed("dataset", "me/asked", {"q.jsonl": b"{}"})
    asked = ("--questions", "me/asked")
    moved = deploy(*GEMMA, *asked, "--wait", "0", space="me/gpu", hardware="zero-a10g", **reader)
    assert moved.returncode == 0, moved.stderr
    assert sorted(set(moved.wrote)) == ["commit", "hardware", "variables"]
    assert "HF_TOKEN is kept" in moved.stderr
    assert made.requested == "zero-a10g"
    assert "HERA_4BIT" not in made.variables
    assert made.variables["HERA_GPU_SECONDS"] == "15 0.1 0.15"
    assert made.variables["HERA_QUESTIONS"] == f"me/asked@{head(hub, 'dataset', 'me/asked')}"
    matter = front_matter(made.files()["README.md"])
    assert "suggested_hardware" not in matter
    assert matter["datasets"] == ["me/asked", "qiaojin/PubMedQA"]
    assert matter["preload_from_hub"] == [ahead]  # a build takes no data sets


def test_dry_run_shows_it_all_and_asks_nobody(deploy: Deploy) -> None:
    done = deploy(
        *GEMMA,
        "--dry-run",
        space="me/dry",
        hardware="l4x1",
        HF_TOKEN="",
        HERA_SPACE_TOKEN="hf_read",
    )
    assert done.returncode == 0, done.stderr
    assert done.asked == []
    for words in (
        "hardware l4x1",
        "variable HERA_ADAPTERS=stage1=me/shown-stage1",
        "secret HF_TOKEN: from HERA_SPACE_TOKEN, set",
        "hera/embedded/model.safetensors",
        f"sdk_version: {pinned_gradio()}",
        "/spaces/me/dry/resolve/main/assets/card.png",
    ):
        assert words in done.stdout
    assert "tests/" not in done.stdout


def test_a_demo_of_ones_own_is_carried_along(deploy: Deploy, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        'name = "Mine"\nbase = "me/base"\nquestions = "me/asked"\nreport = "runs/r.html"\n'
        '[adapters]\none = "me/one"\n',
        encoding="utf-8",
    )
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "r.html").write_text("<h1>Measured</h1>", encoding="utf-8")
    flags = ("--config", str(own), "--dry-run")
    done = deploy(*flags, space="me/dry")
    assert done.returncode == 0, done.stderr
    for words in (
        *("variable HERA_MODEL=me/base", "variable HERA_ADAPTERS=one=me/one"),
        *(
            "variable HERA_QUESTIONS=me/asked",
            "  hera.toml\n",
            "  runs/r.html\n",
            "\ntitle: Mine\n",
        ),
    ):
        assert words in done.stdout
    own.write_text('[adapters]\none = "./one"\n', encoding="utf-8")
    done = deploy(*flags, space="me/dry")
    assert done.returncode == 2
    assert "adapters.one=" in done.stderr
    assert "a Space loads from the Hub: push it there first" in done.stderr


def test_what_goes_wrong_is_one_line(hub: Hub, deploy: Deploy) -> None:
    hub.seed("model", SMOLLM2, {"config.json": b"{}"})
    hub.seed("space", "me/broken", {}, sdk="gradio")
    hub.space("me/broken").next_build = ("BUILDING", "BUILD_ERROR")
    broken = deploy(space="me/broken")
    assert broken.returncode == 1
    assert broken.stderr.splitlines()[-1] == (
        "error: me/broken: build error (Exit code: 1). Read the log at "
        f"{hub.url}/spaces/me/broken?logs=build, mend it and run this again."
    )
    hub.seed("space", "me/stuck", {}, sdk="gradio")
    hub.space("me/stuck").next_build = ("BUILDING",)
    late = deploy("--wait", "0.0001", space="me/stuck")
    assert "still building after 0.0001 minutes" in late.stderr.splitlines()[-1]

    hub.fail("POST", "/hardware", 402)
    paid = deploy(space="me/stuck", hardware="a10g-small")
    assert paid.returncode == 1
    assert "does not give this account a10g-small (402). Add a payment" in paid.stderr
    hub.fail("POST", "/api/repos/create", 403)
    refused = deploy(space="me/new")
    assert "does not give this account cpu-basic (403)" in refused.stderr
    hub.fail("POST", "/api/validate-yaml", 400)
    invalid = deploy(space="me/new")
    assert "README.md: the Hub rejects its front matter" in invalid.stderr
    assert invalid.wrote == []
    public = deploy("--private", space="me/stuck")
    assert public.returncode == 2
    assert "is there and public" in public.stderr
    missing = deploy("--adapter", "a=me/nowhere", "--model", "embedded", space="me/new")
    assert "me/nowhere: no such repository" in missing.stderr
    unasked = deploy("--questions", "me/nothing", space="me/new")
    assert "me/nothing: no such repository" in unasked.stderr
    assert paid.wrote[-1] == "hardware"
    assert refused.wrote == ["create"]
    assert public.wrote == missing.wrote == unasked.wrote == []


@pytest.mark.parametrize(
    ("space", "flags", "says"),
    [
        ("hera", (), "give OWNER/NAME"),
        ("other/hera", (), "the token belongs to me"),
        ("me/x", ("--adapter", "mine=./out"), "push it there first"),
        ("me/x", ("--adapter", "base=me/x"), "not 'base'"),
        ("me/x", ("--questions", "./q.json"), "push it there first"),
        ("me/x", ("--sign-in", "ana,bert"), "names of accounts on the Hub"),
    ],
)
def test_wrong_flags(deploy: Deploy, space: str, flags: tuple[str, ...], says: str) -> None:
    done = deploy(*flags, space=space)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.wrote == []


def test_stopping_says_that_the_build_goes_on(hub: Hub, checkout: Path, tmp_path: Path) -> None:
    hub.seed("model", SMOLLM2, {"config.json": b"{}"})
    hub.seed("space", "me/slow", {}, sdk="gradio")
    hub.space("me/slow").next_build = ("BUILDING",)
    with ctrl_c.heeded():
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "spaces_config.deploy"),
                *("--space", "me/slow", "--hardware", "cpu-basic"),
            ],
            cwd=checkout,
            env={**environment(tmp_path), **hub.environment()},
            stderr=subprocess.PIPE,
            text=True,
        )
    assert process.stderr is not None
    assert "building" in process.stderr.readline()
    process.send_signal(2)
    assert process.wait(timeout=20) == 130
    assert f"goes on building, see {hub.url}/spaces/me/slow" in process.stderr.read()


def test_who_has_to_sign_in_and_that_it_is_not_opened_by_chance(hub: Hub, deploy: Deploy) -> None:
    asked = ("--wait", "0", "--model", "embedded")
    first = deploy(*asked, "--sign-in", "ana", "--sign-in", "Bert", space="me/closed")
    assert first.returncode == 0, first.stderr
    made = hub.space("me/closed")
    assert made.variables["HERA_SIGN_IN"] == "ana Bert"
    assert front_matter(made.files()["README.md"])["hf_oauth"] is True
    again = deploy(*asked, space="me/closed")
    assert (again.returncode, again.wrote) == (2, [])
    assert "me/closed is for those who sign in (HERA_SIGN_IN=ana Bert)" in again.stderr
    assert again.stderr.count("\n") == 1
    assert made.variables["HERA_SIGN_IN"] == "ana Bert"
