"""A variant at another strength, or the sum of several: "stage2@0.5", "stage1+stage2@0.5".

A LoRA adapter adds s B A x to a layer; at strength t it adds t times that, and a sum adds each.
"""

from __future__ import annotations

from functools import lru_cache

from hera.errors import InputError
from hera.types import BASE

STRONGEST = 1.5


@lru_cache(maxsize=1024)
def parts(name: str) -> tuple[tuple[str, float], ...]:
    """The adapters of a variant, each with its strength, 0 to 1.5; none of the base.

    Raises:
        InputError: a strength that is none, or an adapter that is in it twice.
    """
    if name == BASE:
        return ()
    found: dict[str, float] = {}
    for part in name.split("+"):
        adapter, at, strength = part.partition("@")
        if adapter in found:
            raise InputError(f"Variant {name!r} has {adapter} twice: name each adapter once.")
        found[adapter] = _strength(name, strength) if at else 1.0
    return tuple(found.items())


def _strength(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= STRONGEST:
        raise InputError(
            f"Variant {name!r}: {text!r} is no strength. Give 0 to {STRONGEST} behind the @."
        )
    return value
