"""Two questions on fine-tuning, asked before a visitor has seen anything and again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import gradio as gr

from hera.ui.components.events import REFUSES
from hera.ui.components.options import one_of
from hera.ui.errors import shown_errors
from hera.ui.trials import Opinions, read
from hera.ui.words import WORDS


class AskedOpinions:
    """Both questions, in a column that is hidden when it is not their time."""

    def __init__(self, when: Literal["before", "after"]) -> None:
        words = WORDS.blind
        self._when = when
        heading, about = {
            "before": (words.before, words.before_about),
            "after": (words.after, words.after_about),
        }[when]
        with gr.Column(visible=when == "before", elem_id=f"blind-{when}") as self.panel:
            gr.Markdown(f"### {heading}\n{about}")
            self.tell = one_of(words.tell, words.tells, f"blind-{when}-tell")
            self.length = one_of(words.length, words.lengths, f"blind-{when}-length")

    @property
    def parts(self) -> list[Any]:
        """What `at` and `emptied` are for."""
        return [self.panel, self.tell, self.length]

    def at(self, opinions: Opinions, visible: bool | None) -> list[Any]:
        """With what is kept of the answers; a question without one stays as it is: the visitor may
        just be answering it. So does the column where `visible` is None."""
        kept = [
            gr.skip() if answer is None else gr.Radio(value=answer)
            for answer in (opinions.tell, opinions.length)
        ]
        return [gr.skip() if visible is None else gr.Column(visible=visible), *kept]

    def emptied(self) -> list[Any]:
        """As at first."""
        return [
            gr.Column(visible=self._when == "before"),
            gr.Radio(value=None),
            gr.Radio(value=None),
        ]

    def notes(self, kept: gr.BrowserState) -> None:
        """Let the browser keep what is answered."""

        @shown_errors
        def note(known: Any, tell: Any, length: Any) -> Iterator[dict[str, Any]]:
            said = Opinions(tell=tell, length=length)
            yield read(known).model_copy(update={self._when: said}).plain()

        for each in (self.tell, self.length):
            each.input(note, [kept, self.tell, self.length], kept, **REFUSES)
