"""The four claims about sequential fine-tuning, put to the test, by default on the embedded model.

    python -m benchmarks.claims --output runs/claims              # about an hour on 2 CPU cores
    python -m benchmarks.claims --output runs/claims --resume     # goes on where it was stopped
    python -m benchmarks.claims --model smollm2 --output runs/claims-smollm2      # wants a GPU
    python -m benchmarks.claims --model REF --pubmedqa REF --dialogues REF ...

Six arms: the base, stage 1 alone, stage 2 alone, 1→2 (HERA), 2→1, and both data sets mixed in one
stage of as many steps as the two. Every arm is trained anew with every seed by the commands that
users run, and scored on the same held-out questions and dialogues: PubMedQA, the loss on the
doctor's reply (nats a token), and ROUGE-L of a greedy answer. See `verdicts.py` for what each
claim is taken to say.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import metrics
from benchmarks.claims import verdicts
from benchmarks.claims.verdicts import ArmScores, ClaimsResult, SeedScores
from benchmarks.harness.child import run_child
from hera import cli
from hera.cli import output
from hera.cli.flags import add_ref_flag
from hera.data import Dialogue, Question, fingerprint, load_dialogues, load_pubmedqa, official_test
from hera.engine import load_engine
from hera.errors import ConfigError, DataError
from hera.evaluation import records, results, stats
from hera.evaluation.fitting import fitted_dialogue
from hera.evaluation.provenance import run_facts
from hera.evaluation.scoring import Scored, check_finite, cut_ids, score_questions
from hera.evaluation.summary import cut_lines
from hera.refs import EMBEDDED, Ref
from hera.rendering import encode_plain
from hera.types import BASE, Engine, GenerationParams

FIRST_SEED = 42
LONGEST = 160  # tokens of an answer
EMBEDDED_RATE = 2e-3  # ten times the recipe's: it is small, and the rows are few
ARMS = {
    "stage1": ("train.stage1",),
    "stage2": ("train.stage2", "--from-base"),
    "1to2": ("train.stage2", "--adapter", "stage1"),
    "2to1": ("train.stage1", "--adapter", "stage2"),
    "mixed": ("train.stage2", "--mix"),
}
"""Arm -> the command that trains it; an arm named after --adapter is trained before."""


@dataclass(frozen=True)
class HeldOutData:
    """What every arm of every seed is scored on."""

    questions: Sequence[Question]
    dialogues: Sequence[Dialogue]
    answered: int


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = parsed(argv)
    held = held_out(args)
    header = identity(args, held)
    mark = args.output / "run.json"
    output.check(args.output, output.read(mark) if mark.is_file() else None, header, args.resume)
    output.begin(args.output, mark.name, header)
    began = time.monotonic()
    seeds: list[SeedScores] = []
    for seed in range(FIRST_SEED, FIRST_SEED + args.seeds):
        seeds.append(one_seed(args, held, seed))
        print(f"seed {seed} is done ({len(seeds)} of {args.seeds})", flush=True)
    engine = load_engine(args.model)
    result = ClaimsResult.of(
        {
            **header,
            "seeds": [seed.plain() for seed in seeds],
            **verdicts.claims_scores([seed.arms for seed in seeds]).plain(),
            **run_facts(engine, began, partial=False),
        }
    )
    records.write(args.output / results.FILE, result)
    verdicts.draw_arms(result, len(seeds), args.output / "claims.png")
    print(verdicts.claims_summary(result))
    print(f"results written to {args.output}")


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The flags, with the defaults that depend on others.

    Raises:
        ConfigError: too few seeds.
    """
    args = flags().parse_args(argv)
    if args.seeds < 2:
        raise ConfigError(f"--seeds {args.seeds}: an interval over seeds takes two or more.")
    if args.learning_rate is None and args.model.is_embedded:
        args.learning_rate = EMBEDDED_RATE
    return args


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Put the claims about two stages to the test.")
    add_ref_flag(parser, "--model", "the base ('embedded')", default=EMBEDDED)
    for name in ("pubmedqa", "dialogues"):
        add_ref_flag(parser, f"--{name}", "data with a train and a test split", default=EMBEDDED)
    numbers: tuple[tuple[str, int, str], ...] = (
        ("seeds", 5, "how often everything is trained"),
        ("samples", 1200, "training rows a stage"),
        ("questions", 300, "held-out questions, the same for all"),
        ("messages", 100, "held-out dialogues whose loss is taken"),
        ("answers", 40, "of these, how many are answered for ROUGE-L"),
    )
    for name, number, meaning in numbers:
        parser.add_argument(
            f"--{name}", type=int, default=number, metavar="N", help=f"{meaning} ({number})"
        )
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="R",
        help=f"of all arms ({EMBEDDED_RATE} on the embedded base, else what the commands take)",
    )
    parser.add_argument("--output", type=Path, metavar="DIR", required=True, help="a new folder")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output")
    return parser


def held_out(args: argparse.Namespace) -> HeldOutData:
    """A seeded sample of the test splits, without what any arm may be trained on.

    Raises:
        DataError: nothing is left.
    """
    drawn = random.Random(FIRST_SEED)
    asked = load_pubmedqa(args.pubmedqa, split="test")
    read = load_pubmedqa(args.pubmedqa, split="train", unusable=[])
    trained_on = {q.id for q in read} - official_test()
    questions = [q for q in asked if q.id not in trained_on]
    seen = set(load_dialogues(args.dialogues, split="train", unusable=[]))
    dialogues = [d for d in load_dialogues(args.dialogues, split="test") if d not in seen]
    for ref, left in ((args.pubmedqa, questions), (args.dialogues, dialogues)):
        if not left:
            raise DataError(
                f"{ref.says}: every row of its test split is trained on. Give data with a train "
                "and a test split of their own."
            )
    return HeldOutData(
        drawn.sample(questions, min(args.questions, len(questions))),
        drawn.sample(dialogues, min(args.messages, len(dialogues))),
        args.answers,
    )


def identity(args: argparse.Namespace, held: HeldOutData) -> dict[str, Any]:
    """What decides the numbers."""
    flags = {k: v for k, v in vars(args).items() if k not in ("output", "resume")}
    return {
        "benchmark": "claims",
        **{k: str(v) if isinstance(v, Ref) else v for k, v in flags.items()},
        "first_seed": FIRST_SEED,
        "held_out": {
            "questions": fingerprint(held.questions),
            "dialogues": fingerprint(held.dialogues),
        },
    }


def one_seed(args: argparse.Namespace, held: HeldOutData, seed: int) -> SeedScores:
    """All arms trained with one seed and scored; what is there already is not done again."""
    folder = args.output / f"seed-{seed}"
    done = folder / "measured.json"
    if done.is_file():
        return records.read(done, SeedScores)
    for arm in ARMS:
        train_arm(args, folder, arm, seed)
    engine = load_engine(args.model, {arm: str(folder / arm) for arm in ARMS})
    scores = seed_scores(engine, held, seed)
    records.write(done, scores)
    return scores


def train_arm(args: argparse.Namespace, folder: Path, arm: str, seed: int) -> None:
    """Run one arm's command.

    Raises:
        TrainingError: it failed, with its last line.
    """
    module, *more = ARMS[arm]
    command = ["-m", module, "--model", str(args.model), "--resume"]
    if module == "train.stage1":
        command += ["--data", str(args.pubmedqa), "--no-probes"]
    else:
        command += ["--data", str(args.dialogues), "--questions", "none"]
    for word in more:
        command.append(str(folder / word) if word in ARMS else word)
        if word == "--mix":
            command.append(str(args.pubmedqa))
    command += ["--samples", str(args.samples), "--seed", str(seed)]
    if args.learning_rate is not None:
        command += ["--learning-rate", str(args.learning_rate)]
    command += ["--output", str(folder / arm)]
    run_child(command, f"Arm {arm}, seed {seed}")


def seed_scores(engine: Engine, held: HeldOutData, seed: int) -> SeedScores:
    """All arms of a seed on the held-out data; what does not fit into the model's window as it is
    is named on stderr and in the scores.

    Raises:
        DataError: no dialogue fits.
    """
    scored = [
        s for batch in score_questions(engine, held.questions, engine.variants) for s in batch
    ]
    fitting, cut, left_out = fitted_dialogues(engine, held.dialogues)
    if not fitting:
        raise DataError("No held-out dialogue fits into the model's window.")
    fitted = replace(held, dialogues=fitting)
    cut = [*(f"question {name}" for name in cut_ids(scored)), *cut]
    for line in (*cut_lines(cut), *(f"{name} is left out: too long" for name in left_out)):
        print(line, file=sys.stderr)
    named = {"cut": tuple(cut), "left_out": tuple(left_out)}
    marked = {key: names for key, names in named.items() if names}
    return SeedScores(seed=seed, arms=arm_scores(engine, fitted, scored), **marked)


def fitted_dialogues(
    engine: Engine, dialogues: Sequence[Dialogue]
) -> tuple[list[Dialogue], list[str], list[str]]:
    """The dialogues that fit into the model's window, a patient's message over it without its
    beginning; what was cut, and what does not fit even so."""
    fitting, cut, left_out = [], [], []
    for number, dialogue in enumerate(dialogues, 1):
        room = max(LONGEST, len(encode_plain(engine.tokenizer, dialogue.doctor)))
        fits = fitted_dialogue(engine, dialogue, room)
        if fits is None:
            left_out.append(f"dialogue {number}")
            continue
        fitting.append(fits)
        if fits is not dialogue:
            cut.append(f"dialogue {number}")
    return fitting, cut, left_out


def arm_scores(engine: Engine, held: HeldOutData, scored: Sequence[Scored]) -> dict[str, ArmScores]:
    """Every arm's scores; `scored` are its answers to the questions."""
    gold = [s.gold for s in scored]
    losses, rouge = reply_losses(engine, held.dialogues), rouge_of_answers(engine, held)
    scores = {}
    for arm in engine.variants:
        measured = stats.measure(gold, [s.pred[arm] for s in scored])
        scores[arm] = ArmScores(
            accuracy=measured["accuracy"],
            macro_f1=measured["macro_f1"],
            loss=losses[arm],
            rouge_l=rouge[arm],
        )
    return scores


def reply_losses(engine: Engine, dialogues: Sequence[Dialogue]) -> Mapping[str, float]:
    """Variant -> mean negative log-likelihood of a reply's token, in nats.

    Raises:
        ModelError: one is no number; with the variant and the dialogue.
    """
    total = dict.fromkeys(engine.variants, 0.0)
    tokens = 0
    for number, dialogue in enumerate(dialogues, 1):
        prompt = dialogue.asked()
        reply = len(engine.render(prompt))
        read = engine.token_logprobs([*prompt, {"role": "assistant", "content": dialogue.doctor}])
        tokens += len(read[BASE].ids) - reply
        for arm, its in read.items():
            logprobs = its.logprobs[reply:]  # the prompt's first token has none
            check_finite(logprobs[None, None], [arm], [f"the reply to held-out dialogue {number}"])
            total[arm] -= float(logprobs.sum())
    return {arm: value / tokens for arm, value in total.items()}


def rouge_of_answers(engine: Engine, held: HeldOutData) -> Mapping[str, float]:
    """Variant -> mean ROUGE-L of its greedy answers against the doctor's replies."""
    rouge = metrics.load(metrics.ROUGE_L)
    params = GenerationParams(max_new_tokens=LONGEST, temperature=0)
    some = held.dialogues[: held.answered]
    means: dict[str, float] = {}
    for arm in engine.variants:
        texts = [text for text, _ in engine.answers(arm, [d.asked() for d in some], params)]
        scores = rouge.compute(predictions=texts, references=[d.doctor for d in some])["rouge_l"]
        means[arm] = sum(scores) / len(some)
    return means


if __name__ == "__main__":
    sys.exit(cli.run(main))
