"""The flags that several commands take."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from hera.errors import ConfigError
from hera.refs import Ref, check_name
from hera.types import BASE


def add_ref_flag(
    parser: argparse.ArgumentParser,
    flag: str,
    meaning: str,
    *,
    default: str | None = None,
    required: bool = False,
) -> None:
    """A flag that takes a REF, which knows from then on what asked for it."""
    parser.add_argument(
        flag,
        type=partial(Ref.of, asked=flag),
        default=default,
        required=required,
        metavar="REF",
        help=meaning,
    )


def add_model_flags(parser: argparse.ArgumentParser, *, default: str = "embedded") -> None:
    """`--model`, `--adapter` and `--own-base`, in every command that loads an engine; `default`
    says which model it is where none is named."""
    kinds = "embedded, smollm2, a Hub id, a folder or a GGUF file"
    add_ref_flag(parser, "--model", f"the base: {kinds}; by default {default}")
    parser.add_argument(
        "--adapter",
        metavar="NAME=REF",
        action="append",
        help="a LoRA adapter, or a full model, as a variant; may be repeated",
    )
    parser.add_argument(
        "--own-base",
        action="store_true",
        help="serve an adapter of a quantized copy of the base on that copy, not on the base",
    )


def add_server_flag(parser: argparse.ArgumentParser) -> None:
    """`--server`, in the commands that can ask a server in place of a model here."""
    parser.add_argument(
        "--server",
        metavar="URL",
        help="ask this server (vLLM, llama.cpp, any other that speaks OpenAI's protocol) in place "
        "of a model here; --model then names the base that it serves, for its tokenizer, and "
        "--adapter NAME=MODEL what it calls a variant. Its key: HERA_SERVER_KEY",
    )


def parse_models(pairs: Sequence[str]) -> dict[str, str]:
    """{"name": model} from ["name=model", ...]: what a server calls each variant.

    Raises:
        ConfigError: a pair that is not NAME=MODEL, or a name given twice, or one that no variant
            may have.
    """
    models = _by_name(pairs, "NAME=MODEL, as the server calls it")
    for name in models:
        if name != BASE:
            check_name(name)
    return models


def parse_adapters(pairs: Sequence[str]) -> dict[str, Ref]:
    """{"name": REF} from ["name=ref", ...].

    Raises:
        ConfigError: a pair that is not NAME=REF, or a name given twice.
    """
    refs = _by_name(pairs, "NAME=REF, as in stage1=me/hera-stage1")
    return {name: Ref.of(ref, f"--adapter {name}=") for name, ref in refs.items()}


def _by_name(pairs: Sequence[str], expected: str) -> dict[str, str]:
    """{"name": value} from ["name=value", ...]; raises ConfigError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise ConfigError(f"--adapter {pair}: expected {expected}.")
        if name in found:
            raise ConfigError(f"--adapter {pair}: the name {name} is given twice.")
        found[name] = value
    return found
