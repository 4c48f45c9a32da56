"""What people and models wrote, as HTML that shows every character of it and obeys none.

Gradio's own Markdown also takes HTML, images and links, and what was escaped for it is copied
escaped. So the little that an answer may bring is rendered here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_STARS = re.compile(r"\*+")
_TAGS = re.compile(r"<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.S)

_BLOCKS = (
    "heading",
    "table",
    "list",
    "fence",
    "code",
    "blockquote",
    "hr",
    "reference",
    "html_block",
)
_INLINE = ("html_inline", "backticks", "emphasis", "escape", "newline", "entity", "link", "image")


def as_written(text: str) -> str:
    """A text letter by letter, its lines as they are."""
    return f'<p dir="auto">{html.escape(text)}</p>'


def marked_up(text: str) -> str:
    """A text with its lists, bold and code as Markdown means them, and all else letter by letter:
    HTML, links, images, headings, entities and backslashes stay what was typed."""
    return str(_markdown().render(text))


def article(text: str, picture: str) -> str:
    """A model's card: headings, tables, lists, bold and code as Markdown means them. Nothing in it
    is fetched or obeyed: a link is its text with the address behind it, a picture what `picture`
    makes of {alt}, HTML the text between its tags; headings begin at the fourth level."""
    return str(_article().render(text, {"picture": picture}))


def filled(template: str, **fields: str) -> str:
    """A text of the screens as HTML, its Markdown rendered before the {fields} are filled in: what
    stands in them is shown letter by letter."""
    escaped = {name: html.escape(text) for name, text in fields.items()}
    return marked_up(template).format(**escaped)


@cache
def _markdown() -> MarkdownIt:
    """Only what is enabled here is markup."""
    rules = MarkdownIt("zero").enable(["list", "fence", "backticks", "emphasis", "escape"])
    rules.inline.ruler.at("emphasis", _stars)
    rules.inline.ruler.at("escape", _escaped)
    rules.core.ruler.push("blocks", _blocks)
    rules.add_render_rule("fence", _fence)
    # A single star is as often a footnote or a product: it stays in sight.
    rules.add_render_rule("em_open", lambda *_: "<em>*")
    rules.add_render_rule("em_close", lambda *_: "*</em>")
    return rules


def _stars(state: StateInline, silent: bool) -> bool:
    """Stars, unless within a word, as in 2**3**4; and never underscores: names hold those."""
    run = _STARS.match(state.src, state.pos)
    if run is None:
        return False
    around = state.src[run.start() - 1 : run.start()], state.src[run.end() : run.end() + 1]
    if not all(character.isalnum() for character in around):
        return emphasis.tokenize(state, silent)
    state.pending += run[0]
    state.pos = run.end()
    return True


def _escaped(state: StateInline, _: bool) -> bool:
    """A star or a backtick behind a backslash is no markup, and the backslash stays."""
    pair = state.src[state.pos : state.pos + 2]
    if pair not in ("\\*", "\\`"):
        return False
    state.pending += pair
    state.pos += 2
    return True


def _blocks(state: StateCore) -> None:
    """Every block gets the direction of its own text, every item of a list the number that was
    written (HTML counts on by itself), and its text a paragraph, which keeps its spaces."""
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")
        if token.type == "list_item_open" and token.info:
            token.attrSet("style", f"list-style-type: '{token.info}{token.markup} '")
        token.hidden = False


def _fence(
    _: RendererProtocol, tokens: Sequence[Token], place: int, __: OptionsDict, ___: Any
) -> str:
    """A block of code, under what stands beside the fence."""
    info, code = tokens[place].info.strip(), tokens[place].content
    label = f"<small>{html.escape(info)}</small>\n" if info else ""
    return f'<pre dir="auto">{label}<code>{html.escape(code)}</code></pre>\n'


@cache
def _article() -> MarkdownIt:
    rules = MarkdownIt("zero", {"html": True}).enable([*_BLOCKS, *_INLINE])
    rules.core.ruler.push("flat", _flat)
    rules.add_render_rule("fence", _fence)
    rules.add_render_rule("html_block", _untagged)
    rules.add_render_rule("html_inline", _untagged)
    rules.add_render_rule("table_open", lambda *_: '<div class="scrolls" tabindex="0"><table>')
    rules.add_render_rule("table_close", lambda *_: "</table></div>")
    return rules


def _flat(state: StateCore) -> None:
    """Headings below the page's own, and neither links nor pictures."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
        if token.children:
            token.children = list(_without_links(token.children, str(state.env["picture"])))


def _without_links(tokens: Sequence[Token], picture: str) -> Iterator[Token]:
    address, said = "", ""
    for token in tokens:
        if token.type == "link_open":
            address, said = str(token.attrGet("href") or ""), ""
        elif token.type == "link_close":
            if address.startswith(("http://", "https://")) and address != said:
                yield Token("text", "", 0, content=f" ({address})")
        elif token.type == "image":
            alt = token.content.replace("{", "").replace("}", "")
            yield Token("text", "", 0, content=picture.format(alt=alt))
        else:
            said += token.content
            yield token


def _untagged(
    _: RendererProtocol, tokens: Sequence[Token], place: int, __: OptionsDict, ___: Any
) -> str:
    return html.escape(html.unescape(_TAGS.sub("", tokens[place].content)))
