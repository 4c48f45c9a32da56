"""What a server may do wrong: one line each, and what was said until then stands."""

from __future__ import annotations

import socket

import pytest

from hera import GenerationParams, HeraError
from hera.engine import connect
from hera.errors import ConfigError, ModelError, UnsupportedError
from hera.types import BASE, Message, Step
from tests.faulty import MODELS, faulty

ASKED: list[Message] = [{"role": "user", "content": "I have a cold."}]
PARAMS = GenerationParams(16, temperature=0.5, top_p=0.9, seed=7)


@pytest.mark.parametrize(
    ("model", "says", "said"),
    [
        ("stops", "it stopped in the middle (", "Drink some "),
        ("breaks", "it failed (out of memory).", "Drink "),
        ("silent", "it was silent for 0.5 s, and is given up.", "Drink "),
        ("page", "no OpenAI-compatible server answers there (it sent text/html in", ""),
        ("junk", "no OpenAI-compatible server answers there (it sent what is no JSON)", ""),
        ("odd", "no OpenAI-compatible server answers there (choices: ", ""),
        ("gone", "it answered 404 (The model `gone` does not exist).", ""),
    ],
)
def test_an_answer_that_breaks_off(model: str, says: str, said: str) -> None:
    with faulty() as server:
        engine = connect(server.url, None, {"other": model}, silence=0.5)
        steps: list[Step] = []
        with pytest.raises(HeraError) as error:
            steps.extend(engine.stream({"other": ASKED}, PARAMS))
        assert str(error.value).startswith(f"--server {server.url}: {says}")
        assert "\n" not in str(error.value)
        assert (steps[-1].texts["other"] if steps else "") == said
        whole = engine.answer({BASE: ASKED}, PARAMS)
    assert whole.texts == {BASE: "Rest helps."}
    assert (whole.tokens, whole.finished) == ({BASE: 2}, {BASE: "stop"})


def test_where_one_breaks_off_the_others_go_on_and_what_was_said_stays() -> None:
    with faulty() as server:
        engine = connect(server.url, None, {"one": "stops", "two": "gone"})
        asked = dict.fromkeys(engine.variants, ASKED)
        *_, last = engine.stream(asked, PARAMS)
        assert last.texts == {BASE: "Rest helps.", "one": "Drink some ", "two": ""}
        assert last.finished == {BASE: "stop", "one": "failed", "two": "failed"}
        assert "it stopped in the middle" in last.failed["one"]
        assert "it answered 404" in last.failed["two"]
        with pytest.raises(ModelError, match="it stopped in the middle"):
            engine.answer(asked, PARAMS)
        with pytest.raises(ModelError):  # all of them have failed
            list(engine.stream({"one": ASKED, "two": ASKED}, PARAMS))


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("<html>Welcome</html>", "(it sent a page of HTML)"),
        ({"data": []}, "(data: List should have at least 1 item"),
        ({"models": []}, "(data: Field required)"),
        ([1], "(it sent a list)"),
        ({"data": [{"id": "a\nb"}]}, "(data.0.id: String should match pattern"),
    ],
)
def test_an_address_where_no_such_server_is(models: object, says: str) -> None:
    with faulty(models) as server, pytest.raises(ModelError) as error:
        connect(server.url)
    assert f"no OpenAI-compatible server answers there {says}" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_address_where_nothing_is() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ModelError, match=rf"^--server {url}: it cannot be reached \(.*refused"):
            connect(url)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://a", "http://me:secret@a", "http://a/v1?key=secret", ""]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^--server .*expected an address") as error:
        connect(url)
    assert "secret@" not in str(error.value)


def test_a_model_that_it_lacks() -> None:
    with faulty() as server:
        lacks = f"it has no model 'mine', only {', '.join(MODELS)}"
        with pytest.raises(ModelError, match=lacks):
            connect(server.url, None, {"stage1": "mine"})
        with pytest.raises(ModelError, match=lacks):
            connect(server.url, None, {"base": "mine"}, leave_out_broken=True)
        engine = connect(server.url, None, {"a": "gone", "b": "mine"}, leave_out_broken=True)
    assert engine.variants == (BASE, "a")
    assert any("b left out: " in note and "'mine'" in note for note in engine.notes)


def test_too_many_models_to_show() -> None:
    many = {"data": [{"id": f"me/model-{k}"} for k in range(20)]}
    with faulty(many) as server:
        with pytest.raises(ConfigError, match=r"it has 20 models\. Name those to serve: --adapter"):
            connect(server.url)
        engine = connect(server.url, None, {"base": "me/model-3", "tuned": "me/model-4"})
    assert (engine.variants, engine.name) == ((BASE, "tuned"), "me/model-3")


def test_its_key_and_nothing_else_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the Hub's token, not what is kept for OpenAI, nothing of this machine."""
    kept = {
        "HF_TOKEN": "hf_secretsecret",
        "OPENAI_API_KEY": "sk-secret",
        "OPENAI_ADMIN_KEY": "sk-secret",
        "OPENAI_ORG_ID": "secret",
        "OPENAI_PROJECT_ID": "secret",
        "OPENAI_BASE_URL": "http://127.0.0.1:1/secret",
        "OPENAI_CUSTOM_HEADERS": "X-Mine: secret",
    }
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    with faulty(wants="sesame") as server:
        with pytest.raises(ModelError, match=r"it wants a key \(401\): set HERA_SERVER_KEY\.$"):
            connect(server.url)
        monkeypatch.setenv("HERA_SERVER_KEY", "simsalabim")
        with pytest.raises(ModelError, match=r"401\): the one in HERA_SERVER_KEY is not it\.$"):
            connect(server.url)
        monkeypatch.setenv("HERA_SERVER_KEY", "sesame")
        connect(server.url).answer({BASE: ASKED}, PARAMS)
        asked = server.asked
    assert "secret" not in repr(asked)
    assert "authorization" not in asked[0][1]
    names = {name for _, headers, _ in asked for name in headers}
    assert names <= {
        *("accept", "accept-encoding", "authorization", "connection", "content-length"),
        *("content-type", "host", "user-agent"),
    }


def test_how_to_sample_is_passed_on() -> None:
    with faulty() as server:
        connect(f"{server.url}/v1/").answer({BASE: ASKED}, PARAMS)
        path, _, body = server.asked[-1]
    assert path == "/v1/chat/completions"
    assert body["messages"] == ASKED
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.5, 0.9, 7)
    assert (body["max_tokens"], body["stream"]) == (16, True)


def test_what_needs_the_base_says_so() -> None:
    with faulty() as server:
        engine = connect(server.url)
        why = "cannot score here: name the base with --model"
        assert engine.unsupported["label_logprobs"].startswith(why)
        with pytest.raises(UnsupportedError, match=why):
            engine.label_logprobs(["Is it so?"])
        with pytest.raises(UnsupportedError, match="Only conversations that end with a question"):
            engine.stream({BASE: "Asthma is"}, PARAMS)
        for method in ("token_logprobs", "embed"):
            assert method in engine.unsupported
        with pytest.raises(UnsupportedError):
            engine.token_logprobs("Asthma")
        named = connect(server.url, "embedded")
    assert named.name == "embedded"
    assert "only vLLM and llama.cpp" in named.unsupported["label_logprobs"]
