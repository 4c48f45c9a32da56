"""The metadata on top of a README, and what the Hub refuses in it."""

from __future__ import annotations

import re
from typing import Any

import yaml

COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
SDKS = ("gradio", "docker", "static", "streamlit")
SHORT = 60  # characters of a Space's short_description


def front_matter(text: str) -> dict[str, Any]:
    """The metadata, empty if there is none. yaml.YAMLError if it cannot be read."""
    found = re.match(r"---[ \t]*\r?\n(.*?)^---[ \t]*$", text, re.S | re.M)
    content = yaml.safe_load(found[1]) if found else None
    return content if isinstance(content, dict) else {}


def problems(text: str, kind: str) -> tuple[list[str], list[str]]:
    """(errors, warnings) that the Hub has about a README."""
    try:
        card = front_matter(text)
    except yaml.YAMLError as error:
        return [f"YAML Metadata Error: {error}"], []
    if not card:
        return [], ["empty or missing yaml metadata in repo card"]
    errors = _space(card) if kind == "space" else []
    if kind == "model" and "model-index" in card:
        errors += _model_index(card["model-index"])
    if "tags" in card and not _strings(card["tags"]):
        errors.append('"tags" must be an array of strings')
    return errors, []


def _space(card: dict[str, Any]) -> list[str]:
    allowed = {"colorFrom": COLORS, "colorTo": COLORS, "sdk": SDKS}
    errors = [
        f'"{name}" must be one of [{", ".join(values)}]'
        for name, values in allowed.items()
        if name in card and card[name] not in values
    ]
    if len(card.get("short_description", "")) > SHORT:
        errors.append(f'"short_description" must be at most {SHORT} characters long')
    for name in ("sdk_version", "python_version"):  # 3.10 unquoted is the number 3.1
        if name in card and not isinstance(card[name], str):
            errors.append(f'"{name}" must be a string')
    errors += [
        f'"{name}" must be an array of strings'
        for name in ("models", "datasets", "preload_from_hub")
        if name in card and not _strings(card[name])
    ]
    return errors


def _model_index(index: Any) -> list[str]:
    """Names of the required fields that are not there."""
    if not isinstance(index, list):
        return ['"model-index" must be an array']
    errors: list[str] = []
    for i, model in enumerate(index):
        errors += _missing(model, ("name", "results"), f"model-index[{i}]")
        for j, result in enumerate(model.get("results", [])):
            place = f"model-index[{i}].results[{j}]"
            errors += _missing(result, ("task", "dataset", "metrics"), place)
            errors += _missing(result.get("task", {}), ("type",), f"{place}.task")
            errors += _missing(result.get("dataset", {}), ("type", "name"), f"{place}.dataset")
            for k, metric in enumerate(result.get("metrics", [])):
                errors += _missing(metric, ("type", "value"), f"{place}.metrics[{k}]")
    return errors


def _missing(fields: dict[str, Any], names: tuple[str, ...], place: str) -> list[str]:
    return [f'"{place}.{name}" is required' for name in names if name not in fields]


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
