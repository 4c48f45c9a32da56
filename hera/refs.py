"""What a REF names: "embedded", a local folder or file, or a Hub id with an optional revision."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path

from hera import hub
from hera.engine import BASE
from hera.errors import ConfigError, ModelError, one_line

EMBEDDED = "embedded"
EMBEDDED_BASE = "hera/embedded"  # how the shipped adapters' configs name their base
EMBEDDED_DIR = Path(__file__).parent / "embedded"

_SMALL = ("*.json", "*.jinja", "*.model", "adapter_model.safetensors")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")


def check_name(name: str) -> None:
    """Raises ConfigError unless a variant may be called so."""
    if name == BASE or not _NAME.fullmatch(name):
        raise ConfigError(
            f"--adapter {name}=...: a variant's name is letters, digits, - and _, and not 'base'."
        )


def local_path(ref: str) -> Path | None:
    """The path that a REF names, or None if it can only be a Hub id.

    What exists is local; what does not exist but looks like a path (absolute, `./`, a file ending,
    more than one slash) is a local path that is missing, so that a typo is not sent to the Hub.
    """
    path = Path(ref).expanduser()
    return path if path.exists() or not is_hub_id(ref) else None


def is_hub_id(ref: str) -> bool:
    """Whether a REF looks like a Hub id, whatever is on this machine."""
    looks_local = ref.startswith((".", "/", "~")) or ref.endswith((".json", ".jsonl", ".parquet"))
    return bool(_HUB_ID.fullmatch(ref)) and not looks_local


def for_record(ref: str) -> str:
    """A REF as it is written down, so that whoever reads it elsewhere takes no folder for a Hub id:
    relative paths begin with "./"."""
    relative = ref != EMBEDDED and is_hub_id(ref) and local_path(ref) is not None
    return f"./{ref}" if relative else ref


def split_revision(ref: str) -> tuple[str, str | None]:
    """("owner/name", revision or None) of a Hub REF."""
    repo, _, revision = ref.partition("@")
    return repo, revision or None


def place(ref: str, flag: str) -> tuple[str, str | None]:
    """What `from_pretrained` takes: (folder or Hub id, revision).

    Raises:
        ModelError: a local path that is no folder.
    """
    if ref == EMBEDDED:
        return str(EMBEDDED_DIR), None
    path = local_path(ref)
    if path is None:
        return split_revision(ref)
    if not path.is_dir():
        raise ModelError(
            f"{named(flag, ref)}: no such folder. Give 'embedded', a folder or a Hub id "
            "(owner/name)."
        )
    return str(path), None


def find_file(ref: str, name: str, flag: str) -> Path | None:
    """The path of one file of a REF, downloaded if need be, or None if the REF has no such file.

    Raises:
        ModelError: no such folder, or the Hub cannot be asked.
    """
    path = folder_of(ref, flag) / name
    return path if path.exists() else None


def folder_of(ref: str, flag: str) -> Path:
    """Where a REF's files lie: of a Hub REF, those that are here by now, and all but the weights of
    a full model.

    Raises:
        ModelError: no such folder, or the Hub cannot be asked.
    """
    where, revision = place(ref, flag)
    if Path(where).is_dir():
        return Path(where)
    try:
        return _small_files(where, revision)
    except Exception as error:  # the Hub's client raises a dozen types for one missing file
        raise ModelError(cannot_load(flag, ref, error)) from error


@cache
def _small_files(repo: str, revision: str | None) -> Path:
    """A local folder with all of a Hub repository but the weights of a full model: asked for once a
    process, and offline taken from the cache."""
    from huggingface_hub import snapshot_download

    small = list(_SMALL)
    fetch = partial(snapshot_download, repo, revision=revision, allow_patterns=small)
    return Path(hub.patiently(fetch, what=repo))


def cannot_load(flag: str, ref: str, error: Exception) -> str:
    """Another library's error over a REF as one line of ours; wrong sizes name the parameter."""
    text = one_line(error)
    mismatch = re.search(
        r"size mismatch for (\S+): .*?torch\.Size\(\[(.*?)\]\).*?torch\.Size\(\[(.*?)\]\)",
        str(error),
        re.S,
    )
    if mismatch:
        there, here = (size.replace(", ", " x ") for size in mismatch.groups()[1:])
        text = f"made for another base: {parameter(mismatch[1])} is {there} there, {here} here"
    if _is_gated(error):
        return (
            f"{named(flag, ref)}: the model is gated. Open https://huggingface.co/"
            f"{split_revision(ref)[0]}, click 'Acknowledge license', then set HF_TOKEN to a token "
            "from https://huggingface.co/settings/tokens."
        )
    return f"{named(flag, ref)}: cannot be loaded ({text})."


def _is_gated(error: BaseException | None) -> bool:
    """Whether the Hub refused for want of an accepted licence, however deep a library hid it."""
    while error is not None:
        if "Gated" in type(error).__name__ or "gated repo" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def parameter(key: str) -> str:
    """A parameter's name without what PEFT wraps around it: "layers.0.self_attn.q_proj.lora_A"."""
    plain = re.sub(r"^(base_model\.)?(model\.)*", "", key)
    return re.sub(r"(\.lora_[AB])(\.[^.]+)?\.weight$", r"\1", plain)


def named(flag: str, ref: str) -> str:
    """How an error about a REF begins: "--adapter stage1=REF" or "--model REF"."""
    return f"{flag}{'' if flag.endswith('=') else ' '}{ref}"
