"""A Hub that takes connections and never says a word: loading ends with a line that says so."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.serving import serve, silent_hub


def test_a_model_on_a_silent_hub_is_given_up_within_a_minute(tmp_path: Path) -> None:
    with silent_hub() as hub, serve(tmp_path, "--model", "me/mine", **hub) as app:
        began = time.monotonic()
        while True:
            try:
                with urllib.request.urlopen(f"{app.url}health", timeout=10) as reply:
                    assert json.load(reply)["status"] == "loading"
            except urllib.error.HTTPError as error:
                said = json.load(error)
                break
            assert time.monotonic() - began < 60, app.output()
            time.sleep(0.5)
        assert said["status"] == "degraded"
        (note,) = said["notes"]
        assert "the Hub does not answer within 10 s, and me/mine was not downloaded" in note
        assert "Check the network, then start again" in note
