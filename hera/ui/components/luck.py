"""What rules see in many draws of each variant, as a table with intervals and a sentence a pair."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.explain.features import BY_NAME
from hera.explain.luck import Average, Luck, LuckPair
from hera.ui.components.colours import colour
from hera.ui.words import WORDS


def progress_html(done: int, n: int, ahead: int) -> str:
    """How many draws have ended."""
    words = WORDS.luck
    text = WORDS.talk.waiting.format(n=ahead) if ahead else words.progress.format(done=done, n=n)
    return f'<p role="status">{text}</p>'


def luck_html(found: Luck, served: Sequence[str], *, judged: bool) -> str:
    """The table, and where every draw has ended (`judged`) what differs."""
    verdicts = "".join(_verdict(pair, found.n) for pair in found.paired) if judged else ""
    head = "".join(
        f'<th scope="col" style="--variant: {colour(name, served)}">{html.escape(name)}</th>'
        for name in found.variants
    )
    rows = "".join(_row(feature, found, served, judged=judged) for feature in found.definitions)
    return (
        f"{verdicts}<div class='scrolls' tabindex='0'><table class='luck'><thead><tr><td></td>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(feature: str, found: Luck, served: Sequence[str], *, judged: bool) -> str:
    seen = WORDS.luck.features[feature]
    about = html.escape(seen.about)
    differing = {pair.b for pair in found.paired if judged and feature in pair.differs}
    cells = "".join(
        _cell(feature, averages[feature], colour(name, served), differs=name in differing)
        for name, averages in found.variants.items()
    )
    return (
        f'<tr><th scope="row"><span title="{about}">{html.escape(seen.name)}</span>'
        f"<small>{about}</small></th>{cells}</tr>"
    )


def _cell(feature: str, average: Average, tone: str, *, differs: bool) -> str:
    words = WORDS.luck
    low, high = average.ci95 or (average.mean, average.mean)
    if BY_NAME[feature].is_share:
        text = words.share.format(mean=average.mean, low=low, high=high)
        band = (
            f'<span class="band" style="--variant: {tone}"><i style="left: {100 * low:.0f}%; '
            f'width: {100 * (high - low):.0f}%"></i><b style="left: {100 * average.mean:.0f}%"></b>'
            "</span>"
        )
    else:
        text, band = words.mean.format(mean=average.mean, low=low, high=high), ""
    mark = f"<strong>{words.differs}</strong>" if differs else ""
    return f"<td>{text}{band}{mark}</td>"


def _verdict(pair: LuckPair, n: int) -> str:
    words = WORDS.luck
    names = ", ".join(words.features[feature].name for feature in pair.differs)
    text = (
        words.verdict_differs.format(a=pair.a, b=pair.b, features=names, n=n)
        if names
        else words.verdict_none.format(a=pair.a, b=pair.b, n=n)
    )
    return f'<p role="status">{html.escape(text)}</p>'
