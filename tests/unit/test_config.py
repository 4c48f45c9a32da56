"""What the app serves, from flags and environment."""

from pathlib import Path

import pytest

from hera.config import GpuSeconds, Remote, from_flags
from hera.config.file import spoken
from hera.errors import ConfigError
from hera.refs import Ref


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERA_MODEL", "me/model")
    monkeypatch.setenv("HERA_ADAPTERS", "a=x/a b=x/b")
    monkeypatch.setenv("HERA_PORT", "9000")
    assert from_flags([]).model == Ref.of("me/model")
    assert from_flags([]).adapters == {"a": Ref.of("x/a"), "b": Ref.of("x/b")}
    config = from_flags(["--model", "you/model", "--adapter", "c=y/c", "--port", "9001"])
    assert (config.model, config.adapters) == (Ref.of("you/model"), {"c": Ref.of("y/c")})
    assert config.adapters is not None
    assert config.adapters["c"].says == "--adapter c=y/c"
    assert config.port == 9001
    assert config.questions is None
    monkeypatch.setenv("HERA_QUESTIONS", "me/questions")
    assert from_flags([]).questions == Ref.of("me/questions")
    assert from_flags(["--questions", "you/questions"]).questions == Ref.of("you/questions")


def test_only_a_model_that_nobody_named_has_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERA_MODEL", raising=False)
    usual = from_flags([])
    assert (usual.model, usual.fallback) == (Ref.of("smollm2"), Ref.of("embedded"))
    mine = from_flags(["--adapter", "mine=me/adapter"])
    assert (mine.model, mine.fallback) == (Ref.of("embedded"), None)
    assert from_flags(["--model", "smollm2"]).fallback is None
    pinned = from_flags(["--model", "smollm2@abc"])  # as a deployment says what is served anyway
    assert (pinned.model.revision, pinned.fallback) == ("abc", usual.fallback)
    monkeypatch.setenv("HERA_MODEL", "smollm2")
    assert from_flags([]).fallback is None


def test_a_space_says_where_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERA_HOST", raising=False)
    monkeypatch.delenv("HERA_PORT", raising=False)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7999")
    config = from_flags([])
    assert (config.host, config.port) == ("0.0.0.0", 7999)
    monkeypatch.setenv("HERA_HOST", "::1")
    monkeypatch.setenv("HERA_PORT", "8000")
    config = from_flags([])
    assert (config.host, config.port) == ("::1", 8000)
    monkeypatch.setenv("GRADIO_SERVER_PORT", "http")
    assert from_flags(["--port", "9"]).port == 9
    monkeypatch.delenv("HERA_PORT")
    with pytest.raises(ConfigError, match="GRADIO_SERVER_PORT=http: expected a whole number"):
        from_flags([])


def test_what_a_space_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_flags([]).queue == 64
    monkeypatch.setenv("HERA_QUEUE", "10")
    monkeypatch.setenv("HERA_GPU_SECONDS", "20 0.5 1")
    config = from_flags([])
    assert config.queue == 10
    assert config.gpu_seconds == GpuSeconds(start=20, token=0.5, question=1)
    for wrong in ("20", "a b c", "20 -1 1"):
        monkeypatch.setenv("HERA_GPU_SECONDS", wrong)
        with pytest.raises(ConfigError, match="expected three numbers"):
            from_flags([])
    monkeypatch.delenv("HERA_GPU_SECONDS")
    monkeypatch.setenv("HERA_QUEUE", "-1")
    with pytest.raises(ConfigError, match="HERA_QUEUE=-1"):
        from_flags([])


def test_votes_are_collected_only_where_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERA_FEEDBACK", raising=False)
    assert from_flags([]).feedback is None
    monkeypatch.setenv("HERA_FEEDBACK", "me/votes")
    assert from_flags([]).feedback == "me/votes"
    assert from_flags(["--feedback", "you/votes"]).feedback == "you/votes"


def test_a_password_is_long_enough_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERA_AUTH", "ana:open:sesame")
    config = from_flags([])
    assert config.auth == "ana:open:sesame"
    assert "sesame" not in repr(config)
    for short in ("ana", "ana:seven77", ":open-sesame"):
        monkeypatch.setenv("HERA_AUTH", short)
        with pytest.raises(ConfigError, match=r"^HERA_AUTH: give NAME:PASSWORD") as caught:
            from_flags([])
        assert short not in str(caught.value)


def test_where_a_proxy_serves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_ROOT_PATH", raising=False)
    assert from_flags([]).root_path == ""
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/from/variable/")
    assert from_flags([]).root_path == "/from/variable"
    assert from_flags(["--root-path", "/"]).root_path == ""
    assert from_flags(["--root-path", "/hera"]).root_path == "/hera"
    whole = "https://example.org:8443/hera"
    assert from_flags(["--root-path", f"{whole}/"]).root_path == whole
    monkeypatch.setenv("GRADIO_ROOT_PATH", "hera")
    with pytest.raises(ConfigError, match="GRADIO_ROOT_PATH=hera: expected the path"):
        from_flags([])


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--adapter", "nothing"], "expected NAME=REF"),
        (["--adapter", "a=x", "--adapter", "a=y"], "given twice"),
        (["--port", "70000"], "1 to 65535"),
        (["--feedback", "votes"], "--feedback votes: give OWNER/NAME"),
        (["--feedback", "me/votes/more"], "give OWNER/NAME"),
        (["--root-path", "hera"], "--root-path hera: expected the path"),
        (["--root-path", "/a//b"], "expected the path"),
        (["--root-path", "/a?b"], "expected the path"),
    ],
)
def test_bad_values_say_what_to_do(argv: list[str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        from_flags(argv)


def test_a_server_in_place_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERA_MODEL", raising=False)
    config = from_flags(["--server", "http://a:1", "--adapter", "mine=gemma2:2b"])
    assert config.server == Remote("http://a:1", None, {"mine": "gemma2:2b"})
    assert (config.model.title, config.adapters, config.fallback) == ("http://a:1", None, None)
    monkeypatch.setenv("HERA_SERVER", "http://b:2")
    monkeypatch.setenv("HERA_MODEL", "embedded")
    config = from_flags([])
    assert config.server == Remote("http://b:2", Ref.of("embedded"), None)
    assert config.model == Ref.of("embedded")
    for flags in (["--4bit"], ["--own-base"], ["--engine", "llama.cpp"]):
        with pytest.raises(ConfigError, match=r"^--server: "):
            from_flags(flags)
    for pair in ("mine", "=x", "a b=x"):
        with pytest.raises(ConfigError, match=r"^--adapter "):
            from_flags(["--adapter", pair])


OWN = """
base = "base"
questions = "me/questions"
feedback = "me/votes"
examples = ["One?", "Two?"]
[name]
en = "Mine"
es = "Lo mío"
[adapters]
one = "./one"
two = "me/two@v1"
[colours]
two = "#AA00FF"
"""


def test_a_file_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HERA_MODEL", "HERA_ADAPTERS", "HERA_QUESTIONS", "HERA_FEEDBACK"):
        monkeypatch.delenv(variable, raising=False)
    path = tmp_path / "mine" / "hera.toml"
    (path.parent / "base").mkdir(parents=True)
    path.write_text(OWN, encoding="utf-8")
    config = from_flags(["--config", str(path)])
    assert (config.model.path, config.fallback) == (path.parent / "base", None)  # beside the file
    assert config.model.says == f"{path}: base={path.parent / 'base'}"
    assert config.adapters is not None
    assert [ref.path for ref in config.adapters.values()] == [path.parent / "one", None]
    assert (config.questions, config.feedback) == (Ref.of("me/questions"), "me/votes")
    assert [spoken(config.own.name, code) for code in ("en", "es")] == ["Mine", "Lo mío"]
    assert spoken(config.own.examples, "es") == ("One?", "Two?")
    assert config.own.colours == {"two": "#aa00ff"}
    # Flags win over the environment, and that over the file; without a name it is found.
    monkeypatch.chdir(path.parent)
    assert from_flags([]).model == Ref.of("base")
    monkeypatch.setenv("HERA_MODEL", "embedded")
    assert (from_flags([]).model, from_flags([]).own.base) == (Ref.of("embedded"), "base")
    chosen = from_flags(["--model", "you/base", "--adapter", "x=you/x", "--feedback", "you/votes"])
    assert (chosen.model, chosen.feedback) == (Ref.of("you/base"), "you/votes")
    assert chosen.adapters == {"x": Ref.of("you/x")}
    server = from_flags(["--server", "http://a:1"]).server
    assert server is not None
    assert server.models == {"one": "./one", "two": "me/two@v1"}
    (tmp_path / "other.toml").write_text('name = "Other"', encoding="utf-8")
    monkeypatch.setenv("HERA_CONFIG", str(tmp_path / "other.toml"))
    assert spoken(from_flags([]).own.name, "en") == "Other"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('nmae = "x"', "nmae: no such key; known are name, description, "),
        ("name = 3", "name: give a text that is not empty"),
        ('disclaimer = " "', "disclaimer: give a text that is not empty"),
        ('[name]\nfr = "x"', "name: fr is no language here; known are en, es"),
        ('[name]\nes = "x"', "name: en is missing"),
        ('examples = ["a", ""]', "examples: number 2: give one line that is not empty"),
        ("examples = []", "examples: give a list of 1 to 6 texts"),
        ('[colours]\nbase = "red"', "colours: base: 'red' is no colour; give #rrggbb"),
        ('[colours]\na = "#00000A"\nb = "#00000a"', "b: #00000a is the colour of a already"),
        ('[adapters]\na = "x"\n[colours]\nb = "#000000"', "colours: b: no such variant; there are"),
        ('[adapters]\nbase = "x"', "adapters: base: that is the base's own name"),
        ('feedback = "votes"', "feedback: 'votes': give OWNER/NAME"),
        ('report = "../r.html"', "report: give an .html file beside this one"),
        ('report = "r.html"', "report: r.html: no such file. Make it: python -m benchmarks.report"),
        ("name = ", "cannot be read as TOML"),
    ],
)
def test_a_file_is_read_strictly(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "hera.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        from_flags(["--config", str(path)])
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert says in said
    assert "\n" not in said
    with pytest.raises(ConfigError, match=r"^--config nowhere\.toml: no such file"):
        from_flags(["--config", "nowhere.toml"])


def test_who_has_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_flags([]).sign_in is None
    monkeypatch.setenv("HERA_SIGN_IN", "Ana bert")
    with pytest.raises(ConfigError, match="OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET are not set"):
        from_flags([])
    monkeypatch.setenv("OAUTH_CLIENT_ID", "one")
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "sesame")
    monkeypatch.setenv("SPACE_HOST", "me-hera.hf.space, hera.example.org")
    who = from_flags([]).sign_in
    assert who is not None
    assert "sesame" not in repr(who)
    assert (who.provider, who.host) == ("https://huggingface.co", "me-hera.hf.space")
    assert who.aliases == ("hera.example.org",)
    assert [who.lets_in(name) for name in ("ana", "BERT", "an", "carla")] == [1, 1, 0, 0]
    with pytest.raises(ConfigError, match="another address each time"):
        from_flags(["--share"])
    monkeypatch.setenv("HERA_SIGN_IN", "*")
    anybody = from_flags([]).sign_in
    assert anybody is not None
    assert anybody.lets_in("carla")
    for given, said in (("ana,bert", "=ana,bert: give names of accounts"), (" ", " names nobody")):
        monkeypatch.setenv("HERA_SIGN_IN", given)
        with pytest.raises(ConfigError, match=f"HERA_SIGN_IN{said}"):
            from_flags([])


def test_a_provider_is_asked_in_the_open_on_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HERA_SIGN_IN", "*")
    monkeypatch.setenv("OAUTH_CLIENT_ID", "one")
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "sesame")
    for url in ("http://127.0.0.1:8", "https://id.example.org/"):
        monkeypatch.setenv("OPENID_PROVIDER_URL", url)
        assert from_flags([]).sign_in is not None
    for url in ("http://id.example.org", "id.example.org", "file:///etc"):
        monkeypatch.setenv("OPENID_PROVIDER_URL", url)
        with pytest.raises(ConfigError, match="begins with https://"):
            from_flags([])
