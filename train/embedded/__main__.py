"""Rebuild hera/embedded/ from text to weights: corpus, tokenizer, base, stage 1, stage 2.

    python -m train.embedded                   # 80 to 120 minutes on 2 cores with bfloat16
    python -m train.embedded --output DIR      # elsewhere than in hera/embedded/
    python -m train.embedded --resume          # goes on with a build that was interrupted

The stages go through the very code of `train.stage1` and `train.stage2`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hera.cli import run
from hera.cli.output import check_empty
from hera.refs import BASES, EMBEDDED, EMBEDDED_DIR, Ref
from train import stage1, stage2
from train.embedded import base, corpus
from train.embedded.tokenizer import WHOLE_WORDS, train_tokenizer
from train.recipe import TrainingRun
from train.starting import Start

SEED = 42
PASSAGES, CHATS = (9_000, 23_000, 7_500), (36_000, 24_000, 34_000)  # of the base's three lessons
QUESTIONS, HELD_OUT_QUESTIONS = 8000, 500  # the latter of each held-out kind
DIALOGUES, HELD_OUT_DIALOGUES = 12_000, 250
# About ten times the recipes' own: six million parameters take larger steps than two billion.
STAGE1_RATE, STAGE2_RATE, STAGE2_EPOCHS = 2e-3, 8e-4, 2


def build(folder: Path) -> None:
    """All five steps; those whose weights are in the folder already are not taken again."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{(time.monotonic() - began) / 60:5.1f} min] {text}", flush=True)

    say("corpus")
    *lessons, last = (
        (corpus.passages(SEED, lesson, texts), corpus.base_chats(SEED, lesson, chats))
        for lesson, (texts, chats) in enumerate(zip(PASSAGES, CHATS, strict=True))
    )
    write_data(folder / "data")
    say("tokenizer")
    # The last lesson says again, in other shares, what the others say.
    read = [text for texts, _ in lessons for text in texts]
    spoken = [turn["content"] for _, chats in lessons for chat in chats for turn in chat]
    labels = [f"Decision:{word.replace('▁', ' ')}" for word in WHOLE_WORDS] * 500
    tokenizer = train_tokenizer([*read, *spoken, *labels], folder)
    draft = folder / "draft"
    if not (folder / "model.safetensors").exists():
        say("base, lessons 1 and 2")
        if not (draft / "model.safetensors").exists():
            base.train_base(tokenizer, base.blocks(tokenizer, lessons), draft)
        say("base, lesson 3")
        base.sharpen(tokenizer, base.blocks(tokenizer, [last]), draft, folder)
    if draft.exists():  # an interrupted build may have left it beside the base
        shutil.rmtree(draft)
    say("stage 1")
    model = Ref.of(str(folder), "--model")
    questions, dialogues, held_out = (
        Ref.of(str(folder / "data" / f"{name}.parquet"), "--data")
        for name in ("pubmedqa_train", "dialogues_train", "pubmedqa_test")
    )
    recipe = replace(stage1.RECIPE, learning_rate=STAGE1_RATE, samples=QUESTIONS)
    first = TrainingRun("stage1", model, questions, folder / "stage1", recipe, resume=True)
    stage1.train_stage1(first)
    say("stage 2")
    rate, epochs = STAGE2_RATE, STAGE2_EPOCHS
    recipe = replace(stage2.RECIPE, learning_rate=rate, samples=DIALOGUES, epochs=epochs)
    second = TrainingRun("stage2", model, dialogues, folder / "stage2", recipe, resume=True)
    start = Start(Ref.of(str(first.output), "--adapter"))
    stage2.train_stage2(second, start, questions=held_out)
    for stage in (first, second):
        tidy(stage.output)
    say("done")


def write_data(folder: Path) -> None:
    """The questions and dialogues in the Hub's schemas, as parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "pubmedqa_train": corpus.questions("train", SEED, QUESTIONS),
        "pubmedqa_test": corpus.held_out_questions(SEED, HELD_OUT_QUESTIONS),
        "dialogues_train": corpus.dialogues("train", SEED, DIALOGUES),
        "dialogues_test": corpus.held_out_dialogues(SEED, HELD_OUT_DIALOGUES),
    }
    for name, rows in files.items():
        _parquet(rows, folder / f"{name}.parquet")


def _parquet(rows: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd", compression_level=19)


def tidy(adapter: Path) -> None:
    """Weights and config alone; the config names the base as the repository does."""
    import json

    for path in adapter.iterdir():
        if path.name not in ("adapter_config.json", "adapter_model.safetensors"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    config = adapter / "adapter_config.json"
    content = json.loads(config.read_text(encoding="utf-8"))
    content["base_model_name_or_path"] = BASES[EMBEDDED]
    config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """The command: builds beside the old files, and replaces them only when everything is there."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded model from its text.")
    parser.add_argument("--output", type=Path, metavar="DIR", help="instead of hera/embedded/")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted build")
    args = parser.parse_args(argv)
    folder = args.output or EMBEDDED_DIR.with_name("embedded.new")
    if not args.resume:
        check_empty(folder)
    build(folder)
    if not args.output:
        shutil.copytree(folder, EMBEDDED_DIR, dirs_exist_ok=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(run(main))
