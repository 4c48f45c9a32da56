"""Where a variant leaves the base, how strongly, and whether one layer did it.

    python -m benchmarks.explain parting
    python -m benchmarks.explain parting --model smollm2 --questions 10 --max-new-tokens 48

The last variant and the base answer held-out patients greedily. At the first token at which they
part, the gain is by how many nats the variant makes its token likelier than the base does. Every
layer is switched off by itself there: the largest share of the gain that any takes with it says
whether one place holds what was learnt. The same for random adapters of the same norm.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.explain.control import chosen
from benchmarks.explain.control import flags as control_flags
from benchmarks.explain.parting_result import Parted, PartingResult, summary
from benchmarks.harness.flags import engine_from, greedy
from benchmarks.harness.run import header
from hera.cli import output
from hera.data import Dialogue, fingerprint
from hera.errors import ConfigError
from hera.evaluation import results
from hera.evaluation.provenance import run_facts
from hera.explain.comparison import Column, Comparison
from hera.explain.layers import layer_map
from hera.explain.tokens import parting, scored
from hera.types import BASE, Engine, GenerationParams


def main(argv: Sequence[str]) -> None:
    """The `parting` part of the command.

    Raises:
        ConfigError: there is no variant beside the base.
        InputError: the last variant is more than LoRA.
    """
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    if args.output:
        output.check_empty(args.output)
    print(f"loading {args.model or 'embedded'} ...", flush=True)
    engine = engine_from(args)
    variant = engine.variants[-1]
    if variant == BASE:
        raise ConfigError(f"{engine.name}: it has no variant beside the base. Give --adapter.")
    engine.changes(variant)  # raises of what has no layers to switch off
    began = time.monotonic()
    asked = chosen(engine, args)
    print(f"{len(asked)} questions, answered by {BASE} and {variant}", flush=True)
    found = [item.plain() for item in parted(engine, variant, asked, params)]
    result = PartingResult.of(
        {
            **header(
                "explain parting",
                args,
                split="test",
                n=len(asked),
                sha256=fingerprint(asked),
                max_new_tokens=args.max_new_tokens,
            ),
            "variant": variant,
            "items": found,
            **run_facts(engine, began, partial=False),
        }
    )
    if args.output:
        output.begin(args.output, results.FILE, result.plain())
    print(summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags: those of `control`."""
    parser = control_flags()
    parser.prog = "python -m benchmarks.explain parting"
    parser.description = "Where does the last variant leave the base, and did one layer do it?"
    return parser


def parted(
    engine: Engine, variant: str, asked: Sequence[Dialogue], params: GenerationParams
) -> Iterator[Parted]:
    """Of every question where the two part at a token of the variant's, with a progress bar on a
    terminal."""
    from tqdm import tqdm

    for place, dialogue in enumerate(tqdm(asked, disable=not sys.stderr.isatty())):
        base, column = answered(engine, variant, dialogue, params)
        left = parting(column, base)
        if left is None or not left.token:
            continue
        found = next(layer_map(engine, column, left.place))
        gains = [score.gain for score in column.scores or ()]
        yield Parted(
            id=str(place),
            message=dialogue.asked()[-1]["content"],
            place=left.place,
            token=left.token,
            base_token=left.base_token,
            gain=found.logprob - found.base,
            controls=float(np.mean(found.controls)) - found.base,
            layers={str(layer): worth for layer, worth in found.layers.items()},
            projections=found.projections,
            first_share=sum(gains[:3]) / sum(gains) if sum(gains) > 0 else None,
        )


def answered(
    engine: Engine, variant: str, dialogue: Dialogue, params: GenerationParams
) -> tuple[Column, Column]:
    """The base's answer and the variant's, scored."""
    asked = dict.fromkeys([BASE, variant], dialogue.asked())
    said = engine.answer(asked, params)
    compared = Comparison.begun(engine.name, asked, params).at(said, Counter())
    base, column = (scored(engine, column) for column in compared.columns)
    return base, column
