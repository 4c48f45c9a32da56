"""llama.cpp's own server in this process, on a GGUF file with its adapters."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hera.errors import ConfigError, ModelError, one_line
from hera.refs import Ref, check_name, shipped_adapters
from hera.types import BASE

PACKAGE = "xllamacpp"
_WINDOW = 8192  # tokens: what a laptop's memory has room for, of models that read 128,000
_AT_ONCE = 4


class Here:
    """A server for as long as this object lives; it listens on 127.0.0.1 and wants `key`.

    Args:
        base: a GGUF file.
        adapters: variant -> a LoRA adapter on it, converted for llama.cpp; None for its own.

    Raises:
        ConfigError: its package is not here, or the base is no GGUF file.
        ModelError: no such file or adapter, or one that llama.cpp does not take.
    """

    def __init__(self, base: Ref, adapters: Mapping[str, Ref] | None) -> None:
        if find_spec(PACKAGE) is None:
            raise ConfigError(f"--engine llama.cpp: not installed. First: pip install {PACKAGE}")
        from hera.weights.gguf import gguf_behind

        file = gguf_behind(base)
        if file is None:
            raise ConfigError(
                f"--engine llama.cpp: {base.says} is no GGUF file. Make one of it first: "
                "python -m hera.export gguf."
            )
        chosen = shipped_adapters(base) if adapters is None else adapters
        self.models = {BASE: BASE, **{name: name for name in chosen}}
        self.key = secrets.token_hex(16)
        with tempfile.TemporaryDirectory(prefix="hera-") as folder:
            files = _converted(base, chosen, Path(folder))
            self._server = _started(base, file, files, self.key)
        self.url = str(self._server.listening_address)


def _converted(base: Ref, adapters: Mapping[str, Ref], folder: Path) -> list[Path]:
    from hera.weights.gguf.adapter import write_adapter

    files = []
    for name, ref in adapters.items():
        check_name(name)
        files.append(folder / f"{name}.gguf")
        write_adapter(ref, base, files[-1])
    return files


def _started(base: Ref, file: Path, adapters: list[Path], key: str) -> Any:
    import torch
    from xllamacpp import CommonAdapterLoraInfo, CommonParams, Server

    settings = CommonParams()
    settings.model.path = str(file)
    settings.model_alias = {BASE}
    settings.n_ctx = min(_window(base, file), _WINDOW)
    settings.kv_unified = True  # each request may have all of it
    settings.n_parallel = _AT_ONCE
    # OMP_NUM_THREADS holds for it as well: its threads spin, and where others want the cores they
    # wait for one another for minutes.
    threads = torch.get_num_threads()
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.verbosity = 0
    settings.ui = False
    settings.api_keys = [key]
    settings.lora_adapters = [CommonAdapterLoraInfo(str(path), 0.0) for path in adapters]
    try:
        return Server(settings)
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"{base.says}: llama.cpp cannot run it ({one_line(error)}).") from error


def _window(base: Ref, file: Path) -> int:
    """How many tokens the model was made to read."""
    from gguf import GGUFReader

    try:
        fields = GGUFReader(file).fields
    except (OSError, ValueError) as error:
        raise base.cannot_load(error) from error
    found = [f.contents() for name, f in fields.items() if name.endswith(".context_length")]
    return int(found[0]) if found else _WINDOW
