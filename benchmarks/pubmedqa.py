"""PubMedQA: yes, no or maybe from an abstract without its conclusion, by label log-likelihood.

    python -m benchmarks.pubmedqa                                     # embedded model and questions
    python -m benchmarks.pubmedqa --data ori_pqal.json --output runs/real
    python -m benchmarks.pubmedqa --model google/gemma-2-2b-it --adapter stage1=me/hera-stage1 \\
        --data qiaojin/PubMedQA --prompt lm-eval

Jin et al. 2019, arXiv:1909.06146. `--output DIR` gets `results.json` and, for PubMedQA's own
`evaluation.py`, one `predictions-NAME.json` a variant. A variant's numbers come from the `evaluate`
module in `benchmarks/metrics/pubmedqa`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import metrics
from hera.cli import check_new_folder, run
from hera.config import add_model_flags, parse_adapters
from hera.data import Question, fingerprint, load_pubmedqa
from hera.engine import Engine, load_engine
from hera.environment import environment
from hera.errors import ConfigError
from hera.refs import EMBEDDED
from hera.scoring import PROMPTS, Scored, compare, score_questions


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    questions = choose(load_pubmedqa(args.data), args.limit, args.seed)
    if args.output:
        check_new_folder(args.output)
    engine = load_engine(
        args.model or EMBEDDED,
        parse_adapters(args.adapter) if args.adapter else None,
        dtype=args.dtype,
    )
    metric = metrics.load()
    scored = score(engine, questions, args.prompt)
    found = results(scored, engine.variants, metric)
    print(table(found, len(scored)))
    if args.output:
        data = {
            "ref": args.data,
            "split": "test",
            "n": len(questions),
            "sha256": fingerprint(questions),
        }
        result = {
            "benchmark": "pubmedqa",
            "data": data,
            "prompt": args.prompt,
            "seed": args.seed,
            **found,
            "environment": environment(engine),
        }
        write(args.output, result, scored, engine.variants)


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Score variants on PubMedQA.")
    add_model_flags(parser)
    parser.add_argument("--data", default=EMBEDDED, metavar="REF", help="questions: see README")
    parser.add_argument("--limit", type=int, metavar="N", help="a seeded sample of N questions")
    parser.add_argument("--prompt", choices=PROMPTS, default="hera", help="which prompt to score")
    parser.add_argument(
        "--dtype", choices=("auto", "float32", "bfloat16"), default="auto", help="of the weights"
    )
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="of --limit's sample")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the results go")
    return parser


def choose(questions: list[Question], limit: int | None, seed: int) -> list[Question]:
    """All questions, or a seeded sample in a seeded order.

    Raises:
        ConfigError: fewer than one question is asked for.
    """
    if limit is None:
        return questions
    if limit < 1:
        raise ConfigError(f"--limit {limit}: give at least 1.")
    return random.Random(seed).sample(questions, min(limit, len(questions)))


def score(engine: Engine, questions: list[Question], prompt: str) -> list[Scored]:
    """Every question, with a progress bar on a terminal, in the order of the data."""
    from tqdm import tqdm

    scored: list[Scored] = []
    with tqdm(total=len(questions), unit="question", disable=not sys.stderr.isatty()) as bar:
        for batch in score_questions(engine, questions, engine.variants, prompt):
            scored += batch
            bar.update(len(batch))
    place = {question.id: i for i, question in enumerate(questions)}
    return sorted(scored, key=lambda s: place[s.id])


def results(scored: list[Scored], variants: Sequence[str], metric: Any) -> dict[str, Any]:
    """The `variants` and `paired` parts of results.json; `metric` is from `metrics.load`."""
    return {
        "variants": {name: variant_result(scored, name, metric) for name in variants},
        "paired": [vars(compare(scored, a, b)) for a, b in itertools.combinations(variants, 2)],
    }


def variant_result(scored: list[Scored], name: str, metric: Any) -> dict[str, Any]:
    """One variant's numbers, and every item behind them."""
    numbers = metric.compute(
        predictions=[s.pred[name] for s in scored], references=[s.gold for s in scored]
    )
    kept = ("accuracy", "accuracy_ci95", "macro_f1", "per_class", "confusion")
    return {
        **{key: numbers[key] for key in kept},
        "items": [
            {"id": s.id, "gold": s.gold, "pred": s.pred[name], "logprobs": s.logprobs[name]}
            for s in scored
        ],
    }


def table(found: dict[str, Any], n: int) -> str:
    """What the command prints: a line a variant, the majority baseline, a line a pair.

    Args:
        found: from `results`.
        n: how many questions it is over.
    """
    lines = [f"PubMedQA, n = {n}", f"{'':12} accuracy  95 % interval   macro-F1"]
    for name, v in found["variants"].items():
        low, high = v["accuracy_ci95"]
        lines.append(
            f"{name:12} {v['accuracy']:8.3f}  {low:.3f} to {high:.3f}  {v['macro_f1']:8.3f}"
        )
    labels = next(iter(found["variants"].values()))["per_class"].values()
    lines.append(f"{'majority':12} {max(label['support'] for label in labels) / n:8.3f}")
    lines += [
        f"{p['a']} vs {p['b']}: only {p['a']} right {p['only_a']}, only {p['b']} right "
        f"{p['only_b']}, exact McNemar p = {p['p']:.3g}"
        for p in found["paired"]
    ]
    return "\n".join(lines)


def write(
    folder: Path, result: dict[str, Any], scored: list[Scored], variants: Sequence[str]
) -> None:
    """results.json, and a predictions file for each variant."""
    folder.mkdir(parents=True, exist_ok=True)
    _json(folder / "results.json", result)
    for name in variants:
        _json(folder / f"predictions-{name}.json", {s.id: s.pred[name] for s in scored})
    print(f"results written to {folder}")


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run(main))
