from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from hera.types import Engine
from tests.serving import App, serve

# Two test workers share the cores: with a thread a core each, in them and in the commands that they
# run, the threads wait for one another. Read when torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on the embedded model, shared by the API and browser tests."""
    with serve(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The embedded model in this process."""
    from hera import load_engine

    return load_engine("embedded")
