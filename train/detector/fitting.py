"""Fitting a detector to messages."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from hera.evaluation.safety.messages import Message
from hera.safety.features import normal, vectorizers
from hera.safety.learned import Detector

NGRAMS = 30_000
"""That are kept, of letters and words together."""
_STRENGTH = 20.0  # C of scikit-learn; from 10 to 40 authors left out differed by half a point
_UNITS = 96
_EPOCHS = 16  # of authors left out, with 8 a third of a point less was found, with 4 three points
_SEED = 42

Parts = tuple[dict[str, np.ndarray], list[str]]
"""The tensors of a detector, and its classes."""


def fitted(messages: Sequence[Message]) -> Parts:
    """A detector of the n-grams that weigh most."""
    texts, kinds = [normal(m.text) for m in messages], [m.kind for m in messages]
    learnt = vectorizers()
    rows = hstack([each.fit_transform(texts) for each in learnt.values()], format="csr")
    weight = np.linalg.norm(_regression(rows, kinds, steps=40).coef_, axis=0)
    kept = np.sort(np.argsort(-weight)[:NGRAMS])
    names = {name: each.get_feature_names_out() for name, each in learnt.items()}
    first = len(names["letters"])
    known = {
        "letters": list(names["letters"][kept[kept < first]]),
        "words": list(names["words"][kept[kept >= first] - first]),
    }
    again = vectorizers(known)
    rows = hstack([each.fit_transform(texts) for each in again.values()], format="csr")
    model, network = _regression(rows, kinds, steps=120), _network(rows, kinds)
    (hidden, out), (hidden_bias, out_bias) = network.coefs_, network.intercepts_
    tensors = {
        **_small("weight", model.coef_.T),
        "bias": model.intercept_.astype(np.float32),
        **_small("hidden", hidden),
        "hidden.bias": hidden_bias.astype(np.float32),
        "out": out.astype(np.float32),
        "out.bias": out_bias.astype(np.float32),
    }
    for name, each in again.items():
        tensors[f"{name}.idf"] = each.idf_.astype(np.float32)
        tensors[f"{name}.ngrams"] = np.frombuffer("\n".join(known[name]).encode(), dtype=np.uint8)
    return tensors, list(model.classes_)


def detector(parts: Parts, told: Mapping[str, Any]) -> Detector:
    """The detector as it is served."""
    tensors, classes = parts
    return Detector(tensors, {"classes": classes, **told})


def _small(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Weights as int8, and what multiplies each column to have them back."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-8) / 127
    whole = np.ascontiguousarray(np.round(weights / scale).astype(np.int8))
    return {name: whole, f"{name}.scale": scale.astype(np.float32)}


def _regression(rows: csr_matrix, kinds: Sequence[str], steps: int) -> LogisticRegression:
    """After so many steps of L-BFGS, which is enough and far from its end."""
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return LogisticRegression(C=_STRENGTH, max_iter=steps).fit(rows, kinds)


def _network(rows: csr_matrix, kinds: Sequence[str]) -> MLPClassifier:
    """One hidden layer, after so many epochs of Adam."""
    network = MLPClassifier(
        (_UNITS,), batch_size=min(128, rows.shape[0]), max_iter=_EPOCHS, random_state=_SEED
    )
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return network.fit(rows.astype(np.float32), kinds)
