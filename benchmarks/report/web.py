"""The page as one HTML file with its pictures inside: no script, nothing that is fetched."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

from benchmarks.report import markdown, tables
from benchmarks.report.section import Section
from benchmarks.report.tables import Table
from hera.ui.documents.frame import PICTURES, STYLE, document

_CSS = STYLE + Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page(sections: Sequence[Section], pictures: Sequence[Mapping[str, bytes]]) -> str:
    """The file; `pictures` are each run's PNGs by kind."""
    runs = list(enumerate(sections, 1))
    places = "".join(
        f'<li><a href="#run-{number}">{_line(each.of.heading)}</a></li>' for number, each in runs
    )
    warned = "".join(
        f'<div class="notice">{_text(line)}</div>' for line in markdown.same_names(sections)
    )
    body = "".join(_section(number, each, pictures[number - 1]) for number, each in runs)
    return document(
        markdown.TITLE,
        f'<h1 id="top">{markdown.TITLE}</h1>{warned}'
        f'<nav aria-label="{markdown.SAID}"><ol>{places}</ol></nav>{body}'
        f"<footer>{_text(markdown.RULE)}</footer>",
        css=_CSS,
        policy=PICTURES,
    )


def _section(number: int, each: Section, pictures: Mapping[str, bytes]) -> str:
    drawn = "".join(
        _figure(f"{label} {markdown.marked(each, each.captions[kind])}", png)
        for label, (kind, png) in markdown.labelled("Figure", number, list(pictures.items()))
    )
    shown = "".join(
        _table(f"{label} {markdown.marked(each, table.caption)}", table)
        for label, table in markdown.labelled("Table", number, each.tables)
    )
    return (
        f'<section id="run-{number}"><h2>{number}. {_line(each.of.heading)}</h2>'
        f'<div class="plain">{_text(each.plain)}</div>{_list(each.findings)}{drawn}{shown}'
        f"{''.join(map(_text, each.notes))}"
        f"<details><summary>What was run</summary>{_list(tables.facts(each.of))}</details>"
        '<p><a href="#top">To the list of runs</a></p></section>'
    )


def _figure(caption: str, png: bytes) -> str:
    """As wide as its letters need: on a phone it is moved sideways."""
    said = html.escape(caption.replace("*", ""))
    data = base64.b64encode(png).decode()
    return (
        f'<figure><div class="scrolls" tabindex="0"><img alt="{said}" '
        f'src="data:image/png;base64,{data}"></div><figcaption>{_line(caption)}</figcaption></figure>'
    )


def _table(caption: str, table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_side(table, place)}>{_line(cell)}</th>'
        for place, cell in enumerate(table.header)
    )
    rows = "".join(
        f'<tr><th scope="row">{_line(row[0])}</th>'
        + "".join(
            f"<td{_side(table, place)}>{_line(cell)}</td>" for place, cell in enumerate(row[1:], 1)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<p class="caption">{_line(caption)}</p><div class="scrolls" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _side(table: Table, place: int) -> str:
    return "" if place < table.left else ' class="number"'


def _list(lines: Sequence[str]) -> str:
    return _text("\n".join(lines))


def _text(text: str) -> str:
    return str(_rules().render(text))


def _line(text: str) -> str:
    return str(_rules().renderInline(text))


@cache
def _rules() -> MarkdownIt:
    """Lists, bold, italics and code; all else, HTML and links of strangers, is shown as typed."""
    return MarkdownIt("zero").enable(["list", "backticks", "emphasis"])
