"""An adapter's folder on the Hub: what is sent of it, and what is not fit to be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hera import hub
from hera.errors import ConfigError, ModelError
from hera.evaluation import records, training_record
from hera.evaluation.results import PubmedqaResult
from hera.evaluation.training_record import Training
from hera.push.card import GEMMA_NOTICE, Published, render
from hera.push.measurements import eval_results_yaml, of_kind, read_results
from hera.refs import Ref
from hera.weights.files import WEIGHTS, adapter_config, base_named_in, weights_sha256

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_AS_THEY_ARE = (
    "adapter_config.json",
    WEIGHTS,
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "tokenizer.model",
    "chat_template.jinja",
    "loss.png",
)
_STALE = (
    "results/*.json",
    ".eval_results/pubmedqa.yaml",
    *_AS_THEY_ARE[2:],
    training_record.FILE,
    "NOTICE",
)


def push(
    folder: Path,
    repo: str,
    *,
    results: Sequence[Path] = (),
    private: bool = False,
    tag: str | None = None,
    create_pr: bool = False,
) -> str:
    """Publish an adapter's folder.

    Args:
        folder: what `train.stage1` or `train.stage2` wrote, or any PEFT LoRA adapter.
        repo: OWNER/NAME; created if it is not there (not with `create_pr`).
        results: folders of `benchmarks.pubmedqa`, `reads` or `forgot` with `--output`.
        private: whether a new repository is private.
        tag: a name for this version, to load it by later (`OWNER/NAME@TAG`).
        create_pr: propose the change as a pull request, to a repository that is not one's own.

    Returns:
        What to say: where it is, or that nothing differed.

    Raises:
        ModelError: no whole adapter there, or its base is a folder that nobody else has.
        DataError: results that are none, or of other weights.
        HubError: the Hub refuses or cannot be reached; the repository is then as it was.
    """
    api = hub.connect()
    if not create_pr:
        hub.owner(api, repo)
    files = contents(folder, repo, results)
    hub.check_no_secrets(files)
    if not create_pr:
        hub.patiently(
            lambda: api.create_repo(repo, private=private or None, exist_ok=True), what=repo
        )
    if tag:
        check_tag(api, repo, tag)
    done = hub.commit(
        api, repo, files, message=f"Adapter {folder.name}", delete=_STALE, create_pr=create_pr
    )
    if tag:
        hub.patiently(lambda: api.create_tag(repo, tag=tag), what=f"{repo}, tag {tag}")
    where = f"{api.endpoint}/{repo}{f', tagged {tag}' if tag else ''}"
    return f"published: {done} ({where})" if done else f"nothing differs from {where}"


def check_tag(api: HfApi, repo: str, tag: str) -> None:
    """Raises ConfigError if the repository has that tag: a release is never moved."""
    refs = hub.patiently(lambda: api.list_repo_refs(repo), what=repo)
    if tag in [ref.name for ref in refs.tags]:
        raise ConfigError(f"--tag {tag}: {repo} has it already. Choose another name.")


def contents(folder: Path, repo: str, results: Sequence[Path]) -> dict[str, Path | bytes]:
    """Everything that a push sends: path in the repository -> file or content.

    Raises:
        ModelError, DataError: as `push`.
        HubError: the Hub must say the base's licence and cannot.
    """
    base, config = check_adapter(folder)
    measured = read_results(results, base, weights_sha256(Ref.of(str(folder), "")))
    record = read_record(folder)
    adapter = Published(
        repo=repo,
        base=base,
        licence=licence(base),
        config=config,
        record=record,
        curve=(folder / "loss.png").is_file(),
        measured=measured,
    )
    files: dict[str, Path | bytes] = {
        name: folder / name for name in _AS_THEY_ARE if (folder / name).is_file()
    }
    files["README.md"] = str(render(adapter)).encode()
    if adapter.is_gemma:
        files["NOTICE"] = f"{GEMMA_NOTICE}\n".encode()
    if record:
        files[training_record.FILE] = _json(record.plain())
    files |= {m.file: _json(m.result.plain()) for m in measured}
    if entries := eval_results_yaml(of_kind(measured, PubmedqaResult)):
        files[".eval_results/pubmedqa.yaml"] = entries
    return files


def check_adapter(folder: Path) -> tuple[Ref, dict[str, Any]]:
    """(its base's REF, its config) of an adapter that others can load.

    Raises:
        ModelError: no such folder, an unfinished run, no adapter, or a base on this machine alone.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder. Give the --output of a training.")
    config = adapter_config(Ref.of(str(folder), ""))
    if config is None and (folder / "run.json").is_file():
        raise ModelError(f"{folder}: its training is not finished. Go on with --resume first.")
    if config is None or not (folder / WEIGHTS).is_file():
        raise ModelError(f"{folder}: no adapter there (adapter_config.json and {WEIGHTS}).")
    base = base_named_in(config, "")
    if base is None or not (base.is_embedded or base.repo):
        raise ModelError(
            f"{folder}: made on {base or 'a base without a name'}, which nobody else can load. "
            "Write the base's Hub id into base_model_name_or_path of its adapter_config.json."
        )
    return base, config


def licence(base: Ref) -> str | None:
    """The base's licence as the Hub names it; None if it names none.

    Raises:
        HubError: the Hub cannot be asked.
    """
    from huggingface_hub import HfApi

    if base.is_embedded:
        return "mit"
    repo = str(base.repo)
    if "gemma" in repo.lower():
        return "gemma"
    info = hub.patiently(lambda: HfApi().model_info(repo, revision=base.revision), what=repo)
    card = info.card_data
    return None if card is None else card.get("license")


def read_record(folder: Path) -> Training | None:
    """`training.json` without this machine's paths, or None.

    Raises:
        DataError: HERA did not write it.
    """
    path = folder / training_record.FILE
    return records.read(path, Training) if path.is_file() else None


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def show(files: Mapping[str, Path | bytes]) -> str:
    """The files with their sizes, and the card as it will be."""
    sizes = {
        path: content.stat().st_size if isinstance(content, Path) else len(content)
        for path, content in files.items()
    }
    lines = [f"{size:>13,} bytes  {path}" for path, size in sorted(sizes.items())]
    card = files["README.md"]
    text = card.decode() if isinstance(card, bytes) else card.read_text(encoding="utf-8")
    return "\n".join([*lines, "", text])
