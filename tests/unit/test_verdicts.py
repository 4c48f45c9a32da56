"""What the arms of `benchmarks.claims` make of a claim, on numbers made for it."""

from __future__ import annotations

import pytest

from benchmarks import verdicts

BASE, FIRST, SECOND = (0.4, 3.0), (0.9, 2.8), (0.45, 1.0)  # (PubMedQA accuracy, loss on a reply)


def seed(both, other, mixed, wobble=0.0):
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
        arm: {"accuracy": accuracy, "macro_f1": accuracy, "loss": loss, "rouge_l": 0.5}
        for arm, (accuracy, loss) in found.items()
    }


def said(seeds):
    return {claim["claim"]: claim["verdict"] for claim in verdicts.result(seeds)["claims"]}


def test_an_arm_is_as_far_as_it_has_come_from_the_base_to_the_specialist():
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
def test_a_clear_difference_over_seeds_gives_a_clear_verdict(both, other, mixed, says):
    seeds = [seed(both, other, mixed, wobble) for wobble in (-0.01, 0.0, 0.01)]
    assert set(said(seeds).values()) == {says}


def test_what_the_seeds_disagree_on_cannot_be_told():
    seeds = [seed((0.7, 1.1), (0.7, 1.1), (0.7, 1.1), w) for w in (-0.2, 0.2, -0.2, 0.2)]
    verdict = said(seeds)
    assert verdict["better than one stage"] == verdict["domain progression"] == "cannot be told"


def test_the_interval_over_seeds_is_student_s():
    # mean 3, standard error sqrt(2.5 / 5), t(0.975, 4) = 2.7764
    found = verdicts.estimate([1, 2, 3, 4, 5])
    half = 2.7764451 * (2.5 / 5) ** 0.5
    assert found == {"mean": 3, "ci95": pytest.approx([3 - half, 3 + half])}


def test_the_table_and_the_plot_show_every_arm_and_every_claim(tmp_path):
    seeds = [seed((0.8, 1.2), (0.7, 1.5), (0.6, 1.6), wobble) for wobble in (0.0, 0.02)]
    found = {"seeds": seeds, **verdicts.result(seeds)}
    told = verdicts.table(found)
    for words in (*verdicts.NAMES.values(), *(name for name, _, _ in verdicts.CLAIMS)):
        assert words in told
    assert "forgetting of PubMedQA by stage 2, in accuracy: 0.090" in told
    verdicts.draw(found, tmp_path / "claims.png")
    assert (tmp_path / "claims.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
