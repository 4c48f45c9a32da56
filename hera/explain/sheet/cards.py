"""The README that lies with weights: its text, its licence, and the scores in its metadata.

The metadata at its head is the Hub's (https://huggingface.co/docs/hub/model-cards): `license`, and
`model-index`, in which a card of several adapters names each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hera.errors import one_line
from hera.evaluation.records import Interval
from hera.explain.sheet.order import folder, is_shipped, public
from hera.explain.sheet.records import Card, Score
from hera.refs import EMBEDDED, SMOLLM2, Ref

FILE = "README.md"
_LICENCES = {EMBEDDED: "mit", SMOLLM2: "apache-2.0"}
_HEAD = re.compile(r"\A---\r?\n(?P<head>.*?)\r?\n---\s*?(?:\r?\n|\Z)(?P<text>.*)", re.S)
_LONGEST = 40_000  # characters: nobody reads more on a page
_MOST = 50  # scores of one card

_VALUE: TypeAdapter[float] = TypeAdapter(float)
_COUNT: TypeAdapter[int] = TypeAdapter(int)
_ENDS: TypeAdapter[Interval] = TypeAdapter(Interval)


@dataclass(frozen=True)
class Read:
    """A card with its metadata, and the file that it is."""

    path: Path
    name: str
    head: dict[str, Any]
    text: str


def card_of(ref: Ref, unread: list[str]) -> Read | None:
    """The one that lies with a REF's weights, if there is one; adds to `unread` what is no
    metadata."""
    place = folder(ref)
    if place is None:
        return None
    if is_shipped(ref):
        place = place.resolve().parent
    path = place / FILE
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    found = _HEAD.match(text)
    name = public(ref).rpartition("/")[0] if is_shipped(ref) else public(ref)
    if found is None:
        return Read(path, name, {}, text)
    return Read(path, name, _metadata(found["head"], name, unread), found["text"])


def _metadata(head: str, name: str, unread: list[str]) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError) as error:  # a date that is none, say
        unread.append(f"{name}/{FILE}: its metadata are no YAML ({one_line(error)})")
        return {}
    return content if isinstance(content, dict) else {}


def licence(ref: Ref, card: Read | None) -> str | None:
    """What the card says, else what is known of the base; None if neither."""
    told = card.head.get("license") if card else None
    if isinstance(told, str) and told != "other":
        return told
    named = card.head.get("license_name") if card else None
    if isinstance(named, str):
        return named
    known = "gemma" if "gemma" in (ref.repo or "").lower() else None
    return _LICENCES.get(ref.text, known)


def card(read: Read, variants: tuple[str, ...]) -> Card:
    """It as data."""
    told = read.head.get("license")
    return Card(
        variants=variants,
        name=read.name,
        licence=told if isinstance(told, str) else None,
        text=read.text.strip()[:_LONGEST],
        cut=len(read.text.strip()) > _LONGEST,
    )


def scores(read: Read, variant: str) -> list[Score]:
    """What its `model-index` says of a variant: in a card of several models each has its name."""
    index = read.head.get("model-index")
    models = [m for m in index if isinstance(m, dict)] if isinstance(index, list) else []
    found: list[Score] = []
    for model in models:
        if len(models) == 1 or model.get("name") == variant:
            results = model.get("results")
            for result in results if isinstance(results, list) else []:
                found += _scores(result)
    return found[:_MOST]


def _scores(result: Any) -> Iterator[Score]:
    if not isinstance(result, dict) or not isinstance(result.get("metrics"), list):
        return
    data = result.get("dataset")
    data = data if isinstance(data, dict) else {}
    for metric in result["metrics"]:
        value = _checked(_VALUE, metric.get("value")) if isinstance(metric, dict) else None
        if value is not None:
            yield Score(
                metric=str(metric.get("name") or metric.get("type") or ""),
                value=value,
                ci95=_checked(_ENDS, _argument(metric, "ci95")),
                n=_checked(_COUNT, _argument(data, "n")),
                data=str(data.get("name") or data.get("type") or ""),
                source=FILE,
            )


def _argument(of: dict[str, Any], key: str) -> Any:
    arguments = of.get("args")
    return arguments.get(key) if isinstance(arguments, dict) else None


def _checked(kind: TypeAdapter[Any], value: Any) -> Any:
    """The value, or None where it is of another kind: an unmeasured number is none."""
    try:
        return None if value is None else kind.validate_python(value)
    except ValidationError:
        return None
