"""The learned detector: what kind of message this is, by its letters and words.

A network of one hidden layer over TF-IDF n-grams (`features.py`; Pedregosa et al. 2011), trained by
`python -m train.detector` on messages written for this project. Its model card is README.md beside
it. No language model is needed, and nothing is fetched.
"""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hera.safety.features import normal, vectorizers
from hera.safety.rules import Level

FILE = Path(__file__).with_name("detector.safetensors")
CLASSES = Path(__file__).with_name("classes.toml")
_URGENCY: tuple[Level, ...] = ("none", "crisis", "emergency")
_WINDOW, _STEP = 60, 30  # words: a short sign in a long story is not drowned by it


@dataclass(frozen=True)
class Found:
    """What a message most likely is: a class of `classes.toml`, its level, and the calibrated
    probability that somebody is in danger."""

    kind: str
    level: Level
    danger: float


@cache
def classes() -> Mapping[str, Mapping[str, str]]:
    """`classes.toml`: each class with its level and what it is about."""
    return tomllib.loads(CLASSES.read_text(encoding="utf-8"))


class Detector:
    """The detector of one file.

    Args:
        tensors: `hidden` int8 [n-grams, units], which `hidden.scale` float [units] multiplies, and
            `hidden.bias` float [units], whose sum is cut at 0; `out` float [units, classes] and
            `out.bias` float [classes]; for letters and for words the inverse document frequencies
            and the n-grams, as UTF-8 bytes, a line each.
        told: what stands beside them: `classes`, `threshold`, `slope` and `offset` of the
            calibration.
    """

    def __init__(self, tensors: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> None:
        known = {
            name: tensors[f"{name}.ngrams"].tobytes().decode("utf-8").split("\n")
            for name in ("letters", "words")
        }
        self._vectorizers = vectorizers(known)
        for name, each in self._vectorizers.items():
            each.idf_ = tensors[f"{name}.idf"]
        # As the rows that they are multiplied with: else each message would make such a copy.
        self._hidden = tensors["hidden"] * tensors["hidden.scale"]
        self._hidden_bias = tensors["hidden.bias"]
        self._out, self._out_bias = tensors["out"], tensors["out.bias"]
        self._classes: list[str] = list(told["classes"])
        levels = np.array([classes()[name]["level"] for name in self._classes])
        self._of_level = {level: levels == level for level in ("emergency", "crisis", "none")}
        self._slope, self._offset = float(told["slope"]), float(told["offset"])
        self.threshold = float(told["threshold"])

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float64 [texts, classes], before calibration."""
        from scipy.sparse import hstack
        from scipy.special import softmax

        plain = [normal(text) for text in texts]
        parts = [each.transform(plain) for each in self._vectorizers.values()]
        rows = hstack(parts, format="csr", dtype=np.float32)
        units = np.maximum(rows @ self._hidden + self._hidden_bias, 0)
        scores = (units @ self._out + self._out_bias).astype(np.float64)
        return np.asarray(softmax(scores, axis=1))

    def found(self, readings: Sequence[str]) -> Found:
        """The most urgent of several readings of one message, with the most dangerous one's
        `danger`."""
        each = self.probabilities([part for text in readings for part in windows(text)])
        found = [self._found(row) for row in each]
        danger = max(one.danger for one in found)
        urgent = max(found, key=lambda one: (_URGENCY.index(one.level), one.danger))
        return replace(urgent, danger=danger)

    def _found(self, row: np.ndarray) -> Found:
        sure = self.calibrated(1 - float(row[self._of_level["none"]].sum()))
        level: Level = "none"
        if sure >= self.threshold:
            emergency, crisis = (row[self._of_level[of]].sum() for of in ("emergency", "crisis"))
            level = "emergency" if emergency >= crisis else "crisis"
        likeliest = int(np.where(self._of_level[level], row, -1).argmax())
        return Found(self._classes[likeliest], level, sure)

    def calibrated(self, danger: float) -> float:
        """How often a message that looks so dangerous is one (Platt 1999, on the log-odds)."""
        odds = np.log(max(danger, 1e-12)) - np.log(max(1 - danger, 1e-12))
        return float(1 / (1 + np.exp(-(self._slope * odds + self._offset))))


def windows(text: str) -> list[str]:
    """The message, and where it is long each 60 words of it as well."""
    words = text.split()
    if len(words) <= _WINDOW + _STEP:
        return [text]
    starts = range(0, len(words) - _STEP, _STEP)
    return [text, *(" ".join(words[start : start + _WINDOW]) for start in starts)]


@cache
def detector() -> Detector | None:
    """The shipped one; None, with a line in the log, where it cannot be had: the rules then stand
    alone."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        _say_missing(error)
        return None
    try:
        with safe_open(FILE, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            told = json.loads(file.metadata()["detector"])
        return Detector(tensors, told)
    except (OSError, SafetensorError, ImportError, KeyError, ValueError) as error:
        _say_missing(error)
        return None


def _say_missing(error: Exception) -> None:
    logging.getLogger(__name__).warning(
        "the learned detector of emergencies cannot be read (%s): the rules stand alone.", error
    )
