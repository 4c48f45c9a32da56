"""How much of fine-tuning's effect has any change of its size: the random control.

    python -m benchmarks.explain control
    python -m benchmarks.explain control --model smollm2 --questions 10 --output runs/control

Every variant answers held-out patients greedily. The effect on an answer is by how much likelier
its tokens are under the variant than under the base, in nats a token; the control's is the same of
the same tokens under random adapters that have the variant's norm in every layer (`stage2~1` to
`~3`), their mean. The share that the control explains is the one's mean over the other's. Intervals
are 95 % percentile bootstraps (Efron 1979) over the questions; the three random adapters stay as
they are. An answer is what its variant finds likeliest: the effect is measured where it is large.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.explain.control_result import ControlResult, Effect, Effects, summary
from benchmarks.harness.flags import add_answer_flag, choose, engine_from, greedy
from benchmarks.harness.run import header
from hera.cli import output
from hera.cli.flags import add_model_flags, add_ref_flag
from hera.data import Dialogue, fingerprint, load_dialogues
from hera.errors import ConfigError, DataError
from hera.evaluation import results, stats
from hera.evaluation.provenance import run_facts
from hera.explain.layers import CONTROLS
from hera.types import BASE, Engine, GenerationParams, Message

LONGEST = 96


def main(argv: Sequence[str]) -> None:
    """The `control` part of the command.

    Raises:
        ConfigError: flags that leave nothing to measure.
        InputError: a variant that is more than LoRA, and so has no control.
    """
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    if args.output:
        output.check_empty(args.output)
    print(f"loading {args.model or 'embedded'} ...", flush=True)
    engine = engine_from(args)
    tuned = [name for name in engine.variants if name != BASE]
    if not tuned:
        raise ConfigError(f"{engine.name}: it has no variant beside the base. Give --adapter.")
    for name in tuned:
        engine.changes(name)  # raises of what has no control, before anything is answered
    began = time.monotonic()
    asked = chosen(engine, args)
    print(f"{len(asked)} questions, answered by {', '.join(tuned)}", flush=True)
    effects = measured(engine, tuned, asked, params)
    result = ControlResult.of(
        {
            **header(
                "explain control",
                args,
                split="test",
                n=len(asked),
                sha256=fingerprint(asked),
                max_new_tokens=args.max_new_tokens,
            ),
            "variants": {name: effect_of(items, args.seed) for name, items in effects.items()},
            **run_facts(engine, began, partial=False),
        }
    )
    if args.output:
        output.begin(args.output, results.FILE, result.plain())
    print(summary(result))
    if args.output:
        print(f"results written to {args.output}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.explain control",
        description="What share of a variant's effect have random adapters of the same norm?",
    )
    add_model_flags(parser)
    add_ref_flag(parser, "--data", "patient-doctor dialogues ('embedded')", default="embedded")
    for flag, default, meaning in (
        ("--questions", 20, "a seeded sample of N held-out ones"),
        ("--seed", 42, "of the sample and the bootstrap"),
    ):
        parser.add_argument(
            flag, type=int, default=default, metavar="N", help=f"{meaning} ({default})"
        )
    add_answer_flag(parser, LONGEST)
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    return parser


def chosen(engine: Engine, args: argparse.Namespace) -> list[Dialogue]:
    """A seeded sample of the held-out dialogues that fit into every window.

    Raises:
        DataError: none does.
    """
    rows = load_dialogues(args.data, split="test")
    fit = [d for d in rows if engine.excess(d.asked(), args.max_new_tokens) <= 0]
    if not fit:
        raise DataError(f"--data {args.data}: no dialogue fits into the model's window.")
    return choose(fit, args.questions, args.seed)


def measured(
    engine: Engine, tuned: Sequence[str], asked: Sequence[Dialogue], params: GenerationParams
) -> dict[str, list[Effect]]:
    """Variant -> its effect on its answer to every question, with a progress bar on a terminal."""
    from tqdm import tqdm

    found: dict[str, list[Effect]] = {name: [] for name in tuned}
    with tqdm(asked, unit="question", disable=not sys.stderr.isatty()) as bar:
        for place, dialogue in enumerate(bar):
            turns = dialogue.asked()
            texts = engine.answer(dict.fromkeys(tuned, turns), params).texts
            for name in tuned:
                if texts[name]:
                    found[name].append(effect(engine, name, turns, texts[name], str(place)))
    return found


def effect(engine: Engine, variant: str, turns: list[Message], text: str, name: str) -> Effect:
    """By how much likelier an answer's tokens are than under the base."""
    whole = [*turns, Message(role="assistant", content=text)]
    controls = [f"{variant}~{number}" for number in CONTROLS]
    told = engine.token_logprobs(whole, [BASE, variant, *controls])
    start = len(engine.render(turns, variant))
    base = told[BASE].logprobs[start:]
    gains = {n: float(np.mean(told[n].logprobs[start:] - base)) for n in (variant, *controls)}
    return Effect(
        id=name,
        text=text,
        tokens=len(base),
        gain=gains[variant],
        controls={n: gains[n] for n in controls},
    )


def effect_of(items: Sequence[Effect], seed: int) -> Mapping[str, Any]:
    """An `Effects` of all questions, in plain values."""
    gains = np.array([item.gain for item in items])
    controls = np.array([np.mean(list(item.controls.values())) for item in items])
    gain = stats.mean(list(gains), seed)
    told = stats.leaves_out_zero(gain["ci95"])
    share = float(controls.mean() / gains.mean()) if len(items) and gains.mean() > 0 else None
    content = {
        "n": len(items),
        "tokens": sum(item.tokens for item in items),
        "gain": gain["mean"],
        "gain_ci95": gain["ci95"],
        "control": stats.mean(list(controls), seed)["mean"],
        "control_ci95": stats.mean(list(controls), seed)["ci95"],
        "each_control": {
            n: float(np.mean([item.controls[n] for item in items])) for n in items[0].controls
        }
        if items
        else {},
        "share": share,
        "share_ci95": ratio_ci95(controls, gains, seed) if told and share is not None else None,
        "items": [item.plain() for item in items],
    }
    return Effects.of(content).plain()


def ratio_ci95(over: np.ndarray, under: np.ndarray, seed: int) -> tuple[float, float] | None:
    """95 % percentile bootstrap interval of the ratio of two means, items resampled with both
    values together (10,000 resamples); None of fewer than `stats.ENOUGH`."""
    from scipy.stats import bootstrap

    if len(over) < stats.ENOUGH:
        return None
    interval = bootstrap(
        (over, under),
        lambda a, b, axis: a.mean(axis=axis) / b.mean(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=10_000,
        method="percentile",
        rng=seed,
    ).confidence_interval
    return float(interval.low), float(interval.high)
