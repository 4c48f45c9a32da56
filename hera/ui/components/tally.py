"""What blind trials come to, in sentences, each share with its interval as a bar beside it."""

from __future__ import annotations

import html
from collections.abc import Mapping

from hera.ui.tally import Preference, Share, Tally
from hera.ui.trials import Kept
from hera.ui.words import WORDS


def tally_html(found: Tally) -> str:
    """Preferences, luck and guesses; one line while nothing is counted."""
    if not found.n:
        return f"<p>{WORDS.blind.none_yet}</p>"
    parts = [*map(_preference, found.preferences), _luck(found.luck), _guesses(found.guesses)]
    return f'<div class="tally">{"".join(parts)}</div>'


def learnt_html(kept: Kept, found: Tally) -> str:
    """What the visitor thought before, thinks now, and has seen; "" until both are answered."""
    if not kept.after.is_whole:
        return ""
    words, guesses, lengths = WORDS.blind, found.guesses, found.lengths
    seen = words.length_unseen
    if lengths is not None:
        seen = words.length_seen.format(
            n=lengths.n, longer=lengths.longer, tuned=lengths.tuned, base=lengths.base
        )
    told = words.tell_seen.format(hits=guesses.hits, n=guesses.n)
    before, after = kept.before, kept.after
    lines = (
        (words.tell, _then_now(dict(words.tells), before.tell, after.tell), told),
        (words.length, _then_now(dict(words.lengths), before.length, after.length), seen),
    )
    return "".join(f"<p><strong>{asked}</strong> {said} {saw}</p>" for asked, said, saw in lines)


def _then_now(texts: Mapping[str, str], before: str | None, after: str | None) -> str:
    unanswered = WORDS.blind.open_answer
    then, now = (texts[answer] if answer else unanswered for answer in (before, after))
    return WORDS.blind.then_now.format(before=then, after=now)


def _preference(found: Preference) -> str:
    words, share, (one, other) = WORDS.blind, found.share, found.pair
    n = share.n + found.open
    heading = words.pair_of.format(one=one, other=other, model=found.model, n=n)
    if not share.n:
        return _part(heading, words.undecided.format(open=found.open), "")
    told = words.preferred.format(other=other, p=found.p, open=found.open, **_numbers(share))
    if found.preferred is None:
        verdict = words.leaves_open
    else:
        verdict = words.prefers.format(variant=found.preferred)
    return _part(heading, told, verdict, share)


def _luck(share: Share) -> str:
    words = WORDS.blind
    heading = words.luck.format(n=share.n)
    if not share.n:
        return _part(heading, words.luck_none, "")
    return _part(heading, words.luck_share.format(**_numbers(share)), "", share)


def _guesses(share: Share) -> str:
    words = WORDS.blind
    heading = words.guesses.format(n=share.n)
    if not share.n:
        return _part(heading, words.guess_none, "")
    told = words.guess_share.format(chance=share.chance, **_numbers(share))
    verdicts = {0: words.guess_open, 1: words.guess_better, -1: words.guess_worse}
    return _part(heading, told, verdicts[share.side], share)


def _numbers(share: Share) -> dict[str, float]:
    low, high = share.interval
    return {"hits": share.hits, "n": share.n, "share": share.value, "low": low, "high": high}


def _part(heading: str, told: str, verdict: str, share: Share | None = None) -> str:
    strong = f" <strong>{html.escape(verdict)}</strong>" if verdict else ""
    bar = _bar(share) if share is not None else ""
    return f"<h4>{html.escape(heading)}</h4>{bar}<p>{html.escape(told)}{strong}</p>"


def _bar(share: Share) -> str:
    """The interval from 0 to 1, the share in it, and where chance lies; the text beside says it."""
    low, high = share.interval
    chance = "" if share.chance is None else f'<i style="left: {share.chance:.1%}"></i>'
    return (
        f'<div class="interval" aria-hidden="true">{chance}'
        f'<span style="left: {low:.1%}; width: {high - low:.1%}"></span>'
        f'<b style="left: {share.value:.1%}"></b></div>'
    )
