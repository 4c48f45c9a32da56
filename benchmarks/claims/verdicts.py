"""What each claim about two stages is taken to say, and what the arms make of it.

Two scores have to be put on one scale first. A share is how much of the way from the base to the
specialist an arm has gone: in PubMedQA accuracy towards stage 1 alone, in the loss on doctors'
replies towards stage 2 alone (0: the base, 1: the specialist). `both` is the mean of the two.
A verdict is read off the paired differences over seeds: their mean with Student's 95 % interval.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from hera.evaluation.records import Interval, Record
from hera.evaluation.results import RunFacts

Arms = Mapping[str, Mapping[str, float]]
"""Arm -> its measures, of one seed."""

MEASURES = ("accuracy", "macro_f1", "loss", "rouge_l", "knowledge", "dialogue", "both")
NAMES = {
    "base": "base",
    "stage1": "stage 1 alone",
    "stage2": "stage 2 alone",
    "1to2": "1→2 (HERA)",
    "2to1": "2→1",
    "mixed": "mixed, one stage",
}
CLAIMS: tuple[tuple[str, str, Callable[[Arms], float]], ...] = (
    (
        "knowledge layering",
        "having read abstracts makes a better doctor: 1→2 is further in the dialogues than stage 2 "
        "alone, trained on as many",
        lambda arms: arms["1to2"]["dialogue"] - arms["stage2"]["dialogue"],
    ),
    (
        "domain progression",
        "the order matters: 1→2 is further in both tasks together than 2→1",
        lambda arms: arms["1to2"]["both"] - arms["2to1"]["both"],
    ),
    (
        "stability",
        "less is forgotten: 1→2 keeps more of its first task than 2→1 keeps of its first",
        lambda arms: arms["1to2"]["knowledge"] - arms["2to1"]["dialogue"],
    ),
    (
        "better than one stage",
        "1→2 is further in both tasks together than one stage of as many steps on both mixed",
        lambda arms: arms["1to2"]["both"] - arms["mixed"]["both"],
    ),
)


class ArmScores(Record):
    """What one arm of one seed scored; `loss` is in nats a token of a doctor's reply."""

    accuracy: float
    macro_f1: float
    loss: float
    rouge_l: float


class SeedScores(Record):
    """All arms of one seed. `cut` and `left_out` are what was over the model's window."""

    seed: int
    arms: dict[str, ArmScores]
    cut: tuple[str, ...] | None = None
    left_out: tuple[str, ...] | None = None


class SeedEstimate(Record):
    """A mean over seeds with Student's interval."""

    mean: float
    ci95: Interval


class Claim(Record):
    """What a claim is taken to say, the gain it rests on, and what the seeds say of it."""

    claim: str
    meaning: str
    gain: SeedEstimate
    verdict: str


class ClaimsScores(Record):
    """Arm -> measure -> estimate; `forgetting` is the PubMedQA accuracy that stage 2 costs."""

    arms: dict[str, dict[str, SeedEstimate]]
    forgetting: SeedEstimate
    claims: tuple[Claim, ...]


class ClaimsResult(RunFacts, ClaimsScores):
    """The whole results.json; the flags of the run are further keys."""

    benchmark: Literal["claims"]
    seeds: tuple[SeedScores, ...]


def claims_scores(seeds: Sequence[Mapping[str, ArmScores]]) -> ClaimsScores:
    """What at least two seeds say."""
    whole = [with_shares(arms) for arms in seeds]
    lost = [arms["stage1"]["accuracy"] - arms["1to2"]["accuracy"] for arms in whole]
    return ClaimsScores(
        arms={
            arm: {key: estimate([arms[arm][key] for arms in whole]) for key in MEASURES}
            for arm in NAMES
        },
        forgetting=estimate(lost),
        claims=tuple(
            judged(name, meaning, [gain(arms) for arms in whole]) for name, meaning, gain in CLAIMS
        ),
    )


def with_shares(arms: Mapping[str, ArmScores]) -> dict[str, dict[str, float]]:
    """The arms of a seed with "knowledge", "dialogue" and "both" added."""
    base, first, second = arms["base"], arms["stage1"], arms["stage2"]
    made = {}
    for arm, scores in arms.items():
        knowledge = share(scores.accuracy, base.accuracy, first.accuracy)
        dialogue = share(scores.loss, base.loss, second.loss)
        both = (knowledge + dialogue) / 2
        made[arm] = {**scores.plain(), "knowledge": knowledge, "dialogue": dialogue, "both": both}
    return made


def share(value: float, base: float, specialist: float) -> float:
    """How far from base to specialist; 0 where the specialist is no better than the base."""
    return (value - base) / (specialist - base) if specialist != base else 0.0


def estimate(values: Sequence[float]) -> SeedEstimate:
    """Student's interval over seeds."""
    from scipy.stats import t

    mean = statistics.fmean(values)
    error = statistics.stdev(values) / len(values) ** 0.5
    half = float(t.ppf(0.975, len(values) - 1)) * error
    return SeedEstimate(mean=mean, ci95=(mean - half, mean + half))


def judged(name: str, meaning: str, gains: Sequence[float]) -> Claim:
    """The claim with the estimate of its gain, and whether its interval is on one side of zero."""
    gain = estimate(gains)
    low, high = gain.ci95
    verdict = "supported" if low > 0 else "contradicted" if high < 0 else "cannot be told"
    return Claim(claim=name, meaning=meaning, gain=gain, verdict=verdict)


def claims_summary(scores: ClaimsScores) -> str:
    """A line an arm, a line a claim."""
    lines = [f"{'':18} PubMedQA             macro-F1  loss (nats/token)       ROUGE-L  both tasks"]
    for arm, name in NAMES.items():
        m = scores.arms[arm]
        lines.append(
            f"{name:18} {_text(m['accuracy'])}  {m['macro_f1'].mean:.3f}     "
            f"{_text(m['loss'])}  {m['rouge_l'].mean:.3f}    {_text(m['both'])}"
        )
    lines.append(f"forgetting of PubMedQA by stage 2, in accuracy: {_text(scores.forgetting)}")
    for claim in scores.claims:
        lines.append(f"{claim.claim}: {claim.verdict} ({_text(claim.gain)})")
        lines.append(f"    {claim.meaning}")
    return "\n".join(lines)


def _text(value: SeedEstimate) -> str:
    low, high = value.ci95
    return f"{value.mean:.3f} ({low:.3f} to {high:.3f})"


def draw_arms(scores: ClaimsScores, seeds: int, path: Path) -> None:
    """Every arm between the base and the two specialists, with its intervals over the seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    axis = figure.subplots()
    for arm, name in NAMES.items():
        x, y = (scores.arms[arm][key] for key in ("accuracy", "loss"))
        axis.errorbar(
            x.mean,
            y.mean,
            xerr=[[x.mean - x.ci95[0]], [x.ci95[1] - x.mean]],
            yerr=[[y.mean - y.ci95[0]], [y.ci95[1] - y.mean]],
            fmt="o",
            capsize=3,
            label=name,
        )
    axis.set_xlabel("PubMedQA accuracy, held-out questions")
    axis.set_ylabel("loss on a doctor's reply (nats a token), lower is better")
    axis.invert_yaxis()
    axis.grid(alpha=0.3)
    axis.legend()
    axis.set_title(f"{seeds} seeds, 95 % intervals; upper right is best")
    figure.savefig(path, dpi=120)
