"""Rebuild hera/embedded/ from text to weights: corpus, tokenizer, base, stage 1, stage 2.

    python -m train.embedded                     # about an hour on 2 CPU cores; fixed seeds
    python -m train.embedded --output DIR        # elsewhere than in hera/embedded/

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

from hera import loading
from hera.cli import run
from hera.refs import EMBEDDED_DIR
from train import stage1, stage2
from train.embedded import base, corpus
from train.embedded.tokenizer import WHOLE_WORDS, train_tokenizer
from train.recipe import check_output

SEED = 42
PASSAGES = 20_000
CHATS = 16_000
QUESTIONS = {"train": 3000, "test": 500}
DIALOGUES = {"train": 3000, "test": 500}
# Ten times the recipes' own: six million parameters take, and need, larger steps than two billion.
STAGE1_RATE, STAGE2_RATE = 2e-3, 1e-3


def build(folder: Path) -> None:
    """All five steps into an empty folder."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{(time.monotonic() - began) / 60:5.1f} min] {text}", flush=True)

    say("corpus")
    texts, chats = corpus.passages(SEED, PASSAGES), corpus.base_chats(SEED, CHATS)
    write_data(folder / "data")
    say("tokenizer")
    spoken = [message["content"] for chat in chats for message in chat]
    labels = [f"Decision:{word.replace('▁', ' ')}" for word in WHOLE_WORDS] * 500
    tokenizer = train_tokenizer([*texts, *spoken, *labels], folder)
    say("base")
    base.train_base(tokenizer, base.blocks(tokenizer, texts, chats), folder)
    say("stage 1")
    recipe = replace(stage1.RECIPE, batch_size=8, learning_rate=STAGE1_RATE)
    first = folder / "stage1"
    stage1.train_stage1(str(folder), str(folder / "data" / "pubmedqa_train.parquet"), recipe, first)
    say("stage 2")
    recipe = replace(stage2.RECIPE, batch_size=8, learning_rate=STAGE2_RATE)
    data = str(folder / "data" / "dialogues_train.parquet")
    stage2.train_stage2(str(folder), str(first), data, recipe, folder / "stage2")
    for name in loading.EMBEDDED_ADAPTERS:
        tidy(folder / name)
    say("done")


def write_data(folder: Path) -> None:
    """The questions and dialogues in the Hub's schemas, as parquet."""
    folder.mkdir(parents=True)
    for split, n in QUESTIONS.items():
        _parquet(corpus.questions(split, SEED, n), folder / f"pubmedqa_{split}.parquet")
    for split, n in DIALOGUES.items():
        _parquet(corpus.dialogues(split, SEED, n), folder / f"dialogues_{split}.parquet")


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
    content["base_model_name_or_path"] = loading.EMBEDDED_BASE
    config.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """The command: builds beside the old files, and replaces them only when everything is there."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded model from its text.")
    parser.add_argument("--output", type=Path, metavar="DIR", help="instead of hera/embedded/")
    args = parser.parse_args(argv)
    if args.output:
        check_output(args.output)
        build(args.output)
        return
    fresh = EMBEDDED_DIR.with_name("embedded.new")
    check_output(fresh)
    build(fresh)
    shutil.copytree(fresh, EMBEDDED_DIR, dirs_exist_ok=True)
    shutil.rmtree(fresh)


if __name__ == "__main__":
    sys.exit(run(main))
