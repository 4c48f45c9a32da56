"""A PubMedQA result: the numbers of every variant and every pair, the same for command and screen.

PubMedQA: Jin et al. 2019, arXiv:1909.06146.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hera import stats
from hera.data import Question, fingerprint
from hera.prompts import LABELS
from hera.scoring import Paired, Scored, compare, probabilities, prompt_for

Measure = Callable[[Sequence[str], Sequence[str]], dict[str, Any]]

HUMAN = {"accuracy": 0.780, "source": "one annotator, reasoning required (Jin et al. 2019)"}


def build(
    scored: Sequence[Scored],
    variants: Sequence[str],
    *,
    seed: int,
    human: bool,
    measure: Measure = stats.measure,
) -> dict[str, Any]:
    """What `results.json` says of the answers.

    Args:
        scored: at least one question.
        variants: whose answers to look at.
        seed: of the bootstrap.
        human: whether the questions are real ones, for which a human's score is known.
        measure: (gold, predicted) -> "accuracy", "accuracy_ci95", "macro_f1", "per_class" and
            "confusion".

    Returns:
        {"variants", "paired", "baselines", "smallest_difference"}; the last is what n questions can
        tell from chance at all.
    """
    return {
        "variants": {name: _variant(scored, name, measure) for name in variants},
        "paired": pairs(scored, variants, seed),
        "baselines": baselines(scored, human=human),
        "smallest_difference": stats.smallest_difference(len(scored)),
    }


def header(
    ref: str,
    split: str,
    questions: Sequence[Question],
    *,
    prompt: str,
    seed: int,
    free: bool = False,
) -> dict[str, Any]:
    """What was asked: the data with their fingerprint, the prompt with its text, the seed."""
    shown = Question("", "{question}", ("{abstract}",), "", "yes")
    return {
        "benchmark": "pubmedqa",
        "data": {
            "ref": ref,
            "split": split,
            "n": len(questions),
            "sha256": fingerprint(questions),
        },
        "prompt": prompt,
        "prompt_text": prompt_for(shown, prompt, free=free),
        "scoring": "first decision in a free answer" if free else "label log-likelihood",
        "seed": seed,
    }


def _variant(scored: Sequence[Scored], name: str, measure: Measure) -> dict[str, Any]:
    found = measure([s.gold for s in scored], [s.pred[name] for s in scored])
    items: list[dict[str, Any]] = []
    for s in scored:
        item = {"id": s.id, "gold": s.gold, "pred": s.pred[name]}
        free = {"text": s.texts[name]} if s.texts else {"logprobs": s.logprobs[name]}
        items.append({**item, **free})
    if not scored[0].texts:
        sure = [max(probabilities(s.logprobs[name]).values()) for s in scored]
        right = [s.pred[name] == s.gold for s in scored]
        found = {**found, "calibration": stats.calibration(sure, right)}
    return {**found, "items": items}


def pairs(scored: Sequence[Scored], variants: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Every pair of variants compared, p-values corrected for their number."""
    compared = [compare(scored, a, b, seed) for a, b in itertools.combinations(variants, 2)]
    return corrected(compared)


def corrected(compared: Sequence[Paired]) -> list[dict[str, Any]]:
    """Pairs as a result holds them, with p-values corrected for their number (Holm)."""
    return [
        {**vars(pair), "difference_ci95": list(pair.difference_ci95), "p_holm": p}
        for pair, p in zip(compared, stats.holm([pair.p for pair in compared]), strict=True)
    ]


def baselines(scored: Sequence[Scored], *, human: bool) -> dict[str, dict[str, Any]]:
    """What needs no model: the commonest label, a coin of three sides, and a person."""
    gold = [s.gold for s in scored]
    commonest = max(LABELS, key=gold.count)
    found: dict[str, dict[str, Any]] = {
        "majority": {
            "accuracy": gold.count(commonest) / len(gold),
            "macro_f1": stats.macro_f1(gold, [commonest] * len(gold)),
            "source": f"always {commonest!r}",
        },
        "random": {"accuracy": 1 / len(LABELS), "source": "each label as often"},
    }
    return {**found, "human": HUMAN} if human else found


def table(found: Mapping[str, Any], title: str) -> str:
    """The result as text: a line a variant and a baseline, a line a pair, what n can tell."""
    lines = [title, f"{'':12} accuracy  95 % interval   macro-F1  calibration error"]
    for name, v in found["variants"].items():
        low, high = v["accuracy_ci95"]
        error = f"{v['calibration']['ece']:10.3f}" if "calibration" in v else ""
        lines.append(
            f"{name:12} {v['accuracy']:8.3f}  {low:.3f} to {high:.3f}  {v['macro_f1']:8.3f}{error}"
        )
    for name, baseline in found["baselines"].items():
        f1 = f"{baseline['macro_f1']:26.3f}" if "macro_f1" in baseline else f"{'':26}"
        lines.append(f"{name:12} {baseline['accuracy']:8.3f}{f1}  ({baseline['source']})")
    return "\n".join([*lines, *(pair_line(pair) for pair in found["paired"]), power_line(found)])


def pair_line(pair: Mapping[str, Any], did: str = "right") -> str:
    """One pair in a line; `did` is what a variant may alone have been."""
    low, high = pair["difference_ci95"]
    return (
        f"{pair['a']} to {pair['b']}: {pair['difference']:+.3f} ({low:+.3f} to {high:+.3f}); only "
        f"{pair['a']} {did} {pair['only_a']}, only {pair['b']} {did} {pair['only_b']}, exact "
        f"McNemar p = {pair['p']:.3g}, Holm {pair['p_holm']:.3g}"
    )


def power_line(found: Mapping[str, Any]) -> str:
    """What so many questions can tell."""
    n = len(next(iter(found["variants"].values()))["items"])
    smallest = found["smallest_difference"]
    if smallest is None:
        return f"With n = {n} no difference can be told from chance."
    points = math.floor(10_000 * smallest) / 100  # down: what is said to be untellable must be so
    return f"With n = {n} a difference under {points:g} points cannot be told from chance."
