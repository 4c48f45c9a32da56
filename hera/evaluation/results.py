"""results.json: what every benchmark's has in common, and PubMedQA's own (Jin et al. 2019,
arXiv:1909.06146), the same for command and screen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from hera.data import Question, fingerprint
from hera.data.pubmedqa import LABELS
from hera.data.reading import TypedRow
from hera.evaluation import stats
from hera.evaluation.comparing import Pair, compare, corrected
from hera.evaluation.provenance import Environment
from hera.evaluation.records import Interval, Item, Record
from hera.evaluation.scoring import Scored, probabilities, prompt_for
from hera.refs import Ref

FILE = "results.json"
OFFICIAL, WHOLE = "official test split", "all of it"
"""What a result calls the part of the data that was asked."""
Measure = Callable[[Sequence[str], Sequence[str]], dict[str, Any]]
_HUMAN = {"accuracy": 0.780, "source": "one annotator, reasoning required (Jin et al. 2019)"}


class Data(Record):
    """What was asked: `n` items of a split, their contents' sha256."""

    ref: str
    split: str | None = None
    n: int
    sha256: str


class Baseline(Record):
    """What needs no model."""

    accuracy: float
    macro_f1: float | None = None
    source: str


class Header(Record):
    """What was asked, whatever was measured."""

    benchmark: str
    data: Data
    prompt: str | None = None
    seed: int


class RunFacts(Record):
    """The run behind a result: whether it was stopped before its end, where it ran, how long."""

    partial: bool
    environment: Environment
    seconds: float
    finished: str


class LabelScores(Record):
    """One label's own numbers."""

    precision: float
    recall: float
    f1: float
    support: int


class Bin(Record):
    """The answers that were so sure."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


class Calibration(Record):
    """See `hera.evaluation.stats.calibration`."""

    ece: float
    bins: tuple[Bin, ...]


class PubmedqaItem(Item):
    """One question's answer; `text` in place of `logprobs` where the model answered freely."""

    gold: str
    pred: str
    logprobs: dict[str, float] | None = None
    text: str | None = None


class PubmedqaVariant(Record):
    """One variant's numbers; `confusion` is gold label -> predicted label -> count."""

    accuracy: float
    accuracy_ci95: Interval
    macro_f1: float
    per_class: dict[str, LabelScores]
    confusion: dict[str, dict[str, int]]
    calibration: Calibration | None = None
    items: tuple[PubmedqaItem, ...]


class PubmedqaScores(Record):
    """What the answers say; `smallest_difference` is what so many can tell from chance at all."""

    variants: dict[str, PubmedqaVariant]
    paired: tuple[Pair, ...]
    baselines: dict[str, Baseline]
    smallest_difference: float | None = None

    @property
    def n(self) -> int:
        """How many questions were answered."""
        return len(next(iter(self.variants.values())).items)


class PubmedqaResult(RunFacts, PubmedqaScores, Header):
    """The whole file. `cut` are the questions whose abstract was over the model's window."""

    benchmark: Literal["pubmedqa"]
    prompt: str
    prompt_text: str | list[dict[str, str]] | None = None
    scoring: str | None = None
    cut: tuple[str, ...] | None = None


def pubmedqa_scores(
    scored: Sequence[Scored],
    variants: Sequence[str],
    *,
    seed: int,
    human: bool,
    measure: Measure = stats.measure,
) -> PubmedqaScores:
    """What the answers say.

    Args:
        scored: at least one question.
        variants: whose answers to look at.
        seed: of the bootstrap.
        human: whether the questions are real ones, for which a human's score is known.
        measure: (gold, predicted) -> "accuracy", "accuracy_ci95", "macro_f1", "per_class" and
            "confusion".
    """
    return PubmedqaScores.of(
        {
            "variants": {name: _variant(scored, name, measure) for name in variants},
            "paired": pairs(scored, variants, seed),
            "baselines": _baselines(scored, human=human),
            "smallest_difference": stats.smallest_difference(len(scored)),
        }
    )


def data_of(ref: object, split: str | None, rows: Sequence[TypedRow]) -> dict[str, Any]:
    """What was asked, as every results.json names it: what the data are called, which part of them,
    how many, and the fingerprint."""
    return {"ref": str(ref), "split": split, "n": len(rows), "sha256": fingerprint(rows)}


def pubmedqa_header(
    ref: Ref,
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
        "data": data_of(ref, split, questions),
        "prompt": prompt,
        "prompt_text": prompt_for(shown, prompt, free=free),
        "scoring": "first decision in a free answer" if free else "label log-likelihood",
        "seed": seed,
    }


def pairs(scored: Sequence[Scored], variants: Sequence[str], seed: int) -> list[Mapping[str, Any]]:
    """Every pair of variants compared, p-values corrected for their number."""
    return corrected([compare(scored, a, b, seed) for a, b in itertools.combinations(variants, 2)])


def _variant(scored: Sequence[Scored], name: str, measure: Measure) -> dict[str, Any]:
    numbers = measure([s.gold for s in scored], [s.pred[name] for s in scored])
    items: list[dict[str, Any]] = []
    for s in scored:
        item = {"id": s.id, "gold": s.gold, "pred": s.pred[name]}
        free = {"text": s.texts[name]} if s.texts else {"logprobs": s.logprobs[name]}
        items.append({**item, **free})
    if not scored[0].texts:
        sure = [max(probabilities(s.logprobs[name]).values()) for s in scored]
        right = [s.pred[name] == s.gold for s in scored]
        numbers = {**numbers, "calibration": stats.calibration(sure, right)}
    return {**numbers, "items": items}


def _baselines(scored: Sequence[Scored], *, human: bool) -> dict[str, dict[str, Any]]:
    """What needs no model: the commonest label, a coin of three sides, and a person."""
    gold = [s.gold for s in scored]
    commonest = max(LABELS, key=gold.count)
    baselines: dict[str, dict[str, Any]] = {
        "majority": {
            "accuracy": gold.count(commonest) / len(gold),
            "macro_f1": stats.macro_f1(gold, [commonest] * len(gold)),
            "source": f"always {commonest!r}",
        },
        "random": {"accuracy": 1 / len(LABELS), "source": "each label as often"},
    }
    return {**baselines, "human": _HUMAN} if human else baselines
