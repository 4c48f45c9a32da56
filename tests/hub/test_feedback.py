"""Votes that visitors share; that they arrive is in tests/browser/test_votes.py."""

from __future__ import annotations

import json
from pathlib import Path

from tests.doubles.hub.server import Hub
from tests.serving import command

STARTS = """
from hera.cli import or_exit
from hera.ui.feedback import feedback_to
or_exit(lambda: feedback_to("me/votes"))
"""


def test_where_no_vote_could_be_kept_the_app_ends_with_one_line(hub: Hub, tmp_path: Path) -> None:
    done = command("-c", STARTS, home=tmp_path, **hub.environment("hf_other"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "me/votes: this token may not do that" in done.stderr
    nobody = command("-c", STARTS, home=tmp_path, **hub.environment(None))
    assert "The Hub wants a token" in nobody.stderr


SENDS = """
import os, sys, time
from hera.ui.feedback import feedback_to
from hera.ui.thumb import Thumb
feedback = feedback_to("me/ends")
feedback.share_thumb(Thumb.of({"model": "m", "question": "q", "variant": "base", "answer": "a",
    "seed": 0, "ended": "stop", "turn": 1, "up": True}))
began = time.monotonic()
feedback.send(float(sys.argv[1]))
feedback.stop()
print(time.monotonic() - began < 4)
sys.stdout.flush()
os._exit(0)
"""


def test_at_the_end_what_was_shared_is_sent_at_once_or_said_to_be_lost(
    hub: Hub, tmp_path: Path
) -> None:
    env = hub.environment()
    done = command("-c", SENDS, "20", home=tmp_path, **env)
    assert (done.returncode, done.stderr) == (0, "")
    files = hub.repo("dataset", "me/ends").files()
    (data,) = (data for name, data in files.items() if name.startswith("thumbs-"))
    assert json.loads(data)["answer"] == "a"
    late = command("-c", SENDS, "0.001", home=tmp_path, **env)
    assert "note: me/ends: votes were not sent (no answer within 0 s)." in late.stderr
    assert late.stdout == "True\n"
