"""One colour a variant, the same on every tab: Okabe and Ito's, told apart by all kinds of eyes
(https://jfly.uni-koeln.de/color/)."""

from __future__ import annotations

from collections.abc import Sequence

from hera.types import BASE

_BASE = "#5c6670"
_ADAPTERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def colour(variant: str, served: Sequence[str]) -> str:
    """Of a variant among those that are served; a strength, a sum or a control has its last
    adapter's."""
    last = variant.split("+")[-1].partition("@")[0].partition("~")[0]
    adapters = [name for name in served if name != BASE]
    return _ADAPTERS[adapters.index(last) % len(_ADAPTERS)] if last in adapters else _BASE


def is_derived(variant: str) -> bool:
    """Whether it is made of others: its line is dashed."""
    return any(sign in variant for sign in "@+~")
