"""Which questions the PubMedQA tab asks, as HTML that screen readers speak."""

from __future__ import annotations

import html

from hera.refs import PUBMEDQA
from hera.ui.asking import Asked, Asking
from hera.ui.components.written import filled
from hera.ui.words import WORDS

_HUB = "https://huggingface.co/datasets/"


def source_html(asking: Asking, own: Asked | None) -> str:
    """A visitor's own questions, or those that are served, or why there are none yet."""
    words = WORDS.asking
    if own is not None:
        return _spoken(_asked_html(own))
    if asking.state == "fetching":
        return _spoken(filled(words.fetching, ref=str(asking.ref)))
    if asking.error:
        return _spoken(filled(words.failed, error=asking.error))
    return _spoken(_asked_html(asking.now()))


def refused_html(error: str) -> str:
    """Why a visitor's file is not asked; "" for no error."""
    return f'<div role="alert">{filled(WORDS.asking.refused, error=error)}</div>' if error else ""


def _asked_html(asked: Asked) -> str:
    """How many, where from, whether training had them, the licence of PubMedQA's, and why PubMedQA
    is not asked where it was to be."""
    words = WORDS.asking
    n, ref = f"{len(asked.questions):,}", str(asked.ref)
    if asked.ref.is_embedded:
        missed = filled(words.missed, error=asked.missed) if asked.missed else ""
        return missed.replace("<p", '<p class="why"', 1) + filled(words.invented, n=n)
    split = words.official if asked.official else words.whole
    origin = words.own if asked.own else words.hub if asked.ref.repo else words.file
    known = words.never_trained if asked.official else words.not_known
    return f"{filled(origin, n=n, ref=ref, split=split)}<p>{known}{_link(asked)}</p>"


def _link(asked: Asked) -> str:
    """To a data set on the Hub."""
    repo = asked.ref.repo
    if repo is None:
        return ""
    address = html.escape(f"{_HUB}{repo}")
    licence = f" ({WORDS.asking.licence})" if repo == PUBMEDQA else ""
    anchor = f'<a href="{address}" target="_blank" rel="noopener">{address[8:]}</a>'
    return f" {anchor}{licence}"


def _spoken(content: str) -> str:
    return f'<div role="status">{content}</div>'
