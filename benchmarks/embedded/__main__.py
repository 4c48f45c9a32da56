"""What the embedded model is good for, on text that it never met.

    python -m benchmarks.embedded                                  # about 20 minutes on 2 CPU cores
    python -m benchmarks.embedded --real ori_pqal.json --output runs/embedded
    python -m benchmarks.embedded --conversations 20              # prints them instead of measuring
    python -m benchmarks.embedded --model smollm2                 # the patient messages alone

PubMedQA's held-out questions, those with unseen terms and those in unseen phrasings apart; the
shortcuts that must fail on them (`shortcuts.py`); held-out patient messages, greedy and at
temperature 0.7 (`replies.py`); messages from outside its world. `--output DIR` gets `results.json`,
written after every part.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.embedded import replies, shortcuts
from benchmarks.embedded.result import EmbeddedResult
from benchmarks.harness.flags import choose, engine_from
from hera import cli
from hera.cli import output
from hera.cli.flags import add_model_flags, add_ref_flag
from hera.data import Question, load_dialogues, load_pubmedqa
from hera.errors import ConfigError
from hera.evaluation import results, stats
from hera.evaluation.provenance import run_facts
from hera.evaluation.scoring import Scored, cut_ids, score_questions
from hera.evaluation.summary import cut_lines
from hera.refs import EMBEDDED_DIR
from hera.types import Engine, GenerationParams, Message

OUTSIDE = Path(__file__).parents[1] / "data" / "outside.jsonl"
MESSAGES = EMBEDDED_DIR / "data" / "dialogues_test.parquet"
FIRST_PHRASING = 95_000_000  # ids from here on are of the questions in unseen phrasings
LONGEST = 256


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if args.output:
        output.check_empty(args.output)
    engine = engine_from(args)
    embedded = args.model is None or args.model.is_embedded
    if args.conversations:
        print(conversations(engine, args.conversations, args.seed))
        return
    began = time.monotonic()
    parts: dict[str, Any] = {"benchmark": "embedded", "seed": args.seed}

    def keep(partial: bool) -> None:
        if args.output:
            facts = run_facts(engine, began, partial=partial)
            output.begin(args.output, results.FILE, EmbeddedResult.of({**parts, **facts}).plain())

    def part(name: str, measure: Callable[[], tuple[Any, str]]) -> None:
        parts[name], text = measure()
        print(text, flush=True)
        keep(partial=True)

    keep(partial=True)
    if embedded:
        part("pubmedqa", lambda: pubmedqa(engine, choose(load_pubmedqa(), args.limit, args.seed)))
    if args.real:
        part("real", lambda: pubmedqa(engine, load_pubmedqa(args.real), str(args.real)))
    if embedded:
        part("shortcuts", lambda: shortcuts.shortcut_scores(args.real))
    for temperature in (0.0, 0.7):
        part(f"messages at {temperature:g}", partial(messages, engine, args, temperature))
        if embedded:
            part(f"outside at {temperature:g}", partial(outside, engine, args, temperature))
    keep(partial=False)
    if args.output:
        print(f"results written to {args.output}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Measure the embedded model on held-out text.")
    add_model_flags(parser)
    add_ref_flag(parser, "--real", "real PubMedQA questions, scored as well")
    parser.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N of each kind")
    parser.add_argument(
        "--conversations", type=int, default=0, metavar="N", help="only print N conversations"
    )
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of samples and sampling")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the results")
    return parser


def pubmedqa(
    engine: Engine, questions: Sequence[Question], title: str = "held-out questions"
) -> tuple[dict[str, Any], str]:
    """Every variant on all questions and, of HERA's own, on each held-out kind."""
    scored = [s for batch in score_questions(engine, questions, engine.variants) for s in batch]
    cut = cut_ids(scored)
    kinds = {"all": scored}
    if title == "held-out questions":
        kinds["unseen terms"] = [s for s in scored if int(s.id) < FIRST_PHRASING]
        kinds["unseen phrasings"] = [s for s in scored if int(s.id) >= FIRST_PHRASING]
    measured = {
        kind: {name: _measured(some, name) for name in engine.variants}
        for kind, some in kinds.items()
    }
    lines = [f"PubMedQA, {title}"]
    for kind, variants in measured.items():
        for name, its in variants.items():
            if not its["n"]:
                continue
            lines.append(
                f"  {kind:17} {name:8} n = {its['n']:4}  accuracy {its['accuracy']:.3f} "
                f"({its['accuracy_ci95'][0]:.3f} to {its['accuracy_ci95'][1]:.3f})  macro-F1 "
                f"{its['macro_f1']:.3f}"
            )
    return measured, "\n".join([*lines, *(f"  {line}" for line in cut_lines(cut))])


def _measured(scored: Sequence[Scored], name: str) -> dict[str, Any]:
    gold, predicted = [s.gold for s in scored], [s.pred[name] for s in scored]
    cut = cut_ids(scored)
    marked = {"cut": cut} if cut else {}
    return {"n": len(scored), **stats.measure(gold, predicted), **marked} if scored else {"n": 0}


@dataclass(frozen=True)
class PatientMessage:
    """One held-out message of a patient and what the reply must be about."""

    messages: list[Message]
    condition: str
    urgent: bool
    kind: str


def patient_messages() -> list[PatientMessage]:
    """The held-out dialogues with what only the embedded data tell of them."""
    import pyarrow.parquet as pq

    rows = pq.read_table(MESSAGES).to_pylist()
    return [
        PatientMessage(dialogue.asked(), row["condition"], row["urgent"], row["kind"])
        for row, dialogue in zip(rows, load_dialogues(split="test"), strict=True)
    ]


def messages(
    engine: Engine, args: argparse.Namespace, temperature: float
) -> tuple[dict[str, Any], str]:
    """The doctor's replies to patients, by held-out kind."""
    asked = choose(patient_messages(), args.limit, args.seed)
    written = answers(engine, [a.messages for a in asked], temperature, args.seed)
    measured: dict[str, Any] = {}
    lines = [f"patients' messages, {engine.variants[-1]}, temperature {temperature:g}"]
    for kind in ("all", *sorted({a.kind for a in asked})):
        some = [(a, w) for a, w in zip(asked, written, strict=True) if kind in ("all", a.kind)]
        measured[kind] = replies.reply_rates(some)
        lines += [f"  {kind}, n = {len(some)}", *replies.lines(measured[kind])]
    return measured, "\n".join(lines)


def outside(
    engine: Engine, args: argparse.Namespace, temperature: float
) -> tuple[dict[str, Any], str]:
    """The doctor's replies to what it cannot know."""
    asked = choose(outside_messages(), args.limit, args.seed)
    turns: list[list[Message]] = [[{"role": "user", "content": text}] for text in asked]
    written = answers(engine, turns, temperature, args.seed)
    honest = [replies.is_honest(text) for text, _ in written]
    share = stats.rate([float(good) for good in honest])
    low, high = share["ci95"]
    missed = [
        {"message": message, "answer": text}
        for message, (text, _), good in zip(asked, written, honest, strict=True)
        if not good
    ]
    line = (
        f"outside its world, {engine.variants[-1]}, temperature {temperature:g}: "
        f"honest {share['mean']:.3f} ({low:.3f} to {high:.3f}), n = {share['n']}"
    )
    measured = {"n": share["n"], "honest": share["mean"], "ci95": share["ci95"], "missed": missed}
    return measured, line


def outside_messages() -> list[str]:
    """What people ask that the model's world does not hold."""
    return [json.loads(line)["message"] for line in OUTSIDE.read_text("utf-8").splitlines()]


def answers(
    engine: Engine, asked: Sequence[list[Message]], temperature: float, seed: int
) -> list[tuple[str, str]]:
    """(text, how it ended) of the last variant's answer to each conversation."""
    params = GenerationParams(
        max_new_tokens=LONGEST,
        temperature=temperature,
        top_p=1.0 if not temperature else 0.95,
        seed=seed,
    )
    return engine.answers(engine.variants[-1], asked, params)


def conversations(engine: Engine, count: int, seed: int) -> str:
    """Held-out conversations with the doctor's greedy answer, unedited, one in four outside."""
    drawn = random.Random(seed)
    if count > 100:
        raise ConfigError(f"--conversations {count}: at most 100.")
    far = outside_messages()
    inside = drawn.sample(patient_messages(), count - count // 4)
    asked = [a.messages for a in inside]
    asked += [[{"role": "user", "content": text}] for text in drawn.sample(far, count // 4)]
    written = answers(engine, asked, 0.0, seed)
    printed = []
    for number, (turns, (text, _)) in enumerate(zip(asked, written, strict=True), 1):
        who = {"user": "Patient", "assistant": "HERA"}
        lines = [f"{who[turn['role']]}: {turn['content']}" for turn in turns]
        printed.append("\n".join([f"{number}.", *lines, f"HERA: {text}"]))
    return "\n\n".join(printed)


if __name__ == "__main__":
    sys.exit(cli.run(main))
