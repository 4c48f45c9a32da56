"""What all tests share: the app, the engine, and how many generated examples a property takes.

The same few in every run; for a long run of others:

    HYPOTHESIS_PROFILE=long .venv/bin/python -m pytest tests/unit/test_rendering.py \
        tests/unit/data/test_any_rows.py -n 0 --hypothesis-seed 1 --timeout 0
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, configuration, settings

from hera.types import Engine
from tests.serving import App, serve

# Test workers share the cores: with a thread a core each, in them and in the commands that they
# run, the threads wait for one another. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# It would keep its tables of characters in the checkout.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
settings.register_profile(
    "house", max_examples=60, derandomize=True, deadline=None, database=None, print_blob=False
)
settings.register_profile(
    "long",
    max_examples=1_000,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on the embedded model, shared by the API and browser tests; all that it writes lies
    in its home."""
    home = tmp_path_factory.mktemp("home")
    (home / "tmp").mkdir()
    with serve(home, TMPDIR=str(home / "tmp")) as running:
        yield running


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The embedded model in this process."""
    from hera import load_engine

    return load_engine("embedded")
