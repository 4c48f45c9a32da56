"""A variant at another strength, or the sum of several: "stage2@0.5", "stage1+stage2@0.5"; and its
control, "stage2~1".

A LoRA adapter adds s B A x to a layer; at strength t it adds t times that, and a sum adds each. A
control is a random adapter of the same norms (see `hera.weights.controls`), each number another.
"""

from __future__ import annotations

from functools import lru_cache

from hera.errors import InputError
from hera.types import BASE

STRONGEST = 1.5
CONTROLS = 8
"""So many random adapters can be had of each: the weights of all that were asked for are kept."""


@lru_cache(maxsize=1024)
def parts(name: str) -> tuple[tuple[str, float], ...]:
    """The adapters of a variant and their controls, each with its strength, 0 to 1.5; none of the
    base.

    Raises:
        InputError: a strength or a control that is none, or an adapter that is in it twice.
    """
    if name == BASE:
        return ()
    found: dict[str, float] = {}
    for part in name.split("+"):
        adapter, at, strength = part.partition("@")
        if adapter in found:
            raise InputError(f"Variant {name!r} has {adapter} twice: name each adapter once.")
        _check_control(name, adapter)
        found[adapter] = _strength(name, strength) if at else 1.0
    return tuple(found.items())


def adapter_of(part: str) -> str:
    """The adapter that a part is, or is the control of."""
    return part.partition("~")[0]


def control_of(part: str) -> int:
    """Which control of its adapter a part is, 1 to 8; 0 for the adapter itself."""
    return int(part.partition("~")[2] or 0)


def _check_control(name: str, part: str) -> None:
    _, is_control, number = part.partition("~")
    if is_control and number not in map(str, range(1, CONTROLS + 1)):
        raise InputError(
            f"Variant {name!r}: {number!r} is no control. Give 1 to {CONTROLS} behind the ~."
        )


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
