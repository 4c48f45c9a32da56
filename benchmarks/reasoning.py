"""Medical reasoning: 160 four-option questions in ten topics, written by this project.

    python -m benchmarks.reasoning                      # embedded model
    python -m benchmarks.reasoning --model google/gemma-2-2b-it --adapter stage1=me/hera-stage1 \\
        --output runs/reasoning

The questions, their answers and the reasons for them are in
`hera/evaluation/questions/reasoning.jsonl`; what they are and are not is said beside them. `--data`
takes other questions of the same shape.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.harness.flags import benchmark_parser
from benchmarks.harness.multiple_choice import run_choices
from hera.cli import run
from hera.data import load_choices
from hera.evaluation.choices.asking import REASONING


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = benchmark_parser(
        "Score variants on medical reasoning questions.", "other questions of the same shape"
    ).parse_args(argv)
    choices = load_choices(str(REASONING) if args.data.is_embedded else args.data)
    run_choices("reasoning", choices, None, args)


if __name__ == "__main__":
    sys.exit(run(main))
