"""What the app serves, from flags and environment."""

import pytest

from hera.config import from_flags
from hera.errors import ConfigError


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERA_MODEL", "me/model")
    monkeypatch.setenv("HERA_ADAPTERS", "a=x/a b=x/b")
    monkeypatch.setenv("HERA_PORT", "9000")
    assert from_flags([]).model == "me/model"
    assert from_flags([]).adapters == {"a": "x/a", "b": "x/b"}
    config = from_flags(["--model", "you/model", "--adapter", "c=y/c", "--port", "9001"])
    assert (config.model, config.adapters, config.port) == ("you/model", {"c": "y/c"}, 9001)


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--adapter", "nothing"], "expected NAME=REF"),
        (["--adapter", "a=x", "--adapter", "a=y"], "given twice"),
        (["--port", "70000"], "1 to 65535"),
    ],
)
def test_bad_values_say_what_to_do(argv: list[str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        from_flags(argv)
