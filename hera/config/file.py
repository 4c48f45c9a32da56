"""hera.toml: what an operator makes of HERA, read strictly.

Every text may be one for all languages, or a table with one for each: `[name] en = "…" es = "…"`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, model_validator

from hera.errors import ConfigError
from hera.refs import BASES, Ref, check_name, is_hub_id
from hera.types import BASE

NAME = "hera.toml"
LANGUAGES = ("en", "es")
"""Those that HERA speaks; the first stands in for another that a table lacks."""
MOST_EXAMPLES = 6

T = TypeVar("T")
_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("give a text that is not empty")
    return value.strip()


def _line(value: object) -> str:
    text = _text(value)
    if "\n" in text:
        raise ValueError("give one line")
    return text


def _examples(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_EXAMPLES:
        raise ValueError(f"give a list of 1 to {MOST_EXAMPLES} texts")
    for number, text in enumerate(value, start=1):
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            raise ValueError(f"number {number}: give one line that is not empty")
    return tuple(text.strip() for text in value)


def _by_language(check: Any) -> PlainValidator:
    """One value, which then holds for every language, or a table with one for each."""

    def checked(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            return {LANGUAGES[0]: check(value)}
        for key in value:
            if key not in LANGUAGES:
                raise ValueError(f"{key} is no language here; known are {', '.join(LANGUAGES)}")
        if LANGUAGES[0] not in value:
            raise ValueError(f"{LANGUAGES[0]} is missing, which stands in for other languages")
        return {language: check(one) for language, one in value.items()}

    return PlainValidator(checked)


def _names(value: object, expected: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"give a table of {expected}")
    for name in value:
        if name != BASE:
            try:
                check_name(name)
            except ConfigError as error:
                says = "a variant's name is letters, digits, - and _"
                raise ValueError(f"{name}: {says}") from error
    return value


def _page(value: object) -> str:
    line = _line(value)
    path = PurePosixPath(line)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".html":
        raise ValueError("give an .html file beside this one, as in report/report.html")
    return str(path)


def _adapters(value: object) -> dict[str, str]:
    named = _names(value, 'names and REFs, as in stage1 = "me/hera-stage1"')
    if BASE in named:
        raise ValueError(f"{BASE}: that is the base's own name; choose another")
    return {name: _line(ref) for name, ref in named.items()}


def _colours(value: object) -> dict[str, str]:
    named = _names(value, 'variants and colours, as in stage1 = "#0072b2"')
    taken: dict[str, str] = {}
    for name, colour in named.items():
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            raise ValueError(f"{name}: {colour!r} is no colour; give #rrggbb, as in #0072b2")
        if other := taken.get(colour.lower()):
            raise ValueError(f"{name}: {colour} is the colour of {other} already; give another")
        taken[colour.lower()] = name
    return {name: colour.lower() for name, colour in named.items()}


def is_dataset(repo: str) -> bool:
    """Whether a text is the bare "owner/name" of a data set: no folder in it, and no revision."""
    return is_hub_id(repo) and repo.count("/") == 1 and "@" not in repo


def is_host(name: str) -> bool:
    """Whether a text is a host's name, all names below one ("*.example.org"), or "*" for any."""
    return bool(_HOST.fullmatch(name))


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(n, str) and is_host(n) for n in value):
        raise ValueError('give a list of names, as in ["hera.example.org"]')
    return tuple(value)


def _dataset(value: object) -> str:
    repo = _line(value)
    if not is_dataset(repo):
        raise ValueError(f"{repo!r}: give OWNER/NAME of a data set on the Hub, as in me/votes")
    return repo


_Texts = Annotated[Mapping[str, str], _by_language(_text)]
_Lines = Annotated[Mapping[str, str], _by_language(_line)]
_Examples = Annotated[Mapping[str, tuple[str, ...]], _by_language(_examples)]


class Own(BaseModel):
    """What a hera.toml says; None, or nothing, where HERA's own stays. Texts are by language (see
    `spoken`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Lines | None = None
    """What the demo is called: heading and browser title."""
    description: _Lines | None = None
    """The line under it."""
    disclaimer: _Texts | None = None
    """What stands behind "Not a medical device.", which always stands."""
    examples: _Examples | None = None
    """What Chat offers to ask; the first stands in Compare's box."""
    base: Annotated[str | None, PlainValidator(_line)] = None
    adapters: Annotated[Mapping[str, str], PlainValidator(_adapters)] = {}
    colours: Annotated[Mapping[str, str], PlainValidator(_colours)] = {}
    """#rrggbb by variant."""
    questions: Annotated[str | None, PlainValidator(_line)] = None
    feedback: Annotated[str | None, PlainValidator(_dataset)] = None
    hosts: Annotated[tuple[str, ...], PlainValidator(_hosts)] = ()
    """The names by which the app may be asked for."""
    report: Annotated[str | None, PlainValidator(_page)] = None
    """A page of `benchmarks.report` that lies beside it (see `report_of`)."""

    @model_validator(mode="after")
    def _colours_of_variants(self) -> Own:
        strange = [name for name in self.colours if name not in (BASE, *self.adapters)]
        if self.adapters and strange:
            known = ", ".join((BASE, *self.adapters))
            raise ValueError(f"colours: {strange[0]}: no such variant; there are {known}")
        return self


def spoken(texts: Mapping[str, T] | None, language: str) -> T | None:
    """What is said in a language, or where it is not, in the first of `LANGUAGES`."""
    return None if texts is None else texts.get(language, texts[LANGUAGES[0]])


def find(named: str | None) -> Path | None:
    """The file: the one that was named, else that of HERA_CONFIG, else a hera.toml in the working
    directory; None where there is none.

    Raises:
        ConfigError: the one that was named is not there.
    """
    variable = os.environ.get("HERA_CONFIG")
    asked = f"--config {named}" if named else f"HERA_CONFIG={variable}"
    if named or variable:
        path = Path(str(named or variable)).expanduser()
        if not path.is_file():
            raise ConfigError(f"{asked}: no such file. See hera/README.md for what goes into one.")
        return path
    return Path(NAME) if Path(NAME).is_file() else None


def read(path: Path) -> Own:
    """What it says.

    Raises:
        ConfigError: it is no TOML, or something in it is not what its key takes.
    """
    try:
        return Own.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML ({error}).") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {_said(error)}.") from error


def ref_of(path: Path | None, own: Own, key: str) -> Ref | None:
    """The REF of "base" or "questions" in what the file at that path says; None where it names
    none. A folder or file is looked for beside the hera.toml."""
    text = getattr(own, key)
    return _ref(path, key, text) if path and text else None


def adapters_of(path: Path | None, own: Own) -> dict[str, Ref] | None:
    """The same for its adapters, by variant."""
    if not path or not own.adapters:
        return None
    return {name: _ref(path, f"adapters.{name}", text) for name, text in own.adapters.items()}


def report_of(path: Path | None, own: Own) -> Path | None:
    """The page of measurements in what the file at that path says; None where it names none.

    Raises:
        ConfigError: no such file.
    """
    if not path or not own.report:
        return None
    report = path.parent / own.report
    if not report.is_file():
        raise ConfigError(
            f"{path}: report: {own.report}: no such file. Make it: "
            "python -m benchmarks.report DIR ..."
        )
    return report


def _ref(path: Path, key: str, text: str) -> Ref:
    beside = path.parent / text
    local = text not in BASES and (text.startswith(".") or beside.exists())
    return Ref.of(str(beside) if local else text, f"{path}: {key}=")


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: no such key; known are {', '.join(Own.model_fields)}"
    said = first["msg"].removeprefix("Value error, ")
    return f"{key}: {said}" if key else said
