"""Stage 1: read abstracts and decide. LoRA on PubMedQA (Jin et al. 2019, arXiv:1909.06146).

    python -m train.stage1                                    # the embedded base and data, on CPU
    python -m train.stage1 --model google/gemma-2-2b-it --data qiaojin/PubMedQA --output out/stage1

Every other row asks for the long answer and then the decision, the rest for the decision alone:
the first teaches the reasoning, the second the very prompt on which labels are scored.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hera import prompts
from hera.cli import run
from hera.data import Question, load_pubmedqa
from train import recipe as recipes
from train.recipe import Example, Recipe

RECIPE = Recipe(learning_rate=2e-4)


def examples_from(questions: Sequence[Question]) -> list[Example]:
    """Rows in the order given; even places explain, odd places only decide."""
    return [_explain(q) if i % 2 == 0 else _decide(q) for i, q in enumerate(questions)]


def _explain(question: Question) -> Example:
    return Example(prompts.explain_messages(question), prompts.explained_decision(question))


def _decide(question: Question) -> Example:
    asked, answer_begins = prompts.decide_messages(question)
    return Example([asked], f"{answer_begins['content']} {question.decision}")


def train_stage1(model: str, data: str, recipe: Recipe, output: Path) -> dict[str, float]:
    """Train stage 1 and write the adapter; see `train.recipe.train`."""
    recipes.check_output(output)
    questions = recipes.take(load_pubmedqa(data, split="train"), recipe.samples, recipe.seed)
    return recipes.train(model, None, examples_from(questions), recipe, output)


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = recipes.parser("Train stage 1: a LoRA adapter on PubMedQA.", RECIPE.samples)
    parser.add_argument("--output", type=Path, default=Path("outputs/stage1"), metavar="DIR")
    args = parser.parse_args(argv)
    recipe = replace(RECIPE, samples=args.samples)
    train_stage1(args.model, args.data, recipe, args.output)
    print(f"adapter written to {args.output}")


if __name__ == "__main__":
    sys.exit(run(main))
