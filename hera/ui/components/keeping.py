"""What is said of a comparison that was opened: where it is from, and whether it came out again."""

from __future__ import annotations

from collections.abc import Sequence

from hera.evaluation.records import without_paths
from hera.explain.link import Promise, Verdict
from hera.ui.components.written import filled
from hera.ui.serving import Serving
from hera.ui.words import WORDS


def opened_html(text: str, promise: Promise, serving: Serving, **fields: str) -> str:
    """Where it is from, and whether another model is served here."""
    return _told(filled(text, **fields) + _other_model(promise, serving))


def broken_html(error: str) -> str:
    """Why it was not opened."""
    return f'<div class="kept" role="alert">{filled(WORDS.keep.broken, error=error)}</div>'


def verdicts_html(verdicts: Sequence[Verdict], promise: Promise, serving: Serving) -> str:
    """For each column whether it is the same; "" for none."""
    if not verdicts:
        return ""
    said = "".join(_verdict(verdict) for verdict in verdicts)
    parted = any(verdict.place is not None for verdict in verdicts)
    why = filled(WORDS.keep.why) if parted else ""
    return _told(f"{said}{why}{_other_model(promise, serving)}")


def _verdict(verdict: Verdict) -> str:
    words = WORDS.keep
    unit = getattr(words, verdict.unit)
    known = {True: words.same_weights, False: words.other_weights, None: ""}
    weights = known[verdict.same_weights]
    if verdict.place is None:
        # Of what came out the same nobody asks by which weights, unless they are others.
        after = weights if verdict.same_weights is False else ""
        text = filled(words.same, variant=verdict.variant, unit=unit)
    elif verdict.text:
        place, token = str(verdict.place + 1), verdict.text.strip() or "↵"
        after = weights
        text = filled(words.differs, variant=verdict.variant, unit=unit, place=place, text=token)
    else:
        after = weights
        text = filled(words.ends, variant=verdict.variant, unit=unit, place=str(verdict.place))
    return text.rstrip().removesuffix("</p>") + (f" {after}" if after else "") + "</p>"


def _other_model(promise: Promise, serving: Serving) -> str:
    here = str(without_paths(serving.model.title))
    if not promise.model or serving.state != "ready" or promise.model == _name(serving):
        return ""
    return filled(WORDS.keep.other_model, model=promise.model, here=here)


def _name(serving: Serving) -> str:
    return str(without_paths(serving.engine().name))


def _told(content: str) -> str:
    return f'<div class="kept" role="status">{content}</div>'
