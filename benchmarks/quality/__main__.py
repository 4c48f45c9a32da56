"""Quality: what variants answer to patients, measured against what a doctor replied.

    python -m benchmarks.quality --limit 50                         # embedded model and dialogues
    python -m benchmarks.quality --model google/gemma-2-2b-it --adapter stage2=me/hera-stage2 \\
        --data held_out.jsonl --output runs/quality

Dialogues in HealthCareMagic's shape (Li et al. 2023, arXiv:2303.14070), greedy answers, all
variants in one batch. A data set with a "train" split alone is read whole: give a file that
training has not seen. The measures say how close an answer is to one doctor's words, how long and
how readable it is, and whether it repeats itself; none says whether it is right.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import metrics
from benchmarks.harness import text_measures
from benchmarks.harness.flags import (
    add_answer_flag,
    benchmark_parser,
    choose,
    engine_from,
    greedy,
    require,
)
from benchmarks.harness.run import BenchmarkRun, check_output, header, identity
from benchmarks.quality import measures
from benchmarks.quality.measures import DEFINITIONS
from benchmarks.quality.result import AnsweredCase, QualityResult, quality_parts, quality_summary
from hera import cli
from hera.data import Dialogue, fingerprint, load_dialogues
from hera.errors import DataError, InputError, ModelError
from hera.evaluation.fitting import fitted_dialogue
from hera.types import BASE, Engine, GenerationParams, Prompt


@dataclass(frozen=True)
class Case:
    """A patient's message with the doctor's reply, the reply to the next patient, if any, and the
    dialogue as it is asked: the same, or cut to the window."""

    id: str
    dialogue: Dialogue
    other: str | None
    asked: Dialogue


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    params = greedy(args.max_new_tokens)
    left_out: list[str] = []
    rows = load_dialogues(args.data, split="test", unusable=left_out)
    chosen = choose(list(enumerate(rows, 1)), args.limit, args.seed)
    check_output(args.output, args.resume)
    engine = engine_from(args, dtype=args.dtype)
    require(engine, "embed")
    cases = answerable(engine, chosen, params, left_out, str(args.data))
    asked = header(
        "quality",
        args,
        split="test",
        n=len(cases),
        sha256=fingerprint(case.dialogue for case in cases),
        prompt="chat",
        prompt_text=prompt_text(engine),
        max_new_tokens=params.max_new_tokens,
    )
    run = BenchmarkRun(AnsweredCase, args.output, {**asked, **identity(args, engine)}, args.resume)
    rouge = metrics.load(metrics.ROUGE_L)
    complete = run.collect(
        [[case] for case in cases],
        lambda chunk: [score(engine, rouge, params, case) for case in chunk],
    )
    items = run.items(cases)
    cut = [case.id for case in cases if case.asked is not case.dialogue]
    result = QualityResult.of(
        {
            **asked,
            "left_out": len(left_out),
            **({"cut": cut} if cut else {}),
            "definitions": DEFINITIONS,
            "scored": len(items),
            **quality_parts(items, engine.variants, args.seed),
            **run.facts(engine, partial=not complete),
        }
    )
    run.finish(result, quality_summary(result))


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = benchmark_parser(
        "Measure variants' answers to patients.",
        "patient-doctor dialogues: a file, a folder or a Hub id ('embedded')",
    )
    add_answer_flag(parser, 256)
    return parser


def answerable(
    engine: Engine,
    rows: Sequence[tuple[int, Dialogue]],
    params: GenerationParams,
    left_out: list[str],
    ref: str,
) -> list[Case]:
    """The rows that fit into every variant's window, a patient's message without its beginning
    where need be, as cases; a row's place among those that could be read is its id.

    Args:
        left_out: gets a line for each row that is none; they go to stderr.
        ref: what the rows come from.

    Raises:
        DataError: no row is left.
    """
    kept: list[tuple[int, Dialogue, Dialogue]] = []
    for place, dialogue in rows:
        try:
            kept.append((place, dialogue, askable(engine, dialogue, params)))
        except InputError as error:
            left_out.append(f"{ref}, dialogue {place}: {error}")
    if left_out:
        print(f"{len(left_out)} rows are left out, the first: {left_out[0]}", file=sys.stderr)
    for line in left_out[1:]:
        print(f"left out: {line}", file=sys.stderr)
    if not kept:
        raise DataError(f"--data {ref}: no dialogue can be asked.")
    replies = [dialogue.doctor for _, dialogue, _ in kept]
    others = [*replies[1:], replies[0]] if len(replies) > 1 else [None]
    return [
        Case(str(place), dialogue, other, asked)
        for (place, dialogue, asked), other in zip(kept, others, strict=True)
    ]


def askable(engine: Engine, dialogue: Dialogue, params: GenerationParams) -> Dialogue:
    """A dialogue as every variant can be asked it, and the doctor's reply be measured.

    Raises:
        InputError: it cannot.
    """
    fitting = fitted_dialogue(engine, dialogue, params.max_new_tokens)
    if fitting is None:
        raise InputError("it is over the model's window, even without the patient's last message.")
    if engine.excess(dialogue.doctor, 0, [BASE]) > 0:
        raise InputError("the doctor's reply is over the model's window.")
    # What is closed before its first step has only been checked.
    engine.stream(requests(engine, fitting), params).close()
    return fitting


def requests(engine: Engine, dialogue: Dialogue) -> dict[str, Prompt]:
    """The patient's messages, put to every variant."""
    return {name: dialogue.asked() for name in engine.variants}


def prompt_text(engine: Engine) -> str:
    """What the base reads, with a placeholder for what the patient wrote."""
    return str(engine.tokenizer.decode(engine.render([{"role": "user", "content": "{message}"}])))


def score(engine: Engine, rouge: Any, params: GenerationParams, case: Case) -> AnsweredCase:
    """Ask one patient's question and measure every answer; `rouge` is from `metrics.load`."""
    answers = engine.answer(requests(engine, case.asked), params)
    reference = case.dialogue.doctor
    texts = [answers.texts[name] for name in engine.variants]
    numbers = measured(engine, rouge, [*texts, reference, case.other or ""], reference)
    check_similarities(case, [*engine.variants, "the doctor's reply", "another reply"], numbers)
    other, itself = numbers.pop(), numbers.pop()
    return AnsweredCase.of(
        {
            "id": case.id,
            "patient": case.dialogue.patient,
            "gold": reference,
            # Against itself everything is 1: only what needs the text alone says something of it.
            "reference": {k: v for k, v in itself.items() if k not in ("rouge_l", "similarity")},
            "other": other if case.other else None,
            "variants": {
                name: {
                    "text": text,
                    "finished": answers.finished[name],
                    **its,
                    "turn_end": float(answers.finished[name] == "stop"),
                }
                for name, text, its in zip(engine.variants, texts, numbers, strict=True)
            },
        }
    )


def check_similarities(
    case: Case, names: Sequence[str], numbers: Sequence[dict[str, float | None]]
) -> None:
    """Raises ModelError, with the dialogue and whose text it is, if a similarity is no number."""
    for name, its in zip(names, numbers, strict=True):
        if not math.isfinite(its["similarity"] or 0.0):
            raise ModelError(
                f"{BASE} made hidden states that are no numbers of dialogue {case.id} (the "
                f"doctor's reply or the text of {name}): its weights overflow. Compute in another "
                "--dtype."
            )


def measured(
    engine: Engine, rouge: Any, texts: Sequence[str], reference: str
) -> list[dict[str, float | None]]:
    """Every measure but `turn_end` of each text, against one reference."""
    shared = rouge.compute(predictions=list(texts), references=[reference] * len(texts))["rouge_l"]
    own, *rest = engine.embed([reference, *(text for text in texts if text.strip())])
    vectors = iter(rest)
    return [
        {
            "rouge_l": rouge_l,
            "similarity": measures.similarity(next(vectors), own) if text.strip() else 0.0,
            "tokens": len(engine.tokenizer.encode(text, add_special_tokens=False)),
            "words": len(text_measures.words(text)),
            "grade": text_measures.grade(text),
            "repeated_4grams": text_measures.repeated_ngrams(text, 4),
            "repeated_sentence": float(text_measures.repeats_sentence(text)),
        }
        for text, rouge_l in zip(texts, shared, strict=True)
    ]


if __name__ == "__main__":
    sys.exit(cli.run(main))
