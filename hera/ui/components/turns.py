"""The Chat's turns as bubbles: what was said, by whom, how it went, and what can be done with it.

What a button asks for goes out as an event of the component: `submit` ({"act", "place", "text",
"variant"}) for what the model answers, `undo`, `select` ({"shown"}) for another answer in sight,
`like` ({"place", "up"}).
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from hera.ui.components import icons
from hera.ui.components.colours import colour, is_derived
from hera.ui.components.copying import ICON, copy_script
from hera.ui.components.notice import cautions_html
from hera.ui.components.written import as_written, marked_up
from hera.ui.conversation import Answer, Turn
from hera.ui.words import WORDS

# Gradio patches the page with what has changed of this. Nobody wants every token read out while an
# answer grows: that it has ended is said elsewhere (`stops`).
_TEMPLATE = """<style>${value.colours.map((each, at) =>
`${picker} label:nth-of-type(${at + 1}) { --variant: ${each}; }`).join(" ")}</style>
<div class="turns" role="log" aria-live="off" aria-label="${words.conversation}"
tabindex="0">${value.turns.map((turn, place) => `<div
class="turn ${turn.by}${turn.held}" data-place="${place}"
style="${turn.style}">
<div class="who" ${turn.answers.length > 1 ? `role="group" aria-label="${words.answers}"` : ""}>
${turn.answers.map((each, at) => turn.answers.length > 1 ? `<button type="button"
data-act="select" data-shown="${at}" aria-pressed="${at === turn.shown}"
style="${each.style}">${each.name}</button>`
: `<span style="${each.style}">${each.name}</span>`).join("")}</div>
<div class="said" data-testid="${turn.by}">${turn.html || '<p class="waits">•••</p>'}</div>
${turn.caution}
<form class="editor" hidden><textarea rows="3" aria-label="${words.editing}"></textarea>
<button type="submit" class="primary">${words.send}</button>
<button type="button" data-act="cancel">${words.cancel}</button></form>
<div class="numbers">${turn.numbers}</div>
<div class="acts">${turn.acts.map(act => `<button type="button" class="${act}" data-act="${act}"
aria-label="${words[act]}" title="${words[act]}">${icons[act]}</button>`).join("")}
${turn.ask.length ? `<span class="also">${words.also}${turn.ask.map(each => `
<button type="button" data-act="ask" data-variant="${each.variant}" style="${each.style}"
aria-label="${each.label}" title="${each.label}">${each.name}</button>`).join("")}</span>` : ""}
</div></div>`).join("") || `<div class="nothing"><p>${words.nothing_yet}</p>
<ul class="suggestions">${value.suggestions.map((text, at) => `<li><button type="button"
data-act="suggest" data-at="${at}">${text.html}</button></li>`).join("")}</ul></div>`}</div>"""


@dataclass(frozen=True)
class Scene:
    """What the turns are shown in: the variants that are served, what may be asked at first,
    whether thumbs are collected, and whether a cut answer can go on."""

    served: Sequence[str]
    suggestions: Sequence[str]
    thumbs: bool
    goes_on: bool


@dataclass(frozen=True)
class Around:
    """Selectors of what is around the turns: the box that messages are written in, what it stands
    in, and the picker of variants, which get their colours."""

    box: str
    composer: str
    picker: str


def turns_log(elem_id: str, around: Around, scene: Scene) -> gr.HTML:
    """Where they are shown. The value is what `log` makes of a conversation."""
    words, talk = WORDS.chat, WORDS.talk
    acts = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return gr.HTML(
        log([], scene),
        html_template=_TEMPLATE,
        js_on_load=copy_script(talk.copy_message, talk.copied_message) + acts,
        apply_default_css=False,
        container=True,
        elem_id=elem_id,
        elem_classes="talk",
        **vars(around),
        words={
            "conversation": words.conversation,
            "nothing_yet": words.nothing_yet,
            "answers": words.answers,
            "editing": words.editing,
            "send": words.send,
            "cancel": words.cancel,
            "also": words.also,
            "busy": words.busy,
            "copy": talk.copy_message,
            "edit": words.edit,
            "retry": words.retry,
            "go_on": words.go_on,
            "undo": words.undo,
            "up": words.thumbs.up,
            "down": words.thumbs.down,
        },
        icons={
            "copy": ICON,
            "edit": icons.EDIT,
            "retry": icons.RETRY,
            "go_on": icons.GO_ON,
            "undo": icons.UNDO,
            "up": icons.UP,
            "down": icons.DOWN,
        },
    )


def log(turns: Sequence[Turn], scene: Scene) -> dict[str, Any]:
    """A conversation at rest, as `turns_log` takes it."""
    bubbles = earlier(turns, scene)
    if bubbles:
        bubbles[-1] |= _last(turns[-1], scene)
    return _value(bubbles, scene, running=False)


def log_growing(
    before: Sequence[dict[str, Any]], variant: str, turn: Turn | None, scene: Scene
) -> dict[str, Any]:
    """The same while a variant answers: behind what `earlier` made, the answer so far."""
    bubble = _bubble(turn, scene) if turn else _waiting(variant, scene)
    if turn:
        bubble["numbers"] = _numbers(turn.answer, WORDS.chat.running)
    quiet = [one | {"acts": ["copy"], "ask": []} for one in (*before, bubble)]
    return _value(quiet, scene, running=True)


def earlier(turns: Sequence[Turn], scene: Scene) -> list[dict[str, Any]]:
    """The bubbles of turns that others follow."""
    return [_bubble(turn, scene) for turn in turns]


def _value(bubbles: Sequence[dict[str, Any]], scene: Scene, *, running: bool) -> dict[str, Any]:
    suggestions = [{"text": text, "html": html.escape(text)} for text in scene.suggestions]
    return {
        "turns": list(bubbles),
        "suggestions": suggestions,
        "colours": [colour(name, scene.served) for name in scene.served],
        "running": running,
    }


def _bubble(turn: Turn, scene: Scene) -> dict[str, Any]:
    common = {"text": turn.content, "ask": [], "shown": turn.shown}
    common |= dict.fromkeys(("style", "numbers", "caution", "held"), "")
    if turn.role == "user":
        mine = {
            "by": "user",
            "html": as_written(turn.content),
            "answers": [],
            "acts": ["copy", "edit"],
        }
        return common | mine
    answer = turn.answer
    if answer.ended == "held":
        return common | _held(turn.content)
    return common | {
        "by": "bot",
        "html": marked_up(turn.content),
        "caution": cautions_html(turn.content),
        "answers": [_name(answer.variant, scene)] if answer.variant else [],
        "shown": 0,
        "style": _style(answer.variant, scene),
        "numbers": _numbers(answer, _ending(answer)) if answer.tokens else "",
        "acts": ["copy", *(["up", "down"] if scene.thumbs else [])],
    }


def _held(text: str) -> dict[str, Any]:
    """What stands in the place of an answer that no model gave."""
    name = {"name": html.escape(WORDS.page.title), "style": ""}
    return {
        "by": "bot",
        "html": marked_up(text),
        "answers": [name],
        "shown": 0,
        "numbers": WORDS.talk.held,
        "held": " held",
        "acts": ["copy"],
    }


def _last(turn: Turn, scene: Scene) -> dict[str, Any]:
    """What the last turn has beside: what can be done with it, and all its answers."""
    if turn.role == "user":
        return {"acts": ["copy", "edit", "retry", "undo"]}
    if turn.answer.ended == "held":
        return {"acts": ["copy", "undo"]}
    goes_on = scene.goes_on and turn.answer.ended != "stop"
    acts = ["copy", "retry", *(["go_on"] if goes_on else []), "undo"]
    given = [answer.variant for answer in turn.answers]
    return {
        "acts": [*acts, *(["up", "down"] if scene.thumbs else [])],
        "answers": [_chip(given, place, scene) for place in range(len(given))],
        "shown": turn.shown,
        "ask": [_asks(name, scene) for name in scene.served if name not in given],
    }


def _waiting(variant: str, scene: Scene) -> dict[str, Any]:
    return {
        "by": "bot",
        "html": "",
        "text": "",
        "answers": [_name(variant, scene)],
        "shown": 0,
        "style": _style(variant, scene),
        "numbers": "",
        "caution": "",
        "held": "",
    }


def _chip(given: Sequence[str], place: int, scene: Scene) -> dict[str, str]:
    """Whose the answer at a place is, and which of theirs."""
    name = given[place]
    before = given[:place].count(name)
    chip = _name(name, scene)
    if before:
        chip["name"] = WORDS.chat.repeated.format(variant=chip["name"], n=before + 1)
    return chip


def _asks(variant: str, scene: Scene) -> dict[str, str]:
    label = html.escape(WORDS.chat.ask.format(variant=variant))
    return {**_name(variant, scene), "variant": html.escape(variant), "label": label}


def _name(variant: str, scene: Scene) -> dict[str, str]:
    name = variant or WORDS.kept.by.assistant  # a conversation from elsewhere says nobody's
    return {"name": html.escape(name), "style": _style(variant, scene)}


def _style(variant: str, scene: Scene) -> str:
    line = "dashed" if is_derived(variant) else "solid"
    return f"--variant: {colour(variant, scene.served)}; --line: {line}"


def _ending(answer: Answer) -> str:
    words = WORDS.chat
    endings = {
        "stop": words.finished,
        "length": words.cut,
        "stopped": words.stopped,
        "held": WORDS.talk.held,
    }
    return endings[answer.ended]


def _numbers(answer: Answer, ending: str) -> str:
    """How long an answer is, how fast it came, how it ended, and which draw it is."""
    words = WORDS.chat
    numbers = words.numbers.format(
        tokens=answer.tokens, rate=answer.rate, first=answer.first, ending=ending
    )
    return words.seed.format(numbers=numbers, seed=answer.seed) if answer.seed else numbers
