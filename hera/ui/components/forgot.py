"""What variants forgot: ten kinds by variants, each with its interval on one scale, and a sentence
a variant."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from hera.evaluation.forgetting import Forgot, KindChange, with_verdict
from hera.ui.components.colours import colour
from hera.ui.words import WORDS


def probed_html(done: int, n: int) -> str:
    """How many probes are scored."""
    text = WORDS.forgot.progress.format(done=done, n=n)
    return f'<p role="status">{text}</p><progress max="{n}" value="{done}"></progress>'


def forgot_html(found: Forgot, served: Sequence[str], *, judged: bool) -> str:
    """The plot, and where every probe is scored (`judged`) what is lost and gained."""
    reach = max(_reach(its) for kinds in found.variants.values() for its in kinds.values())
    said = "".join(_sentence(name, its) for name, its in found.variants.items()) if judged else ""
    head = "".join(
        f'<th scope="col" style="--variant: {colour(name, served)}">{html.escape(name)}</th>'
        for name in found.variants
    )
    rows = "".join(_row(kind, found, reach or 1.0, judged=judged) for kind in found.kinds)
    return (
        f"{said}<div class='scrolls' tabindex='0'><table class='luck forgot'><thead><tr><td></td>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div><p>{WORDS.forgot.scale}</p>"
    )


def _reach(its: KindChange) -> float:
    ends = its.interval or (its.change, its.change)
    return max(abs(its.change), abs(ends[0]), abs(ends[1]))


def _row(kind: str, found: Forgot, reach: float, *, judged: bool) -> str:
    words = WORDS.forgot
    cells = [its[kind] for its in found.variants.values()]
    base = words.base.format(loss=cells[0].base)
    drawn = "".join(_cell(its, reach, judged=judged) for its in cells)
    kinds = words.kinds[kind]
    return (
        f'<tr><th scope="row">{html.escape(kinds.name)}<small>{html.escape(kinds.about)} {base}'
        f"</small></th>{drawn}</tr>"
    )


def _cell(its: KindChange, reach: float, *, judged: bool) -> str:
    words = WORDS.forgot
    low, high = its.interval or (its.change, its.change)
    verdict = its.verdict if judged else "cannot be told"
    name = f"<strong>{words.verdicts[verdict]}</strong>" if judged else ""
    start, end, middle = (50 + 46 * x / reach for x in (low, high, its.change))
    number = (
        words.number.format(change=its.change, low=low, high=high)
        if its.interval
        else words.no_interval.format(change=its.change, n=its.n)
    )
    drawn = (
        f'<i style="left: {start:.1f}%; width: {end - start:.1f}%"></i>'
        f'<b style="left: {middle:.1f}%"></b>'
    )
    return (
        f'<td data-verdict="{verdict}">{name}<span class="change" aria-hidden="true">{drawn}</span>'
        f"<span>{number}</span></td>"
    )


def _sentence(name: str, changes: Mapping[str, KindChange]) -> str:
    return f"<p role='status'>{html.escape(forgot_text(name, changes))}</p>"


def forgot_text(name: str, changes: Mapping[str, KindChange]) -> str:
    """What is lost and gained, in a sentence or two; a kind of another version by its own name."""
    words = WORDS.forgot

    def named(kinds: Sequence[str]) -> str:
        return ", ".join(words.kinds[k].name if k in words.kinds else k for k in kinds)

    lost, gained = with_verdict(changes, "lost"), with_verdict(changes, "gained")
    parts = [words.lost.format(variant=name, kinds=named(lost))] if lost else []
    parts += [words.gained.format(variant=name, kinds=named(gained))] if gained else []
    return " ".join(parts) or words.nothing.format(variant=name)
