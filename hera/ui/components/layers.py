"""What each part of an adapter is worth to a token, as a table of shades beside its size."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from hera.explain.layers import LayerMap, Part
from hera.ui.components.tokens import DEEPEST, shade, times
from hera.ui.components.written import filled
from hera.ui.words import WORDS

_DEEPEST = 0.1  # nats: where all are smaller, none looks large


def layers_html(found: LayerMap) -> str:
    """The sentence over it, and the table as far as it is known."""
    words = WORDS.why
    total = filled(
        words.layers_total,
        variant=found.variant,
        token=found.token.strip() or "↵",
        times=times(found.logprob - found.base),
        controls=", ".join(times(control - found.base) for control in found.controls),
    )
    state = words.layers_done.format(
        done=found.done,
        of=len(found.parts),
        controls=found.controls_done,
        of_controls=len(found.controls),
    )
    return f'<div role="status">{total}</div>{_table(found)}<p class="numbers">{state}</p>'


def _table(found: LayerMap) -> str:
    words = WORDS.why
    kinds = list(dict.fromkeys(part.projection for part in found.parts))
    layers = list(dict.fromkeys(part.layer for part in found.parts))
    worth = {(p.layer, p.projection): p.worth for p in found.parts}
    size = {(p.layer, p.projection): p.size for p in found.parts}
    deepest = _deepest(found)
    largest = max(size.values())
    short = [html.escape(kind.removesuffix("_proj")) for kind in kinds]
    head = "".join(f"<th scope=col>{kind}</th>" for kind in short)
    rows = [
        f"<tr><th scope=row>{_layer(layer)}</th>"
        + _worth(layer, words.whole, found.layers.get(layer), deepest)
        + _control(_layer(layer), words.whole, found.control_layers.get(layer), deepest)
        + "".join(_worth(layer, kind, worth.get((layer, kind)), deepest) for kind in kinds)
        + "<td class=gap></td>"
        + "".join(_size(layer, kind, size.get((layer, kind)), largest) for kind in kinds)
        + "</tr>"
        for layer in layers
    ]
    last = "".join(_worth(None, kind, found.projections.get(kind), deepest) for kind in kinds)
    controls = "".join(
        _control(words.whole, kind, found.control_projections.get(kind), deepest) for kind in kinds
    )
    return (
        f'<div class="scrolls" tabindex="0"><table class="layers"><thead><tr><td></td>'
        f"<th colspan={len(kinds) + 2}>{words.worth}</th><td></td>"
        f"<th colspan={len(kinds)}>{words.size}</th></tr>"
        f"<tr><td></td><th scope=col>{words.whole}</th><th scope=col>{words.random}</th>"
        f"{head}<td></td>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}<tr><th scope=row>{words.whole}</th><td></td><td></td>{last}</tr>"
        f"<tr><th scope=row>{words.random}</th><td></td><td></td>{controls}</tr></tbody>"
        "</table></div>"
    )


def _deepest(found: LayerMap) -> float:
    """The largest number in the table but for the random adapters' own, in nats."""
    own = [part.worth for part in found.parts if part.worth is not None]
    return max([_DEEPEST, *map(abs, [*own, *found.layers.values(), *found.projections.values()])])


def sizes_html(parts: Sequence[Part], largest: float) -> str:
    """How much an adapter changes every matrix, a row a layer; the deepest shade is `largest`."""
    kinds = list(dict.fromkeys(part.projection for part in parts))
    size = {(part.layer, part.projection): part.size for part in parts}
    head = "".join(
        f"<th scope=col>{html.escape(kind.removesuffix('_proj'))}</th>" for kind in kinds
    )
    rows = "".join(
        f"<tr><th scope=row>{_short(layer)}</th>"
        + "".join(_size(layer, kind, size.get((layer, kind)), largest) for kind in kinds)
        + "</tr>"
        for layer in dict.fromkeys(part.layer for part in parts)
    )
    return (
        '<div class="scrolls" tabindex="0"><table class="layers"><thead><tr>'
        f"<th scope=col>{WORDS.model.layer}</th>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _short(layer: int) -> str:
    return WORDS.why.no_layer if layer < 0 else str(layer)


def _layer(layer: int | None) -> str:
    words = WORDS.why
    if layer is None:
        return words.whole
    return words.no_layer if layer < 0 else words.layer.format(layer=layer)


def _worth(layer: int | None, kind: str, nats: float | None, deepest: float) -> str:
    if nats is None:
        return "<td>·</td>"
    title = _title(layer, kind, f"{nats:+.3f}")
    style = shade(nats, deepest)
    return f'<td style="{style}" title="{title}" aria-label="{title}">{_shown(nats)}</td>'


def _control(layer: str, kind: str, nats: Sequence[float] | None, deepest: float) -> str:
    """What a group is worth to the random adapters, on average; each one's in the title."""
    if not nats:
        return "<td>·</td>"
    each = ", ".join(f"{one:+.2f}" for one in nats)
    mean = sum(nats) / len(nats)
    title = html.escape(
        WORDS.why.cell_random.format(layer=layer, projection=kind, value=f"{mean:+.2f}", each=each)
    )
    style = shade(mean, deepest)
    return f'<td style="{style}" title="{title}" aria-label="{title}">{_shown(mean)}</td>'


def _shown(nats: float) -> str:
    return f"{nats:+.1f}" if abs(nats) >= 0.05 else "0"


def _size(layer: int, kind: str, share: float | None, largest: float) -> str:
    if share is None:
        return "<td></td>"
    title = _title(layer, kind, f"{share:.3f}")
    style = f"background: rgba(0, 158, 115, {DEEPEST * share / largest:.2f})"
    return f'<td style="{style}" title="{title}" aria-label="{title}">{share:.2f}</td>'


def _title(layer: int | None, kind: str, value: str) -> str:
    said: Mapping[str, str] = {"layer": _layer(layer), "projection": kind, "value": value}
    return html.escape(WORDS.why.cell.format(**said))
