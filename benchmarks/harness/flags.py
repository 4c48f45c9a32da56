"""What the flags of every benchmark mean: which engine, which items, how to answer."""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TypeVar

from hera.cli.flags import (
    add_model_flags,
    add_ref_flag,
    add_server_flag,
    parse_adapters,
    parse_models,
)
from hera.engine import connect, load_engine
from hera.errors import ConfigError, InputError, UnsupportedError
from hera.refs import EMBEDDED
from hera.types import Engine, GenerationParams

T = TypeVar("T")


def benchmark_parser(
    description: str, data_help: str, data: str | None = EMBEDDED
) -> argparse.ArgumentParser:
    """The flags of every benchmark; `data` is the default of --data."""
    flags = argparse.ArgumentParser(description=description)
    add_model_flags(flags)
    add_server_flag(flags)
    add_ref_flag(flags, "--data", data_help, default=data)
    flags.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N items")
    flags.add_argument(
        "--dtype", choices=("auto", "float32", "bfloat16"), default="auto", help="of the weights"
    )
    flags.add_argument("--seed", type=int, default=42, metavar="S", help="of samples and shuffles")
    flags.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    flags.add_argument("--resume", action="store_true", help="go on with the run in --output")
    return flags


def add_answer_flag(flags: argparse.ArgumentParser, longest: int) -> None:
    """`--max-new-tokens`, for benchmarks that let the variants write."""
    flags.add_argument(
        "--max-new-tokens",
        type=int,
        default=longest,
        metavar="N",
        help=f"of each answer ({longest})",
    )


def greedy(max_new_tokens: int) -> GenerationParams:
    """Greedy decoding, up to so many tokens.

    Raises:
        ConfigError: that many cannot be asked for.
    """
    try:
        return GenerationParams(max_new_tokens=max_new_tokens, temperature=0)
    except InputError as error:
        raise ConfigError(f"--max-new-tokens: {error}") from error


def engine_from(args: argparse.Namespace, *, dtype: str = "auto") -> Engine:
    """The engine that the flags ask for; `dtype` is the command's own where it has such a flag.

    Raises:
        ConfigError: flags that do not go together.
        ModelError: a model that cannot be had, here or on the server.
    """
    if server := vars(args).get("server"):  # some commands measure this machine alone
        if args.own_base or dtype != "auto":
            raise ConfigError("--server: --dtype and --own-base are the server's to choose.")
        return connect(server, args.model, parse_models(args.adapter or ()) or None)
    adapters = parse_adapters(args.adapter) if args.adapter else None
    return load_engine(args.model or EMBEDDED, adapters, dtype=dtype, own_base=args.own_base)


def require(engine: Engine, method: str) -> None:
    """Raises UnsupportedError, with the engine's own reason, if it cannot do that."""
    if method in engine.unsupported:
        raise UnsupportedError(f"{engine.name}: {engine.unsupported[method]}")


def choose(items: list[T], limit: int | None, seed: int) -> list[T]:
    """All items, or a seeded sample in a seeded order.

    Raises:
        ConfigError: fewer than one is asked for.
    """
    if limit is None:
        return items
    if limit < 1:
        raise ConfigError(f"--limit {limit}: give at least 1.")
    return random.Random(seed).sample(items, min(limit, len(items)))
