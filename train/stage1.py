"""Stage 1: read abstracts and decide. LoRA on PubMedQA (Jin et al. 2019, arXiv:1909.06146).

    python -m train.stage1                                    # the embedded base and data, on CPU
    python -m train.stage1 --model google/gemma-2-2b-it --data qiaojin/PubMedQA --output out/stage1
    accelerate launch -m train.stage1 ...                     # on all GPUs of a machine

`--adapter REF` goes on with an adapter instead of beginning a new one: the other order of stages.
Every other row asks for the long answer and then the decision, the rest for the decision alone:
the first teaches the reasoning, the second the very prompt on which labels are scored.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hera import prompts
from hera.cli import run
from hera.data import Question, fingerprint, load_pubmedqa
from train import recipe as recipes
from train import rows
from train.recipe import Recipe, Run
from train.rows import Example
from train.run import Source, Start, publish, train

RECIPE = Recipe(learning_rate=2e-4)


def source(data: str, samples: int, seed: int) -> Source:
    """A seeded sample of PubMedQA's training questions as examples.

    Raises:
        DataError: more than 1 % of all rows cannot be used, or fewer than ten can.
    """
    unusable: list[str] = []
    questions = load_pubmedqa(data, split="train", unusable=unusable)
    total = len(questions) + len(unusable)
    silent = [q for q in questions if not q.long_answer.strip()]
    unusable += [f"{data}, question {q.id}: no long answer" for q in silent]
    rows.check_unusable(unusable, total)
    chosen = rows.take([q for q in questions if q.long_answer.strip()], samples, seed)
    return Source(examples_from(chosen), fingerprint(chosen), unusable)


def examples_from(questions: Sequence[Question]) -> list[Example]:
    """Rows in the order given; even places explain, odd places only decide."""
    return [_explain(q) if i % 2 == 0 else _decide(q) for i, q in enumerate(questions)]


def _explain(question: Question) -> Example:
    return Example(
        prompts.abstract_of(question),
        lambda abstract: prompts.explain_messages(replace(question, contexts=(abstract,))),
        prompts.explained_decision(question),
    )


def _decide(question: Question) -> Example:
    def ask(abstract: str) -> list[Any]:
        return prompts.decide_messages(replace(question, contexts=(abstract,)))[:1]

    return Example(prompts.abstract_of(question), ask, prompts.decision_text(question))


def train_stage1(run: Run, start: Start | None = None) -> dict[str, Any] | None:
    """Train stage 1 and write the adapter; see `train.run.train`."""
    return train(run, start or Start(), source(run.data, run.recipe.samples, run.recipe.seed))


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = recipes.parser("Train stage 1: a LoRA adapter on PubMedQA.", RECIPE, "outputs/stage1")
    parser.add_argument("--adapter", metavar="REF", help="go on with it: a folder or Hub id")
    args = parser.parse_args(argv)
    asked = recipes.run_from("stage1", args, RECIPE)
    if train_stage1(asked, Start(args.adapter)) is not None:
        publish(asked)


if __name__ == "__main__":
    sys.exit(run(main))
