"""What a Space is to become: read from flags and environment, before the Hub is asked anything."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hera.cli.flags import parse_adapters
from hera.config import Config, file
from hera.config.file import Own
from hera.config.signing_in import VARIABLE, check_names
from hera.errors import ConfigError
from hera.refs import BASES, PUBMEDQA, Ref, check_name, is_hub_id
from spaces_config.files import app_files
from spaces_config.hardware import Hardware, hardware

TOKEN = "HERA_SPACE_TOKEN"
"""Whose value becomes the Space's secret HF_TOKEN. Never HF_TOKEN itself: that one can write, and
whoever gets into the Space would have it."""
SECRET = "HF_TOKEN"
OURS = (
    *("HERA_MODEL", "HERA_ADAPTERS", "HERA_QUESTIONS"),
    *("HERA_4BIT", "HERA_QUEUE", "HERA_GPU_SECONDS", VARIABLE),
)
"""The variables that a deployment sets, and removes where they no longer apply."""


@dataclass(frozen=True)
class Plan:
    """One Space. `token` is for its secret and is not shown."""

    space: str
    hardware: Hardware
    model: Ref | None
    """None: the app's default, which falls back to the embedded model."""
    adapters: dict[str, Ref]
    questions: Ref | None
    own: Own
    """What its hera.toml says, which it carries along; nothing where there is none."""
    private: bool
    sign_in: tuple[str, ...]
    """The accounts that are let in when they have signed in; none: nobody has to."""
    files: Mapping[str, Path]
    token: str | None = field(repr=False)

    @property
    def base(self) -> Ref:
        """The model, or the app's default."""
        return self.model or Config().model

    @property
    def refs(self) -> list[Ref]:
        """The models and adapters that the Space loads from the Hub."""
        return [ref for ref in (self.base, *self.adapters.values()) if not ref.is_embedded]

    @property
    def asks(self) -> Ref | None:
        """The data set on the Hub that its PubMedQA tab asks; None for the invented questions."""
        if self.questions is None:
            return None if self.base.is_embedded else Ref.on_hub(PUBMEDQA, "")
        return None if self.questions.is_embedded else self.questions

    @property
    def loads(self) -> list[Ref]:
        """All that the Space loads from the Hub: models, adapters, questions."""
        return [*self.refs, *([self.asks] if self.asks else [])]

    def at(self, commits: Mapping[Ref, str]) -> Plan:
        """The same of these commits: what is pushed later to a model, an adapter or the questions
        does not reach the Space by itself."""
        at = {ref: ref.at(commit) for ref, commit in commits.items()}
        return replace(
            self,
            model=at.get(self.base, self.model),
            adapters={name: at.get(ref, ref) for name, ref in self.adapters.items()},
            questions=at.get(self.asks, self.questions) if self.asks else self.questions,
        )

    @property
    def variables(self) -> dict[str, str]:
        """The app's settings (see `hera.config`)."""
        kind = self.hardware
        settings = {"HERA_QUEUE": str(kind.queue)}
        if self.model is not None:
            settings["HERA_MODEL"] = self.model.whole
        if self.adapters:
            pairs = [f"{name}={ref.whole}" for name, ref in self.adapters.items()]
            settings["HERA_ADAPTERS"] = " ".join(pairs)
        if self.questions:
            settings["HERA_QUESTIONS"] = self.questions.whole
        if kind.bits == 4 and self.base.text not in BASES:
            settings["HERA_4BIT"] = "1"
        if self.sign_in:
            settings[VARIABLE] = " ".join(self.sign_in)
        if cost := kind.gpu_seconds:
            settings["HERA_GPU_SECONDS"] = f"{cost.start:g} {cost.token:g} {cost.question:g}"
        return settings


def plan(args: argparse.Namespace) -> Plan:
    """The Plan of a command line.

    Raises:
        ConfigError: a flag or a variable that no Space can be made of.
    """
    if not all(args.space.partition("/")) or args.space.count("/") > 1:
        raise ConfigError(f"--space {args.space}: give OWNER/NAME, as in me/hera.")
    kind = hardware(args.hardware)
    path = file.find(args.config)
    own = file.read(path) if path else Own()
    adapters = parse_adapters(args.adapter or []) or file.adapters_of(path, own) or {}
    model: Ref | None = args.model or file.ref_of(path, own, "base")
    if adapters and model is None:
        model = Ref.of(kind.base, "--model")
    for name in adapters:
        check_name(name)
    if model is not None and model.text not in BASES:
        model = _on_hub(model)
    adapters = {name: _on_hub(ref) for name, ref in adapters.items()}
    questions: Ref | None = args.questions or file.ref_of(path, own, "questions")
    if questions and not questions.is_embedded:
        questions = _on_hub(questions)
    accounts = tuple(args.sign_in or ())
    check_names(accounts, "--sign-in ")
    token = os.environ.get(TOKEN) or None
    if token and token == os.environ.get("HF_TOKEN"):
        raise ConfigError(
            f"{TOKEN}: the same token as HF_TOKEN, which can write. Make a read token of its own "
            "for the Space at https://huggingface.co/settings/tokens."
        )
    files = {**app_files(), **({file.NAME: path} if path else {})}
    if own.report and (report := file.report_of(path, own)):
        files[own.report] = report
    return Plan(
        args.space,
        kind,
        model,
        adapters,
        questions,
        own,
        args.private,
        accounts,
        files,
        token,
    )


def _on_hub(ref: Ref) -> Ref:
    """It as the Space will read it, where no folder of this machine is.

    Raises:
        ConfigError: no Hub id.
    """
    if not is_hub_id(ref.text):
        raise ConfigError(
            f"{ref.says}: a Space loads from the Hub: push it there first and give its id "
            "(owner/name, with a folder and @revision if need be)."
        )
    return Ref.on_hub(ref.text, ref.asked)
