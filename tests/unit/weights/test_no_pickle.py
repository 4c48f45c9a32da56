"""No file of a stranger's is run: weights are safetensors or GGUF, and no repository's code is."""

from __future__ import annotations

import ast
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hera import load_engine
from hera.errors import ModelError
from hera.refs import EMBEDDED_DIR
from tests.serving import ROOT
from tests.unit.test_structure import MODULES

RUNS_WHAT_IT_READS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


class Bomb:
    """What a pickle can do: whoever loads it makes a file."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.made,)


def dangers(source: str) -> Iterator[str]:
    """Where a program loads what can run code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {str(node.module).split(".")[0]}
        else:
            names = set()
        yield from names & RUNS_WHAT_IT_READS
        if isinstance(node, ast.Call):
            yield from _in_call(node)


def _in_call(call: ast.Call) -> Iterator[str]:
    given = {each.arg: ast.unparse(each.value) for each in call.keywords}
    if given.get("trust_remote_code", "False") != "False":
        yield "trust_remote_code"
    if ast.unparse(call.func) == "torch.load" and given.get("weights_only") != "True":
        yield "torch.load"
    if given.get("allow_pickle", "False") != "False":
        yield "allow_pickle"


def test_nothing_here_loads_what_can_run_code() -> None:
    files = [ROOT / "app.py", *MODULES]
    found = {str(f): list(dangers(f.read_text(encoding="utf-8"))) for f in files}
    assert {file: what for file, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=flag)",
        "AutoModel.from_pretrained(x, trust_remote_code=True)",
        "np.load(path, allow_pickle=True)",
    ],
)
def test_it_would_be_seen(source: str) -> None:
    assert len(list(dangers(source))) == 1


@pytest.mark.parametrize("name", ["adapter_model.bin", "adapter_model.pt", "adapter_model.pkl"])
def test_an_adapter_in_a_pickle_is_refused_in_a_line_and_not_run(name: str, tmp_path: Path) -> None:
    folder, made = tmp_path / "mine", tmp_path / "made"
    folder.mkdir()
    shutil.copy(EMBEDDED_DIR / "stage1" / "adapter_config.json", folder)
    (folder / name).write_bytes(pickle.dumps(Bomb(made)))
    with pytest.raises(ModelError) as refused:
        load_engine("embedded", adapters={"mine": str(folder)})
    assert "safetensors" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not made.exists()


def test_nor_is_a_base_in_one_or_with_code_of_its_own(tmp_path: Path) -> None:
    folder, made = tmp_path / "base", tmp_path / "made"
    shutil.copytree(EMBEDDED_DIR, folder, ignore=shutil.ignore_patterns("*.safetensors", "stage*"))
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(made)))
    with pytest.raises(ModelError) as refused:
        load_engine(str(folder))
    assert "\n" not in str(refused.value)
    config = (folder / "config.json").read_text(encoding="utf-8")
    own = config.replace("{", '{"auto_map": {"AutoModelForCausalLM": "mine.Model"},', 1)
    own = own.replace('"gemma2"', '"mine"')
    (folder / "config.json").write_text(own, encoding="utf-8")
    (folder / "mine.py").write_text(f"open({str(made)!r}, 'w')\n", encoding="utf-8")
    with pytest.raises(ModelError) as refused:
        load_engine(str(folder))
    assert "\n" not in str(refused.value)
    assert not made.exists()
