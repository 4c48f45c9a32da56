"""`python -m benchmarks.embedded`: what the embedded model is measured by."""

from __future__ import annotations

import pytest

from benchmarks import embedded
from hera.cli import run


@pytest.mark.parametrize(
    ("flags", "words"), [(("--conversations", "101"), "at most 100"), (("--limit", "0"), "--limit")]
)
def test_bad_use_is_one_line(capsys, flags, words):
    assert run(lambda: embedded.main([*flags])) in (1, 2)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
