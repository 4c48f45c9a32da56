"""Blind trials without a screen: two answers, a vote, who was who, and what many come to."""

from __future__ import annotations

from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from hera import GenerationParams
from hera.types import Engine
from hera.ui.trials import Trial
from tests.serving import App

QUESTION = "My mouth droops and I can't lift my arm."


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    return Client(app.url, verbose=False)


def test_who_was_who_is_told_with_the_vote_and_is_what_was_answered(
    client: Client, engine: Engine
) -> None:
    asked: dict[str, Any] = {"message": QUESTION, "variants": ["stage2", "base"], "seed": 7}
    parts = list(client.submit(**asked, api_name="/blind"))
    answers = parts[-1]
    assert set(answers) == {"a", "b", "safety"}
    assert not [part for part in parts if "stage" in str(part)]
    told = client.predict(**asked, vote="a", guess="twin", answers=answers, api_name="/blind_vote")
    trial = Trial.of(told)
    assert (trial.question, trial.pair, trial.vote) == (QUESTION, ("base", "stage2"), "a")
    params = vars(GenerationParams(trial.max_new_tokens, trial.temperature, trial.top_p))
    for side in trial.sides:
        drawn = GenerationParams(**{**params, "seed": side.seed})
        alone = engine.answer({side.variant: trial.asked}, drawn).texts[side.variant]
        assert side.text == alone  # without the notice that stands over both
    assert answers["a"].endswith(trial.sides[0].text)
    assert answers["a"] != trial.sides[0].text
    counted = client.predict([told, told], api_name="/blind_tally")
    assert (counted["n"], counted["guesses"]["n"]) == (2, 2)
    assert counted["luck"]["n"] + sum(p["n"] for p in counted["preferences"]) == 2


def test_sides_are_drawn_by_seed_and_question_and_counted(client: Client) -> None:
    def told(question: str, seed: int, vote: str = "b") -> dict[str, Any]:
        found = client.predict(question, vote, ["base", "stage1"], seed, api_name="/blind_vote")
        return dict(found)

    trials = [told("Why?", seed) for seed in range(24)]
    first = {trial["sides"][0]["variant"] for trial in trials}
    assert first == {"base", "stage1"}
    assert told("Why?", 3) == trials[3]
    assert [told(f"Why {k}?", 3)["sides"] for k in range(4)] != [trials[3]["sides"]] * 4
    found = client.predict(trials, api_name="/blind_tally")
    (preference,) = found["preferences"]
    twins = [t for t in trials if t["sides"][0]["variant"] == t["sides"][1]["variant"]]
    right = sum(t["sides"][1]["variant"] == "stage1" for t in trials if t not in twins)
    assert (preference["hits"], preference["n"]) == (right, 24 - len(twins))
    assert preference["ci95"][0] < preference["share"] < preference["ci95"][1]
    assert 0 < preference["p"] <= 1
    assert (found["luck"]["hits"], found["luck"]["n"]) == (len(twins), len(twins))
    assert (found["guesses"]["share"], found["lengths"]) == (None, None)


@pytest.mark.parametrize(
    ("endpoint", "arguments", "says"),
    [
        ("/blind", (" ",), "The message is empty"),
        ("/blind", ("Why?", ["base", "stage9"]), "give two of base, stage1, stage2"),
        ("/blind", ("Why?", ["base"]), "give two of base"),
        ("/blind_vote", ("Why?", ""), "Say first which answer is better"),
        ("/blind_vote", ("Why?", "a", [], 0, {"a": 7}), "as /blind gives them"),
        ("/blind_vote", ("Why?", "a", [], 0, {}, "stage2"), "guess must be"),
        ("/blind_tally", ([{}],), "number 1 is none"),
        ("/blind_tally", ("x",), "number 1 is none"),
    ],
)
def test_what_is_wrong_is_one_line(
    client: Client, endpoint: str, arguments: tuple[Any, ...], says: str
) -> None:
    with pytest.raises(AppError) as caught:
        client.predict(*arguments, api_name=endpoint)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
