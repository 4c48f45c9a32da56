"""What a variant forgot, or gained, of what its base knew: ten kinds of fixed probes.

A probe is a message with its answer (`probes.toml`). Its loss is the answer's, in nats a token, and
what counts is how much a variant's is above the base's over the same probes. The ten intervals of
a variant hold together with 95 % (Student 1908, Dunn 1961), so that of variants that changed
nothing at most one in twenty has any kind lost or gained. A change under `SMALLEST` counts for
none, however sure it is. A higher loss says that the answer became less likely, not that a greedy
answer changed.
"""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from hera.errors import ConfigError, ModelError, UnsupportedError
from hera.evaluation import results, stats
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.results import Header, RunFacts
from hera.types import BASE, Engine, GenerationParams, Message

KINDS = {
    "spelling": "spelling and the forms of words",
    "arithmetic": "small sums",
    "format": "JSON, lists, dates and tables as asked",
    "knowledge": "general knowledge",
    "register": "another register: formal, familiar, a tale, a headline",
    "chat": "everyday chat",
    "code": "short pieces of code",
    "language": "Spanish, French and German",
    "manner": "the base's own manner: its own greedy answers to plain prompts",
    "copying": "a list of names, told once more",
}
"""Kind -> what its probes are, in the order of every table."""

PROBES = "hera.evaluation.probes"
"""What results call them."""

SMALLEST = 0.01
"""Nats a token, one percent of perplexity: a change that is not surely larger counts for none."""

_OWN_TOKENS = 32  # of a base's own answer
_CHUNK = 12  # probes between two updates: a second or two of work for a model of 135M on 2 cores
_COPY = "Repeat this list of names: {names}"

Verdict = Literal["gained", "lost", "cannot be told"]


@dataclass(frozen=True)
class Probe:
    """A message with its answer, which is "" where the base is to give it (`manner`)."""

    id: str
    kind: str
    prompt: str
    completion: str

    @property
    def asked(self) -> list[Message]:
        """The message as a conversation."""
        return [{"role": "user", "content": self.prompt}]

    @property
    def whole(self) -> list[Message]:
        """With its answer."""
        return [*self.asked, {"role": "assistant", "content": self.completion}]


class ProbeLosses(Item):
    """A probe with its answer's loss under every variant, in nats a token of the base."""

    kind: str
    completion: str
    tokens: int
    losses: dict[str, float]


class KindChange(Record):
    """How a variant's loss on a kind changed: `change` is its mean minus the base's, in nats a
    token over n probes. The interval is one of ten that hold at once with 95 %; null of fewer than
    ten probes."""

    n: int
    base: float
    loss: float
    change: float
    interval: Interval | None
    verdict: Verdict

    def __str__(self) -> str:
        band = "({:+.3f} to {:+.3f})".format(*self.interval) if self.interval else f"(n = {self.n})"
        return f"{self.change:+.3f} {band} {self.verdict}"


class Forgot(Record):
    """Every variant but the base, kind by kind. `kinds` says what they are, `smallest` how large a
    change must be to count."""

    smallest: float
    kinds: dict[str, str]
    variants: dict[str, dict[str, KindChange]]


class ForgotResult(RunFacts, Forgot, Header):
    """The whole file of `benchmarks.forgot`. `left_out` are probes that the base itself answers
    with nothing."""

    benchmark: Literal["forgot"]
    left_out: tuple[str, ...]
    items: tuple[ProbeLosses, ...]


@cache
def fixed_probes() -> tuple[Probe, ...]:
    """All of them, ten kinds in the order of `KINDS`."""
    path = Path(__file__).with_name("probes.toml")
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        _probe(kind, place, pair) for kind in KINDS for place, pair in enumerate(kinds[kind], 1)
    )


def _probe(kind: str, place: int, given: str | Sequence[str]) -> Probe:
    if isinstance(given, str):
        copied = kind == "copying"
        prompt, completion = (_COPY.format(names=given), given) if copied else (given, "")
    else:
        prompt, completion = given
    return Probe(f"{kind}-{place}", kind, prompt, completion)


def sampled(probes: Sequence[Probe], limit: int | None, seed: int) -> list[Probe]:
    """All of them, or a seeded sample of so many of each kind, in their order.

    Raises:
        ConfigError: fewer than one is asked for.
    """
    if limit is None:
        return list(probes)
    if limit < 1:
        raise ConfigError(f"--limit {limit}: give at least 1.")
    draw = random.Random(seed)
    chosen: set[str] = set()
    for kind in KINDS:
        of_kind = [probe.id for probe in probes if probe.kind == kind]
        chosen |= set(draw.sample(of_kind, min(limit, len(of_kind))))
    return [probe for probe in probes if probe.id in chosen]


def completed(engine: Engine, probes: Sequence[Probe]) -> list[Probe]:
    """The probes with the base's own greedy answers where they have none; without those that it
    answers with nothing."""
    open_ones = [probe for probe in probes if not probe.completion]
    params = GenerationParams(_OWN_TOKENS, temperature=0.0)
    said = engine.answers(BASE, [p.asked for p in open_ones], params) if open_ones else []
    texts = {p.id: text.strip() for p, (text, _) in zip(open_ones, said, strict=True)}
    whole = [replace(p, completion=texts.get(p.id, p.completion)) for p in probes]
    return [probe for probe in whole if probe.completion]


def in_chunks(probes: Sequence[Probe]) -> list[list[Probe]]:
    """Some at a time, the kinds mixed: each of them is known a little from early on."""
    mixed = sorted(probes, key=lambda probe: int(probe.id.rpartition("-")[2]))
    return [mixed[start : start + _CHUNK] for start in range(0, len(mixed), _CHUNK)]


def adapted(variants: Sequence[str]) -> list[str]:
    """The variants beside the base.

    Raises:
        ConfigError: there is none.
    """
    others = [name for name in variants if name != BASE]
    if not others:
        raise ConfigError("What was forgotten wants a variant beside the base: name one.")
    return others


def losses(engine: Engine, probes: Iterable[Probe], variants: Sequence[str]) -> list[ProbeLosses]:
    """Each probe under the base and the variants, which are rows of one batch.

    A variant with a tokenizer or a template of its own reads other tokens: its loss is of the same
    text, over the base's number of tokens.

    Raises:
        InputError: an unknown variant; a probe is over a variant's window.
        ModelError: a loss is no number.
        UnsupportedError: the engine cannot tell how likely a text is.
    """
    if "token_logprobs" in engine.unsupported:
        raise UnsupportedError(f"{engine.name}: {engine.unsupported['token_logprobs']}")
    names = [BASE, *(name for name in variants if name != BASE)]
    return [_losses(engine, probe, names) for probe in probes]


def _losses(engine: Engine, probe: Probe, names: Sequence[str]) -> ProbeLosses:
    told = engine.token_logprobs(probe.whole, names)
    ends = {
        name: told[name].logprobs[len(engine.render(probe.asked, name)) :].astype(float)
        for name in names
    }
    tokens = len(ends[BASE])
    found = {name: -float(logprobs.sum()) / tokens for name, logprobs in ends.items()}
    if wrong := [name for name, loss in found.items() if not math.isfinite(loss)]:
        raise ModelError(
            f"{wrong[0]} gave a log-likelihood that is no number for the probe {probe.id}: its "
            "weights overflow. Leave it out, or compute in another --dtype."
        )
    return ProbeLosses(
        id=probe.id,
        kind=probe.kind,
        completion=probe.completion,
        tokens=tokens,
        losses=found,
    )


def score_probes(
    engine: Engine, probes: Sequence[Probe], variants: Sequence[str]
) -> Iterator[list[ProbeLosses]]:
    """All probes, some at a time; closing the iterator stops after these.

    Raises:
        InputError, ModelError, UnsupportedError: see `losses`.
    """
    for chunk in in_chunks(probes):
        yield losses(engine, chunk, variants)


def as_scored(scored: Sequence[ProbeLosses]) -> list[Probe]:
    """The fixed probes that these are, in their order, with the answers that were scored."""
    completions = {one.id: one.completion for one in scored}
    return [
        replace(probe, completion=completions[probe.id])
        for probe in fixed_probes()
        if probe.id in completions
    ]


def forgot_header(probes: Sequence[Probe], seed: int) -> dict[str, Any]:
    """What was asked, as results.json begins; `probes` are `completed`."""
    return {"benchmark": "forgot", "data": results.data_of(PROBES, None, probes), "seed": seed}


def forgot_result(
    probes: Sequence[Probe],
    asked: Sequence[Probe],
    scored: Sequence[ProbeLosses],
    variants: Sequence[str],
    *,
    seed: int,
    facts: Mapping[str, Any],
) -> ForgotResult:
    """The whole results.json.

    Args:
        probes: `completed`.
        asked: the same before that.
        scored: some or all of `probes`.
        variants: beside the base.
        seed: of the sample.
        facts: of the run, see `hera.evaluation.provenance.run_facts`.
    """
    there = {probe.id for probe in probes}
    by_id = {one.id: one for one in scored}
    items = [by_id[probe.id] for probe in probes if probe.id in by_id]
    return ForgotResult.of(
        {
            **forgot_header(probes, seed),
            "left_out": [probe.id for probe in asked if probe.id not in there],
            **forgot(items, variants).plain(),
            "items": [item.plain() for item in items],
            **facts,
        }
    )


def forgot(scored: Sequence[ProbeLosses], variants: Sequence[str]) -> Forgot:
    """What the losses say of each variant but the base; a kind without probes is not there."""
    by_kind = {kind: [s for s in scored if s.kind == kind] for kind in KINDS}
    there = {kind: some for kind, some in by_kind.items() if some}
    return Forgot(
        smallest=SMALLEST,
        kinds={kind: KINDS[kind] for kind in there},
        variants={
            name: {
                kind: change([s.losses[BASE] for s in some], [s.losses[name] for s in some])
                for kind, some in there.items()
            }
            for name in variants
            if name != BASE
        },
    )


def change(base: Sequence[float], own: Sequence[float]) -> KindChange:
    """One kind of one variant from its probes' losses, at least one, in the same order."""
    differences = [after - before for before, after in zip(base, own, strict=True)]
    interval = stats.t_interval(differences, of=len(KINDS))
    n = len(differences)
    return KindChange(
        n=n,
        base=sum(base) / n,
        loss=sum(own) / n,
        change=sum(differences) / n,
        interval=interval,
        verdict=_verdict(interval),
    )


def _verdict(interval: tuple[float, float] | None) -> Verdict:
    if interval is not None and interval[0] > SMALLEST:
        return "lost"
    if interval is not None and interval[1] < -SMALLEST:
        return "gained"
    return "cannot be told"


def with_verdict(changes: Mapping[str, KindChange], verdict: Verdict) -> list[str]:
    """The kinds of which that is said."""
    return [kind for kind, its in changes.items() if its.verdict == verdict]


def forgot_summary(found: Forgot) -> str:
    """A line a kind: the base's loss, the change of each variant's, its interval, and the verdict;
    then a line a variant."""
    names = list(found.variants)
    lines = [f"{'':12}{'base':>6}  {''.join(f'{name:42}' for name in names)}".rstrip()]
    for kind in found.kinds:
        cells = [found.variants[name][kind] for name in names]
        told = "".join(f"{cell!s:42}" for cell in cells)
        lines.append(f"{kind:12}{cells[0].base:6.2f}  {told}".rstrip())
    lines += [f"{name}: {_sentence(found.variants[name])}" for name in names]
    lines.append(
        "The base's loss in nats a token, and each variant's minus it: above 0 is forgotten. The "
        "ten intervals of a variant hold at once with 95 % (t, Bonferroni); a change counts beyond "
        f"{found.smallest:g}. A base with a loss near the logarithm of its vocabulary knew nothing."
    )
    return "\n".join(lines)


def _sentence(changes: Mapping[str, KindChange]) -> str:
    parts = [
        f"{verdict} {', '.join(kinds)}"
        for verdict in ("lost", "gained", "cannot be told")
        if (kinds := with_verdict(changes, verdict))
    ]
    return "; ".join(parts)
