"""The caution under a model's answer, wherever a screen shows one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hera.explain.comparison import Column, Comparison, Turn
from hera.types import GenerationParams, Message
from hera.ui.components import talk, turns
from hera.ui.components.blind import two_answers_html
from hera.ui.components.columns import Beside, columns_html
from hera.ui.conversation import Answer
from hera.ui.conversation import Turn as Said
from hera.ui.language import speaking
from hera.ui.view import View

DOSE = "Take 400 mg of ibuprofen & rest."
HARMLESS = "Ask a pharmacist & rest."


def in_chat(text: str) -> str:
    answered = Said(
        role="assistant", content=text, answers=(Answer(variant="base", content=text, tokens=4),)
    )
    scene = turns.Scene(["base"], [], thumbs=False, goes_on=False)
    (bubble,) = turns.log([answered], scene)["turns"]
    return str(bubble["caution"])


def in_compare(text: str) -> str:
    column = Column(variant="base", turns=(Turn(role="user", content="Hi"),), text=text, tokens=4)
    compared = Comparison(
        model="embedded", columns=(column,), **vars(GenerationParams(temperature=0.0))
    )
    return columns_html(["base"], compared, View(), Beside(["base"]))


def in_film(text: str) -> str:
    (bubble,) = talk.shown([Message(role="assistant", content=text)])
    return str(bubble["caution"])


@pytest.mark.parametrize(
    "door", [in_chat, in_compare, in_film, lambda text: two_answers_html("Hi", [text, ""])]
)
def test_it_stands_under_every_answer(door: Callable[[str], str]) -> None:
    assert door(DOSE).count('class="caution"') == 1
    assert "Caution: this answer names a dose." in door(DOSE)
    assert 'class="caution"' not in door(HARMLESS)
    with speaking("es"):
        assert "Cuidado: esta respuesta nombra una dosis." in door(DOSE)


def test_none_stands_under_what_no_model_said() -> None:
    held = Answer(variant="", content=DOSE, ended="held")
    answered = Said(role="assistant", content=DOSE, answers=(held,))
    scene = turns.Scene(["base"], [], thumbs=True, goes_on=True)
    (bubble,) = turns.log([answered], scene)["turns"]
    assert (bubble["caution"], bubble["acts"], bubble["ask"]) == ("", ["copy", "undo"], [])
