"""Votes that visitors share; that they arrive is in tests/browser/test_votes.py."""

from __future__ import annotations

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
