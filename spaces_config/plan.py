"""What a Space is to become: read from flags and environment, before the Hub is asked anything."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hera.config import parse_adapters
from hera.errors import ConfigError
from hera.refs import EMBEDDED, check_name, is_hub_id
from spaces_config.files import app_files
from spaces_config.hardware import Hardware, hardware

TOKEN = "HERA_SPACE_TOKEN"
"""Whose value becomes the Space's secret HF_TOKEN. Never HF_TOKEN itself: that one can write, and
whoever gets into the Space would have it."""
SECRET = "HF_TOKEN"
OURS = ("HERA_MODEL", "HERA_ADAPTERS", "HERA_4BIT", "HERA_QUEUE", "HERA_GPU_SECONDS")
"""The variables that a deployment sets, and removes where they no longer apply."""


@dataclass(frozen=True)
class Plan:
    """One Space. `token` is for its secret and is not shown."""

    space: str
    hardware: Hardware
    model: str
    adapters: dict[str, str]
    private: bool
    files: Mapping[str, Path]
    token: str | None = field(repr=False)

    @property
    def refs(self) -> list[str]:
        """What the Space loads from the Hub."""
        return [ref for ref in (self.model, *self.adapters.values()) if ref != EMBEDDED]

    @property
    def variables(self) -> dict[str, str]:
        """The app's settings (see `hera.config`)."""
        kind = self.hardware
        found = {"HERA_MODEL": self.model, "HERA_QUEUE": str(kind.queue)}
        if self.adapters:
            found["HERA_ADAPTERS"] = " ".join(
                f"{name}={ref}" for name, ref in self.adapters.items()
            )
        if kind.bits == 4 and self.model != EMBEDDED:
            found["HERA_4BIT"] = "1"
        if cost := kind.gpu_seconds:
            found["HERA_GPU_SECONDS"] = f"{cost.start:g} {cost.token:g} {cost.question:g}"
        return found


def plan(args: argparse.Namespace) -> Plan:
    """The Plan of a command line.

    Raises:
        ConfigError: a flag or a variable that no Space can be made of.
    """
    if not all(args.space.partition("/")) or args.space.count("/") > 1:
        raise ConfigError(f"--space {args.space}: give OWNER/NAME, as in me/hera.")
    kind = hardware(args.hardware)
    adapters = parse_adapters(args.adapter or [])
    model = args.model or (kind.base if adapters else EMBEDDED)
    _check_refs(model, adapters)
    token = os.environ.get(TOKEN) or None
    if token and token == os.environ.get("HF_TOKEN"):
        raise ConfigError(
            f"{TOKEN}: the same token as HF_TOKEN, which can write. Make a read token of its own "
            "for the Space at https://huggingface.co/settings/tokens."
        )
    return Plan(args.space, kind, model, adapters, args.private, app_files(), token)


def _check_refs(model: str, adapters: Mapping[str, str]) -> None:
    """Raises ConfigError if a Space could not load one of them."""
    for name in adapters:
        check_name(name)
    flags: Sequence[tuple[str, str]] = [
        ("--model ", model),
        *((f"--adapter {name}=", ref) for name, ref in adapters.items()),
    ]
    for flag, ref in flags:
        if ref == EMBEDDED and flag == "--model ":
            continue
        if not is_hub_id(ref):
            raise ConfigError(
                f"{flag}{ref}: a Space loads from the Hub: push it there first and give its id "
                "(owner/name, optionally @revision)."
            )
