"""MedQA-USMLE with four options, and MedMCQA: questions of medical examinations.

    python -m benchmarks.medqa --data GBaker/MedQA-USMLE-4-options --output runs/medqa
    python -m benchmarks.medqa --data openlifescienceai/medmcqa --split validation
    python -m benchmarks.medqa --data questions.jsonl

MedQA: Jin et al. 2020, arXiv:2009.13081. MedMCQA: Pal et al. 2022, arXiv:2203.14371; its test split
comes without answers. HERA ships neither. The columns tell which of the two a file is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.harness.flags import benchmark_parser
from benchmarks.harness.multiple_choice import run_choices
from hera.cli import run
from hera.data import load_choices
from hera.errors import ConfigError


def main(argv: Sequence[str] | None = None) -> None:
    """The command.

    Raises:
        ConfigError: no data is named.
    """
    flags = benchmark_parser(
        "Score variants on MedQA or MedMCQA.", "a Hub id, a folder or a file", data=None
    )
    flags.add_argument("--split", default="test", help="of a folder or a Hub id (test by default)")
    args = flags.parse_args(argv)
    if args.data is None or args.data.is_embedded:
        raise ConfigError(
            "--data is needed: HERA ships neither MedQA nor MedMCQA. Give "
            "GBaker/MedQA-USMLE-4-options, openlifescienceai/medmcqa (--split validation) or a "
            "file of either."
        )
    run_choices("medqa", load_choices(args.data, args.split), args.split, args)


if __name__ == "__main__":
    sys.exit(run(main))
