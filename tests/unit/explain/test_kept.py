"""A comparison that is kept: the file, the page, and the link that knows it again."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hera import GenerationParams
from hera.errors import DataError, InputError
from hera.explain.checksum import checksum, first_difference
from hera.explain.comparison import Column, Comparison, TokenScore, Turn
from hera.explain.kept import Kept, kept, of_content, read, written
from hera.explain.link import MOST_LINK, Promise
from hera.explain.tokens import scored
from hera.types import Engine, Message
from hera.ui.documents.markdown import markdown
from hera.ui.documents.page import page
from hera.ui.documents.picture import picture

HOSTILE = (
    '<img src=x onerror="alert(1)"></p></style><script>alert(2)</script>\n```\n# **bold** &lt;'
)
TAGS = """html head meta title style body main h1 h2 h3 p div span section details summary b br
label input table tr th td code pre ul ol li strong em"""


@pytest.fixture(scope="module")
def found(engine: Engine) -> Kept:
    """Of two turns, drawn at 0.7."""
    asked: dict[str, list[Message]] = {
        name: [
            {"role": "user", "content": "I have a cold."},
            {"role": "assistant", "content": "Rest helps."},
            {"role": "user", "content": "And a headache. What should I do?"},
        ]
        for name in ("base", "stage2", "stage2@0.5")
    }
    params = GenerationParams(24, temperature=0.7, seed=5)
    compared = Comparison.begun(engine.name, asked, params)
    compared = compared.at(engine.answer(asked, params), dict.fromkeys(asked, 9.0))
    compared = compared.with_columns(scored(engine, column) for column in compared.columns)
    return kept(engine, compared, "1.0")


def with_column(kept: Kept, **changed: Any) -> Kept:
    first, *others = kept.columns
    return kept.model_copy(update={"columns": (first.model_copy(update=changed), *others)})


def test_the_file_is_read_back_as_it_was_with_what_a_newer_one_adds(found: Kept) -> None:
    assert read("c.json", written(found)) == found
    assert set(found.fingerprints) == {"base", "stage2"}
    newer = {**found.plain(), "mood": "good"}
    assert read("c.json", json.dumps(newer)).plain() == newer


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("seed", "5", "`seed`"),
        ("seed", None, "`seed`"),
        ("temperature", 9.0, "give 0 (greedy) to 5"),
        ("temperature", float("nan"), "no finite number"),
        ("columns", [], "1 to 8 different variants"),
        ("columns.0.variant", "stage2", "1 to 8 different variants"),
        ("columns.0.variant", "x@9", "is no strength"),
        ("columns.0.turns.0.role", "king", "the role 'king'"),
        ("columns.0.turns.2", {"role": "user", "content": " "}, "is empty"),
        ("columns.0.finished", "never", "an ending"),
        ("columns.0.scores.0.logprob", 1e9, "no log-probabilities"),
        ("columns.0.text", "\ud800", "invalid JSON"),
        ("columns.0.text", "x" * 200_001, "longer than 200,000"),
        ("model", "a\nb", "is no name"),
    ],
)
def test_what_no_screen_could_show_is_refused_in_a_line(
    found: Kept, key: str, value: object, says: str
) -> None:
    content = found.plain()
    *way, last = key.split(".")
    at: Any = content
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    at[int(last) if last.isdigit() else last] = value
    with pytest.raises(DataError) as refused:
        of_content("c.json", content)
    assert str(refused.value).startswith("c.json: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff", b"[1]", b"{}", b"[" * 100_000, b" " * 8_388_609])
def test_what_is_no_file_of_it_is_one_line(content: bytes) -> None:
    with pytest.raises(DataError, match=r"^c\.json: [^\n]+$"):
        read("c.json", content)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(found: Kept) -> Kept:
    """With markup in all that people, models and whoever made the file wrote."""
    name = '"><script>'
    turns = tuple(Turn(role=turn.role, content=HOSTILE) for turn in found.columns[0].turns)
    score = TokenScore(id=1, text=HOSTILE, logprob=-1.0, base=-2.0)
    column = Column(
        variant=name, turns=turns, text=HOSTILE, finished="stop", tokens=1, scores=(score,)
    )
    plain = column.model_copy(update={"variant": f"{name}+stage2", "scores": None})
    return found.model_copy(
        update={
            "model": name,
            "computed": name,
            "hera": name,
            "served": ("base", name),
            "fingerprints": {name: name},
            "columns": (column, plain),
        }
    )


def test_the_page_obeys_nothing_that_was_written_and_fetches_nothing(found: Kept) -> None:
    document = _Tags()
    document.feed(page(of_content("c", hostile(found).plain())))
    assert set(document.tags) <= set(TAGS.split())
    assert not [name for name, _ in document.attributes if name.startswith("on")]
    assert not {"src", "href", "action"} & {name for name, _ in document.attributes}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in document.attributes
    assert document.text.count("<script>alert(2)</script>") >= 5  # shown, letter by letter
    assert "url(" not in page(found)
    assert "@import" not in page(found)


def test_the_markdown_keeps_what_was_written_in_fences(found: Kept) -> None:
    text = markdown(hostile(found))
    outside = re.sub(r"^(````+)text\n.*?\n\1$", "", text, flags=re.S | re.M)
    assert text.count(HOSTILE) == 1 + 2 * 3
    assert "alert" not in outside
    assert "<" not in outside.replace("\\<", "")


def test_the_picture_says_what_it_cannot_show(found: Kept) -> None:
    plain, missing = picture(found), picture(with_column(found, text="\U000103a0 " * 40))
    assert plain.startswith(b"\x89PNG")
    heights = [int.from_bytes(image[20:24]) for image in (plain, missing)]
    assert heights[1] > heights[0]  # a line says so


def test_a_checksum_finds_the_first_token_that_is_another(found: Kept) -> None:
    column = found.columns[1]
    scores = column.scores or ()
    code = checksum(column)
    assert len(code) == 1 + 2 * (len(scores) + 1)
    assert first_difference(column, code) is None
    for place in (0, 7, len(scores) - 1):
        other = scores[place].model_copy(update={"id": scores[place].id + 1})
        changed = (*scores[:place], other, *scores[place + 1 :])
        assert first_difference(column.model_copy(update={"scores": changed}), code) == place
    shorter = column.model_copy(update={"scores": scores[:5]})
    assert first_difference(shorter, code) == 5
    assert first_difference(column, checksum(shorter)) == 5
    ended = column.model_copy(update={"finished": "stop"})
    assert first_difference(ended, code) == len(scores)
    stopped = shorter.model_copy(update={"finished": None})
    assert first_difference(column, checksum(stopped)) is None
    words = column.model_copy(update={"scores": None})
    assert first_difference(column, checksum(words)) is None
    assert first_difference(words, code) == 0  # it cannot be told by tokens


def test_a_link_asks_the_same_and_knows_it_again(found: Kept) -> None:
    promise = Promise.of(found)
    again = Promise.read(parse_qsl(promise.query(), keep_blank_values=True))
    assert again == promise
    assert again is not None
    verdicts = again.kept_by(found, promise.weights)
    assert [(v.place, v.same_weights) for v in verdicts] == [(None, True)] * 3
    others = {**promise.weights, "stage2": "AAAAAAAA"}
    assert [v.same_weights for v in again.kept_by(found, others)] == [True, False, True]
    hotter = found.model_copy(update={"temperature": 0.8})
    assert again.kept_by(hotter, promise.weights) == []


def test_each_column_may_have_had_its_own_conversation(found: Kept) -> None:
    turns = (found.columns[0].turns[-1],)
    promise = Promise.of(with_column(found, turns=turns))
    assert Promise.read(parse_qsl(promise.query(), keep_blank_values=True)) == promise


def test_what_is_too_long_for_a_link_is_said(found: Kept) -> None:
    turns = (*found.columns[0].turns[:-1], Turn(role="user", content="pain " * MOST_LINK))
    columns = tuple(c.model_copy(update={"turns": turns}) for c in found.columns)
    same = found.model_copy(update={"columns": columns})
    with pytest.raises(InputError, match=r"too long for a link: .* Save it as JSON"):
        Promise.of(same).query()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("question", " "),
        ("question", "pain " * MOST_LINK),
        ("variant", "stage2"),
        ("variant", "a\nb"),
        ("tokens", "many"),
        ("tokens", "9" * 5000),
        ("tokens", "0"),
        ("temperature", "nan"),
        ("seed", None),
        ("said", "t1"),
        ("said", "<script>"),
        ("weights", "../.."),
        ("before", "[["),
        ("before", '[["one"]]'),
        ("before", "[[1,2]]"),
        ("before", "{}"),
        ("before", "[" * 3000),
    ],
)
def test_a_broken_link_is_one_clear_line(found: Kept, key: str, value: str | None) -> None:
    query = dict(parse_qsl(Promise.of(found).query(), keep_blank_values=True))
    many = [(k, v) for k, v in parse_qsl(Promise.of(found).query()) if k != key]
    many += [] if value is None else [(key, value)] * (3 if key in ("variant", "said") else 1)
    assert key in query
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        Promise.read(many)


def test_any_other_address_is_no_link() -> None:
    assert Promise.read([("__theme", "dark"), ("variant", "base")]) is None
