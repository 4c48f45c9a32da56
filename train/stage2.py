"""Stage 2: speak with patients. Goes on training stage 1's adapter on HealthCareMagic dialogues
(Li et al. 2023, arXiv:2303.14070).

    python -m train.stage2 --adapter outputs/stage1           # the embedded base and data, on CPU
    python -m train.stage2 --adapter out/stage1 --model google/gemma-2-2b-it \\
        --data wangrongsheng/HealthCareMagic-100k-en --output out/stage2
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hera.cli import run
from hera.data import Dialogue, load_dialogues
from train import recipe as recipes
from train.recipe import Example, Recipe

RECIPE = Recipe(learning_rate=1e-4)


def examples_from(dialogues: Sequence[Dialogue]) -> list[Example]:
    """The patient's message as the user's turn, the doctor's reply as the completion."""
    return [Example([{"role": "user", "content": d.patient}], d.doctor) for d in dialogues]


def train_stage2(
    model: str, adapter: str, data: str, recipe: Recipe, output: Path
) -> dict[str, float]:
    """Train stage 2 from stage 1's adapter and write it; see `train.recipe.train`."""
    recipes.check_output(output)
    dialogues = recipes.take(load_dialogues(data, split="train"), recipe.samples, recipe.seed)
    return recipes.train(model, adapter, examples_from(dialogues), recipe, output)


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = recipes.parser("Train stage 2: go on with stage 1's adapter.", RECIPE.samples)
    parser.add_argument(
        "--adapter", required=True, metavar="REF", help="the stage 1 adapter: a folder or Hub id"
    )
    parser.add_argument("--output", type=Path, default=Path("outputs/stage2"), metavar="DIR")
    args = parser.parse_args(argv)
    recipe = replace(RECIPE, samples=args.samples)
    train_stage2(args.model, args.adapter, args.data, recipe, args.output)
    print(f"adapter written to {args.output}")


if __name__ == "__main__":
    sys.exit(run(main))
