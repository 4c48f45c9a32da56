"""Does it read the abstract, or answer by habit? PubMedQA's questions with the abstract changed.

    python -m benchmarks.reads --limit 200                            # embedded model and questions
    python -m benchmarks.reads --model smollm2 --data ori_pqal.json --limit 60 --output runs/reads

Every question is asked as it is, without its abstract, with another's, with its finding turned into
the opposite, and with a sentence beside it turned (`hera/evaluation/altered.py`). The keyword rule
and a bag of words are asked the same. `--output DIR` gets `items.jsonl` as it is scored, and
`results.json` with every answer and every turned sentence.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.harness.flags import benchmark_parser, choose, engine_from
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from benchmarks.pubmedqa import asked_flags, pick
from hera import cli
from hera.data import load_pubmedqa
from hera.evaluation.altered import altered
from hera.evaluation.reading import (
    Answerer,
    Average,
    Reads,
    ReadsResult,
    Share,
    asked,
    reads,
    reads_header,
)
from hera.evaluation.scoring import Scored, in_chunks, score_chunk
from hera.evaluation.shortcuts import non_readers


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    questions, split = pick(load_pubmedqa(args.data), args.split, args.data)
    questions = choose(questions, args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    made = altered(questions, args.seed)
    every, variants = asked(made), engine.variants
    header = reads_header(args.data, split, questions, every, prompt=args.prompt, seed=args.seed)
    run = BenchmarkRun(Scored, args.output, {**header, **identity(args, engine)}, args.resume)
    complete = run.collect(
        in_chunks(every), lambda chunk: score_chunk(engine, chunk, variants, args.prompt)
    )
    found = reads(made, run.items(every), variants, seed=args.seed, guesses=non_readers())
    if found is None:
        raise KeyboardInterrupt("no question was scored in all its forms yet.")
    facts = run.facts(engine, partial=not complete)
    title = f"does it read? {args.data}, {split}, n = {found.n}, prompt {args.prompt}"
    content = {**header, **found.plain(), **facts}
    run.finish(ReadsResult.of(content), f"{title}\n{summary(found)}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser("Do variants read the abstract?", "questions, as benchmarks.pubmedqa")
    asked_flags(parser)
    return parser


def summary(found: Reads) -> str:
    """A block a variant and a non-reader, a line a pair, and what of each gain survives."""
    lines = [
        f"the finding could be turned in {found.negated} questions, by no rule in the other "
        f"{found.left_out}"
    ]
    for name, one in (found.variants | found.non_readers).items():
        lines += [name, *(f"  {line}" for line in _answerer(one))]
    lines += [f"turned, {pair.line('turned')}" for pair in found.paired]
    for name, gain in found.gains.items():
        lines.append(f"{name}: gain over base {_average(gain.gain)}")
        for form, left in gain.survives.items():
            verdict = "" if left.sign else ": cannot be told"
            without = _average(gain.without[form])
            lines.append(f"  abstract {form}: {without}; survives {_average(left)}{verdict}")
    return "\n".join(lines)


def _answerer(one: Answerer) -> list[str]:
    accuracy = ", ".join(f"{form} {_share(share)}" for form, share in one.accuracy.items())
    maybe = ", ".join(f"{form} {_share(share)}" for form, share in one.maybe.items())
    lines = [
        f"accuracy: {accuracy}",
        f'"maybe": {maybe}',
        f"turned by the finding: {_share(one.turned)}; by a sentence beside it: "
        f"{_share(one.beside)}",
    ]
    for other, test in one.against.items():
        lines.append(
            f"turned by the finding against {other}: only the first {test.only_turned}, only the "
            f"second {test.only_other}, exact McNemar p = {test.p:.3g}"
        )
    if one.p_holm is not None:
        verdict = "it reads" if one.reads else "not seen to read"
        lines.append(f"{verdict}, Holm p = {one.p_holm:.3g}")
    if one.habitless:
        told = ", ".join(f"{how} {_share(share)}" for how, share in one.habitless.items())
        lines.append(f"accuracy without habit: {told}")
    return lines


def _share(share: Share) -> str:
    if share.share is None:
        return "none"
    low, high = share.ci95
    return f"{share.share:.3f} ({low:.3f} to {high:.3f}, n = {share.n})"


def _average(one: Average) -> str:
    if one.mean is None or one.ci95 is None:
        return "too few"
    return f"{one.mean:+.3f} ({one.ci95[0]:+.3f} to {one.ci95[1]:+.3f})"


if __name__ == "__main__":
    sys.exit(cli.run(main))
