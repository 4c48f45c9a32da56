"""A folder for vLLM: the base, the adapter, and the command that serves both."""

from __future__ import annotations

import json
import shlex
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from hera import load_engine
from hera.cli.output import write
from hera.errors import ModelError, one_line
from hera.export import proof, vllm_server
from hera.export.folder import whole_folder
from hera.export.gguf import ADAPTER, PROOF, base_of
from hera.prompts import PROOF_QUESTIONS
from hera.refs import Ref
from hera.weights.adapters import read_adapter
from hera.weights.files import WEIGHTS
from hera.weights.gguf import unpacked

NOT_RUN = "vLLM itself was not run: no `vllm` on the PATH"
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # what --max-lora-rank takes
_BASE_FILES = ("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json")
_WORDS = ("token*.json", "tokenizer.model", "special_tokens_map.json", "added_tokens.json")
_TEMPLATE = "chat_template.jinja"


def export(model: Ref, adapter: Ref | None, output: Path) -> str:
    """Write `base` (unless it is on the Hub, from where vLLM takes it), `adapter`, `serve.sh` with
    the command, and `proof.json`. What is written is tried on vLLM, in float32, if that is here.

    Returns:
        The command, and what vLLM makes of it. After an error nothing is written.

    Raises:
        ConfigError: the output folder is not empty, no folder, or cannot be made.
        ModelError: a base or an adapter that cannot be read, one that vLLM does not serve;
            or vLLM does not start, or does not answer as HERA does.
    """
    base = unpacked(base_of(model, adapter))
    on_hub = base.repo is not None and base.unpacked is None
    command = ["vllm", "serve", str(base.repo) if on_hub else "base", "--served-model-name", "base"]
    if on_hub and base.revision:
        command += ["--revision", base.revision]
    with whole_folder(output) as folder:
        try:
            if not on_hub:
                _copy(base, (*_BASE_FILES, *_WORDS, _TEMPLATE), folder / "base")
            if adapter is not None:
                where = str(base.repo) if on_hub else str(output.resolve() / "base")
                command += _put_adapter(adapter, where, folder / ADAPTER)
        except OSError as error:
            text = f"--output {output}: cannot be written ({one_line(error)})."
            raise ModelError(text) from error
        script = folder / "serve.sh"
        script.write_text(_SCRIPT.format(shlex.join(command)), encoding="utf-8")
        script.chmod(0o755)
        said = _proved(folder, base, adapter)
    return f"{output}/serve.sh: {shlex.join(command)}\n{said}"


_SCRIPT = """#!/bin/sh
# Further flags go on: serve.sh --port 8001
export VLLM_NO_USAGE_STATS=1
cd "$(dirname "$0")" && exec {} "$@"
"""


def _proved(folder: Path, base: Ref, adapter: Ref | None) -> str:
    """Try the folder on vLLM where that is here, write what came of it, and say it.

    Raises:
        ModelError: vLLM does not start with it, or answers otherwise than HERA does.
    """
    told: dict[str, Any] = {"model": base.recorded, "adapter": adapter and adapter.recorded}
    if shutil.which("vllm") is None:
        write(folder / PROOF, proof.record(None, {}, **told, not_run=NOT_RUN))
        return f"{NOT_RUN}."
    adapters = {ADAPTER: str(adapter)} if adapter else {}
    engine = load_engine(str(base), adapters, dtype="float32", device="cpu")
    with vllm_server.started(folder) as server:
        found = {
            name: proof.compared(
                engine,
                name,
                engine.tokenizer,
                partial(server.answers, name),
                server.prompt_ids(name, PROOF_QUESTIONS),
            )
            for name in engine.variants
        }
        program = server.version()
    for name, one in found.items():
        proof.check(name, one)
    write(folder / PROOF, proof.record(program, found, **told))
    return "\n".join(proof.in_words(f"{name}: {program}: ", one) for name, one in found.items())


def _copy(ref: Ref, patterns: tuple[str, ...], folder: Path) -> None:
    folder.mkdir()
    for pattern in patterns:
        for path in ref.folder().glob(pattern):
            shutil.copyfile(path, folder / path.name)


def _put_adapter(adapter: Ref, base: str, folder: Path) -> list[str]:
    """Copy an adapter, with its base's place in its config; the flags that serve it."""
    read = read_adapter(adapter)
    ranks = [len(tensor) for key, tensor in read.lora.items() if key.endswith("lora_A.weight")]
    if not read.is_plain or not ranks or max(ranks) > _RANKS[-1]:
        raise ModelError(
            f"{adapter.says}: vLLM serves LoRA on linear layers alone, of rank {_RANKS[-1]} at "
            "most: merge it (`python -m hera.export merge`), and export that."
        )
    _copy(adapter, ("adapter_config.json", WEIGHTS, *_WORDS, _TEMPLATE), folder)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    write(path, {**config, "base_model_name_or_path": base, "revision": None})
    rank = next(rank for rank in _RANKS if rank >= max(ranks))
    adapted = f"{ADAPTER}={folder.name}"
    return ["--enable-lora", "--max-lora-rank", str(rank), "--lora-modules", adapted]
