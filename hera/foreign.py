"""What a variant may have that the served base has not: another base, other words, other turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from hera.adapter_files import adapter_config, named_base
from hera.adapters import Adapter
from hera.errors import ModelError, one_line
from hera.refs import EMBEDDED, EMBEDDED_DIR, find_file, local_path, named, place


@dataclass(frozen=True)
class Source:
    """Where a variant comes from: a base's REF, and an adapter's unless the base is all of it."""

    base: str
    adapter: str | None
    note: str | None = None


def source(flag: str, ref: str, served: str) -> Source:
    """Where a variant beside the served base comes from.

    A full model is its own base. An adapter whose config names another base brings that one: a
    folder that exists and is not the served one, or another Hub id than the served one. What cannot
    be told apart (the served base is a folder, the config names a Hub id or a folder of another
    machine) is taken to be the served base; wrong shapes will show.

    Raises:
        ModelError: the REF cannot be read, or neither names a full model nor an adapter on one.
    """
    says = named(flag, ref)
    config = adapter_config(ref, flag)
    if config is None:
        if find_file(ref, "config.json", flag) is None:
            raise ModelError(
                f"{says}: no adapter_config.json there (a LoRA adapter), nor a config.json "
                "(a full model)."
            )
        return Source(served if _same(ref, served) else ref, None)
    base = named_base(config)
    if base is None or _same(base, served):
        return Source(served, ref)
    if not _told_apart(base, served):
        missing = local_path(base) is not None
        note = f"made on {base}, which is not here: taken to be made on {served}"
        return Source(served, ref, note if missing else None)
    if adapter_config(base, f"{says}, its base") is not None:
        raise ModelError(
            f"{says}: its base {base} is itself an adapter. Merge that one first: "
            "python -m hera.export merge."
        )
    return Source(base, ref)


def _folder(ref: str) -> Path | None:
    path = EMBEDDED_DIR if ref == EMBEDDED else local_path(ref)
    return path if path is not None and path.is_dir() else None


def _same(ref: str, served: str) -> bool:
    mine, theirs = _folder(ref), _folder(served)
    if mine is not None or theirs is not None:
        return mine is not None and theirs is not None and mine.samefile(theirs)
    return ref.partition("@")[0].lower() == served.partition("@")[0].lower()


def _told_apart(base: str, served: str) -> bool:
    """Whether two REFs that are not the same surely name two bases."""
    return _folder(base) is not None or (local_path(base) is None and _folder(served) is None)


def own_tokenizer(flag: str, ref: str, standard: Any) -> Any:
    """A variant's tokenizer: its own where vocabulary or chat template differ, else `standard`.

    Args:
        flag: what asked for the variant, "--adapter" or "--adapter NAME=".
        ref: the adapter's REF.
        standard: its base's tokenizer.

    Raises:
        ModelError: its tokenizer cannot be read.
    """
    if not any(find_file(ref, f, flag) for f in ("tokenizer.json", "tokenizer_config.json")):
        return standard
    where, revision = place(ref, flag)
    try:
        own = AutoTokenizer.from_pretrained(where, revision=revision)
    except Exception as error:  # transformers raises what its many loaders raise
        text = f"{named(flag, ref)}: its tokenizer cannot be loaded ({one_line(error)})."
        raise ModelError(text) from error
    template = own.chat_template or standard.chat_template
    if own.get_vocab() == standard.get_vocab() and template == standard.chat_template:
        return standard
    own.chat_template = template
    return own


def check_vocabulary(adapter: Adapter, tokenizer: Any, standard: Any, base_rows: int) -> None:
    """Raises ModelError unless the variant's tokenizer writes only ids that it has rows for."""
    own = adapter.own.embeddings
    if own is None and tokenizer is standard:
        return
    rows = base_rows if own is None else len(own)
    if tokenizer is standard and rows > base_rows:
        raise ModelError(
            f"{adapter.says}: its vocabulary has {rows:,} rows, the base's {base_rows:,}, but no "
            "tokenizer there knows the new words. Add its tokenizer's files."
        )
    needed = max(tokenizer.get_vocab().values()) + 1
    if needed > rows:
        raise ModelError(
            f"{adapter.says}: its tokenizer has {needed:,} tokens, but its embeddings {rows:,} "
            "rows: the adapter was saved without its embeddings."
        )
