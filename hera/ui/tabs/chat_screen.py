"""The Chat tab's parts, and what they show of a conversation that is at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from hera.ui.caring import cared
from hera.ui.components.meter import meter_html
from hera.ui.components.notice import notice_html
from hera.ui.components.turns import Scene, log
from hera.ui.conversation import Turn, messages, plain
from hera.ui.feedback import Feedback
from hera.ui.fitting import taken
from hera.ui.own import examples as own_or_usual
from hera.ui.serving import Serving

Saved = list[dict[str, Any]]
"""A conversation's state, as `hera.ui.conversation` has it."""


@dataclass(frozen=True)
class Chat:
    """`history` is the conversation's state, `name` what the visitor's browser keeps it under (see
    `hera.ui.history`), `desk` says who may write to it, `box` is where messages are written. Once
    the tab is built, `run` is the event by which the model answers, and `ends` are those after
    which the state has changed and stands."""

    serving: Serving
    feedback: Feedback | None
    history: gr.State
    desk: gr.State
    name: gr.State
    picker: gr.Radio
    log: gr.HTML
    box: gr.Textbox
    beside: gr.HTML
    notice: gr.HTML
    meter: gr.HTML
    send: gr.Button
    stop: gr.Button
    clear: gr.Button
    run: Any = None
    ends: tuple[Any, ...] = ()

    @property
    def scene(self) -> Scene:
        """What its turns are shown in, as things stand."""
        return scene(self.serving, self.feedback)

    @property
    def screen(self) -> list[Component]:
        """What `opened` is for."""
        return [self.history, *self.rest, self.box, self.beside, self.notice]

    @property
    def rest(self) -> list[Component]:
        """What `at_rest` is for."""
        return [self.log, self.meter, self.send, self.stop]

    def opened(self, turns: Sequence[Turn], variant: str, box: Any = "") -> list[Any]:
        """A conversation in place of the one on the screen. Whoever opens one calls `Desk.clear`
        and cancels the run first."""
        notice = notice_html(cared(messages(turns)))
        return [plain(turns), *self.at_rest(turns, variant), box, "", notice]

    def at_rest(self, turns: Sequence[Turn], variant: str) -> list[Any]:
        """A conversation while nothing is being answered."""
        meter = meter_html(*self._taken(turns, variant))
        return [log(turns, self.scene), meter, *send_or_stop(running=False)]

    def _taken(self, turns: Sequence[Turn], variant: str) -> tuple[int, int]:
        if not turns or self.serving.state != "ready":
            return 0, 0  # nobody knows yet
        engine = self.serving.engine()
        answered = turns[-1].answer.variant if turns[-1].role == "assistant" else variant
        names = [name for name in (answered, variant) if name in engine.variants]
        return taken(engine, messages(turns), (names or engine.variants)[0])


def scene(serving: Serving, feedback: Feedback | None) -> Scene:
    """What turns are shown in."""
    goes_on = serving.state == "ready" and "render" not in serving.engine().unsupported
    return Scene(serving.planned, examples_for(serving), feedback is not None, goes_on)


def send_or_stop(*, running: bool) -> list[gr.Button]:
    """The two buttons, of which one is there at a time."""
    return [gr.Button(visible=not running), gr.Button(visible=running)]


def examples_for(serving: Serving) -> tuple[str, ...]:
    """Messages that the model has an answer to, or that the operator chose."""
    return own_or_usual(serving.own, serving.model)
