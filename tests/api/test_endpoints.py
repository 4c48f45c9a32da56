"""The named endpoints, through gradio_client, against a really running app."""

from __future__ import annotations

import itertools
import json
import random
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from hera import GenerationParams, load_pubmedqa
from hera.data import fingerprint
from hera.safety import assess
from hera.types import Engine, Message
from tests.serving import App

GREEDY = {"max_new_tokens": 24, "temperature": 0.0}


@pytest.fixture(scope="module")
def client(app: App) -> Client:
    return Client(app.url, verbose=False)


def test_exactly_these_public_endpoints(client: Client) -> None:
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert sorted(named) == [
        "/blind",
        "/blind_tally",
        "/blind_vote",
        "/chat",
        "/compare",
        "/compare_page",
        "/film",
        "/health",
        "/keep",
        "/label_logprobs",
        "/layers",
        "/luck",
        "/model",
        "/own_abstract",
        "/pubmedqa",
        "/receipt",
        "/token_logprobs",
        "/why",
    ]


def test_health_says_what_is_served_and_waits_for_nobody(app: App, client: Client) -> None:
    client.predict("Hello", "base", **GREEDY, api_name="/chat")  # the model is there
    job = client.submit(
        "What is gout?", "stage2", max_new_tokens=1024, temperature=2.0, api_name="/chat"
    )
    while not job.outputs():
        assert not job.done(), job.exception()
        time.sleep(0.02)
    with urllib.request.urlopen(f"{app.url}health", timeout=10) as reply:
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
        said = json.load(reply)
    assert said == client.predict(api_name="/health")
    assert not job.done()
    job.cancel()
    assert said == {
        "status": "ready",
        "model": "embedded",
        "variants": ["base", "stage1", "stage2"],
        "left_out": [],
        "notes": [],
    }


def test_what_no_longer_fits_is_left_out_and_counted(client: Client, engine: Engine) -> None:
    """Whole pairs, the oldest first; a red flag in them is still seen, the answer unchanged."""
    emergency = "my mouth droops and I can't lift my arm"
    history: list[Message] = [
        {"role": "user", "content": f"{emergency} {'pain ' * 1100}"},
        {"role": "assistant", "content": "Please call."},
        {"role": "user", "content": "What is asthma?"},
        {"role": "assistant", "content": f"A disease. {'pain ' * 1100}"},
    ]
    for pairs, says in ((history, "the first 2 messages"), ([*history, *history[2:]], "first 4")):
        answer = client.predict("What causes it?", "base", pairs, **GREEDY, api_name="/chat")
        seen: list[Message] = [*history[2:], {"role": "user", "content": "What causes it?"}]
        whole = engine.answer({"base": seen}, GenerationParams(24, temperature=0.0))
        notice, line, text = answer.rsplit("\n\n", 2)
        assert notice == assess(emergency).notice
        assert says in line
        assert text == whole.texts["base"]


def test_chat_streams_the_text_so_far(client: Client) -> None:
    texts = list(client.submit("What is asthma?", "base", **GREEDY, api_name="/chat"))
    assert len(texts) > 1
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    assert "asthma" in texts[-1].lower()


def test_chat_knows_the_earlier_turns(client: Client, engine: Engine) -> None:
    question = "What causes it?"
    history: list[Message] = [
        {"role": "user", "content": "What is migraine?"},
        {"role": "assistant", "content": "Migraine is a recurring headache."},
    ]
    answer, without_history = (
        client.predict(
            question, "base", turns, max_new_tokens=48, temperature=0.0, api_name="/chat"
        )
        for turns in (history, [])
    )
    assert "migraine" in answer.lower()
    assert "migraine" not in without_history.lower()
    conversation: list[Message] = [*history, {"role": "user", "content": question}]
    whole = engine.answer({"base": conversation}, GenerationParams(48, temperature=0.0))
    assert answer == whole.texts["base"]


def test_compare_answers_as_each_variant_alone(client: Client) -> None:
    question = "I have a bad cold. What should I do?"
    together = client.predict(question, **GREEDY, api_name="/compare")
    assert list(together) == ["base", "stage1", "stage2"]
    for name, row in together.items():
        assert row["tokens_per_second"] > 0
        assert row["text"] == client.predict(question, name, **GREEDY, api_name="/chat")


def test_the_film_says_what_its_frames_say(client: Client) -> None:
    question = "I have a throbbing headache on one side. What should I do?"
    told = client.predict(question, **GREEDY, api_name="/film")
    frames = told["frames"]
    assert [f["step"] for f in (frames[0], frames[-1])] == [0, told["film"]["steps"]]
    assert frames[0]["held_out"]["gain"] == 0 < frames[-1]["held_out"]["gain"]
    # Each finds its own answer likely; what the last one says became likelier all the way.
    assert frames[0]["last_answer"] < frames[-1]["last_answer"] < 0
    one = client.predict(question, frames[3]["step"], **GREEDY, api_name="/film")["frames"]
    assert one == [frames[3]]
    with pytest.raises(AppError, match="no snapshot of step 1: choose one of 0, "):
        client.predict(question, 1, **GREEDY, api_name="/film")


def test_a_cancelled_job_frees_the_model(client: Client) -> None:
    job = client.submit(
        "What is gout?", "stage2", max_new_tokens=1024, temperature=2.0, api_name="/chat"
    )
    while not job.outputs():
        assert not job.done(), job.exception()
        time.sleep(0.02)
    job.cancel()
    assert client.predict("Hello", "base", **GREEDY, api_name="/chat")


def test_visitors_are_answered_together_as_each_would_be_alone(app: App) -> None:
    """Each with its own seed; the last to come does not wait for the first to end."""
    visitors = [Client(app.url, verbose=False) for _ in range(6)]
    sampled = {"max_new_tokens": 200, "temperature": 2.0}  # too hot to end a turn soon
    long = visitors[0].submit("What is gout?", "base", **sampled, api_name="/chat")
    while not long.outputs():
        assert not long.done(), long.exception()
        time.sleep(0.02)

    def ask(number: int) -> str:
        given = {"max_new_tokens": 16, "temperature": 0.7, "seed": number}
        said = visitors[number].predict(
            "My knee hurts.", ("base", "stage2")[number % 2], **given, api_name="/chat"
        )
        return str(said)

    with ThreadPoolExecutor(5) as crowd:
        together = list(crowd.map(ask, range(1, 6)))
    assert not long.done()
    long.cancel()
    assert together == [ask(number) for number in range(1, 6)]


def test_a_run_of_questions_does_not_hold_up_a_chat(app: App) -> None:
    scorer, chatter = (Client(app.url, verbose=False) for _ in range(2))
    run = scorer.submit(["base"], 200, 1, api_name="/pubmedqa")
    while not run.outputs():
        assert not run.done(), run.exception()
        time.sleep(0.02)
    said = chatter.predict("My knee hurts.", "stage2", **GREEDY, api_name="/chat")
    assert said
    assert not run.done()
    run.cancel()


def test_pubmedqa_fills_up_and_ends(client: Client) -> None:
    reports = list(client.submit(["base", "stage1"], 20, 7, api_name="/pubmedqa"))
    assert [r["n"] for r in reports] == [16, 20]
    last = reports[-1]
    assert set(last["variants"]) == {"base", "stage1"}
    low, high = last["variants"]["stage1"]["accuracy_ci95"]
    assert 0 <= low <= last["variants"]["stage1"]["accuracy"] <= high <= 1
    assert set(last["items"][0]["logprobs"]["base"]) == {"yes", "no", "maybe"}
    asked = random.Random(7).sample(load_pubmedqa(), 20)
    expected = {"ref": "embedded", "split": "all of it", "n": 20, "sha256": fingerprint(asked)}
    assert last["data"] == expected
    assert {item["id"] for item in last["items"]} == {question.id for question in asked}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"message": ""}, "empty: write something"),
        ({"message": "  \n "}, "empty: write something"),
        ({"message": "pain " * 20_000}, "Shorten the text"),
        ({"message": "Hi", "variant": "stage9"}, "choose among base, stage1, stage2"),
        ({"message": "Hi", "temperature": -1.0}, "temperature"),
        ({"message": "Hi", "max_new_tokens": 0}, "max_new_tokens"),
        ({"message": "Hi", "history": [{"role": "king", "content": "x"}]}, "role"),
        ({"message": "Hi", "history": ["hi"]}, "history must hold"),
        ({"message": "Hi", "history": [{"role": "user", "content": 7}]}, "holds no text"),
    ],
)
def test_bad_input_is_one_clear_line_and_the_app_serves_on(
    client: Client, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(AppError) as caught:
        client.predict(**arguments, api_name="/chat")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert client.predict("Hello", "base", **GREEDY, api_name="/chat")


def test_bad_numbers_of_questions(client: Client) -> None:
    with pytest.raises(AppError, match="choose 1 to 500"):
        client.predict([], 0, api_name="/pubmedqa")
    with pytest.raises(AppError, match="Unknown variant"):
        client.predict(["nobody"], 4, api_name="/pubmedqa")


def test_no_traceback_in_the_log(app: App) -> None:
    assert "Traceback" not in app.output()


def test_an_answer_is_explained_token_by_token_and_layer_by_layer(client: Client) -> None:
    asked = {"message": "I have a bad cold. What should I do?", "answer": "Rest, and drink water."}
    tokens = client.predict(**asked, variant="stage2", api_name="/why")
    assert "".join(token["text"] for token in tokens).strip() == asked["answer"]
    receipt = client.predict(**asked, variant="stage2@0.5", api_name="/receipt")
    assert [w["name"] for w in receipt["weights"]] == ["base", "stage2"]
    assert receipt["weights"][1]["strength"] == 0.5
    assert not [check for check in receipt["checks"] if check["passed"] is False]
    found = client.predict(**asked, variant="stage2", place=1, api_name="/layers")
    assert found["token"] == tokens[1]["text"]
    assert found["logprob"] == pytest.approx(tokens[1]["logprob"], abs=0.05)
    assert found["base"] == pytest.approx(tokens[1]["base"], abs=0.05)
    assert len(found["controls"]) == 3
    assert {len(of) for of in found["control_layers"].values()} == {3}
    assert set(found["control_projections"]) == set(found["projections"])
    assert all(part["worth"] is not None for part in found["parts"])
    with pytest.raises(AppError, match="counted from 0"):
        client.predict(**asked, variant="stage2", place=99, api_name="/layers")
    told = client.predict("Rest helps.", ["base", "stage1"], 2, api_name="/token_logprobs")
    assert list(told) == ["base", "stage1"]
    assert told["base"]["logprobs"][0] is None
    assert [len(likely) for likely in told["base"]["top"]] == [
        0,
        *[2] * (len(told["base"]["tokens"]) - 1),
    ]


def test_many_draws_tell_what_differs(client: Client) -> None:
    told = client.predict("I have a bad cold.", ["base", "stage2"], 10, 12, 0.7, api_name="/luck")
    assert told["done"] == told["of"] == 10
    assert list(told["luck"]["variants"]) == ["base", "stage2"]
    share = told["luck"]["variants"]["stage2"]["ends its turn"]
    assert share["ci95"][0] <= share["mean"] <= share["ci95"][1]
    with pytest.raises(AppError, match="temperature above 0"):
        client.predict("I have a bad cold.", [], 10, 12, 0.0, api_name="/luck")


def test_a_comparison_is_kept_and_its_page_shows_every_letter(client: Client) -> None:
    question = "I have a bad cold. What <b>should</b> I do?"
    kept = client.predict(question, ["base", "stage2"], **GREEDY, api_name="/keep")
    assert kept["link"].startswith("?question=I+have+a+bad+cold")
    assert [column["variant"] for column in kept["json"]["columns"]] == ["base", "stage2"]
    assert kept["json"]["columns"][1]["text"] in kept["markdown"]
    page = client.predict(kept["json"], api_name="/compare_page")
    assert "What &lt;b&gt;should&lt;/b&gt; I do?" in page
    kept["json"]["columns"][0]["scores"][0]["logprob"] = 1e9
    with pytest.raises(AppError, match="no log-probabilities of an answer"):
        client.predict(kept["json"], api_name="/compare_page")


def test_labels_are_scored_as_the_engine_scores_them(client: Client, engine: Engine) -> None:
    """Texts and conversations, more than are scored at once, as far as they are scored."""
    talk = [{"role": "user", "content": "Is asthma a disease? yes or no"}]
    prompts: list[Any] = [*[f"Is {n} a number? Answer:" for n in range(32)], talk]
    labels, names = [" yes", " no"], ["stage2", "base"]
    job = client.submit(prompts, labels, names, api_name="/label_logprobs")
    parts = list(job)
    assert [part["n"] for part in parts] == [32, 33]
    right = engine.label_logprobs(prompts[-2:], labels, names)
    for place, name in enumerate(names):
        rows = parts[-1]["variants"][name]
        assert rows[-2:] == [pytest.approx(row.tolist(), abs=1e-3) for row in right[place]]
    for wrong in ([], [3], "a text"):
        with pytest.raises(AppError, match="Give 1 to 500 prompts, each a text or a list"):
            client.predict(wrong, labels, names, api_name="/label_logprobs")
