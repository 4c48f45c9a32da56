"""PubMedQA: yes, no or maybe from an abstract without its conclusion.

    python -m benchmarks.pubmedqa                                     # embedded model and questions
    python -m benchmarks.pubmedqa --data ori_pqal.json --output runs/real
    python -m benchmarks.pubmedqa --model google/gemma-2-2b-it --adapter stage1=me/hera-stage1 \\
        --data qiaojin/PubMedQA --prompt lm-eval
    accelerate launch -m benchmarks.pubmedqa ...                      # questions shared by all GPUs

Jin et al. 2019, arXiv:1909.06146; reasoning required: contexts, no conclusion. Where the data hold
the official test split, its 500 questions are asked (`--split`). An answer is the likeliest label,
or with `--generate` the first decision in the model's own words. `--output DIR` gets `items.jsonl`
as it is scored, `results.json` and, for PubMedQA's own `evaluation.py`, one `predictions-NAME.json`
a variant. The numbers come from the `evaluate` module in `benchmarks/metrics/pubmedqa`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import metrics
from benchmarks.harness.flags import benchmark_parser, choose, engine_from
from benchmarks.harness.run import BenchmarkRun, check_output, identity
from hera import cli
from hera.data import Question, load_pubmedqa, official_part, official_test
from hera.errors import ConfigError
from hera.evaluation import results
from hera.evaluation.results import PubmedqaResult, pubmedqa_scores
from hera.evaluation.scoring import (
    PROMPTS,
    Scored,
    answer_chunk,
    cut_ids,
    in_chunks,
    score_chunk,
)
from hera.evaluation.summary import cut_lines, pubmedqa_summary
from hera.refs import Ref

SPLITS = ("test", "rest", "all")
_ANSWERED = 4  # free answers kept at a time: each takes seconds


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    questions, split = pick(load_pubmedqa(args.data), args.split, args.data)
    questions = choose(questions, args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    metric = metrics.load()
    header = results.pubmedqa_header(
        args.data, split, questions, prompt=args.prompt, seed=args.seed, free=args.generate
    )
    run = BenchmarkRun(Scored, args.output, {**header, **identity(args, engine)}, args.resume)
    variants = engine.variants
    score = answer_chunk if args.generate else score_chunk
    chunks = in_chunks(questions, _ANSWERED) if args.generate else in_chunks(questions)
    complete = run.collect(chunks, lambda chunk: score(engine, chunk, variants, args.prompt))
    scored = run.items(questions)
    if not scored:
        raise KeyboardInterrupt("nothing was scored yet.")

    def measure(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Any]:
        numbers: dict[str, Any] = metric.compute(predictions=predicted, references=gold)
        return {key: value for key, value in numbers.items() if key != "n"}

    human = not args.data.is_embedded
    scores = pubmedqa_scores(scored, variants, seed=args.seed, human=human, measure=measure)
    if args.output and run.rank == 0:
        write_predictions(args.output, scored, variants)
    n = f"n = {len(scored)}" if complete else f"{len(scored)} of {len(questions)}"
    title = f"PubMedQA, {args.data}, {split}, {n}, prompt {args.prompt}, {header['scoring']}"
    cut = cut_ids(scored)
    facts = run.facts(engine, partial=not complete) | ({"cut": cut} if cut else {})
    summary = "\n".join([pubmedqa_summary(scores, title), *cut_lines(cut)])
    run.finish(PubmedqaResult.of({**header, **scores.plain(), **facts}), summary)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser("Score variants on PubMedQA.", "questions: see README")
    asked_flags(parser)
    parser.add_argument(
        "--generate", action="store_true", help="let the model answer freely, and read its answer"
    )
    return parser


def asked_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of what is asked, and how."""
    parser.add_argument("--prompt", choices=PROMPTS, default="hera", help="which prompt to score")
    split_flag(parser)


def split_flag(parser: argparse.ArgumentParser) -> None:
    """Add `--split`: which part of the data."""
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="test",
        help="of data that hold the official test split: it (default), the rest, or all",
    )


def pick(questions: list[Question], split: str, ref: str | Ref) -> tuple[list[Question], str]:
    """The questions of a split, and what a result calls it; data without the official test split
    are taken whole, with a note on stderr where they hold some of it.

    Raises:
        ConfigError: --split rest of data that have no official split.
    """
    official = official_test()
    held = len(official_part(questions))
    if held < len(official):
        if split == "rest":
            raise ConfigError(
                f"--split rest: {ref} does not hold the official test split "
                f"({held} of its {len(official)} questions)."
            )
        if held:
            print(
                f"note: {ref} holds {held} of the {len(official)} questions of PubMedQA's official "
                f"test split, which is incomplete: all {len(questions)} questions are asked.",
                file=sys.stderr,
            )
        return questions, results.WHOLE
    if split == "all":
        return questions, results.WHOLE
    inside = split == "test"
    chosen = [q for q in questions if (q.id in official) == inside]
    return chosen, results.OFFICIAL if inside else "outside the official test split"


def write_predictions(folder: Path, scored: Sequence[Scored], variants: Sequence[str]) -> None:
    """What PubMedQA's own `evaluation.py` reads, a file a variant."""
    for name in variants:
        content = json.dumps({s.id: s.pred[name] for s in scored}, indent=1)
        (folder / f"predictions-{name}.json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(cli.run(main))
