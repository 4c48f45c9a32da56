"""A REF: "embedded", "smollm2", a local folder or file, or a Hub id, with an optional folder (or
GGUF file) and revision.

It is parsed once, where it comes in, and knows from then on what it names, where that lies, what
asked for it, and how an error about it begins.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from hera import hub
from hera.errors import ConfigError, ModelError, one_line
from hera.types import BASE

EMBEDDED = "embedded"
EMBEDDED_DIR = Path(__file__).parent / "embedded"
SMOLLM2 = "smollm2"
GGUF = ".gguf"

BASES = {EMBEDDED: "hera/embedded", SMOLLM2: "HuggingFaceTB/SmolLM2-135M-Instruct"}
"""How adapters' configs name the bases that have a REF of their own. Each has a folder of that name
beside this file, with the adapters that HERA ships for it."""

_STAGES = ("stage1", "stage2")

PUBMEDQA = "qiaojin/PubMedQA"
"""Where PubMedQA's authors published it."""

_SMALL = ("*.json", "*.jinja", "*.model", "adapter_model.safetensors", "README.md")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_HUB_ID = re.compile(
    r"(?P<repo>[\w.-]+/[\w.-]+)(?:/(?P<folder>[\w-][\w.-]*(?:/[\w-][\w.-]*)*))?"
    r"(?:@(?P<revision>[\w./-]+))?"
)
_DATA_FILES = (".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".csv", ".gz")

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""How the file begins that git leaves in the place of a large one."""


@dataclass(frozen=True)
class Ref:
    """What one REF names: `path` where it is local, else `repo` (owner/name), the `subfolder` of it
    ("" for all of it) and its `revision`.

    `asked` is what asked for it: "--model", "--data", "--adapter stage1=". `unpacked` is the folder
    that its files are read from, once that is known to be neither `path` nor the Hub: a GGUF file
    was converted into it, or it is in the Hub's cache (see `hera.weights.gguf`).
    """

    text: str
    asked: str = field(compare=False)
    path: Path | None = None
    repo: str | None = None
    subfolder: str = ""
    revision: str | None = None
    unpacked: Path | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str | Ref, asked: str = "--model") -> Ref:
        """The REF that a text names on this machine.

        What exists is local; what does not exist but looks like a path (absolute, `./`, a file
        ending, in a folder that is here) is a local path that is missing, so that a typo is not
        sent to the Hub.

        Raises:
            ConfigError: an empty text.
        """
        if isinstance(text, Ref):
            return text
        if not text.strip():
            raise ConfigError(f"{asked or 'REF'}: empty. Give 'embedded', a folder or a Hub id.")
        if text == EMBEDDED:
            return cls(text, asked, path=EMBEDDED_DIR)
        name, _, revision = text.partition("@")
        if name == SMOLLM2:
            return cls(name, asked, repo=BASES[SMOLLM2], revision=revision or None)
        path = Path(text).expanduser()
        typo = text.count("/") > 1 and Path(*path.parts[:1]).is_dir()
        if path.exists() or typo or not is_hub_id(text):
            return cls(text, asked, path=path)
        return cls.on_hub(text, asked)

    @classmethod
    def on_hub(cls, text: str, asked: str) -> Ref:
        """The REF that a Hub id names, whatever is on this machine; see `is_hub_id`."""
        match = _HUB_ID.fullmatch(text)
        assert match is not None
        repo, folder, revision = match["repo"], match["folder"] or "", match["revision"]
        return cls(text, asked, repo=repo, subfolder=folder, revision=revision)

    def __str__(self) -> str:
        return self.text

    @property
    def is_embedded(self) -> bool:
        """Whether it is the model, or the data, that HERA ships with."""
        return self.text == EMBEDDED

    @property
    def title(self) -> str:
        """What a screen calls it: a model's name, never the way to a folder of this machine."""
        if self.text == SMOLLM2:
            return BASES[SMOLLM2].rpartition("/")[2]
        return self.text if self.path is None else self.path.resolve().name

    @property
    def is_gguf(self) -> bool:
        """Whether it names a GGUF file, here or on the Hub."""
        return (str(self.path) if self.path else self.subfolder).lower().endswith(GGUF)

    @property
    def says(self) -> str:
        """How an error about it begins: "--adapter stage1=REF", "--model REF"."""
        if not self.asked:
            return self.text
        return f"{self.asked}{'' if self.asked.endswith('=') else ' '}{self.text}"

    @property
    def recorded(self) -> str:
        """It as it is written down, so that whoever reads it elsewhere takes no folder for a Hub
        id: relative paths begin with "./"."""
        relative = not self.is_embedded and self.path is not None and is_hub_id(self.text)
        return f"./{self.text}" if relative else self.text

    def at(self, revision: str) -> Ref:
        """The same of a Hub REF at that revision, whichever it had."""
        if self.text == SMOLLM2:
            return replace(self, revision=revision)
        where = f"{self.repo}/{self.subfolder}" if self.subfolder else self.repo
        return replace(self, text=f"{where}@{revision}", revision=revision)

    @property
    def whole(self) -> str:
        """It as a flag or a variable takes it, with its revision."""
        named = self.revision is not None and self.text == SMOLLM2
        return f"{self.text}@{self.revision}" if named else self.text

    def pretrained(self) -> tuple[str, str | None]:
        """What `from_pretrained` takes: (folder or Hub id, revision), and as another argument
        `subfolder`.

        Raises:
            ModelError: a local path that is no folder.
        """
        if self.unpacked is not None:
            return str(self.unpacked), None
        if self.path is None:
            return str(self.repo), self.revision
        if not self.path.is_dir():
            raise ModelError(
                f"{self.says}: no such folder. Give 'embedded', a folder or a Hub id (owner/name)."
            )
        return str(self.path), None

    def folder(self) -> Path:
        """Where its files lie: of a Hub REF, those that are here by now, and all but the weights of
        a full model.

        Raises:
            ModelError: no such folder, or the Hub cannot be asked.
        """
        where, revision = self.pretrained()
        if self.unpacked is not None or self.path is not None:
            return Path(where)
        try:
            return _small_files(where, self.subfolder, revision)
        except Exception as error:  # the Hub's client raises a dozen types for one missing file
            raise self.cannot_load(error) from error

    def file(self, name: str) -> Path | None:
        """One of its files, downloaded if need be, or None if it has no such file.

        Raises:
            ModelError: no such folder, or the Hub cannot be asked.
        """
        path = self.folder() / name
        return path if path.exists() else None

    def gguf_file(self) -> Path:
        """The GGUF file that it names, downloaded if need be.

        Raises:
            ModelError: no such file, or the Hub cannot be asked.
        """
        from huggingface_hub import hf_hub_download

        if self.path is not None:
            if not self.path.is_file():
                raise ModelError(f"{self.says}: no such file.")
            return self.path
        repo = str(self.repo)
        fetch = partial(hf_hub_download, repo, self.subfolder, revision=self.revision)
        try:
            return hub.fetched(fetch, what=repo)
        except Exception as error:  # the Hub's client raises a dozen types for one missing file
            raise self.cannot_load(error) from error

    def same_as(self, other: Ref) -> bool:
        """Whether both name the same folder or file, here or in a repository, whatever revision."""
        mine, theirs = self.path, other.path
        if mine is not None or theirs is not None:
            return mine is not None and theirs is not None and _same_place(mine, theirs)
        same = str(self.repo).lower() == str(other.repo).lower()
        return same and self.subfolder == other.subfolder

    def cannot_load(self, error: Exception, file: str = "") -> ModelError:
        """Another library's error over it, or over one of its files, as one line of ours; wrong
        sizes name the parameter, and of a damaged file it says how to have it whole."""
        if _is_gated(error):
            return ModelError(
                f"{self.says}: the model is gated. Open https://huggingface.co/"
                f"{self.repo or self.text}, click 'Acknowledge license', then set HF_TOKEN to a "
                f"token from {hub.TOKENS_PAGE}."
            )
        said = _wrong_size(error) or one_line(error)
        if _is_damaged(error):
            what = f"its {file}" if file else "one of its files"
            anew = (
                "Copy it here once more"
                if self.path is not None
                else f"Fetch it anew: hf cache rm model/{self.repo}, then start again"
            )
            return ModelError(f"{self.says}: {what} is cut short or damaged ({said}). {anew}.")
        return ModelError(f"{self.says}: cannot be loaded ({said}).")


def shipped_adapters(base: Ref) -> dict[str, Ref]:
    """The adapters that HERA ships for a base, by variant; none for most bases."""
    names = _STAGES if base.text in BASES else ()
    folder = EMBEDDED_DIR.parent / base.text
    return {name: Ref.of(str(folder / name), f"--adapter {name}=") for name in names}


def base_ref(named: str, asked: str) -> Ref:
    """The base that an adapter's config names."""
    shipped = {base: ref for ref, base in BASES.items()}
    return Ref.of(shipped.get(named, named), asked)


def check_name(name: str) -> None:
    """Raises ConfigError unless a variant may be called so."""
    if name == BASE or not _NAME.fullmatch(name):
        raise ConfigError(
            f"--adapter {name}=...: a variant's name is letters, digits, - and _, and not 'base'."
        )


def is_hub_id(text: str) -> bool:
    """Whether a text looks like a Hub id, whatever is on this machine."""
    looks_local = text.startswith((".", "/", "~")) or text.lower().endswith(_DATA_FILES)
    return bool(_HUB_ID.fullmatch(text)) and not looks_local


def repo_of(recorded: str) -> str:
    """The "owner/name" of a Hub REF that was written down with its folder and revision."""
    match = _HUB_ID.fullmatch(recorded)
    return match["repo"] if match else recorded


def parameter(key: str) -> str:
    """A parameter's name without what PEFT wraps around it: "layers.0.self_attn.q_proj.lora_A"."""
    plain = re.sub(r"^(base_model\.)?(model\.)*", "", key)
    return re.sub(r"(\.lora_[AB])(\.[^.]+)?\.weight$", r"\1", plain)


@cache
def _small_files(repo: str, subfolder: str, revision: str | None) -> Path:
    """A local folder with all of a Hub repository, or of a folder of it, but the weights of a full
    model: asked for once a process, and offline taken from the cache."""
    from huggingface_hub import snapshot_download

    small = [f"{subfolder}/{name}" if subfolder else name for name in _SMALL]
    fetch = partial(snapshot_download, repo, revision=revision, allow_patterns=small)
    return hub.fetched(fetch, what=repo) / subfolder


def _same_place(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _wrong_size(error: Exception) -> str | None:
    """What torch says of tensors of two shapes, in our words."""
    mismatch = re.search(
        r"size mismatch for (\S+): .*?torch\.Size\(\[(.*?)\]\).*?torch\.Size\(\[(.*?)\]\)",
        str(error),
        re.S,
    )
    if mismatch is None:
        return None
    there, here = (size.replace(", ", " x ") for size in mismatch.groups()[1:])
    return f"made for another base: {parameter(mismatch[1])} is {there} there, {here} here"


def _is_damaged(error: BaseException) -> bool:
    """Whether a file was no JSON, no text, or no safetensors, whose reader raises its own."""
    kinds = (json.JSONDecodeError, UnicodeDecodeError)
    return isinstance(error, kinds) or type(error).__name__ == "SafetensorError"


def _is_gated(error: BaseException | None) -> bool:
    """Whether the Hub refused for want of an accepted licence, however deep a library hid it."""
    while error is not None:
        if "Gated" in type(error).__name__ or "gated repo" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
