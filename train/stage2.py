"""Stage 2: speak with patients. Goes on training stage 1's adapter on HealthCareMagic dialogues
(Li et al. 2023, arXiv:2303.14070).

    python -m train.stage2 --adapter outputs/stage1           # the embedded base and data, on CPU
    python -m train.stage2 --adapter out/stage1 --model google/gemma-2-2b-it \\
        --data wangrongsheng/HealthCareMagic-100k-en --output out/stage2

`--fresh` trains a new adapter on stage 1 merged into the base, the original's way; what is written
is both in one. `--mix REF` trains on PubMedQA and dialogues at once, from the base or, so that
stage 1 is rehearsed, from `--adapter`; `--from-base` on dialogues alone. In every case stage 1's
task is scored before and after, so that forgetting is a number.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Sequence

from hera import cli
from hera.cli.flags import add_ref_flag
from hera.data import Dialogue, fingerprint, load_dialogues, load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation import records, training_record
from hera.evaluation.training_record import Training
from hera.refs import EMBEDDED, Ref
from train import flags, rows, stage1
from train.forgetting import forgetting
from train.processes import is_main
from train.publishing import publish
from train.recipe import Recipe, TrainingRun
from train.rows import Example, TrainingData
from train.run import announce, train
from train.starting import Start

RECIPE = Recipe(learning_rate=1e-4)
NO_REPORT = "none"


def training_data(data: Ref, samples: int, seed: int) -> TrainingData:
    """A seeded sample of dialogues as examples.

    Raises:
        DataError: more than 1 % of all rows cannot be used, or fewer than ten can.
    """
    unusable: list[str] = []
    dialogues = load_dialogues(data, split="train", unusable=unusable)
    rows.check_unusable(unusable, len(dialogues) + len(unusable))
    chosen = rows.take(dialogues, samples, seed)
    return TrainingData(examples_from(chosen), fingerprint(chosen), unusable)


def examples_from(dialogues: Sequence[Dialogue]) -> list[Example]:
    """The patient's messages as the user's turns, the doctor's last reply as the completion."""
    return [Example(d.patient, d.asked, d.doctor) for d in dialogues]


def mixed(mix: Ref, pubmedqa: TrainingData, dialogues: TrainingData, seed: int) -> TrainingData:
    """The examples of both in one seeded order; `mix` is PubMedQA's REF."""
    examples = [*pubmedqa.examples, *dialogues.examples]
    random.Random(seed).shuffle(examples)
    both = hashlib.sha256((pubmedqa.sha256 + dialogues.sha256).encode()).hexdigest()
    unusable = [*pubmedqa.unusable, *dialogues.unusable]
    return TrainingData(examples, both, unusable, mix, pubmedqa.official)


def train_stage2(
    run: TrainingRun, start: Start, *, mix: Ref | None = None, questions: Ref | None
) -> Training | None:
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
    announce(run, start)
    scored = load_pubmedqa(questions) if questions else []
    data = training_data(run.data, samples, seed)
    if mix is not None:
        data = mixed(mix, stage1.training_data(mix, samples, seed), data, seed)
    record = train(run, start, data)
    if record is None or questions is None or record.pubmedqa is not None:
        return record
    if is_main():
        report, forgot = forgetting(run, start, questions, scored)
        record = record.model_copy(update={"pubmedqa": report, "forgot": forgot})
        records.write(run.output / training_record.FILE, record)
    return record


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = parser().parse_args(argv)
    if args.from_base == (args.adapter is not None or args.mix is not None):
        raise ConfigError(
            "Give --adapter REF (stage 1's, to go on from), --mix REF (PubMedQA, to train on at "
            "once) or both, or --from-base (dialogues alone)."
        )
    if args.fresh and args.adapter is None:
        raise ConfigError("--fresh merges an adapter into the base first: give --adapter REF.")
    run = flags.run_from("stage2", args, RECIPE)
    start = Start(args.adapter, args.fresh)
    questions = None if args.questions.text == NO_REPORT else args.questions
    if train_stage2(run, start, mix=args.mix, questions=questions) is not None:
        publish(run)


def parser() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = flags.parser("Train stage 2: go on with stage 1's adapter.", RECIPE, "outputs/stage2")
    add_ref_flag(parser, "--adapter", "stage 1's adapter: a folder or Hub id")
    parser.add_argument(
        "--fresh", action="store_true", help="a new adapter on stage 1 merged into the base"
    )
    add_ref_flag(parser, "--mix", "train on this PubMedQA at once, from the base or from --adapter")
    parser.add_argument(
        "--from-base", action="store_true", help="a new adapter on the base, without stage 1"
    )
    questions = f"PubMedQA questions for the report on forgetting ('embedded'), or '{NO_REPORT}'"
    add_ref_flag(parser, "--questions", questions, default=EMBEDDED)
    return parser


if __name__ == "__main__":
    sys.exit(cli.run(main))
