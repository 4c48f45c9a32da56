"""How fast: ratios measured in one run on one machine, with the spread of the repeats.

    python -m benchmarks.speed                     # the embedded model answers
    python -m benchmarks.speed compare --tokens 128 --repeats 9
    python -m benchmarks.speed --model smollm2 --adapter stage1=REF --adapter stage2=REF
    python -m benchmarks.speed serve               # many visitors of the app at once
    python -m benchmarks.speed train               # the embedded model is trained in three ways
    python -m benchmarks.speed train --random google/gemma-2-2b-it --bits 4     # on a GPU
    python -m benchmarks.speed lm-eval             # PubMedQA against lm-evaluation-harness
    python -m benchmarks.speed questions           # PubMedQA from 100 to 10,000 questions
    python -m benchmarks.speed page                # the page beside a bare Gradio app's
    python -m benchmarks.speed click               # from the click to the first token

`compare` times one question answered by every variant in one batch against the last variant alone,
the same number of tokens for every row, runs of the two interleaved, and tells decoding's share of
the memory's bandwidth, PubMedQA's seconds a question, and what llama.cpp does beside it, where it
is installed (`pip install xllamacpp`). `train` is described in `train.py`, `lm-eval` in
`lm_eval.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.speed import click, compare, lm_eval, page, questions, serve, train
from hera.cli import run

PARTS = {
    "compare": compare.main,
    "serve": serve.main,
    "train": train.main,
    "lm-eval": lm_eval.main,
    "questions": questions.main,
    "page": page.main,
    "click": click.main,
}


def main(argv: Sequence[str] | None = None) -> None:
    """The command; without a first word it is `compare`."""
    words = list(sys.argv[1:] if argv is None else argv)
    part = words.pop(0) if words[:1] and words[0] in PARTS else "compare"
    PARTS[part](words)


if __name__ == "__main__":
    sys.exit(run(main))
