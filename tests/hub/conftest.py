from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.hub.contents import fill
from tests.doubles.hub.server import Hub


@pytest.fixture(scope="session")
def running() -> Iterator[Hub]:
    with Hub() as hub:
        fill(hub)
        yield hub


@pytest.fixture
def hub(running: Hub) -> Iterator[Hub]:
    """The Hub of all tests; what trouble a test left over ends with it."""
    yield running
    running.calm()
