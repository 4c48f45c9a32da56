"""The conditions that HERA's own dialogues are about."""

from __future__ import annotations

import re
from functools import cache

from hera.refs import EMBEDDED_DIR

_ARTICLE = re.compile(r"^(a|an|the) ", re.IGNORECASE)


@cache
def known_conditions() -> frozenset[str]:
    """Their names, without the article: "migraine", "panic attack", "Lyme disease"."""
    import pyarrow.parquet as pq

    file = EMBEDDED_DIR / "data" / "dialogues_train.parquet"
    names = pq.read_table(file, columns=["condition"]).column("condition").unique().to_pylist()
    return frozenset(bare(name) for name in names if name)  # a dialogue about nothing has none


def bare(name: str) -> str:
    """A condition's name without its article."""
    return _ARTICLE.sub("", name)
