"""A folder for Ollama: the weights as GGUF, and the Modelfile that `ollama create` reads.

An adapter is merged into its base: Ollama takes one adapter for a model, and not with every family.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hera.errors import InputError, ModelError
from hera.export.folder import whole_folder
from hera.export.gguf import base_of, proved, write_one
from hera.refs import Ref
from hera.rendering import turn_end_ids
from hera.rendering.template import STAND_IN, apply, stand_in, turn
from hera.types import GenerationParams
from hera.weights.gguf.words import adds_bos

NOTICE = (
    "Not a medical device. Answers can be wrong: do not act on them. In an emergency call your "
    "local emergency number."
)
NOT_RUN = "Ollama itself was not run: the weights were tried on llama.cpp, which it is built on"
_FILE = "model.gguf"
_LONGEST = 8192  # tokens of a conversation: its memory is kept from the beginning


def export(model: Ref, adapter: Ref | None, output: Path, kind: str) -> str:
    """Write `model.gguf`, `Modelfile` and `proof.json`.

    Returns:
        What llama.cpp makes of the weights, and what was not tried, a line each. After an error
        nothing is written.

    Raises:
        ConfigError: the output folder is not empty, no folder, or cannot be made.
        ModelError: a base or an adapter that cannot be loaded, merged or written as GGUF, or a chat
            template that Ollama's templates cannot say; or llama.cpp does not answer as HERA does,
            though nothing was quantized.
    """
    base = base_of(model, adapter)
    with whole_folder(output) as folder:
        file = write_one(folder / _FILE, base, adapter, kind)
        text = _modelfile(adapter or base, file.tokenizer, file.window)
        (folder / "Modelfile").write_text(text, encoding="utf-8")
        said = proved(folder, [file], base, adapter, kind, not_run=NOT_RUN)
    return "\n".join([f"{output}/{line}" for line in said] + [f"{NOT_RUN}."])


def _modelfile(ref: Ref, tokenizer: Any, longest: int) -> str:
    params = GenerationParams()
    ends = tokenizer.convert_ids_to_tokens(turn_end_ids(tokenizer))
    settings = {
        "temperature": params.temperature,
        "top_p": params.top_p,
        "num_predict": params.max_new_tokens,
        "num_ctx": min(longest, _LONGEST),
        # What Ollama does of its own accord, and HERA does not:
        "top_k": 0,
        "min_p": 0,
        "repeat_penalty": 1,
    }
    lines = [
        f"# {NOTICE}",
        f"FROM ./{_FILE}",
        f'TEMPLATE """{template(ref, tokenizer)}"""',
        *[f'PARAMETER stop "{end}"' for end in ends],
        *[f"PARAMETER {name} {value}" for name, value in settings.items()],
        f'LICENSE """{NOTICE}"""',
    ]
    return "\n".join(lines) + "\n"


def template(ref: Ref, tokenizer: Any) -> str:
    """A tokenizer's chat template as a template of Ollama's (Go's), read off what it writes.

    Raises:
        ModelError: it does not write the same between all turns, or writes what Go would read.
    """
    if not tokenizer.chat_template:
        return "{{ .Prompt }}"
    asked = [turn("user", stand_in(0)), turn("assistant", stand_in(1)), turn("user", stand_in(2))]
    begin, _, open_, _, again, _, tail = _pieces(tokenizer, asked)
    told = [turn("system", stand_in(0)), turn("user", stand_in(1))]
    try:
        before, _, after, *_ = _pieces(tokenizer, told)
    except InputError:  # the model knows no system turn: it becomes a part of the first user's
        before, after = begin, "\n\n"
    parts = (begin, open_, again, before, after)
    if open_ != tail or any(mark in part for part in parts for mark in ("{{", '"""')):
        raise ModelError(f"{ref.says}: its chat template is none that Ollama's templates can say.")
    user = f"{{{{ if eq $i 0 }}}}{begin}{{{{ else if gt $i 1 }}}}{again}{{{{ end }}}}"
    return (
        "{{ range $i, $turn := .Messages }}"
        f'{{{{ if eq $turn.Role "system" }}}}{before}{{{{ $turn.Content }}}}{after}'
        f'{{{{ else if eq $turn.Role "user" }}}}{user}{{{{ $turn.Content }}}}{open_}'
        "{{ else }}{{ $turn.Content }}{{ end }}{{ end }}"
    )


def _pieces(tokenizer: Any, turns: list[Any]) -> list[str]:
    """What the template writes before, between and after the turns, whose numbers are in between;
    without the BOS that the GGUF file asks for."""
    text = apply(tokenizer, turns)
    return STAND_IN.split(text.removeprefix(tokenizer.bos_token) if adds_bos(tokenizer) else text)
