"""The real llama.cpp's server on the embedded model, in a process of its own.

    python -m tests.llama_cpp FOLDER

It keeps keys and values in float32, as the weights are: what it says is then HERA's to the token.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hera.refs import EMBEDDED_DIR, Ref
from tests.doubles.gguf import write_embedded
from tests.serving import ROOT

STAGES = ("stage1", "stage2")


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a server that serves base, stage1 and stage2."""
    command = [sys.executable, "-m", "tests.llama_cpp", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = process.stdout.readline().split()
        assert told, "llama.cpp's server did not start"
        yield told[-1]
    finally:
        process.terminate()
        process.wait(timeout=20)


def write(folder: Path) -> Path:
    """The base, and beside it the adapters, as GGUF files."""
    from hera.weights.gguf.adapter import write_adapter

    write_embedded(folder / "base.gguf")
    for name in STAGES:
        adapter = Ref.of(str(EMBEDDED_DIR / name))
        write_adapter(adapter, Ref.of("embedded"), folder / f"{name}.gguf")
    return folder / "base.gguf"


def main(folder: Path) -> None:
    from xllamacpp import CommonAdapterLoraInfo, CommonParams, Server, ggml_type

    settings = CommonParams()
    settings.model.path = str(write(folder))
    settings.n_ctx = 4096
    settings.n_parallel = 4
    settings.verbosity = 0
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.cache_type_k = settings.cache_type_v = ggml_type.GGML_TYPE_F32
    # At full strength where a request says nothing: it must say so of each.
    loras = [CommonAdapterLoraInfo(str(folder / f"{name}.gguf"), 1.0) for name in STAGES]
    settings.lora_adapters = loras
    server = Server(settings)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
