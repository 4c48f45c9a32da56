"""`import hera` stays light."""

import subprocess
import sys

import hera


def test_import_loads_neither_torch_nor_gradio() -> None:
    code = (
        "import sys, hera; dir(hera); hera.HeraError, hera.Question, hera.GenerationParams;"
        "print([m for m in ('torch', 'gradio', 'transformers', 'peft') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert all(getattr(hera, name) is not None for name in hera.__all__)
