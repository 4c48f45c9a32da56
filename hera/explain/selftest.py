"""What must hold of an engine before two of its columns are compared, looked at once at the start.

The loader has seen already that the base beside adapters is to the bit the base alone, and that
every variant answers in numbers (`hera.weights.probe`). Here it is seen that every name stands for
the weights that it says, in the way that answers are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np

from hera.errors import InputError, ModelError, UnsupportedError
from hera.evaluation.records import Record
from hera.refs import GGUF, SMOLLM2
from hera.types import BASE, Change, Engine, Origin, TokenLogprobs

TEXT = "I have had a sore throat and a fever since Monday. What should I do now?"
"""What every variant reads."""

_OFF = {"float32": 1e-4}
_OFF_16 = 1e-2  # how far rounding takes a norm, as a share of it, and a token, in nats

T = TypeVar("T")


class Check(Record):
    """One thing that was looked at."""

    name: str
    passed: bool | None
    """None where it could not be looked at."""
    detail: str
    """What was found, in a sentence."""


def selftest(engine: Engine) -> tuple[Check, ...]:
    """Every check, with one pass over a short text for all variants together.

    Raises:
        ModelError: the files behind a variant are gone.
    """
    if why := engine.unsupported.get("token_logprobs"):
        return (not_run(why),)
    tuned = [name for name in engine.variants if name != BASE]
    loaded, _ = _of_each(engine.changes, tuned)
    in_file, no_file = _of_each(engine.file_changes, tuned)
    origins, no_origin = _of_each(engine.origin, tuned)
    served = engine.fingerprints[BASE]
    low_rank = [n for n in loaded if n in origins and origins[n].base == served]
    said = engine.token_logprobs(TEXT, [*engine.variants, *(f"{name}@0" for name in low_rank)])
    kept_in = engine.pace.dtype if engine.pace else engine.dtype
    return (
        _strength_0(said, low_rank),
        _numbers(said, engine.variants),
        _changed(said, tuned),
        _different(engine, said, tuned, loaded),
        _as_in_file(loaded, in_file, no_file, _OFF.get(kept_in, _OFF_16)),
        _base(origins, no_origin, several=_comes_in_several(engine.name)),
    )


def not_run(why: str) -> Check:
    """The one check of an engine that cannot be looked at."""
    return Check(name="self-test", passed=None, detail=f"not run: {why}")


def failed(checks: Sequence[Check]) -> list[str]:
    """What the checks found wrong, a line each."""
    return [check.detail for check in checks if check.passed is False]


def _of_each(ask: Callable[[str], T], names: Sequence[str]) -> tuple[dict[str, T], list[str]]:
    """What an engine says of each, and of which it cannot, with why."""
    told: dict[str, T] = {}
    untold = []
    for name in names:
        try:
            told[name] = ask(name)
        except (InputError, ModelError, UnsupportedError) as error:
            untold.append(f"{name} ({str(error).removesuffix('.')})")
    return told, untold


def _check(
    name: str, fine: str, wrong: Sequence[str], seen: int, untold: Sequence[str] = ()
) -> Check:
    """One of which so many were looked at, and these found wrong."""
    unseen = f"not checked: {', '.join(untold)}" if untold else ""
    if wrong:
        return Check(name=name, passed=False, detail="; ".join(wrong))
    if not seen:
        return Check(name=name, passed=None, detail=unseen or "nothing to check")
    return Check(name=name, passed=True, detail="; ".join(filter(None, (fine, unseen))))


def _strength_0(said: Mapping[str, TokenLogprobs], low_rank: Sequence[str]) -> Check:
    wrong = [n for n in low_rank if not _same(said[f"{n}@0"], said[BASE], 0.0)]
    return _check(
        "strength 0",
        "at strength 0 every adapter of the base is the base to the bit",
        [f"{name} at strength 0 is not the base" for name in wrong],
        len(low_rank),
    )


def _numbers(said: Mapping[str, TokenLogprobs], variants: Sequence[str]) -> Check:
    wrong = [name for name in variants if not np.isfinite(said[name].logprobs[1:]).all()]
    return _check(
        "numbers",
        "all variants answer in numbers",
        [f"{name} makes no numbers of a text" for name in wrong],
        len(variants),
    )


def _changed(said: Mapping[str, TokenLogprobs], tuned: Sequence[str]) -> Check:
    wrong = [name for name in tuned if _same(said[name], said[BASE], 0.0)]
    return _check(
        "changes something",
        "every variant reads a text otherwise than the base",
        [f"{name} changes nothing: it reads a text to the bit as the base does" for name in wrong],
        len(tuned),
    )


def _different(
    engine: Engine,
    said: Mapping[str, TokenLogprobs],
    tuned: Sequence[str],
    loaded: Mapping[str, Mapping[str, Change]],
) -> Check:
    """Two files are compared by their sha256, and what was made of them by a text and, of adapters,
    by every layer's norm: weak ones that barely change the base are alike in the text alone."""
    prints = engine.fingerprints
    off = _OFF.get(engine.dtype, _OFF_16)
    norms = {n: {p: c.update for p, c in of.items()} for n, of in loaded.items()}
    files = [(a, b) for a, b in combinations(engine.variants, 2) if prints[a] == prints[b]]
    acting = [
        (a, b)
        for a, b in combinations(tuned, 2)
        if (a, b) not in files
        and _same(said[a], said[b], off)
        and (a not in norms or b not in norms or _equal(norms[a], norms[b], off))
    ]
    wrong = [f"{a} and {b} are the same weights, by their sha256" for a, b in files]
    wrong += [f"{a} and {b} are the same weights, by what they make of a text" for a, b in acting]
    fine = "no two variants are the same weights"
    return _check("different weights", fine, wrong, len(tuned))


def _as_in_file(
    loaded: Mapping[str, Mapping[str, Change]],
    in_file: Mapping[str, Mapping[str, float]],
    untold: Sequence[str],
    off: float,
) -> Check:
    both = [name for name in in_file if name in loaded]
    wrong = [
        f"{name} is not what its file holds: its layers' norms are others"
        for name in both
        if not _equal({p: c.update for p, c in loaded[name].items()}, in_file[name], off)
    ]
    fine = "every adapter is loaded as its file holds it, by every layer's norm"
    return _check("as in its file", fine, wrong, len(both), untold)


def _base(origins: Mapping[str, Origin], untold: Sequence[str], *, several: bool) -> Check:
    """A base that comes in several forms, each right, proves nothing by being another one."""
    adapters = {name: origin for name, origin in origins.items() if origin.base is not None}
    silent = [n for n, o in adapters.items() if o.trained_on is None]
    others = [n for n, o in adapters.items() if o.trained_on not in (None, o.base)]
    words = "trained on other weights of the base than those served"
    wrong = [] if several else [f"{name} was {words}" for name in others]
    unsure = [f"{name} ({words}; it comes in several forms, each right)" for name in others]
    return _check(
        "base",
        "the adapters were trained on the very base that is served",
        wrong,
        len(adapters) - len(silent) - (len(others) if several else 0),
        [*untold, *(f"{n} (it does not say what it was trained on)" for n in silent), *unsure],
    )


def _comes_in_several(base: str) -> bool:
    """Whether a base is had in 16 bits and, as a GGUF file, in fewer; which are written anew by
    every version of transformers."""
    return base == SMOLLM2 or base.lower().endswith(GGUF)


def _same(one: TokenLogprobs, other: TokenLogprobs, off: float) -> bool:
    """Whether two read a text in the same tokens and, in nats, alike."""
    if one.ids != other.ids:
        return False
    return bool(np.allclose(one.logprobs[1:], other.logprobs[1:], rtol=0, atol=off, equal_nan=True))


def _equal(one: Mapping[str, float], other: Mapping[str, float], off: float) -> bool:
    """Whether two have the same layers and, as a share, the same norms there."""
    return one.keys() == other.keys() and bool(
        np.allclose([one[path] for path in other], list(other.values()), rtol=off, atol=0)
    )
