"""results.json of `benchmarks.forgot`."""

from __future__ import annotations

from typing import Literal

from hera.evaluation.forgetting import Forgot, ProbeLosses
from hera.evaluation.results import Header, RunFacts


class ForgotResult(RunFacts, Forgot, Header):
    """The whole file. `left_out` are probes that the base itself answers with nothing."""

    benchmark: Literal["forgot"]
    left_out: tuple[str, ...]
    items: tuple[ProbeLosses, ...]
