"""People's questions: is the answer to the point, does it end, does it repeat itself?

    python -m benchmarks.people --model smollm2 --output runs/people
    python -m benchmarks.people --model smollm2 --data mine.jsonl --limit 20
    python -m benchmarks.people --model smollm2 --conversations    # prints ten, measures nothing

A hundred plain questions and a hundred that are none of a health assistant's
(`benchmarks/data/smollm2/`), written and locked before smollm2's stage 2 was trained; greedy
answers of every variant. "To the point" is a lenient test of words: of each of a question's lists,
one expression must be found in the answer.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence

from benchmarks.harness.flags import add_answer_flag, benchmark_parser, choose, engine_from, greedy
from benchmarks.harness.run import BenchmarkRun, check_output, header, identity
from benchmarks.people.asked import Question, load_questions, load_talks
from benchmarks.people.result import Answered, PeopleResult, groups, summary
from hera import cli
from hera.evaluation import results
from hera.types import Engine, GenerationParams, Message

_TOGETHER = 16  # answers in a batch
LONGEST = 192


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    if args.conversations:
        engine = engine_from(args, dtype=args.dtype)
        for number, turns in enumerate(load_talks(), 1):
            print(f"{number}.\n{conversation(engine, turns, params)}\n", flush=True)
        return
    asked = chosen(load_questions(args.data), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    head = header(
        "people",
        args,
        split=results.WHOLE,
        n=len(asked),
        sha256=hashlib.sha256("\n".join(map(repr, asked)).encode()).hexdigest(),
        prompt="chat",
        max_new_tokens=params.max_new_tokens,
    )
    run = BenchmarkRun(Answered, args.output, {**head, **identity(args, engine)}, args.resume)
    chunks = [asked[at : at + _TOGETHER] for at in range(0, len(asked), _TOGETHER)]
    complete = run.collect(chunks, lambda chunk: answered(engine, params, chunk))
    items = run.items(asked)
    result = PeopleResult.of(
        {
            **head,
            "groups": groups(items, engine.variants, args.seed),
            "items": [item.plain() for item in items],
            **run.facts(engine, partial=not complete),
        }
    )
    run.finish(result, summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Ask variants what people ask.", "questions: 'embedded', or a .jsonl file of the same shape"
    )
    add_answer_flag(parser, LONGEST)
    parser.add_argument(
        "--conversations", action="store_true", help="only print ten of three turns each"
    )
    return parser


def chosen(questions: Sequence[Question], limit: int | None, seed: int) -> list[Question]:
    """All, or a seeded sample of so many of each group."""
    names = dict.fromkeys(q.group for q in questions)
    return [
        q for name in names for q in choose([q for q in questions if q.group == name], limit, seed)
    ]


def answered(engine: Engine, params: GenerationParams, chunk: Sequence[Question]) -> list[Answered]:
    """Each question with every variant's answer."""
    written = {
        name: engine.answers(name, [question.prompt for question in chunk], params)
        for name in engine.variants
    }
    return [
        Answered.of(
            {
                "id": question.id,
                "group": question.group,
                "kind": question.kind,
                "message": question.message,
                "answers": {
                    name: {
                        "text": answers[place][0],
                        "finished": answers[place][1],
                        "met": question.is_met_by(answers[place][0]),
                    }
                    for name, answers in written.items()
                },
            }
        )
        for place, question in enumerate(chunk)
    ]


def conversation(engine: Engine, said: Sequence[str], params: GenerationParams) -> str:
    """The last variant's answers to what a visitor says, each with all turns before it."""
    variant, turns = engine.variants[-1], list[Message]()
    for message in said:
        turns.append({"role": "user", "content": message})
        ((text, _),) = engine.answers(variant, [turns], params)
        turns.append({"role": "assistant", "content": text})
    who = {"user": "Visitor", "assistant": variant}
    return "\n".join(f"{who[turn['role']]}: {turn['content']}" for turn in turns)


if __name__ == "__main__":
    sys.exit(cli.run(main))
