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

NGRAMS = 60_000
"""That are kept, of letters and words together."""
_UNITS = 96
_EPOCHS = 20
_SEED = 42
_LEFT_OUT = 0.5
"""Of a message's n-grams, others in each epoch (Srivastava et al. 2014, section 2): so that nothing
hangs on a single one, which the next author may not use."""

Parts = tuple[dict[str, np.ndarray], list[str]]
"""The tensors of a detector, and its classes."""


def fitted(messages: Sequence[Message]) -> Parts:
    """A detector of the n-grams that weigh most."""
    texts, kinds = [normal(m.text) for m in messages], [m.kind for m in messages]
    learnt = vectorizers()
    rows = hstack([each.fit_transform(texts) for each in learnt.values()], format="csr")
    kept = np.sort(np.argsort(-_weights(rows, kinds))[:NGRAMS])
    names = {name: each.get_feature_names_out() for name, each in learnt.items()}
    first = len(names["letters"])
    known = {
        "letters": list(names["letters"][kept[kept < first]]),
        "words": list(names["words"][kept[kept >= first] - first]),
    }
    again = vectorizers(known)
    rows = hstack([each.fit_transform(texts) for each in again.values()], format="csr")
    network = _network(rows, kinds)
    (hidden, out), (hidden_bias, out_bias) = network.coefs_, network.intercepts_
    scale = np.maximum(np.abs(hidden).max(axis=0), 1e-8) / 127
    tensors = {
        "hidden": np.ascontiguousarray(np.round(hidden / scale).astype(np.int8)),
        "hidden.scale": scale.astype(np.float32),
        "hidden.bias": hidden_bias.astype(np.float32),
        "out": out.astype(np.float32),
        "out.bias": out_bias.astype(np.float32),
    }
    for name, each in again.items():
        tensors[f"{name}.idf"] = each.idf_.astype(np.float32)
        tensors[f"{name}.ngrams"] = np.frombuffer("\n".join(known[name]).encode(), dtype=np.uint8)
    return tensors, network.classes_.tolist()


def detector(parts: Parts, told: Mapping[str, Any]) -> Detector:
    """The detector as it is served."""
    tensors, classes = parts
    return Detector(tensors, {"classes": classes, **told})


def _weights(rows: csr_matrix, kinds: Sequence[str]) -> np.ndarray:
    """float [n-grams]: how much each tells, by a regression that is far from its end."""
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model = LogisticRegression(C=20.0, max_iter=40).fit(rows, kinds)
    return np.asarray(np.linalg.norm(model.coef_, axis=0))


def _network(rows: csr_matrix, kinds: Sequence[str]) -> MLPClassifier:
    """One hidden layer, after so many epochs of Adam."""
    draw, classes = np.random.default_rng(_SEED), sorted(set(kinds))
    network = MLPClassifier((_UNITS,), batch_size=min(128, rows.shape[0]), random_state=_SEED)
    for _ in range(_EPOCHS):
        thinned = rows.astype(np.float32)
        thinned.data *= (draw.random(thinned.nnz) >= _LEFT_OUT) / (1 - _LEFT_OUT)
        network.partial_fit(thinned, kinds, classes=classes)
    return network
