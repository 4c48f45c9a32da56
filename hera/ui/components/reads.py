"""Who reads: a sentence a variant, a table with intervals, and sentences that were turned."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from hera.evaluation.reading import Answerer, Average, Gain, Reads, Share
from hera.ui.components.colours import colour
from hera.ui.words import WORDS

_EXAMPLES = 6
_FORMS = ("original", "removed", "exchanged")


def progress_html(done: int, n: int) -> str:
    """How many readings are scored."""
    return f'<p role="status">{WORDS.reads.progress.format(done=done, n=n)}</p>'


def reads_html(found: Reads, served: Sequence[str], *, judged: bool) -> str:
    """The table with what was turned, and where everything is scored (`judged`) the sentences."""
    words = WORDS.reads
    left_out = words.left_out.format(negated=found.negated, n=found.n, left=found.left_out)
    sentences = "".join(_sentences(found)) if judged else ""
    return (
        f"{sentences}<p>{html.escape(left_out)}</p>{_table(found, served)}"
        f"{_examples(found) if judged else ''}"
    )


def _sentences(found: Reads) -> list[str]:
    """In plain words: who reads, which gain survives, which variants differ in it."""
    words = WORDS.reads
    told = [_verdict(name, one) for name, one in found.variants.items()]
    told += [_survival(name, gain) for name, gain in found.gains.items()]
    for pair in found.paired:
        if pair.verdict:
            a, b = (pair.a, pair.b) if pair.verdict > 0 else (pair.b, pair.a)
            told.append(words.turns_more.format(a=a, b=b, p=pair.p_holm))
    return [f'<p role="status">{html.escape(text)}</p>' for text in told]


def _verdict(name: str, one: Answerer) -> str:
    words = WORDS.reads
    text = words.does if one.reads else words.does_not
    return text.format(
        variant=name,
        turned=one.turned.share or 0.0,
        n=one.turned.n,
        beside=one.beside.share or 0.0,
        p=1.0 if one.p_holm is None else one.p_holm,
    )


def _survival(name: str, gain: Gain) -> str:
    words, left = WORDS.reads, gain.survives["exchanged"]
    if gain.gain.sign <= 0:
        return words.no_gain.format(variant=name, gain=_points(gain.gain))
    text = {1: words.survives, 0: words.survival_open, -1: words.survives_not}[left.sign]
    return text.format(variant=name, gain=_points(gain.gain), left=_points(left))


def _table(found: Reads, served: Sequence[str]) -> str:
    words = WORDS.reads
    everyone = found.variants | found.non_readers
    tones = {name: colour(name, served) for name in found.variants}
    heads = "".join(
        f'<th scope="col" style="--variant: {tones.get(name, "transparent")}">'
        f"{html.escape(words.others.get(name, name))}</th>"
        for name in everyone
    )

    def row(key: str, cell: Callable[[str, Answerer], str]) -> str:
        about = words.rows[key]
        cells = "".join(f"<td>{cell(name, one)}</td>" for name, one in everyone.items())
        return (
            f'<tr><th scope="row">{html.escape(about.name)}<small>{html.escape(about.about)}'
            f"</small></th>{cells}</tr>"
        )

    def shared(name: str, share: Share | None) -> str:
        return "" if share is None else _share(share, tones.get(name, "var(--quiet)"))

    def of_form(form: str) -> Callable[[str, Answerer], str]:
        return lambda name, one: shared(name, one.accuracy[form]) + _maybe(one.maybe[form])

    def habitless(how: str) -> Callable[[str, Answerer], str]:
        return lambda name, one: shared(name, (one.habitless or {}).get(how))

    def gained(pick: Callable[[Gain], Average]) -> Callable[[str, Answerer], str]:
        return lambda name, _: _gained(pick(found.gains[name])) if name in found.gains else ""

    rows = [
        *(row(form, of_form(form)) for form in _FORMS),
        row("turned", lambda name, one: shared(name, one.turned)),
        row("beside", lambda name, one: shared(name, one.beside)),
        *(row(how, habitless(how)) for how in ("content-free", "no abstract")),
        row("gain", gained(lambda gain: gain.gain)),
        row("survives exchanged", gained(lambda gain: gain.survives["exchanged"])),
        row("survives removed", gained(lambda gain: gain.survives["removed"])),
    ]
    return (
        f"<div class='scrolls' tabindex='0'><table class='luck reads'><thead><tr><td></td>{heads}"
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _share(share: Share, tone: str) -> str:
    if share.share is None:
        return html.escape(WORDS.reads.few)
    low, high = share.ci95
    text = WORDS.luck.share.format(mean=share.share, low=low, high=high)
    return (
        f'{text}<span class="band" style="--variant: {tone}"><i style="left: {100 * low:.0f}%; '
        f'width: {100 * (high - low):.0f}%"></i><b style="left: {100 * share.share:.0f}%"></b>'
        "</span>"
    )


def _maybe(share: Share) -> str:
    if not share.hits or share.share is None:
        return ""
    return f"<small>{html.escape(WORDS.reads.maybe.format(share=share.share))}</small>"


def _points(one: Average) -> str:
    if one.mean is None or one.ci95 is None:
        return WORDS.reads.few
    low, high = one.ci95
    return WORDS.reads.points.format(mean=100 * one.mean, low=100 * low, high=100 * high)


def _gained(one: Average) -> str:
    mark = "" if one.sign else f"<strong>{html.escape(WORDS.reads.open)}</strong>"
    return html.escape(_points(one)) + mark


def _examples(found: Reads) -> str:
    """Sentences as they were and as they became, so that everybody can judge the rules."""
    turned = [t for item in found.items for t in item.negated or () if t.now][:_EXAMPLES]
    if not turned:
        return ""
    lines = "".join(
        f"<li dir='auto'>{html.escape(t.was)}<br><ins>{html.escape(t.now)}</ins></li>"
        for t in turned
    )
    return (
        f"<details><summary>{html.escape(WORDS.reads.examples)}</summary><ul>{lines}</ul></details>"
    )
