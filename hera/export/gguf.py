"""A base, an adapter, and both merged as GGUF files, each tried on llama.cpp where that is here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hera import load_engine
from hera.cli.output import write
from hera.errors import ModelError
from hera.export import llama_cpp, proof
from hera.export.folder import whole_folder
from hera.export.merge import merged_model
from hera.prompts import PROOF_QUESTIONS
from hera.refs import Ref
from hera.types import BASE, Engine
from hera.weights.bases import load_base, window
from hera.weights.files import adapter_config
from hera.weights.gguf.adapter import NotHeldError, write_adapter
from hera.weights.gguf.model import write_model
from hera.weights.sources import source

ADAPTER = "adapter"
PROOF = "proof.json"
_WHOLE = ("f32", "f16")  # what rounds so little that the answers must be HERA's


@dataclass(frozen=True)
class File:
    """A file that was written: which variant of HERA's it is, with its tokenizer and how many
    tokens it reads, and the name of the base's file if it is an adapter."""

    name: str
    variant: str
    tokenizer: Any
    window: int
    beside: str | None = None


def export(model: Ref, adapter: Ref | None, output: Path, kind: str) -> str:
    """Write `base.gguf`, and with an adapter `merged.gguf` and `adapter.gguf` (in float32), which
    is left out with a note if it is more than GGUF holds; and `proof.json`.

    Returns:
        What llama.cpp makes of them, a line each. After an error nothing is written.

    Raises:
        ConfigError: the output folder is not empty, no folder, or cannot be made.
        ModelError: a base or an adapter that cannot be loaded, merged or written as GGUF; or
            llama.cpp does not answer as HERA does, though nothing was quantized.
    """
    base = base_of(model, adapter)
    with whole_folder(output) as folder:
        files = list(_written(folder, base, adapter, kind))
        said = proved(folder, files, base, adapter, kind)
    return "\n".join(f"{output}/{line}" for line in said)


def base_of(model: Ref, adapter: Ref | None) -> Ref:
    """What an adapter was made on, if there is one, else the model.

    Raises:
        ModelError: the model is itself an adapter.
    """
    if adapter is not None:
        return source(adapter, model).base
    if adapter_config(model) is not None:
        raise ModelError(f"{model.says}: an adapter. Give it as --adapter.")
    return model


def _written(folder: Path, base: Ref, adapter: Ref | None, kind: str) -> Iterator[File]:
    yield write_one(folder / "base.gguf", base, None, kind)
    if adapter is None:
        return
    merged = write_one(folder / "merged.gguf", base, adapter, kind)
    yield merged
    try:
        write_adapter(adapter, base, folder / "adapter.gguf")
    except NotHeldError as error:
        print(f"note: adapter.gguf is left out: {error}", file=sys.stderr)
        return
    yield replace(merged, name="adapter.gguf", beside="base.gguf")


def write_one(path: Path, base: Ref, adapter: Ref | None, kind: str) -> File:
    """Write a base, with an adapter merged into it if there is one, to a GGUF file.

    Raises:
        ModelError: as `export`.
    """
    if adapter is None:
        tokenizer, weights = load_base(base, dtype="float32", device="cpu")
    else:
        tokenizer, weights = merged_model(base, adapter)
    write_model(adapter or base, tokenizer, weights, path, kind)
    variant = ADAPTER if adapter else BASE
    return File(path.name, variant, tokenizer, window(weights.config))


def proved(
    folder: Path, files: list[File], base: Ref, adapter: Ref | None, kind: str, **more: str
) -> list[str]:
    """Try the files, write what came of it with `more` to `proof.json`, and say it in a line each.

    Raises:
        ModelError: llama.cpp answers otherwise than HERA, though nothing was quantized.
    """
    found, program = {}, llama_cpp.installed()
    if program is not None:
        engine = load_engine(
            str(base), {ADAPTER: str(adapter)} if adapter else {}, dtype="float32", device="cpu"
        )
        found = {file.name: _tried(engine, folder, file) for file in files}
        for name, one in found.items():
            if kind in _WHOLE:
                proof.check(name, one)
    told = {"model": base.recorded, "adapter": adapter and adapter.recorded, "weights": kind}
    write(folder / PROOF, proof.record(program, found, **told, **more))
    if program is None:
        why = f"llama.cpp is not here (pip install {llama_cpp.PACKAGE})"
        return [f"{file.name}: {kind}, not tried: {why}" for file in files]
    return [proof.in_words(f"{name}: {kind}, llama.cpp: ", one) for name, one in found.items()]


def _tried(engine: Engine, folder: Path, file: File) -> dict[str, Any]:
    whole = folder / (file.beside or file.name)
    beside = folder / file.name if file.beside else None
    return proof.compared(
        engine,
        file.variant,
        file.tokenizer,
        lambda prompts: llama_cpp.answers(whole, prompts, proof.TOKENS, beside),
        llama_cpp.prompt_ids(whole, PROOF_QUESTIONS),
    )
