"""Metrics as `evaluate` modules, each in its folder: PubMedQA's, and ROUGE-L. This package loads
them, and publishes PubMedQA's.

    python -m benchmarks.metrics --space me/pubmedqa --dry-run     # the files; contacts nothing
    python -m benchmarks.metrics --space me/pubmedqa

Then `evaluate.load("me/pubmedqa")` works anywhere. The folder stands alone: what is pushed is
exactly its files, and none of them imports this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hera.errors import ConfigError, one_line

FOLDER = Path(__file__).resolve().parent / "pubmedqa"
ROUGE_L = FOLDER.parent / "rouge_l"


def load(folder: Path = FOLDER) -> Any:
    """A metric, an `evaluate.Metric`, from its folder.

    As for every module it loads, `evaluate` keeps a copy under HF_HOME and runs that.

    Raises:
        ConfigError: nothing can be written under HF_HOME.
    """
    import evaluate

    try:
        return evaluate.load(str(folder), keep_in_memory=True)
    except OSError as error:
        raise ConfigError(
            f"HF_HOME={evaluate.config.HF_CACHE_HOME}: evaluate cannot keep the metric there "
            f"({one_line(error)}). Set HF_HOME to a folder that can be written."
        ) from error
