"""`python -m hera.export ollama` and `vllm`: folders that other programs serve."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from hera import GenerationParams, ModelError, load_engine
from hera.export.__main__ import main as export
from hera.refs import EMBEDDED_DIR
from hera.types import Message
from tests.doubles import families, tokenizers
from tests.doubles.options import adapter

STAGE1 = str(EMBEDDED_DIR / "stage1")
ASKED: list[Message] = [{"role": "user", "content": "I have a bad cold. What should I do?"}]

# What Go's text/template makes of this was compared by hand with what transformers makes of the
# chat template: conversations of one to three questions, to the letter.
GEMMA = '''TEMPLATE """{{ range $i, $turn := .Messages }}{{ if eq $turn.Role "system" }}<start_of_turn>user
{{ $turn.Content }}

{{ else if eq $turn.Role "user" }}{{ if eq $i 0 }}<start_of_turn>user
{{ else if gt $i 1 }}<end_of_turn>
<start_of_turn>user
{{ end }}{{ $turn.Content }}<end_of_turn>
<start_of_turn>model
{{ else }}{{ $turn.Content }}{{ end }}{{ end }}"""
'''  # noqa: E501


def test_ollamas_folder_holds_the_variant_its_turns_and_the_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    export(["ollama", "--adapter", STAGE1, "--quantize", "f16", "--output", str(out)])
    written = (out / "Modelfile").read_text(encoding="utf-8")
    assert GEMMA in written
    for line in (
        "FROM ./model.gguf",
        'PARAMETER stop "<end_of_turn>"',
        "PARAMETER temperature 0.7",
        "PARAMETER top_p 0.95",
        "PARAMETER num_ctx 2048",
    ):
        assert line in written.splitlines()
    assert written.splitlines()[0].startswith("# Not a medical device.")
    assert written.splitlines()[-1].startswith('LICENSE """Not a medical device.')
    told = json.loads((out / "proof.json").read_text(encoding="utf-8"))
    assert told["files"]["model.gguf"]["same_prompts"] == 20
    assert told["files"]["model.gguf"]["same_answers"] >= 19  # f16 may turn a near tie
    assert told["not_run"].startswith("Ollama itself was not run")
    assert capsys.readouterr().out.splitlines()[1] == told["not_run"] + "."


def test_a_template_that_ollama_cannot_say_is_refused(tmp_path: Path) -> None:
    base = families.base("llama", tmp_path / "base")
    tokenizers.made("embedded", "instruct").save_pretrained(base)
    with pytest.raises(ModelError, match="its chat template is none that Ollama's templates can"):
        export(["ollama", "--model", str(base), "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_vllms_folder_holds_base_and_adapter_and_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    export(["vllm", "--adapter", STAGE1, "--output", str(out)])
    config = json.loads((out / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == str(out / "base")
    params = GenerationParams(16, temperature=0)
    served = load_engine(str(out / "base"), {"adapter": str(out / "adapter")}, dtype="float32")
    mine = load_engine("embedded", {"adapter": STAGE1}, dtype="float32")
    asked = {"base": ASKED, "adapter": ASKED}
    assert served.notes == mine.notes
    assert served.answer(asked, params).texts == mine.answer(asked, params).texts
    stand_in = tmp_path / "bin" / "vllm"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\necho "$PWD: $@"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    path = {**os.environ, "PATH": f"{stand_in.parent}:{os.environ['PATH']}"}
    command = [str(out / "serve.sh"), "--port", "8001"]
    said = subprocess.run(command, env=path, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{out}: serve base --served-model-name base --enable-lora")
    assert said.endswith("--max-lora-rank 16 --lora-modules adapter=adapter --port 8001\n")
    assert json.loads((out / "proof.json").read_text(encoding="utf-8"))["program"] is None
    assert "vLLM itself was not run: no `vllm` on the PATH." in capsys.readouterr().out


def test_what_vllm_does_not_serve_is_refused(tmp_path: Path) -> None:
    base = families.base("llama", tmp_path / "base")
    adapter("llama", "dora", base, tmp_path / "mine")
    flags = ["--model", str(base), "--adapter", str(tmp_path / "mine")]
    with pytest.raises(ModelError, match=r"vLLM serves LoRA on linear layers alone.*merge it"):
        export(["vllm", *flags, "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


def test_a_vllm_that_does_not_start_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "vllm"
    broken.write_text("#!/bin/sh\necho 'RuntimeError: no memory' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ModelError, match=r"^vLLM does not start with it \(RuntimeError: no memory"):
        export(["vllm", "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
