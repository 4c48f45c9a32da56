"""Engines on servers: vLLM, llama.cpp, and any other that speaks OpenAI's protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hera.engine.remote.client import SILENCE, Client
from hera.engine.remote.dialects import Dialect, ReadsIds
from hera.engine.remote.engine import RemoteEngine
from hera.engine.remote.here import Here
from hera.engine.remote.llamacpp import LlamaCpp
from hera.engine.remote.models import models_of
from hera.engine.remote.vllm import Vllm
from hera.errors import ConfigError, InputError, ModelError
from hera.refs import Ref
from hera.types import Engine
from hera.weights.tokenizers import load_tokenizer

_DIALECTS = {"vllm": Vllm, "llamacpp": LlamaCpp, "other": Dialect}
_KEY = "HERA_SERVER_KEY"
_SAMPLE = "Does rest help? A child of 7 has a fever, 39.5, and an itchy rash since Monday."


def connect(
    url: str,
    base: Ref | None,
    asked: Mapping[str, str] | None,
    *,
    leave_out_broken: bool,
    silence: float = SILENCE,
) -> Engine:
    """See `hera.engine.connect`."""
    client = Client(url, os.environ.get(_KEY, ""), silence)
    models = models_of(client, asked)
    if models.missing and not leave_out_broken:
        raise ModelError(next(iter(models.missing.values())))
    dialect = _DIALECTS[models.kind](client, models)
    if base is None:
        return RemoteEngine(client.url, dialect, models, None)
    tokenizer = load_tokenizer(base)
    if isinstance(dialect, ReadsIds):
        _check_same_words(client, dialect, base, tokenizer)
    return RemoteEngine(client.url, dialect, models, (str(base), tokenizer))


def serve_here(base: Ref, adapters: Mapping[str, Ref] | None) -> Engine:
    """An engine on llama.cpp's server in this process; see `hera.engine.load_engine`."""
    here = Here(base, adapters)
    client = Client(here.url, here.key)
    models = models_of(client, here.models)
    dialect = LlamaCpp(client, models)
    return RemoteEngine(client.url, dialect, models, (str(base), load_tokenizer(base)), here)


def _check_same_words(client: Client, dialect: ReadsIds, base: Ref, tokenizer: Any) -> None:
    """Raises ConfigError if the server reads other words in the token ids."""
    ids = tokenizer.encode(_SAMPLE, add_special_tokens=False)
    here = tokenizer.decode(ids).strip()
    try:
        there = dialect.text(ids).strip()
    except (ModelError, InputError) as error:  # it knows fewer words than these
        raise ConfigError(f"{base.says}: not the tokenizer of {client.says} ({error})") from error
    if here != there:
        raise ConfigError(
            f"{base.says}: not the tokenizer of {client.says}, which reads {there!r:.60} "
            f"where {here!r:.60} is written. Name the base that it serves."
        )
