"""What the app serves: from its flags, then the environment, then hera.toml, then defaults.

On a Space there are no flags: `spaces_config.deploy` sets HERA_* variables, and Spaces itself says
where to listen in Gradio's own GRADIO_SERVER_NAME and GRADIO_SERVER_PORT.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hera.cli.flags import (
    add_model_flags,
    add_ref_flag,
    add_server_flag,
    parse_adapters,
    parse_models,
)
from hera.config import file
from hera.config.file import Own
from hera.config.signing_in import VARIABLE, SignIn, sign_in
from hera.errors import ConfigError
from hera.refs import EMBEDDED, SMOLLM2, Ref

_SHORTEST = 8  # letters of a password
_ROOT_PATH = re.compile(r"(https?://[\w.:\[\]-]+)?(/[\w.~%-]+)*")


@dataclass(frozen=True)
class GpuSeconds:
    """What a request may cost on ZeroGPU, where a visitor's daily seconds are counted: generous,
    because a request that takes longer than it said is cut off."""

    start: float = 15
    """A fresh process: the weights go to the GPU."""
    token: float = 0.1
    """One more token of every answer (they advance together)."""
    question: float = 0.15
    """One PubMedQA question, for each variant."""


@dataclass(frozen=True)
class Remote:
    """A server that answers in place of a model here."""

    url: str
    base: Ref | None = None
    """The base that it serves, for its tokenizer; None where nobody named it."""
    models: dict[str, str] | None = None
    """Variant -> what the server calls it; None for all that it has."""


@dataclass(frozen=True)
class Config:
    """One serving: a base, its adapters (None: the model's own), and where to listen."""

    model: Ref = field(default_factory=lambda: Ref.of(SMOLLM2, ""))
    fallback: Ref | None = field(default_factory=lambda: Ref.of(EMBEDDED, ""))
    """What is served where `model` cannot be had; None where somebody named that one."""
    adapters: dict[str, Ref] | None = None
    server: Remote | None = None
    """What answers in their place; `model` is then what it is called."""
    four_bit: bool = False
    own_base: bool = False
    engine: str = "auto"
    """What computes: "transformers", "llama.cpp", or "auto" for the first."""
    host: str = "127.0.0.1"
    port: int = 7860
    share: bool = False
    root_path: str = ""
    """The path, or the whole address, at which a reverse proxy serves the app; "" for none."""
    hosts: tuple[str, ...] = ()
    """The names by which it may be asked for; none: what suits where it listens."""
    auth: str | None = field(default=None, repr=False)
    """NAME:PASSWORD that everything but /health wants; None: everybody may come."""
    sign_in: SignIn | None = None
    """Who has to sign in with the Hub; None: nobody has to."""
    queue: int | None = 64
    """How many visitors may wait for an answer; None: any number."""
    questions: Ref | None = None
    """What the PubMedQA tab asks; None: what suits the base."""
    feedback: str | None = None
    """The data set on the Hub that votes go to which visitors share; None: no vote is collected."""
    report: Path | None = None
    """The page of all that was measured; None: the app shows none."""
    log: bool = False
    """Whether every event of a visitor is a line of JSON on stderr when it has ended."""
    metrics: bool = False
    """Whether `GET /metrics` tells what there was of them, for Prometheus."""
    gpu_seconds: GpuSeconds = field(default_factory=GpuSeconds)
    own: Own = field(default_factory=Own)
    """What the operator's hera.toml says; nothing where there is none."""


def from_flags(argv: Sequence[str] | None = None) -> Config:
    """Parse the app's flags; each falls back to its HERA_* variable, and that to hera.toml.

    Raises:
        ConfigError: a value that cannot be served. (Unknown flags exit with 2, as argparse does.)
    """
    args = _parser().parse_args(argv)
    path = file.find(args.config)
    own = file.read(path) if path else Own()
    port = args.port
    if port is None:
        port = _int_from("HERA_PORT" if _first("HERA_PORT") else "GRADIO_SERVER_PORT", 7860)
    if not 1 <= port <= 65535:
        raise ConfigError(f"--port {port}: give 1 to 65535.")
    pairs = args.adapter or _words("HERA_ADAPTERS")
    named: Ref | None = args.model or _model() or file.ref_of(path, own, "base")
    adapters = parse_adapters(pairs) if pairs else file.adapters_of(path, own)
    server = _server(args, named, pairs or [f"{name}={ref}" for name, ref in own.adapters.items()])
    if server:
        named, adapters = named or Ref(server.url, "--server"), None
    if adapters and named is None:
        named = Ref.of(EMBEDDED, "")  # what a training takes where nobody names a base either
    usual = Config()
    return Config(
        model=named or usual.model,
        fallback=usual.fallback if named is None or _is_default(named) else None,
        adapters=adapters,
        server=server,
        four_bit=args.four_bit or os.environ.get("HERA_4BIT") == "1",
        own_base=args.own_base or os.environ.get("HERA_OWN_BASE") == "1",
        engine=args.engine,
        host=args.host or _first("HERA_HOST", "GRADIO_SERVER_NAME") or "127.0.0.1",
        port=port,
        share=args.share,
        root_path=_root_path(args.root_path),
        hosts=_hosts(args.allow_host or _words("HERA_HOSTS") or own.hosts),
        auth=_auth(),
        sign_in=_sign_in(args.share),
        queue=_queue(),
        questions=args.questions or _questions() or file.ref_of(path, own, "questions"),
        feedback=_feedback(args.feedback or _first("HERA_FEEDBACK") or own.feedback),
        report=file.report_of(path, own),
        log=args.log or os.environ.get("HERA_LOG") == "1",
        metrics=args.metrics or os.environ.get("HERA_METRICS") == "1",
        gpu_seconds=_gpu_seconds(),
        own=own,
    )


def check_port(config: Config) -> None:
    """Raises ConfigError if this machine cannot listen there."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"--port {config.port}: cannot listen on {config.host}:{config.port} "
                f"({error.strerror}). Stop the other program or give another --port."
            ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py",
        description="Serve HERA: chat, compare, PubMedQA. --model and --adapter fall back to "
        "HERA_MODEL and HERA_ADAPTERS (NAME=REF, separated by spaces), --server to HERA_SERVER.",
    )
    add_model_flags(
        parser, default="smollm2, or embedded where that cannot be had or only adapters are named"
    )
    add_server_flag(parser)
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="a hera.toml: base, adapters, name, words, colours and examples of a demo of your own "
        "(hera/README.md); by default the one in the working directory, if any [HERA_CONFIG]",
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "transformers", "llama.cpp"),
        default="auto",
        help="what computes; llama.cpp (pip install xllamacpp) on a GGUF file; auto: transformers",
    )
    add_ref_flag(
        parser,
        "--questions",
        "what the PubMedQA tab asks: a file of PubMedQA questions, a Hub id, or 'embedded' for the "
        "invented ones; by default those beside the embedded base, and PubMedQA's official test "
        "questions beside any other [HERA_QUESTIONS]",
    )
    parser.add_argument(
        "--feedback",
        metavar="ID",
        help="a data set on the Hub (owner/name, made private where there is none) for the blind "
        "votes and thumbs that visitors choose to share; by default none is collected "
        "[HERA_FEEDBACK]",
    )
    parser.add_argument(
        "--log",
        action="store_true",
        help="a line of JSON on stderr for every event of a visitor: which, how long and how it "
        "ended, nothing of what they wrote [HERA_LOG=1]",
    )
    parser.add_argument(
        "--metrics", action="store_true", help="serve /metrics for Prometheus [HERA_METRICS=1]"
    )
    parser.add_argument(
        "--4bit", dest="four_bit", action="store_true", help="load the base in 4 bits [HERA_4BIT=1]"
    )
    parser.add_argument("--host", help="address to listen on, 127.0.0.1 by default [HERA_HOST]")
    parser.add_argument("--port", type=int, help="port to listen on, 7860 by default [HERA_PORT]")
    parser.add_argument(
        "--root-path",
        metavar="PATH",
        help="the path at which a reverse proxy serves it, as in /hera [GRADIO_ROOT_PATH]",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        metavar="NAME",
        help="a name by which it may be asked for, as in hera.example.org or *.example.org; may be "
        "given several times; without it any where it listens for others or behind a proxy, and "
        "on 127.0.0.1 this machine's own [HERA_HOSTS, separated by spaces]",
    )
    parser.add_argument(
        "--share", action="store_true", help="ask Gradio for a public link (leaves this machine)"
    )
    return parser


def _is_default(named: Ref) -> bool:
    """Whether it is what is served where nobody names a model, at a revision: a deployment's."""
    return named.revision is not None and named.same_as(Config().model)


def _server(args: argparse.Namespace, named: Ref | None, pairs: Sequence[str]) -> Remote | None:
    url = args.server or _first("HERA_SERVER")
    if not url:
        return None
    if args.four_bit or args.own_base or args.engine != "auto":
        raise ConfigError("--server: --4bit, --own-base and --engine are the server's to choose.")
    return Remote(url, named, parse_models(pairs) or None)


def _words(variable: str) -> list[str]:
    return os.environ.get(variable, "").split()


def _model() -> Ref | None:
    text = os.environ.get("HERA_MODEL")
    return Ref.of(text) if text else None


def _questions() -> Ref | None:
    text = os.environ.get("HERA_QUESTIONS")
    return Ref.of(text, "--questions") if text else None


def _feedback(repo: str | None) -> str | None:
    if repo and not file.is_dataset(repo):
        raise ConfigError(f"--feedback {repo}: give OWNER/NAME of a data set, as in me/votes.")
    return repo


def _hosts(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if not file.is_host(name):
            raise ConfigError(
                f"--allow-host {name}: give a name alone, as in hera.example.org, *.example.org or "
                "* for any."
            )
    return tuple(names)


def _auth() -> str | None:
    """Of the environment alone: whoever may list a machine's processes sees their flags."""
    auth = os.environ.get("HERA_AUTH")
    if not auth:
        return None
    name, _, password = auth.partition(":")
    if not name or len(password) < _SHORTEST:
        raise ConfigError(
            f"HERA_AUTH: give NAME:PASSWORD, with a password of {_SHORTEST} letters or more."
        )
    return auth


def _sign_in(shared: bool) -> SignIn | None:
    who = sign_in()
    if who and shared:
        raise ConfigError(
            f"--share: a link has another address each time, and who signs in ({VARIABLE}) comes "
            "back to one that the provider knows. Use HERA_AUTH there."
        )
    return who


def _first(*variables: str) -> str | None:
    return next((value for name in variables if (value := os.environ.get(name))), None)


def _root_path(given: str | None) -> str:
    asked = "--root-path " if given is not None else "GRADIO_ROOT_PATH="
    text = os.environ.get("GRADIO_ROOT_PATH", "") if given is None else given
    path = text.rstrip("/")
    if not _ROOT_PATH.fullmatch(path):
        raise ConfigError(
            f"{asked}{text}: expected the path at which a proxy serves the app, as in /hera, or "
            "its whole address, as in https://example.org/hera."
        )
    return path


def _queue() -> int | None:
    size = _int_from("HERA_QUEUE", 64)
    if size < 0:
        raise ConfigError(f"HERA_QUEUE={size}: how many may wait; 0 for any number.")
    return size or None


def _gpu_seconds() -> GpuSeconds:
    words = _words("HERA_GPU_SECONDS")
    if not words:
        return GpuSeconds()
    try:
        start, token, question = map(float, words)
        if min(start, token, question) < 0:
            raise ValueError
    except ValueError as error:
        raise ConfigError(
            f"HERA_GPU_SECONDS={' '.join(words)}: expected three numbers: seconds to start, "
            "per token, and per question and variant."
        ) from error
    return GpuSeconds(start, token, question)


def _int_from(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    try:
        return int(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{variable}={text}: expected a whole number.") from error
