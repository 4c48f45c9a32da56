"""A kept comparison as one HTML file: no script, nothing that is fetched, every letter shown."""

from __future__ import annotations

import html

from hera.explain.comparison import Column, Turn
from hera.explain.kept import Kept
from hera.explain.tokens import parting
from hera.types import BASE
from hera.ui.components.colours import colour, is_derived
from hera.ui.components.tokens import legend, shade, told
from hera.ui.components.written import as_written, marked_up
from hera.ui.documents.frame import STYLE, document
from hera.ui.documents.parts import before, left_base, made, notices, numbers, settings
from hera.ui.words import WORDS


def page(kept: Kept) -> str:
    """The file."""
    words = WORDS.kept
    title = words.title.format(message=" ".join(kept.message.split())[:80])
    warned = "".join(f"<p>{html.escape(text)}</p>" for text in notices(kept))
    columns = "".join(_section(kept, column) for column in kept.columns)
    body = (
        f"<h1>{html.escape(words.heading.format(n=len(kept.columns)))}</h1>"
        f'<p class="made">{html.escape(made(kept))}\n{html.escape(settings(kept))}</p>'
        f'<div class="notice" role="note">{warned}</div>'
        f'<div class="asked"><h2>{words.question}</h2>{as_written(kept.message)}</div>'
        f'{_switch(kept)}<div class="columns">{columns}</div>{_weights(kept)}'
    )
    return document(title, body, css=STYLE)


def _switch(kept: Kept) -> str:
    """What turns the colours on and off; nothing where no token is scored."""
    if not any(column.scores for column in kept.columns):
        return ""
    return (
        '<div class="switch"><label><input type="checkbox" id="colours" checked>'
        f"{html.escape(WORDS.why.show)}</label>{legend()}</div>"
    )


def _section(kept: Kept, column: Column) -> str:
    line = "dashed" if is_derived(column.variant) else "solid"
    left = left_base(kept, column)
    return (
        f'<section style="--variant: {colour(column.variant, kept.served)}; --stroke: {line}">'
        f'<h2 dir="auto">{html.escape(column.variant)}</h2>'
        f'{_before(kept, column)}<div class="said">{_answer(kept, column)}</div>'
        + (f'<p class="parts">{html.escape(left)}</p>' if left else "")
        + f'<p class="numbers">{html.escape(numbers(column))}</p></section>\n'
    )


def _answer(kept: Kept, column: Column) -> str:
    """As it reads, and token by token: one of both is seen."""
    if not column.scores:
        unknown = f'<p class="numbers">{WORDS.kept.no_tokens}</p>' if _told(kept) else ""
        return marked_up(column.text) + unknown
    base = kept.column(BASE)
    left = parting(column, base) if base is not None and column.variant != BASE else None
    tokens = []
    for place, score in enumerate(column.scores):
        mark = " parts-here" if left is not None and place == left.place else ""
        text = html.escape(score.text.replace("\n", "↵")) or "·"
        said = html.escape(told(score))
        tokens.append(
            f'<span class="token{mark}" tabindex="0" role="note" aria-label="{said}" '
            f'style="{shade(score.gain)}">{text}<span class="told" aria-hidden="true">{said}'
            f"</span></span>{'<br>' * score.text.count(chr(10))}"
        )
    return (
        f'<div class="plain">{marked_up(column.text)}</div>'
        f'<p class="tokens" dir="auto">{"".join(tokens)}</p>'
    )


def _told(kept: Kept) -> bool:
    return any(column.scores for column in kept.columns)


def _before(kept: Kept, column: Column) -> str:
    """The conversation before the question, folded."""
    turns = before(kept, column)
    if not turns:
        return ""
    summary = WORDS.kept.before.format(n=len(turns), variant=column.variant)
    said = "".join(f'<div class="turn"><b>{_role(t)}</b>{_said(t)}</div>' for t in turns)
    return f"<details><summary>{html.escape(summary)}</summary>{said}</details>"


def _role(turn: Turn) -> str:
    return str(getattr(WORDS.kept.by, turn.role))


def _said(turn: Turn) -> str:
    return marked_up(turn.content) if turn.role == "assistant" else as_written(turn.content)


def _weights(kept: Kept) -> str:
    if not kept.fingerprints:
        return ""
    rows = "".join(
        f"<tr><th scope=row>{html.escape(name)}</th><td><code>{html.escape(sha)}</code></td></tr>"
        for name, sha in kept.fingerprints.items()
    )
    return f"<details><summary>{WORDS.kept.weights}</summary><table>{rows}</table></details>"
