"""The Model tab: what runs, its variants, the self-test, and programs that have the same."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.explain.receipt import SHORT
from hera.explain.selftest import Check
from hera.explain.sheet.records import Card, Memory, Running, Sheet, Snippet, Variant
from hera.ui.components.colours import colour
from hera.ui.components.facts import Fact, copied, copy_button, facts_html, many, size, text
from hera.ui.components.layers import sizes_html
from hera.ui.components.scores import scores_html
from hera.ui.components.training import training_html
from hera.ui.components.written import article, filled
from hera.ui.words import WORDS


def sheet_html(sheet: Sheet, *, report: bool = False) -> str:
    """All of it, from what is loaded to what cannot be known; `report`: whether there is a page of
    all measurements to link."""
    words, names = WORDS.model, [v.name for v in sheet.variants]
    variants = "".join(_variant(variant, names) for variant in sheet.variants)
    sections = [
        (words.heading, f"{filled(words.about)}{_running(sheet.running)}"),
        ("", f'<div class="columns">{variants}</div>'),
        (words.checks, _checks(sheet.checks)),
        (words.notes, _notes(sheet.notes)),
        (words.scores, scores_html(sheet.variants) + (_report() if report else "")),
        (words.training_heading, training_html(sheet.variants)),
        (words.heat, _heat(sheet.variants)),
        (words.cards, _cards(sheet.cards)),
        (words.snippets, _snippets(sheet.snippets)),
        (words.unknown_heading, _unknown(sheet)),
    ]
    return "".join(_part(heading, body) for heading, body in sections if body)


def _report() -> str:
    """A link to `hera.ui.report`'s page, which lies beside the app's."""
    return (
        '<p><a id="model-report" href="report.html" target="_blank" rel="noopener">'
        f"{html.escape(WORDS.model.report)}</a></p>"
    )


def _part(heading: str, body: str) -> str:
    over = f"<h3>{html.escape(heading)}</h3>" if heading else ""
    return f'<section class="part">{over}{body}</section>'


def _running(running: Running) -> str:
    words, names = WORDS.model, WORDS.model.facts
    kept = None
    if running.bits is not None:
        kept = words.bits_dtype.format(bits=running.bits, dtype=running.dtype or "?")
    window = words.no_window
    if running.window is not None:
        window = words.tokens.format(n=running.window)
    known = ("torch", "transformers", "peft", "gradio")
    versions = [f"{name} {running.versions[name]}" for name in known if name in running.versions]
    return facts_html(
        [
            (names.engine, html.escape(getattr(words.engine, running.engine))),
            (names.device, text(running.device)),
            (names.kept, kept),
            (names.scores, None if running.bits is None else html.escape(running.scoring)),
            (names.threads, None if running.threads is None else str(running.threads)),
            (names.window, html.escape(window)),
            (names.memory, _memory(running.memory)),
            (names.versions, html.escape(", ".join([f"HERA {running.hera}", *versions]))),
            (names.machine, text(f"Python {running.python}, {running.platform}")),
        ]
    )


def _memory(memory: Memory | None) -> str | None:
    if memory is None:
        return None
    words = WORDS.model
    said = words.memory_gpu if memory.place == "GPU" else words.memory_process
    return html.escape(said.format(used=size(memory.used), peak=size(memory.peak)))


def _variant(variant: Variant, names: Sequence[str]) -> str:
    words = WORDS.model
    style = f"--variant: {colour(variant.name, names)}; --line: solid"
    kind = html.escape(getattr(words.kind, variant.kind))
    return (
        f'<section class="variant" style="{style}"><header><h4 dir="auto">'
        f"{html.escape(variant.name)} <small>{kind}</small></h4>"
        f"</header>{facts_html(_facts(variant))}</section>"
    )


def _facts(variant: Variant) -> list[Fact]:
    words, names, lora = WORDS.model, WORDS.model.variant, variant.lora
    shape = None
    if lora is not None:
        shape = words.rank.format(kind=lora.kind, rank=lora.rank, alpha=lora.alpha)
    served = variant.sha256 is not None  # or a server has it, and shows nothing of it
    return [
        (names.ref, text(variant.ref)),
        (names.on, text(variant.base)),
        (names.parameters, None if variant.parameters is None else many(variant.parameters)),
        (names.lora, shape),
        (names.targets, text(", ".join(lora.targets)) if lora and lora.targets else None),
        (names.norm, None if variant.norm is None else f"{variant.norm:.3f}"),
        (names.sha256, _sha256(variant.sha256)),
        (names.trained_on, _sha256(variant.trained_on)),
        (names.licence, text(variant.licence or words.not_stated) if served else None),
    ]


def _sha256(sha256: str | None) -> str | None:
    return None if sha256 is None else copied(sha256, f"{sha256[:SHORT]}…")


def _checks(checks: Sequence[Check]) -> str:
    lines = "".join(map(_check, checks))
    about = filled(WORDS.model.checks_about)
    return f'{about}<ul class="checks">{lines}</ul>' if lines else ""


def _check(check: Check) -> str:
    words = WORDS.model
    kind, sign, state = {
        True: ("good", "✓", words.passed),
        False: ("bad", "✗", words.failed),
        None: ("unseen", "?", words.not_checked),
    }[check.passed]
    said = html.escape(f"{check.name}: {check.detail}")
    seen = f'<b role="img" aria-label="{html.escape(state)}">{sign}</b>'
    return f'<li class="{kind}">{seen}<span>{said}</span></li>'


def _notes(notes: Sequence[str]) -> str:
    lines = "".join(f'<li dir="auto">{html.escape(n[:1].upper() + n[1:])}.</li>' for n in notes)
    return f"<ul>{lines}</ul>" if lines else ""


def _heat(variants: Sequence[Variant]) -> str:
    words, names = WORDS.model, [v.name for v in variants]
    largest = max((part.size for v in variants for part in v.parts), default=0.0)
    maps = "".join(
        f'<section style="--variant: {colour(v.name, names)}">'
        f"{filled(words.heat_of, variant=v.name, norm=f'{v.norm:.3f}')}"
        f"{sizes_html(v.parts, largest)}</section>"
        for v in variants
        if v.parts and v.norm is not None
    )
    without = "".join(
        filled(words.no_heat, variant=v.name, why=v.no_norm) for v in variants if v.no_norm
    )
    about = filled(words.heat_about) if maps else ""
    return f'{about}<div class="maps">{maps}</div>{without}' if maps or without else ""


def _cards(cards: Sequence[Card]) -> str:
    words = WORDS.model
    if not cards:
        return filled(words.no_cards)
    return filled(words.cards_about) + "".join(_card(card) for card in cards)


def _card(card: Card) -> str:
    words = WORDS.model
    title = words.card.format(variants=", ".join(card.variants), name=card.name)
    licence = words.card_licence.format(licence=card.licence or words.not_stated)
    cut = filled(words.card_cut) if card.cut else ""
    return (
        f'<details class="card"><summary dir="auto">{html.escape(title)} · {html.escape(licence)}'
        f'</summary><div class="article" dir="auto">{article(card.text, words.picture)}{cut}</div>'
        "</details>"
    )


def _snippets(snippets: Sequence[Snippet]) -> str:
    words = WORDS.model
    if not snippets:
        return ""
    told = "".join(
        f'<details class="snippet" id="model-snippet-{one.kind}"{" open" if place == 0 else ""}>'
        f"<summary>{html.escape(getattr(words.snippet, one.kind))}</summary>"
        f'<div class="code">{copy_button(one.code)}<pre tabindex="0" dir="ltr"><code>'
        f"{html.escape(one.code)}</code></pre></div></details>"
        for place, one in enumerate(snippets)
    )
    return filled(words.snippets_about) + told


def _unknown(sheet: Sheet) -> str:
    words = WORDS.model.unknown
    lines = "".join(f"<li>{html.escape(getattr(words, code))}</li>" for code in sheet.unknown)
    return f"<ul>{lines}</ul>" if lines else ""
