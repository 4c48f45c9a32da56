"""llama.cpp on a GGUF file: what it makes of texts, and how it goes on greedily.

It runs in a process of its own (this module as a command), which its asserts may end, and reads
what is asked as JSON. Loopback alone is spoken to.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Any

from hera.errors import ModelError, one_line
from hera.export.proof import Reply

PACKAGE = "xllamacpp"


def installed() -> str | None:
    """Which llama.cpp is here, "xllamacpp 2026.10.11549", or None."""
    return f"{PACKAGE} {version(PACKAGE)}" if find_spec(PACKAGE) else None


def answers(
    file: Path, prompts: Sequence[Sequence[int]], tokens: int, adapter: Path | None = None
) -> list[Reply]:
    """How it goes on after each prompt, greedily, until it ends its turn or `tokens` are written.

    Raises:
        ModelError: it cannot load the file or the adapter, or ends before it has answered.
    """
    asked = {"prompts": [list(ids) for ids in prompts], "tokens": tokens}
    told = _told(file, asked | {"adapter": str(adapter or "")})
    return [Reply(tuple(ids), tuple(logprobs)) for ids, logprobs in told["answers"]]


def prompt_ids(file: Path, questions: Sequence[str]) -> list[list[int]]:
    """The ids that questions become in the file's own chat template and tokenizer.

    Raises:
        ModelError: as `answers`.
    """
    told: list[list[int]] = _told(file, {"questions": list(questions)})["ids"]
    return told


def _told(file: Path, asked: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "hera.export.llama_cpp"]
    text = json.dumps({"prompts": [], "questions": [], "tokens": 1, "file": str(file), **asked})
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        why = one_line(Exception(" ".join(said[:2]) or f"exit code {done.returncode}"))
        raise ModelError(f"{file}: llama.cpp cannot run it ({why}).")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """The command: what is asked on stdin, what llama.cpp says as a line of JSON on stdout."""
    asked = json.load(sys.stdin)
    server = _server(asked)
    ids = [_rendered(server, question) for question in asked["questions"]]
    replies = [_answer(server, prompt, asked["tokens"]) for prompt in asked["prompts"]]
    print(json.dumps({"ids": ids, "answers": replies}), flush=True)


def _server(asked: dict[str, Any]) -> Any:
    from xllamacpp import (
        CommonAdapterLoraInfo,
        CommonParams,
        Server,
        ggml_type,
        llama_flash_attn_type,
    )

    settings = CommonParams()
    settings.model.path = asked["file"]
    longest = max((len(prompt) for prompt in asked["prompts"]), default=0)
    settings.n_ctx = longest + asked["tokens"] + 64
    settings.n_parallel = 1
    settings.warmup = False
    # Of its own accord it attends in f16, which moves near ties: it is the weights that are tried.
    settings.cache_type_k = settings.cache_type_v = ggml_type.GGML_TYPE_F32
    settings.flash_attn_type = llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    if asked.get("adapter"):
        settings.lora_adapters = [CommonAdapterLoraInfo(asked["adapter"], 1.0)]
    return Server(settings)


def _rendered(server: Any, question: str) -> list[int]:
    messages = [{"role": "user", "content": question}]
    text = _post(server, "apply-template", {"messages": messages})["prompt"]
    asked = {"content": text, "add_special": True, "parse_special": True}
    ids: list[int] = _post(server, "tokenize", asked)["tokens"]
    return ids


def _answer(server: Any, prompt: list[int], tokens: int) -> tuple[list[int], list[float]]:
    asked = {"prompt": prompt, "n_predict": tokens, "temperature": 0, "n_probs": 1}
    told = _post(server, "completion", {**asked, "cache_prompt": False, "return_tokens": True})
    # It tells none of a token that ends within a letter, and goes on telling of the next.
    steps = zip(told["tokens"], told["completion_probabilities"], strict=False)
    known = takewhile(lambda step: step[0] == step[1]["id"], steps)
    return told["tokens"], [step["logprob"] for _, step in known]


def _post(server: Any, path: str, content: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{server.listening_address}/{path}",
        json.dumps(content).encode(),
        {"Content-Type": "application/json"},
    )
    # Past any proxy of the environment: it is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as reply:
        told: dict[str, Any] = json.load(reply)
    return told


if __name__ == "__main__":
    main()
