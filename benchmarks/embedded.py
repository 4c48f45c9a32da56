"""What the embedded model is good for, on text that it never met.

    python -m benchmarks.embedded                                  # about 20 minutes on 2 CPU cores
    python -m benchmarks.embedded --real ori_pqal.json --output runs/embedded
    python -m benchmarks.embedded --conversations 20              # prints them instead of measuring

PubMedQA's held-out questions, those with unseen terms and those in unseen phrasings apart; the
shortcuts that must fail on them (`benchmarks.shortcuts`); held-out patient messages, greedy and at
temperature 0.7 (`benchmarks.replies`); messages from outside its world. `--output DIR` gets
`results.json`, written after every part.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import means, replies, runs, shortcuts
from hera import output, stats
from hera.cli import run
from hera.data import Question, load_dialogues, load_pubmedqa
from hera.engine import Engine, GenerationParams, Message, load_engine
from hera.environment import facts
from hera.errors import ConfigError
from hera.refs import EMBEDDED_DIR
from hera.scoring import Scored, score_questions

OUTSIDE = Path(__file__).parent / "data" / "outside.jsonl"
MESSAGES = EMBEDDED_DIR / "data" / "dialogues_test.parquet"
FIRST_PHRASING = 95_000_000  # ids from here on are of the questions in unseen phrasings
DOCTOR = "stage2"
LONGEST = 256


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    if args.output:
        output.check_empty(args.output)
    engine = load_engine("embedded")
    if args.conversations:
        print(conversations(engine, args.conversations, args.seed))
        return
    began = time.monotonic()
    result: dict[str, Any] = {"benchmark": "embedded", "seed": args.seed}

    def keep(partial: bool) -> None:
        if args.output:
            told = {**result, **facts(engine, began, partial=partial)}
            output.begin(args.output, "results.json", told)

    def part(name: str, measure: Callable[[], tuple[Any, str]]) -> None:
        result[name], text = measure()
        print(text, flush=True)
        keep(partial=True)

    keep(partial=True)
    part("pubmedqa", lambda: pubmedqa(engine, runs.choose(load_pubmedqa(), args.limit, args.seed)))
    if args.real:
        part("real", lambda: pubmedqa(engine, load_pubmedqa(args.real), str(args.real)))
    part("shortcuts", lambda: shortcuts.measure(args.real))
    for temperature in (0.0, 0.7):
        part(f"messages at {temperature:g}", lambda t=temperature: messages(engine, args, t))
        part(f"outside at {temperature:g}", lambda t=temperature: outside(engine, args, t))
    keep(partial=False)
    if args.output:
        print(f"results written to {args.output}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Measure the embedded model on held-out text.")
    parser.add_argument("--real", metavar="REF", help="real PubMedQA questions, scored as well")
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
    kinds = {"all": scored}
    if title == "held-out questions":
        kinds["unseen terms"] = [s for s in scored if int(s.id) < FIRST_PHRASING]
        kinds["unseen phrasings"] = [s for s in scored if int(s.id) >= FIRST_PHRASING]
    found = {
        kind: {name: _told(some, name) for name in engine.variants} for kind, some in kinds.items()
    }
    lines = [f"PubMedQA, {title}"]
    for kind, variants in found.items():
        for name, told in variants.items():
            lines.append(
                f"  {kind:17} {name:8} n = {told['n']:4}  accuracy {told['accuracy']:.3f} "
                f"({told['accuracy_ci95'][0]:.3f} to {told['accuracy_ci95'][1]:.3f})  macro-F1 "
                f"{told['macro_f1']:.3f}"
            )
    return found, "\n".join(lines)


def _told(scored: Sequence[Scored], name: str) -> dict[str, Any]:
    gold, predicted = [s.gold for s in scored], [s.pred[name] for s in scored]
    return {"n": len(scored), **stats.measure(gold, predicted)} if scored else {"n": 0}


@dataclass(frozen=True)
class Asked:
    """One held-out message of a patient and what the reply must be about."""

    messages: list[Message]
    condition: str
    urgent: bool
    kind: str


def patient_messages() -> list[Asked]:
    """The held-out dialogues with what only the embedded data tell of them."""
    import pyarrow.parquet as pq

    rows = pq.read_table(MESSAGES).to_pylist()
    return [
        Asked(dialogue.asked(), row["condition"], row["urgent"], row["kind"])
        for row, dialogue in zip(rows, load_dialogues(split="test"), strict=True)
    ]


def messages(
    engine: Engine, args: argparse.Namespace, temperature: float
) -> tuple[dict[str, Any], str]:
    """The doctor's replies to patients, by held-out kind."""
    asked = runs.choose(patient_messages(), args.limit, args.seed)
    written = answers(engine, [a.messages for a in asked], temperature, args.seed)
    found: dict[str, Any] = {}
    lines = [f"patients' messages, {DOCTOR}, temperature {temperature:g}"]
    for kind in ("all", *sorted({a.kind for a in asked})):
        some = [(a, w) for a, w in zip(asked, written, strict=True) if kind in ("all", a.kind)]
        found[kind] = replies.measure(some)
        lines += [f"  {kind}, n = {len(some)}", *replies.lines(found[kind])]
    return found, "\n".join(lines)


def outside(
    engine: Engine, args: argparse.Namespace, temperature: float
) -> tuple[dict[str, Any], str]:
    """The doctor's replies to what it cannot know."""
    asked = runs.choose(outside_messages(), args.limit, args.seed)
    turns: list[list[Message]] = [[{"role": "user", "content": text}] for text in asked]
    written = answers(engine, turns, temperature, args.seed)
    honest = [replies.is_honest(text) for text, _ in written]
    share = means.rate([float(good) for good in honest])
    low, high = share["ci95"]
    missed = [
        {"message": message, "answer": text}
        for message, (text, _), good in zip(asked, written, honest, strict=True)
        if not good
    ]
    line = (
        f"outside its world, {DOCTOR}, temperature {temperature:g}: honest {share['mean']:.3f} "
        f"({low:.3f} to {high:.3f}), n = {share['n']}"
    )
    found = {"n": share["n"], "honest": share["mean"], "ci95": share["ci95"], "missed": missed}
    return found, line


def outside_messages() -> list[str]:
    """What people ask that the model's world does not hold."""
    return [json.loads(line)["message"] for line in OUTSIDE.read_text("utf-8").splitlines()]


def answers(
    engine: Engine, asked: Sequence[list[Message]], temperature: float, seed: int
) -> list[tuple[str, str]]:
    """(text, how it ended) of the doctor's answer to each conversation."""
    params = GenerationParams(
        max_new_tokens=LONGEST,
        temperature=temperature,
        top_p=1.0 if not temperature else 0.95,
        seed=seed,
    )
    return engine.answers(DOCTOR, asked, params)


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
    told = []
    for number, (turns, (text, _)) in enumerate(zip(asked, written, strict=True), 1):
        who = {"user": "Patient", "assistant": "HERA"}
        lines = [f"{who[turn['role']]}: {turn['content']}" for turn in turns]
        told.append("\n".join([f"{number}.", *lines, f"HERA: {text}"]))
    return "\n\n".join(told)


if __name__ == "__main__":
    sys.exit(run(main))
