"""What every document says of a PubMedQA run."""

from __future__ import annotations

from collections.abc import Iterator

from hera import __version__
from hera.data import fingerprint
from hera.evaluation.records import without_paths
from hera.types import Engine
from hera.ui.measured import Measured
from hera.ui.measuring import cut_note
from hera.ui.words import WORDS


def about(run: Measured, engine: Engine) -> Iterator[str]:
    """What was asked of what, a line each; no path of this machine."""
    words, dtype = WORDS.report, engine.dtype
    yield words.asked.format(
        n=len(run.scored), total=run.total, source=run.asked.name, seed=run.seed
    )
    if not run.complete:
        yield words.partial
    yield words.data.format(
        ref=str(run.asked.ref), split=run.asked.split, sha256=fingerprint(run.questions)
    )
    yield WORDS.kept.made.format(
        model=without_paths(engine.name),
        computed=f"{dtype}, {engine.device}",
        version=__version__,
    )
    yield from cut_note(run.scored)
    yield WORDS.page.disclaimer.replace("**", "")


def weights(engine: Engine) -> list[tuple[str, str]]:
    """(variant, sha256) of what answered."""
    return list(engine.fingerprints.items())
