"""A Hub that takes a request and never answers it."""

from __future__ import annotations

import time

import httpx2
import pytest
from huggingface_hub import close_session, constants, get_session

from hera import hub
from tests.serving import silent_hub


def test_no_request_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_hub() as variables:
        monkeypatch.setattr(constants, "ENDPOINT", variables["HF_ENDPOINT"])
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(hub, "SILENCE", 0.3)
        monkeypatch.setattr(hub, "_PATIENCE", 0.3)
        monkeypatch.setattr(hub, "_ANSWERS", {})
        assert not hub.answers()
        began = time.monotonic()
        with pytest.raises(httpx2.ReadTimeout):
            get_session().get(variables["HF_ENDPOINT"])
        assert time.monotonic() - began < 30
    close_session()  # the next one is patient again
