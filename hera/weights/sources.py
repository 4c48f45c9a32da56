"""Where a variant comes from: a full model, or an adapter on the served base or on another one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hera.errors import ModelError
from hera.refs import Ref
from hera.weights.files import adapter_config, base_named_in
from hera.weights.gguf import unpacked

# How publishers end the names of quantized copies that train like the original.
_BITS = re.compile(r"(-unsloth)?-bnb-[48]bit$|-(gptq|awq)(-int[48])?$|-quantized\.w\da\d+$")


@dataclass(frozen=True)
class Source:
    """A base, and an adapter unless the base is all of it."""

    base: Ref
    adapter: Ref | None
    note: str | None = None


def source(ref: Ref, served: Ref, *, own_base: bool = False) -> Source:
    """Where a variant beside the served base comes from.

    A full model is its own base. An adapter whose config names another base brings that one: a
    folder that exists and is not the served one, or another Hub id than the served one. What cannot
    be told apart (the served base is a folder, the config names a Hub id or a folder of another
    machine) is taken to be the served base; wrong shapes will show.

    Raises:
        ModelError: the REF cannot be read, or neither names a full model nor an adapter on one.
    """
    config = adapter_config(ref)
    if config is None:
        ref = unpacked(ref)
        if ref.file("config.json") is None:
            raise ModelError(
                f"{ref.says}: no adapter_config.json there (a LoRA adapter), nor a config.json "
                "(a full model)."
            )
        return Source(served if ref.same_as(served) else ref, None)
    base = base_named_in(config, f"{ref.says}, its base")
    if base is None or base.same_as(served):
        return Source(served, ref)
    copied = _is_quantized_copy(base, served)
    if copied and not own_base:
        note = (
            f"made on {base}, a quantized copy of {served}: served on {served} itself, without "
            "--own-base"
        )
        return Source(served, ref, note)
    if not copied and not _told_apart(base, served):
        gone = "" if base.path is None else ", which is not here"
        return Source(served, ref, f"made on {base}{gone}: taken to be made on {served}")
    if adapter_config(base) is not None:
        raise ModelError(
            f"{ref.says}: its base {base} is itself an adapter. Merge that one first: "
            "python -m hera.export merge."
        )
    return Source(base, ref)


def _is_quantized_copy(base: Ref, served: Ref) -> bool:
    """Whether a Hub id names the served one's weights in fewer bits, as
    "unsloth/gemma-2-2b-it-bnb-4bit" does those of "google/gemma-2-2b-it", and, for all that can be
    told, those of a folder."""
    name, original = (str(one.repo).partition("/")[2].lower() for one in (base, served))
    alike = served.repo is None or _BITS.sub("", name) == original
    return base.repo is not None and alike and _BITS.sub("", name) != name


def _told_apart(base: Ref, served: Ref) -> bool:
    """Whether two REFs that are not the same surely name two bases."""
    if base.path is not None:
        return base.path.is_dir()
    return served.path is None
