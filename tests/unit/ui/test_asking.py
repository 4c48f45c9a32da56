"""What is asked, and what becomes of it while the Hub cannot be reached."""

from __future__ import annotations

import pytest

from hera.data import Question
from hera.errors import DataError
from hera.refs import PUBMEDQA, Ref
from hera.ui import asking
from hera.ui.asking import Asking
from hera.ui.components.source import source_html

REAL = [Question(str(i), "Does it help?", ("It does.",), "", "yes") for i in range(40)]
GEMMA = Ref.of("google/gemma-2-2b-it")


class Hub:
    """Stands for `load_pubmedqa` with a Hub that can be down; what is here is always here."""

    def __init__(self) -> None:
        self.down = True
        self.asked = 0

    def __call__(self, ref: Ref) -> list[Question]:
        if ref.is_embedded:
            return REAL[:3]
        self.asked += 1
        if self.down:
            raise DataError(f"{ref.says}: no network.")
        return REAL


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub()
    monkeypatch.setattr(asking, "load_pubmedqa", hub)
    return hub


def test_invented_questions_stand_in_until_a_later_try(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Asking(GEMMA, None)
    assert (it.state, hub.asked) == ("fetching", 0)  # not before somebody needs them
    stand_in = it.now()
    assert stand_in.ref.is_embedded
    assert stand_in.missed == f"{PUBMEDQA}: no network."
    assert "Invented questions are asked instead." in source_html(it, None)
    hub.down = False
    assert (it.now(), hub.asked) == (stand_in, 1)  # not again at once
    monkeypatch.setattr(it, "_next", 0.0)
    while it.now() is stand_in:
        pass
    assert (str(it.now().ref), len(it.now().questions), hub.asked) == (PUBMEDQA, 40, 2)


def test_nothing_stands_in_for_what_was_chosen(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    it = Asking(Ref.of("embedded"), Ref.of("me/questions", "--questions"))
    for _ in range(2):
        with pytest.raises(DataError, match=r"^--questions me/questions: no network\.$"):
            it.now()
    assert (it.state, hub.asked) == ("failed", 1)
    assert "<strong>No questions.</strong> --questions me/questions" in source_html(it, None)
    hub.down = False
    monkeypatch.setattr(it, "_next", 0.0)
    assert it.now().most == 40
    assert "cannot be known" in source_html(it, None)
