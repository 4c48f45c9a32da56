"""Train both adapters of the real small base: PubMedQA's labelled questions, then the dialogues.

    python -m train.smollm2                             # PubMedQA from the Hub
    python -m train.smollm2 --pubmedqa ori_pqal.json --output outputs/smollm2
    python -m train.smollm2 --resume                    # goes on with a build that was interrupted

Two cores that compute in bfloat16 need about three hours, an H200 a quarter of one. What is written
to `--output`: `stage1/` and `stage2/`, and in `data/` what they read and the 100 questions that
they did not (`pubmedqa_dev.json`). PubMedQA's official test split is in none of them. The stages go
through the very code of `train.stage1` and `train.stage2`; their weights are rounded to bfloat16 at
the end.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hera import cli
from hera.cli.flags import add_ref_flag
from hera.cli.output import check_empty
from hera.data import Question, load_pubmedqa, official_test
from hera.errors import DataError
from hera.refs import PUBMEDQA, Ref
from hera.weights.files import WEIGHTS
from train import stage1, stage2
from train.processes import say
from train.recipe import Recipe, TrainingRun
from train.smollm2.dialogues import rows
from train.starting import Start

SEED = 42
DEV, DEV_SEED = 100, 7  # of the questions: what no stage reads
ALL = 100_000  # rows: every one, and every question in both ways
STAGE1 = Recipe(8e-4, samples=ALL, epochs=3, held_out=0.02, batch_size=16, seed=SEED)
STAGE2 = replace(STAGE1, learning_rate=1e-3, epochs=2, batch_size=32, dropout=0.0)


def build(pubmedqa: Ref, folder: Path) -> None:
    """Both stages; what is in the folder already is not made again.

    Raises:
        DataError: too few questions outside the official test split.
        TrainingError, ModelError, ConfigError: see `train.run.train`.
    """
    data = write_data(pubmedqa, folder / "data")
    model = Ref.of("smollm2", "--model")
    questions, dialogues = (
        Ref.of(str(data / name), "--data") for name in ("pubmedqa_train.json", "dialogues.jsonl")
    )
    first = TrainingRun("stage1", model, questions, folder / "stage1", STAGE1, resume=True)
    stage1.train_stage1(first)
    second = TrainingRun("stage2", model, dialogues, folder / "stage2", STAGE2, resume=True)
    start = Start(Ref.of(str(first.output), "--adapter"))
    dev = Ref.of(str(data / "pubmedqa_dev.json"), "--questions")
    stage2.train_stage2(second, start, mix=questions, questions=dev)
    for stage in (first, second):
        round_weights(stage.output / WEIGHTS)
    say(f"done: {first.output}, {second.output}")


def write_data(pubmedqa: Ref, folder: Path) -> Path:
    """What both stages read, and the questions kept from them, as files; returns the folder.

    Raises:
        DataError: too few questions outside the official test split.
    """
    read, kept = split(load_pubmedqa(pubmedqa))  # "train" would be PubMedQA's artificial set
    folder.mkdir(parents=True, exist_ok=True)
    for name, questions in (("pubmedqa_train", read), ("pubmedqa_dev", kept)):
        (folder / f"{name}.json").write_text(json.dumps(_plain(questions)), encoding="utf-8")
    lines = (json.dumps(row) + "\n" for row in rows(SEED))
    (folder / "dialogues.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def split(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """(what is read, what is kept back), in a seeded order, without the official test split.

    Raises:
        DataError: fewer than twice as many as are kept back.
    """
    ours = sorted((q for q in questions if q.id not in official_test()), key=lambda q: q.id)
    if len(ours) < 2 * DEV:
        raise DataError(
            f"--pubmedqa: {len(ours)} labelled questions outside the official test split, at least "
            f"{2 * DEV} are needed. Give PubMedQA's labelled set (ori_pqal.json)."
        )
    random.Random(DEV_SEED).shuffle(ours)
    return ours[DEV:], ours[:DEV]


def _plain(questions: Sequence[Question]) -> dict[str, dict[str, object]]:
    """As PubMedQA's own files have them."""
    return {
        q.id: {
            "QUESTION": q.question,
            "CONTEXTS": list(q.contexts),
            "LABELS": list(q.labels),
            "LONG_ANSWER": q.long_answer,
            "final_decision": q.decision,
        }
        for q in questions
    }


def round_weights(path: Path) -> None:
    """Keep an adapter's weights in bfloat16: half the size, and what serving computes in."""
    import torch
    from safetensors.torch import load_file, save_file

    weights = {name: w.to(torch.bfloat16).contiguous() for name, w in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train stage 1 and stage 2 on smollm2.")
    add_ref_flag(
        parser,
        "--pubmedqa",
        f"PubMedQA's labelled questions ({PUBMEDQA})",
        default=PUBMEDQA,
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("outputs/smollm2"),
        metavar="DIR",
        help="a new folder (outputs/smollm2)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted build")
    args = parser.parse_args(argv)
    if not args.resume:
        check_empty(args.output)
    build(args.pubmedqa, args.output)


if __name__ == "__main__":
    sys.exit(cli.run(main))
