"""Stage 2: speak with patients. Goes on training stage 1's adapter on HealthCareMagic dialogues
(Li et al. 2023, arXiv:2303.14070).

    python -m train.stage2 --adapter outputs/stage1           # the embedded base and data, on CPU
    python -m train.stage2 --adapter out/stage1 --model google/gemma-2-2b-it \\
        --data wangrongsheng/HealthCareMagic-100k-en --output out/stage2

`--fresh` trains a new adapter on stage 1 merged into the base, the original's way; what is written
is both in one. `--mix REF` trains on PubMedQA and dialogues at once, from the base, and
`--from-base` on dialogues alone. In every case stage 1's task is scored before and after, so that
forgetting is a number.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Sequence
from typing import Any

from hera import output, stats
from hera.cli import run
from hera.data import Dialogue, Question, fingerprint, load_dialogues, load_pubmedqa
from hera.errors import ConfigError
from hera.refs import EMBEDDED
from train import folder, rows, stage1
from train import recipe as recipes
from train.recipe import Recipe, Run
from train.rows import Example
from train.run import Source, Start, is_main, publish, say, train

RECIPE = Recipe(learning_rate=1e-4)
NO_REPORT = "none"
_SCORED = 200  # questions behind the forgetting report: its interval is about 7 points either way


def source(data: str, samples: int, seed: int) -> Source:
    """A seeded sample of dialogues as examples.

    Raises:
        DataError: more than 1 % of all rows cannot be used, or fewer than ten can.
    """
    unusable: list[str] = []
    dialogues = load_dialogues(data, split="train", unusable=unusable)
    rows.check_unusable(unusable, len(dialogues) + len(unusable))
    chosen = rows.take(dialogues, samples, seed)
    return Source(examples_from(chosen), fingerprint(chosen), unusable)


def examples_from(dialogues: Sequence[Dialogue]) -> list[Example]:
    """The patient's messages as the user's turns, the doctor's last reply as the completion."""
    return [Example(d.patient, d.asked, d.doctor) for d in dialogues]


def mixed(mix: str, pubmedqa: Source, dialogues: Source, seed: int) -> Source:
    """Both sources' examples in one seeded order; `mix` is the first one's REF."""
    examples = [*pubmedqa.examples, *dialogues.examples]
    random.Random(seed).shuffle(examples)
    both = hashlib.sha256((pubmedqa.sha256 + dialogues.sha256).encode()).hexdigest()
    return Source(examples, both, [*pubmedqa.unusable, *dialogues.unusable], mix)


def train_stage2(
    run: Run, start: Start, mix: str | None = None, questions: str | None = EMBEDDED
) -> dict[str, Any] | None:
    """Train stage 2 and write the adapter; see `train.run.train`.

    Args:
        run: as asked for; with `mix` its samples are taken from each of the two data sets.
        start: what training goes on from.
        mix: PubMedQA's REF, to be trained on at once.
        questions: REF of the PubMedQA questions of the forgetting report; None for no report.

    Raises:
        ConfigError: a fresh adapter on a quantized base, which a merge would round once more.
    """
    samples, seed = run.recipe.samples, run.recipe.seed
    if start.fresh and run.bits < 16:
        raise ConfigError("--fresh merges stage 1 into the base, which wants --bits 16.")
    asked = load_pubmedqa(questions) if questions else []
    taken = source(run.data, samples, seed)
    if mix is not None:
        taken = mixed(mix, stage1.source(mix, samples, seed), taken, seed)
    record = train(run, start, taken)
    if record is None or questions is None or "pubmedqa" in record:
        return record
    if is_main():
        record["pubmedqa"] = {"data": questions, **forgetting(run, start, asked)}
        output.write(run.output / folder.RECORD, record)
    return record


def forgetting(run: Run, start: Start, questions: Sequence[Question]) -> dict[str, Any]:
    """PubMedQA accuracy before and after this stage, on the same sample of questions; a quantized
    base is scored in 4 bits.

    Returns:
        {"n", "before", "after": {"accuracy", "accuracy_ci95"}, "only_before_right",
        "only_after_right", "p"}; "before" is the adapter begun from, or the base.
    """
    from hera.engine import BASE, load_engine
    from hera.scoring import compare, score_questions

    adapters = {"after": str(run.output)}
    if start.adapter is not None:
        adapters["before"] = start.adapter
    engine = load_engine(run.model, adapters, four_bit=run.bits < 16)
    before = "before" if start.adapter is not None else BASE
    count = min(_SCORED, len(questions))
    sample = random.Random(run.recipe.seed).sample(list(questions), count)
    scored = [s for batch in score_questions(engine, sample, [before, "after"]) for s in batch]
    pair = compare(scored, before, "after")
    gold = [s.gold for s in scored]
    told = {
        shown: {key: measured[key] for key in ("accuracy", "accuracy_ci95")}
        for shown, measured in (
            ("before", stats.measure(gold, [s.pred[before] for s in scored])),
            ("after", stats.measure(gold, [s.pred["after"] for s in scored])),
        )
    }
    say(
        f"PubMedQA before {told['before']['accuracy']:.3f}, after {told['after']['accuracy']:.3f} "
        f"(n = {len(scored)}; only before right {pair.only_a}, only after right {pair.only_b}, "
        f"exact McNemar p = {pair.p:.3g})"
    )
    return {
        "n": len(scored),
        **told,
        "only_before_right": pair.only_a,
        "only_after_right": pair.only_b,
        "p": pair.p,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if sum((args.adapter is not None, args.mix is not None, args.from_base)) != 1:
        raise ConfigError(
            "Give --adapter REF (stage 1's, to go on from), --mix REF (PubMedQA, to train on at "
            "once) or --from-base (dialogues alone), and one of them only."
        )
    if args.fresh and args.adapter is None:
        raise ConfigError("--fresh merges an adapter into the base first: give --adapter REF.")
    asked = recipes.run_from("stage2", args, RECIPE)
    start = Start(args.adapter, args.fresh)
    questions = None if args.questions == NO_REPORT else args.questions
    if train_stage2(asked, start, args.mix, questions) is not None:
        publish(asked)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = recipes.parser(
        "Train stage 2: go on with stage 1's adapter.", RECIPE, "outputs/stage2"
    )
    parser.add_argument("--adapter", metavar="REF", help="stage 1's adapter: a folder or Hub id")
    parser.add_argument(
        "--fresh", action="store_true", help="a new adapter on stage 1 merged into the base"
    )
    parser.add_argument(
        "--mix", metavar="REF", help="train on this PubMedQA at once instead, from the base"
    )
    parser.add_argument(
        "--from-base", action="store_true", help="a new adapter on the base, without stage 1"
    )
    parser.add_argument(
        "--questions",
        default=EMBEDDED,
        metavar="REF",
        help=f"PubMedQA questions for the report on forgetting ('embedded'), or '{NO_REPORT}'",
    )
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
