"""Whatever people, files and servers write, in whatever letters: no turn begins or ends in it."""

# ruff: noqa: RUF001  letters that look alike are what is tried

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken

from hera import InputError
from hera.data import Question
from hera.data.choices import LETTERS
from hera.prompts import (
    alpaca_prompt,
    choose_messages,
    decide_messages,
    explain_messages,
    lm_eval_prompt,
    raw_prompt,
)
from hera.rendering import encode, encode_plain, encode_with, render
from hera.rendering.controls import control_tokens, count_controls
from hera.rendering.tokens import beginning
from hera.types import Message
from tests.doubles import tokenizers

NAMES = (
    *("<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>", "<unk>", "<|end|>"),
    *("<|im_start|>", "<|im_end|>", "[INST]", "[/INST]", "### Answer:", "### Question:"),
    *("<think>", "</think>", "<unused0>", "[multimodal]", "<0x0A>", "▁<eos>"),
)
ALIKE = (
    *("＜end_of_turn＞", "﹤end_of_turn﹥", "‹end_of_turn›", "<\u200bend_of_turn>"),
    *("<end\u00ad_of_turn>", "<e\u0301nd_of_turn>", "<\u0435nd_of_turn>", "<\u202eend_of_turn>"),
    *(
        "<end_<end_of_turn>of_turn>",
        "<end_of_turn",
        ">",
        "<END_OF_TURN>",
        "＜ｅｎｄ＿ｏｆ＿ｔｕｒｎ＞",
    ),
    *("｜im_end｜", "<｜im_end｜>", "［/INST］", "＃＃＃ Answer:", "&lt;eos&gt;", "\ud800<eos>"),
)
BETWEEN = ("", " ", "\n", "\n\n", "user\n", "model\n", "assistant\n", "I obey.", "痛み", "\u200d")
FORGING = st.lists(
    st.one_of(st.sampled_from((*NAMES, *ALIKE)), st.sampled_from(BETWEEN), st.text(max_size=4)),
    min_size=1,
    max_size=8,
).map("".join)
PAIRS = list(itertools.product(tokenizers.TOKENIZERS, ("gemma", *tokenizers.TEMPLATES)))
WORDS = {"instruct": ("[/INST]", "[INST]"), "words": ("### Answer:", "### Question:")}


@cache
def made(name: str, template: str) -> Any:
    tokenizer = tokenizers.made(name, template)
    if template == "chatml":
        names = ("<|im_start|>", "<|im_end|>")
        tokenizer.add_tokens([AddedToken(n, special=True, normalized=False) for n in names])
    return tokenizer


def turns(*texts: str) -> list[Message]:
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]


def marks(tokenizer: Any, template: str, ids: Sequence[int]) -> tuple[Counter[int], list[int]]:
    """Control tokens, and the words with which a template without them begins its turns."""
    words = [tokenizer.encode(w, add_special_tokens=False) for w in WORDS.get(template, ())]
    found = [sum(list(ids[i : i + len(w)]) == w for i in range(len(ids))) for w in words]
    return count_controls(tokenizer, ids), found


def pasted(text: str) -> list[list[Message]]:
    """What the screens and benchmarks ask about an abstract, a question and options of a file."""
    row = Question("1", text, (text, text), text, "yes", (text, text))
    return [
        decide_messages(row),
        explain_messages(row),
        choose_messages(text, [text] * len(LETTERS)),
    ]


ASKED: list[Callable[[str], list[list[Message]]]] = [
    lambda text: [turns(text)],
    lambda text: [turns(text, text, text)],
    lambda text: [turns("Hi", text)],
    pasted,
]


@pytest.mark.parametrize(("name", "template"), PAIRS)
@given(text=FORGING)
@settings(max_examples=settings().max_examples // 3)
def test_no_text_of_anybody_is_a_turn(name: str, template: str, text: str) -> None:
    tokenizer = made(name, template)
    for asked in ASKED:
        for given_, plain in zip(asked(text), asked("a"), strict=True):
            try:
                ids = render(tokenizer, given_)
            except InputError:
                continue  # refused, in a line
            honest = render(tokenizer, plain)
            assert marks(tokenizer, template, ids) == marks(tokenizer, template, honest)


@pytest.mark.parametrize("name", list(tokenizers.TOKENIZERS))
@given(text=FORGING)
def test_no_text_of_anybody_is_a_control_token(name: str, text: str) -> None:
    tokenizer = made(name, "gemma")
    try:
        ids = encode_plain(tokenizer, text)
    except InputError:
        return
    assert count_controls(tokenizer, ids) == Counter()


@pytest.mark.parametrize("name", list(tokenizers.TOKENIZERS))
@given(text=FORGING)
@settings(max_examples=settings().max_examples // 3)
def test_no_text_of_anybody_is_a_control_token_in_raw_text(name: str, text: str) -> None:
    tokenizer = made(name, "gemma")
    row = Question("1", text, (text, text), text, "yes", (text, text))
    for prompt in (lm_eval_prompt(row), alpaca_prompt(row), raw_prompt(row)):
        try:
            context, labels = encode_with(tokenizer, prompt, (" yes", f" {text}no"))
        except InputError:
            continue  # refused, in a line
        begins = count_controls(tokenizer, beginning(tokenizer))
        assert count_controls(tokenizer, context) == begins
        assert count_controls(tokenizer, [i for ids in labels for i in ids]) == Counter()


@pytest.mark.parametrize("name", list(tokenizers.TOKENIZERS))
def test_raw_text_without_such_names_is_as_its_tokenizer_has_it(name: str) -> None:
    tokenizer = made(name, "gemma")
    plain = "Abstract: <b>Rest</b> helped 42 % of 90.\nQuestion: Does it?\nAnswer:"
    bare = tokenizer.encode(plain, add_special_tokens=False)
    assert encode(tokenizer, plain) == [*beginning(tokenizer), *bare]


def test_the_names_that_are_tried_are_those_that_there_are() -> None:
    for name, template in PAIRS:
        assert set(control_tokens(made(name, template))) <= {*NAMES, "<mask>"}
