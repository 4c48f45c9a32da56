"""Does "where do they differ?" find questions, and edits, on which two variants differ?

    python -m benchmarks.separating
    python -m benchmarks.separating --model smollm2 --limit 60 --edited 0

Questions are ranked by how far base and last variant are apart on the labels under the prompt
`hera` (`hera.explain.separating`). To report that same number of those at the top would be a
circle, so it is measured elsewhere: under lm-evaluation-harness's prompt (divergence, and whether
the likeliest labels differ), and in what the two write freely (whether it decides otherwise). The
first ten are held against a sample drawn before anything was ranked. Of one-word edits of an
abstract the one ranked first is held against the mean of all, under the other prompt likewise.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.harness.flags import add_answer_flag, choose, engine_from, greedy
from benchmarks.harness.run import header
from benchmarks.pubmedqa import pick
from benchmarks.separating.result import Lift, Looked, SeparatingResult, Words, summary
from hera import cli
from hera.cli import output
from hera.cli.flags import add_model_flags, add_ref_flag, add_server_flag
from hera.data import Question, fingerprint, load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation import results, stats
from hera.evaluation.provenance import run_facts
from hera.evaluation.scoring import Scored, answer_chunk, in_chunks, score_chunk
from hera.explain.sentences import sentences
from hera.explain.separating import by_edits, edits, ranked, tried
from hera.prompts import abstract_of
from hera.refs import EMBEDDED
from hera.types import BASE, Engine

OTHER = "lm-eval"


@dataclass(frozen=True)
class Pair:
    """Who is compared, on what."""

    engine: Engine
    names: tuple[str, str]
    questions: Sequence[Question]

    def scored(self, questions: Sequence[Question], prompt: str) -> list[Scored]:
        """Labels of some questions under a prompt."""
        return [
            one
            for chunk in in_chunks(questions)
            for one in score_chunk(self.engine, chunk, self.names, prompt)
        ]

    def differ(self, scored: Scored) -> bool:
        """Whether the two answer otherwise."""
        a, b = self.names
        return scored.pred[a] != scored.pred[b]


def main(argv: Sequence[str] | None = None) -> None:
    """The command.

    Raises:
        ConfigError: there is no variant beside the base, or flags ask for more than there is.
    """
    args = flags().parse_args(argv)
    greedy(args.max_new_tokens)  # refuses a number that cannot be asked for
    questions, split = pick(load_pubmedqa(args.data), "test", args.data)
    questions = choose(questions, args.limit, args.seed)
    if not 1 <= args.top < len(questions) or not 1 <= args.random <= len(questions):
        raise ConfigError(f"--top, --random: there are {len(questions)} questions.")
    if args.edited < 0:
        raise ConfigError(f"--edited {args.edited}: give at least 0.")
    if args.output:
        output.check_empty(args.output)
    engine = engine_from(args)
    if engine.variants[-1] == BASE:
        raise ConfigError(f"{engine.name}: it has no variant beside the base. Give --adapter.")
    began = time.monotonic()
    pair = Pair(engine, (BASE, engine.variants[-1]), questions)
    top, drawn = looked(pair, args)
    words = edited_words(pair, args)
    result = SeparatingResult.of(
        {
            **header(
                "separating",
                args,
                split=split,
                n=len(questions),
                sha256=fingerprint(questions),
                max_new_tokens=args.max_new_tokens,
            ),
            "pair": list(pair.names),
            "top": [one.plain() for one in top],
            "random": [one.plain() for one in drawn],
            "edited": [one.plain() for one in words],
            "lifts": [lift.plain() for lift in lifts(top, drawn, words, args.seed)],
            **run_facts(engine, began, partial=False),
        }
    )
    if args.output:
        output.begin(args.output, results.FILE, result.plain())
    print(summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.separating",
        description="Does ranking find what separates the base and the last variant?",
    )
    add_model_flags(parser)
    add_server_flag(parser)
    add_ref_flag(parser, "--data", "PubMedQA questions, in any shape", default=EMBEDDED)
    parser.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N questions")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of all samples")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    add_answer_flag(parser, 32)
    parser.add_argument("--top", type=int, default=10, metavar="K", help="how many are chosen (10)")
    parser.add_argument(
        "--random", type=int, default=30, metavar="N", help="how many are drawn at random (30)"
    )
    parser.add_argument(
        "--edited", type=int, default=12, metavar="N", help="abstracts whose words are edited (12)"
    )
    return parser


def looked(pair: Pair, args: argparse.Namespace) -> tuple[list[Looked], list[Looked]]:
    """The questions ranked first, and those drawn before anything was ranked."""
    drawn = random.Random(args.seed).sample([q.id for q in pair.questions], args.random)
    order = ranked(pair.scored(pair.questions, "hera"), pair.names)
    first = {scored.id: nats for scored, nats in order}
    top = [scored.id for scored, _ in order[: args.top]]
    both = [q for q in pair.questions if q.id in {*top, *drawn}]
    again = {s.id: (s, nats) for s, nats in ranked(pair.scored(both, OTHER), pair.names)}
    free = {
        s.id: pair.differ(s)
        for s in answer_chunk(pair.engine, both, pair.names, longest=args.max_new_tokens)
    }

    def told(name: str) -> Looked:
        scored, nats = again[name]
        return Looked(
            id=name,
            first=first[name],
            divergence=nats,
            differ=pair.differ(scored),
            free=free[name],
        )

    return [told(name) for name in top], [told(name) for name in drawn]


def edited_words(pair: Pair, args: argparse.Namespace) -> list[Words]:
    """One-word edits of some abstracts: those drawn that have at least five."""
    found: list[Words] = []
    for question in random.Random(args.seed + 1).sample(pair.questions, len(pair.questions)):
        parts = sentences(abstract_of(question))
        some = edits(parts)
        if len(found) == args.edited:
            break
        if len(some) < 5:
            continue
        asked = (pair.engine, parts, question.question, pair.names, some)
        best, _ = next(by_edits(some, tried(*asked)))
        again = tried(*asked, prompt=OTHER)[1:]
        apart = [len(set(one.answers)) > 1 for one in again]
        place = some.index(best)
        found.append(
            Words(
                id=question.id,
                edits=len(some),
                best=f"{best.word} -> {best.instead}",
                divergence=again[place].divergence,
                random_divergence=float(np.mean([one.divergence for one in again])),
                differ=apart[place],
                random_differ=float(np.mean(apart)),
            )
        )
    return found


def lifts(
    top: Sequence[Looked], drawn: Sequence[Looked], words: Sequence[Words], seed: int
) -> list[Lift]:
    """By how much what was chosen is ahead of what is random."""
    told = [
        _lift(
            name,
            [float(getattr(one, key)) for one in top],
            [float(getattr(one, key)) for one in drawn],
            seed,
        )
        for name, key in (
            (f"questions, divergence under {OTHER}, nats", "divergence"),
            (f"questions, answers that differ under {OTHER}", "differ"),
            ("questions, free answers that decide otherwise", "free"),
        )
    ]
    for name, key in (
        (f"one-word edits, divergence under {OTHER}, nats", "divergence"),
        (f"one-word edits, answers that differ under {OTHER}", "differ"),
    ):
        if words:
            best = np.array([float(getattr(one, key)) for one in words])
            others = np.array([getattr(one, f"random_{key}") for one in words])
            ends = stats.bootstrap_ci95(best - others, seed)
            told.append(_of(name, best, others, ends))
    return told


def _lift(name: str, top: Sequence[float], drawn: Sequence[float], seed: int) -> Lift:
    a, b = np.array(top), np.array(drawn)
    return _of(name, a, b, stats.means_apart_ci95(a, b, seed))


def _of(name: str, a: np.ndarray, b: np.ndarray, ends: tuple[float, float] | None) -> Lift:
    return Lift(measure=name, chosen=float(a.mean()), random=float(b.mean()), difference_ci95=ends)


if __name__ == "__main__":
    sys.exit(cli.run(main))
