"""One colour a variant, the same on every tab: Okabe and Ito's, told apart by all kinds of eyes
(https://jfly.uni-koeln.de/color/), or the operator's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hera.types import BASE

_BASE = "#5c6670"
_ADAPTERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

_own: dict[str, str] = {}


def use_colours(own: Mapping[str, str]) -> None:
    """From now on variants that are named here have these colours (#rrggbb), in this process."""
    _own.clear()
    _own.update(own)


def colour(variant: str, served: Sequence[str]) -> str:
    """Of a variant among those that are served; a strength, a sum or a control has its last
    adapter's."""
    last = variant.split("+")[-1].partition("@")[0].partition("~")[0]
    adapters = [name for name in served if name != BASE]
    name = last if last in adapters else BASE
    if name in _own:
        return _own[name]
    if name == BASE:
        return _BASE
    free = [tone for tone in _ADAPTERS if tone not in _own.values()] or _ADAPTERS
    usual = [adapter for adapter in adapters if adapter not in _own]
    return free[usual.index(name) % len(free)]


def is_derived(variant: str) -> bool:
    """Whether it is made of others: its line is dashed."""
    return any(sign in variant for sign in "@+~")
