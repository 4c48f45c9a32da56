"""Pushing an adapter to a Hub over HTTP: what arrives, what a card says, what a Hub's no becomes.

`python -m hera.push` runs as a command; the Hub is `tests.doubles.hub.server`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from hera.refs import EMBEDDED_DIR, Ref
from hera.types import Engine
from hera.weights.files import weights_sha256
from tests.doubles.hub.server import Hub
from tests.serving import ROOT, command

GEMMA = "google/gemma-2-2b-it"


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """Stage 1 as a training leaves it, on the Hub's Gemma, with leftovers that must stay here."""
    folder = tmp_path / "stage1"
    shutil.copytree(EMBEDDED_DIR / "stage1", folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(EMBEDDED_DIR / name, folder / name)
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = GEMMA
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "training.json").write_text(json.dumps(RECORD), encoding="utf-8")
    (folder / "loss.png").write_bytes(b"\x89PNG")
    (folder / "checkpoints" / "checkpoint-3").mkdir(parents=True)
    (folder / "checkpoints" / "checkpoint-3" / "optimizer.pt").write_bytes(b"state")
    return folder


LOSS = {"loss": 2.0, "token_accuracy": 0.5, "tokens": 30}
RECORD: dict[str, Any] = {
    "arguments": {
        "stage": "stage1",
        "model": GEMMA,
        "data": "qiaojin/PubMedQA",
        "adapter": None,
        "mix": None,
        "bits": 4,
        "learning_rate": 2e-4,
        "batch_size": 8,
        "epochs": 1,
        "dropout": 0.05,
        "seed": 42,
    },
    "earlier": [{"data": "/home/somebody/letters.jsonl"}],
    "rows": {"train": 18, "held_out": 2, "cut": 0, "unusable": 0},
    "held_out": {"rows": 2, "before": LOSS, "after": {**LOSS, "loss": 1.25}},
    "steps": 3,
    "training_seconds": 90.0,
    "processes": 1,
    "device": "cpu",
    "peak_memory_bytes": 2**30,
    "environment": {
        "hera": "0.1.0",
        "git_commit": "abc",
        "python": "3.11.7",
        "platform": "Linux x86_64",
        "versions": {"torch": "2.13.0", "transformers": "5.23.0", "peft": "0.21.2"},
    },
}


PAIR = {"a": "base", "b": "tuned", "only_a": 0, "only_b": 2, "p": 0.5, "p_holm": 0.5}
PAIR |= {"difference": 0.5, "difference_ci95": [0.0, 1.0]}


def environment(sha256: str) -> dict[str, Any]:
    """Of a measurement of "tuned" with these weights."""
    engine = {"model": GEMMA, "dtype": "float32", "device": "cpu", "weights": {"tuned": sha256}}
    return {**RECORD["environment"], **engine}


def results(folder: Path, adapter: Path, **changes: object) -> Path:
    """A results.json of two variants over four questions, "tuned" with the adapter's weights."""

    def variant(accuracy: float) -> dict[str, Any]:
        return {
            "accuracy": accuracy,
            "accuracy_ci95": [0.1, 0.9],
            "macro_f1": 0.4,
            "per_class": {"yes": {"precision": 0.75, "recall": 1.0, "f1": 0.9, "support": 3}},
            "confusion": {"yes": {"yes": 3}, "no": {"yes": 1}, "maybe": {}},
            "items": [],
        }

    result = {
        "benchmark": "pubmedqa",
        "data": {"ref": "qiaojin/PubMedQA", "split": "test", "n": 4, "sha256": "f" * 64},
        "prompt": "hera",
        "seed": 42,
        "variants": {"base": variant(0.25), "tuned": variant(0.75)},
        "paired": [PAIR],
        "baselines": {},
        "partial": False,
        "environment": environment(weights_sha256(Ref.of(str(adapter)))),
        "seconds": 1.5,
        "finished": "2026-11-24T19:00:00+00:00",
        **changes,
    }
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(result), encoding="utf-8")
    return folder


def push(
    hub: Hub, adapter: Path, *flags: str, to: str = "me/pushed", token: str | None = "hf_test"
) -> subprocess.CompletedProcess[str]:
    return command(
        *("-m", "hera.push", str(adapter), "--to", to, *flags),
        home=adapter.parent,
        **hub.environment(token=token),
    )


def done(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 0, run.stderr
    return run.stdout


def one_line(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode in (1, 2), run.stdout
    assert run.stderr.startswith("error: "), run.stderr
    assert run.stderr.count("\n") == 1, run.stderr
    return run.stderr


def test_all_that_belongs_to_an_adapter_arrives_in_one_commit_and_nothing_else(
    hub: Hub, adapter: Path
) -> None:
    runs = results(adapter.parent / "real", adapter)
    done(push(hub, adapter, "--results", str(runs), "--private", "--tag", "v1", to="me/all"))
    repo = hub.repo("model", "me/all")
    files = repo.files()
    assert set(files) - {".gitattributes"} == {
        ".eval_results/pubmedqa.yaml",
        "NOTICE",
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "loss.png",
        "results/real.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
    }
    assert repo.private
    assert len(repo.log) == 2  # the Hub's own first commit, and ours
    assert repo.refs["v1"] == repo.refs["main"]
    weights = (adapter / "adapter_model.safetensors").read_bytes()
    assert files["adapter_model.safetensors"] == weights
    assert b"Gemma Terms of Use" in files["NOTICE"]
    everything = b"".join(files.values())
    assert b"/home/somebody" not in everything
    assert b"letters.jsonl" in everything
    assert b"hf_test" not in everything


def test_the_card_says_what_was_measured_and_so_does_its_metadata(hub: Hub, adapter: Path) -> None:
    runs = results(adapter.parent / "real", adapter)
    done(push(hub, adapter, "--results", str(runs), to="me/card"))
    files = hub.repo("model", "me/card").files()
    card = ModelCard(files["README.md"].decode())
    data = card.data.to_dict()
    assert data["base_model"] == GEMMA
    assert (data["license"], data["library_name"]) == ("gemma", "peft")
    assert data["datasets"] == ["qiaojin/PubMedQA"]
    values = {r.metric_type: r.metric_value for r in card.data["eval_results"]}
    assert values == {"accuracy": 0.75, "f1": 0.4}
    assert "| base | 0.250 | 0.100 to 0.900 | 0.400 |" in card.text
    assert "| **this adapter** (tuned) | 0.750 | 0.100 to 0.900 | 0.400 |" in card.text
    assert "| always the commonest answer | 0.750 |" in card.text
    assert "only tuned right 2, exact McNemar p = 0.5" in card.text
    assert "2.0000 before, 1.2500 after" in card.text
    assert "Not a medical device" in card.text
    entry = parse_eval_result_entries(yaml.safe_load(files[".eval_results/pubmedqa.yaml"]))[0]
    assert (entry.dataset_id, entry.value) == ("qiaojin/PubMedQA", 0.75)


def test_a_card_without_a_measurement_says_so_and_gives_no_number(hub: Hub, adapter: Path) -> None:
    (adapter / "training.json").unlink()
    run = done(push(hub, adapter, "--dry-run", to="me/bare"))
    card = ModelCard(run[run.index("---\n") :])
    assert "Not measured." in card.text
    assert "Not recorded" in card.text
    assert card.data["eval_results"] is None
    assert not hub.exists("model", "me/bare")


def test_the_card_says_what_was_forgotten(hub: Hub, adapter: Path) -> None:
    lost = {"n": 12, "base": 1.0, "loss": 1.5, "change": 0.5, "interval": [0.2, 0.8]}
    record = {**RECORD, "forgot": {"chat": {**lost, "verdict": "lost"}}}
    (adapter / "training.json").write_text(json.dumps(record), encoding="utf-8")
    run = done(push(hub, adapter, "--dry-run", to="me/bare"))
    assert "| everyday chat | 12 | 1.00 | +0.50 | +0.20 to +0.80 | lost |" in run


def test_a_dry_run_asks_nobody(hub: Hub, adapter: Path) -> None:
    before = len(hub.requests)
    run = done(push(hub, adapter, "--dry-run", token=None))
    assert "adapter_model.safetensors" in run
    assert "optimizer" not in run
    assert len(hub.requests) == before


def test_a_second_push_makes_no_commit_and_a_third_removes_what_is_stale(
    hub: Hub, adapter: Path
) -> None:
    runs = results(adapter.parent / "real", adapter)
    done(push(hub, adapter, "--results", str(runs), to="me/twice"))
    log = list(hub.repo("model", "me/twice").log)
    assert "nothing differs" in done(push(hub, adapter, "--results", str(runs), to="me/twice"))
    assert hub.repo("model", "me/twice").log == log
    done(push(hub, adapter, to="me/twice"))
    files = hub.repo("model", "me/twice").files()
    assert not [path for path in files if "results" in path]
    assert "Not measured." in files["README.md"].decode()


def test_pushed_and_loaded_again_it_scores_the_same_bit_for_bit(
    hub: Hub, adapter: Path, engine: Engine, tmp_path: Path
) -> None:
    done(push(hub, adapter, "--tag", "v1-stage1", to="me/again"))
    code = (
        "import sys; from hera import load_engine, load_pubmedqa\n"
        "from hera.prompts import decide_messages\n"
        f"engine = load_engine({GEMMA!r}, adapters={{'stage1': 'me/again@v1-stage1'}})\n"
        "prompts = [decide_messages(q) for q in load_pubmedqa()[:8]]\n"
        "engine.label_logprobs(prompts, (' yes', ' no', ' maybe')).tofile(sys.argv[1])\n"
    )
    out = tmp_path / "scores"
    run = command("-c", code, str(out), home=tmp_path, **hub.environment())
    assert run.returncode == 0, run.stderr
    from hera import load_pubmedqa
    from hera.prompts import decide_messages

    prompts = [decide_messages(q) for q in load_pubmedqa()[:8]]
    here = engine.label_logprobs(prompts, (" yes", " no", " maybe"), ("base", "stage1"))
    assert out.read_bytes() == here.tobytes()


def test_the_cards_snippets_run(hub: Hub, adapter: Path, tmp_path: Path) -> None:
    done(push(hub, adapter, to="me/snippets"))
    card = hub.repo("model", "me/snippets").files()["README.md"].decode()
    snippets = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        assert len([line for line in snippet.splitlines() if line.strip()]) <= 7
    run = command("-W", "ignore", "-c", "\n".join(snippets), home=tmp_path, **hub.environment())
    assert run.returncode == 0, run.stderr
    with_peft, with_hera = run.stdout.split("<end_of_turn>\n")[-2:]
    assert "wheezing" in with_peft
    assert "'stage1'" in with_hera


def test_an_upload_cut_in_the_middle_is_sent_again(hub: Hub, adapter: Path) -> None:
    hub.cut(r"/_?lfs/", at=0.5)
    done(push(hub, adapter, to="me/cut"))
    weights = hub.repo("model", "me/cut").files()["adapter_model.safetensors"]
    assert weights == (adapter / "adapter_model.safetensors").read_bytes()


def test_a_push_that_stops_half_way_shows_nothing_and_goes_on(hub: Hub, adapter: Path) -> None:
    hub.fail("POST", r"/commit/", 400)
    assert "me/half" in one_line(push(hub, adapter, to="me/half"))
    assert set(hub.repo("model", "me/half").files()) == {".gitattributes"}
    sent = len(hub.requests)
    done(push(hub, adapter, to="me/half"))
    assert "adapter_model.safetensors" in hub.repo("model", "me/half").files()
    assert "PUT" not in [method for method, _, _ in hub.requests[sent:]]


def test_a_busy_hub_is_waited_for_as_it_asks(hub: Hub, adapter: Path) -> None:
    hub.fail("GET", r"whoami", 429, headers={"Retry-After": "2"})
    hub.fail("POST", r"/commit/", 503)
    run = push(hub, adapter, to="me/busy")
    done(run)
    assert "waiting 2 s for the Hub (it answered 429)" in run.stderr
    assert "it answered 503" in run.stderr
    assert len(hub.repo("model", "me/busy").log) == 2


@pytest.mark.parametrize(
    ("to", "token", "flags", "says"),
    [
        ("me/x", None, [], ["HF_TOKEN", "settings/tokens"]),
        ("me/x", "hf_unknown", [], ["me/x", "does not accept the token", "(401)"]),
        ("other/x", "hf_test", [], ["other/x", "belongs to me"]),
        ("other/x", "hf_test", ["--create-pr"], ["other/x", "no such repository", "(404)"]),
        ("x", "hf_test", [], ["OWNER/NAME"]),
        ("me/x", "hf_test", ["--create-pr", "--tag", "v1"], ["--tag", "--create-pr"]),
    ],
)
def test_a_no_is_one_line_with_the_repository_and_the_fix(
    hub: Hub, adapter: Path, to: str, token: str | None, flags: list[str], says: list[str]
) -> None:
    error = one_line(push(hub, adapter, *flags, to=to, token=token))
    for text in says:
        assert text in error
    assert "hf_" not in error


def test_a_refused_commit_names_the_write_token(hub: Hub, adapter: Path) -> None:
    hub.fail("POST", r"/commit/", 403)
    error = one_line(push(hub, adapter, to="me/refused"))
    assert "me/refused" in error
    assert "write access" in error
    assert "(403)" in error


def test_a_pull_request_leaves_the_other_ones_main_alone(hub: Hub, adapter: Path) -> None:
    hub.seed("model", "other/theirs", {"README.md": b"# theirs\n"})
    assert "discussions" in done(push(hub, adapter, "--create-pr", to="other/theirs"))
    repo = hub.repo("model", "other/theirs")
    assert set(repo.files()) == {"README.md"}
    assert "adapter_model.safetensors" in repo.files("refs/pr/1")


def test_a_release_is_never_moved(hub: Hub, adapter: Path) -> None:
    done(push(hub, adapter, "--tag", "v1", to="me/tagged"))
    assert "v1" in one_line(push(hub, adapter, "--tag", "v1", to="me/tagged"))


def break_base(adapter: Path) -> None:
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = str(EMBEDDED_DIR)
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")


def hide_token(adapter: Path) -> None:
    path = adapter / "tokenizer_config.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "secret": "hf_" + "a" * 34}), encoding="utf-8")


def unfinished(adapter: Path) -> None:
    for name in ("adapter_config.json", "adapter_model.safetensors", "training.json"):
        (adapter / name).unlink()
    (adapter / "run.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (break_base, "base_model_name_or_path"),
        (hide_token, "tokenizer_config.json: it holds a Hub token"),
        (unfinished, "--resume"),
        (lambda adapter: shutil.rmtree(adapter), "no such folder"),
        (lambda adapter: (adapter / "training.json").write_text("{"), "training.json"),
    ],
)
def test_what_must_not_be_pushed_is_refused_before_anything_is_sent(
    hub: Hub, adapter: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(adapter)
    assert says in one_line(push(hub, adapter, to="me/spoiled"))
    assert not hub.exists("model", "me/spoiled")


def test_results_of_other_weights_are_refused(hub: Hub, adapter: Path) -> None:
    runs = results(adapter.parent / "other", adapter, environment=environment("0" * 64))
    assert "not measured with these weights" in one_line(
        push(hub, adapter, "--results", str(runs), "--dry-run")
    )


def test_the_command_needs_no_torch() -> None:
    code = "import sys, hera.push; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
