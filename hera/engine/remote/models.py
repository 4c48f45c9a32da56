"""What a server has: asked of it, and only what is known to be right taken from its answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hera.engine.remote.client import Client
from hera.engine.remote.shapes import Lora, Model, ModelList, Props, shaped
from hera.errors import ConfigError, ModelError
from hera.types import BASE

Kind = Literal["vllm", "llamacpp", "other"]
_KINDS: dict[str, Kind] = {"vllm": "vllm", "llamacpp": "llamacpp"}
_MOST = 8  # variants that are taken without being named: a page of 400 helps nobody
_AT_ONCE = 16


@dataclass(frozen=True)
class Models:
    """What one server serves.

    `names` are what a request calls each variant, "base" first. llama.cpp has adapters by numbers:
    `loras` of the variants, `every_lora` of all. `window` is how many tokens a request may hold,
    as far as the server says so. `missing` are the variants that were asked for in vain, and why.
    `at_once` is how many requests it computes together: others would wait, and be silent.
    """

    kind: Kind
    names: Mapping[str, str]
    loras: Mapping[str, int]
    every_lora: Sequence[int]
    window: int
    missing: Mapping[str, str]
    at_once: int


def models_of(client: Client, asked: Mapping[str, str] | None) -> Models:
    """What the server has.

    Args:
        client: the server's.
        asked: variant -> what the server calls it, perhaps with "base" among them; None for all
            that it has.

    Raises:
        ModelError: it does not answer, or not as such a server does; it lacks the base.
        ConfigError: it has too many to take them all.
    """
    listed = shaped(client, ModelList, client.object_in(client.get("/v1/models"))).data
    kind = _KINDS.get(listed[0].owned_by, "other")
    loras = _loras(client) if kind == "llamacpp" else {}
    base = _base(client, listed, asked)
    others = _others(base, listed, loras) if asked is None else dict(asked)
    others.pop(BASE, None)
    if asked is None and len(others) >= _MOST:
        raise ConfigError(
            f"{client.says}: it has {len(others) + 1} models. Name those to serve: --adapter "
            f"base=MODEL --adapter NAME=MODEL. It has {_some(others.values())}."
        )
    there = {model.id: model.id for model in listed} | dict.fromkeys(loras, base.id)
    return Models(
        kind,
        {BASE: base.id, **{v: there[model] for v, model in others.items() if model in there}},
        {variant: loras[model] for variant, model in others.items() if model in loras},
        sorted(loras.values()),
        base.max_model_len or (base.meta and base.meta.n_ctx) or sys.maxsize,
        {
            variant: f"{client.says}: it has no model {model!r}, only {_some(there)}"
            for variant, model in others.items()
            if model not in there
        },
        shaped(client, Props, client.get("/props")).total_slots if kind == "llamacpp" else _AT_ONCE,
    )


def title(model: str) -> str:
    """What a screen calls a model: never the way to a file of the server's machine."""
    local = model.startswith(("/", ".", "~")) or "\\" in model or model.endswith(".gguf")
    return re.split(r"[/\\]", model)[-1].removesuffix(".gguf") if local else model


def _base(client: Client, listed: Sequence[Model], asked: Mapping[str, str] | None) -> Model:
    """The one that was named, else the one that is called so, else the first without a parent."""
    named = (asked or {}).get(BASE)
    for model in listed:
        if model.id == (named or BASE):
            return model
    if named is not None:
        every = _some([model.id for model in listed])
        raise ModelError(f"{client.says}: it has no model {named!r}, only {every}.")
    return next((model for model in listed if model.parent is None), listed[0])


def _loras(client: Client) -> dict[str, int]:
    """llama.cpp's adapters by their files' names."""
    listed = shaped(client, list[Lora], client.get("/lora-adapters"))
    return {title(lora.path): lora.id for lora in listed}


def _others(base: Model, listed: Sequence[Model], loras: Mapping[str, int]) -> dict[str, str]:
    """Variant -> model of all that a server has beside the base; names are of letters, digits, -
    and _, as adapters' are."""
    models = [model.id for model in listed if model.id != base.id] + list(loras)
    names = [re.sub(r"[^A-Za-z0-9_-]+", "-", title(m)).strip("-_") or "model" for m in models]
    return dict(zip(names, models, strict=True))


def _some(models: Collection[str]) -> str:
    names = [title(name) for name in models]
    return ", ".join(names[:_MOST]) + (", ..." if len(names) > _MOST else "")
