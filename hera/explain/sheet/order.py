"""What was asked to be served, and how its parts are called where others read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hera.refs import BASES, EMBEDDED_DIR, SMOLLM2, Ref, shipped_adapters
from hera.types import BASE

_ROOT = EMBEDDED_DIR.parents[1]


@dataclass(frozen=True)
class Order:
    """As `hera.load_engine` takes it, or with `server` as `hera.engine.connect`: `adapters` is None
    for the model's own, `models` for all that a server has."""

    model: Ref
    adapters: Mapping[str, Ref] | None = None
    four_bit: bool = False
    own_base: bool = False
    engine: str = "auto"
    server: str | None = None
    server_base: Ref | None = None
    models: Mapping[str, str] | None = None

    def ref(self, variant: str, text: str) -> Ref:
        """The REF of a variant that an engine calls by this text: the one that was given, which may
        know more of where it lies."""
        own = shipped_adapters(self.model) if self.adapters is None else self.adapters
        given = {BASE: self.model, **own}.get(variant)
        return given if given is not None and str(given) == text else Ref.of(text, "")


def public(ref: Ref) -> str:
    """A REF for whoever reads it: of a folder of this machine the last part alone, and of one that
    HERA ships with the way from HERA's folder."""
    if ref.path is None or ref.is_embedded:
        return str(ref)
    path = ref.path.resolve()
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT / "hera") else path.name


def is_elsewhere(ref: Ref) -> bool:
    """Whether it names a folder or file that only this machine has."""
    return ref.path is not None and not ref.is_embedded and public(ref) == ref.path.resolve().name


def folder(ref: Ref) -> Path | None:
    """Where its small files lie; None of a GGUF file, and of `smollm2`, which may be one. Nobody is
    asked: of what is served they are here."""
    return None if ref.text == SMOLLM2 or ref.is_gguf else ref.folder()


def is_shipped(ref: Ref) -> bool:
    """Whether it is one of the adapters that HERA ships with, whose card lies above them."""
    places = {(EMBEDDED_DIR.parent / name).resolve() for name in BASES}
    return ref.path is not None and ref.path.resolve().parent in places
