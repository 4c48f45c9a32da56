"""What the arms of `benchmarks.claims` make of a claim, on numbers made for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.claims import __main__ as claims
from benchmarks.claims import verdicts
from benchmarks.claims.__main__ import fitted_dialogues, held_out, reply_losses
from benchmarks.claims.verdicts import ArmScores
from hera.data import Dialogue, official_test
from hera.errors import DataError, ModelError
from hera.types import Engine, Prompt, TokenLogprobs
from tests.doubles.engine import FakeEngine, as_text

Numbers = tuple[float, float]  # PubMedQA accuracy, loss on a reply
BASE, FIRST, SECOND = (0.4, 3.0), (0.9, 2.8), (0.45, 1.0)


def seed(
    both: Numbers, other: Numbers, mixed: Numbers, wobble: float = 0.0
) -> dict[str, ArmScores]:
    """The arms of one seed; `wobble` moves 1→2 alone."""
    found = {
        "base": BASE,
        "stage1": FIRST,
        "stage2": SECOND,
        "1to2": (both[0] + wobble, both[1] - wobble),
        "2to1": other,
        "mixed": mixed,
    }
    return {
        arm: ArmScores(accuracy=accuracy, macro_f1=accuracy, loss=loss, rouge_l=0.5)
        for arm, (accuracy, loss) in found.items()
    }


def said(seeds: Sequence[Mapping[str, ArmScores]]) -> dict[str, str]:
    return {claim.claim: claim.verdict for claim in verdicts.claims_scores(seeds).claims}


def test_an_arm_is_as_far_as_it_has_come_from_the_base_to_the_specialist() -> None:
    arms = verdicts.with_shares(seed((0.65, 2.0), (0.9, 3.0), (0.4, 3.0)))
    found = {
        arm: (arms[arm]["knowledge"], arms[arm]["dialogue"], arms[arm]["both"]) for arm in arms
    }
    assert found["base"] == (0, 0, 0)
    assert found["stage1"][0] == found["stage2"][1] == 1
    assert found["1to2"] == pytest.approx((0.5, 0.5, 0.5))
    assert found["2to1"] == pytest.approx((1.0, 0.0, 0.5))
    assert verdicts.share(0.4, 0.4, 0.4) == 0


@pytest.mark.parametrize(
    ("both", "other", "mixed", "says"),
    [
        ((0.9, 0.9), (0.6, 2.0), (0.5, 2.5), "supported"),
        ((0.5, 1.5), (0.9, 1.0), (0.9, 1.0), "contradicted"),
    ],
)
def test_a_clear_difference_over_seeds_gives_a_clear_verdict(
    both: Numbers, other: Numbers, mixed: Numbers, says: str
) -> None:
    seeds = [seed(both, other, mixed, wobble) for wobble in (-0.01, 0.0, 0.01)]
    assert set(said(seeds).values()) == {says}


def test_what_the_seeds_disagree_on_cannot_be_told() -> None:
    seeds = [seed((0.7, 1.1), (0.7, 1.1), (0.7, 1.1), w) for w in (-0.2, 0.2, -0.2, 0.2)]
    verdict = said(seeds)
    assert verdict["better than one stage"] == verdict["domain progression"] == "cannot be told"


def test_the_interval_over_seeds_is_student_s() -> None:
    # mean 3, standard error sqrt(2.5 / 5), t(0.975, 4) = 2.7764
    found = verdicts.estimate([1, 2, 3, 4, 5])
    half = 2.7764451 * (2.5 / 5) ** 0.5
    ends: Any = pytest.approx((3 - half, 3 + half))
    assert (found.mean, found.ci95) == (3, ends)


def test_the_table_and_the_plot_show_every_arm_and_every_claim(tmp_path: Path) -> None:
    seeds = [seed((0.8, 1.2), (0.7, 1.5), (0.6, 1.6), wobble) for wobble in (0.0, 0.02)]
    found = verdicts.claims_scores(seeds)
    told = verdicts.claims_summary(found)
    for words in (*verdicts.NAMES.values(), *(name for name, _, _ in verdicts.CLAIMS)):
        assert words in told
    assert "forgetting of PubMedQA by stage 2, in accuracy: 0.090" in told
    verdicts.draw_arms(found, len(seeds), tmp_path / "claims.png")
    assert (tmp_path / "claims.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_loss_that_is_no_number_is_named() -> None:
    class Overflowing(FakeEngine):
        def token_logprobs(
            self, prompt: Prompt, variants: Sequence[str] | None = None, top: int = 0
        ) -> Mapping[str, TokenLogprobs]:
            read = super().token_logprobs(prompt, variants, top)
            if "leg" in as_text(prompt):
                read["stage1"].logprobs[-1] = -np.inf
            return read

    engine = Overflowing({"base": "Rest.", "stage1": "Rest."})
    fine, broken = Dialogue("My knee hurts.", "Cool it."), Dialogue("And now?", "Rest the leg.")
    assert set(reply_losses(engine, [fine])) == {"base", "stage1"}
    with pytest.raises(
        ModelError, match=r"^stage1 gave .* no number for the reply to held-out dialogue 2 "
    ):
        reply_losses(engine, [fine, broken])


def test_what_is_over_the_window_is_cut_or_left_out_by_name(engine: Engine) -> None:
    short = Dialogue("My knee hurts.", "Cool it.")
    long = Dialogue("My knee hurts. " * 900 + "What now?", "Rest it.")
    endless = Dialogue("And now?", "Rest. " * 3000)
    fitting, cut, left_out = fitted_dialogues(engine, [short, long, endless])
    assert (cut, left_out) == (["dialogue 2"], ["dialogue 3"])
    assert fitting[0] is short
    assert fitting[1].patient.endswith("hurts. What now?")
    assert engine.excess(fitting[1].asked(), 160) <= 0
    assert reply_losses(engine, fitting)


def rows(path: Path, ids: Sequence[int | str]) -> str:
    asked = [
        {"pubid": i, "question": "Why?", "context": ["We asked."], "final_decision": "yes"}
        for i in ids
    ]
    path.write_text(json.dumps(asked), encoding="utf-8")
    return str(path)


def test_nothing_is_scored_that_may_be_trained_on(tmp_path: Path) -> None:
    def held(pubmedqa: str, dialogues: str = "embedded") -> Sequence[str]:
        flags = ["--output", "x", "--pubmedqa", pubmedqa, "--dialogues", dialogues]
        return sorted(q.id for q in held_out(claims.flags().parse_args(flags)).questions)

    official = sorted(official_test())[:3]
    mixed = rows(tmp_path / "mixed.json", [1, 2, *official])
    assert held(mixed) == official  # training leaves these out of the same file
    rows(tmp_path / "train.json", [1, 2])
    rows(tmp_path / "test.json", [2, 3])
    (tmp_path / "mixed.json").unlink()
    assert held(str(tmp_path)) == ["3"]
    with pytest.raises(DataError, match="every row of its test split is trained on"):
        held(rows(tmp_path / "train.json", [1, 2, 3]))
    (tmp_path / "d.jsonl").write_text('{"input": "I cough.", "output": "Rest."}')
    with pytest.raises(DataError, match=r"--dialogues .*d.jsonl: every row of its test split"):
        held("embedded", str(tmp_path / "d.jsonl"))


def test_the_loss_on_replies_is_of_their_tokens_alone() -> None:
    """The fake engine's first variant finds every token e times likelier than its second."""
    engine = FakeEngine({"base": "Rest.", "stage1": "Rest."})
    dialogues = [
        Dialogue("My knee hurts.", "Cool it."),
        Dialogue("And now?", "Rest the leg a day."),
    ]
    losses = reply_losses(engine, dialogues)
    assert losses == {"base": 1.0, "stage1": 2.0}
