"""Variants under eight prompts: sentences a pair, a table, and the prompts to read."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from hera.evaluation.comparing import Pair
from hera.evaluation.fair_prompts import (
    USUAL,
    Accuracy,
    FairPair,
    FairPrompts,
    FairVariant,
    PromptAccuracy,
)
from hera.evaluation.prompted import prompt_texts
from hera.evaluation.scoring import PROMPTS
from hera.types import Prompt
from hera.ui.components.colours import colour
from hera.ui.components.fair_figure import accuracy_plot, gain_plots
from hera.ui.components.written import filled
from hera.ui.words import WORDS


def asked_html(done: int, n: int) -> str:
    """How much is scored of all questions in all prompts."""
    text = WORDS.fair.progress.format(done=done, n=n)
    return f'<p role="status">{text}</p><progress max="{n}" value="{done}"></progress>'


def so_far_html(
    n: int, found: Mapping[str, Mapping[str, PromptAccuracy]], served: Sequence[str]
) -> str:
    """What `n` questions in all prompts say, before anything is compared."""
    text = html.escape(WORDS.fair.so_far.format(n=n))
    return f"<p>{text}</p>{accuracy_plot(found, {}, served)}"


def fair_html(found: FairPrompts, served: Sequence[str]) -> str:
    """The pairs in sentences, accuracies and gains as plots, and the table."""
    words = WORDS.fair
    under = {name: one.prompts for name, one in found.variants.items()}
    own = {name: one.fair for name, one in found.variants.items()}
    told = "".join(f"<li>{_pair(pair)}</li>" for pair in found.paired)
    sentences = f'<ul class="verdicts" role="status">{told}</ul>' if told else ""
    plots = accuracy_plot(under, own, served) + gain_plots(found, served)
    hollow = f"<p>{html.escape(words.hollow)}</p>" if found.paired else ""
    return (
        f'{sentences}<div class="prompted">{plots}</div>{hollow}'
        f"{_table(found, served)}"
        f'<details class="how"><summary>{html.escape(words.how)}</summary>'
        f"<p>{html.escape(words.method)}</p></details>"
    )


def prompts_html() -> str:
    """The eight prompts as they are sent, folded."""
    words, texts = WORDS.fair, prompt_texts()
    listed = "".join(
        f"<dt>{html.escape(words.prompts[prompt].name)}<small>"
        f"{html.escape(words.prompts[prompt].about)}</small></dt><dd>{_sent(texts[prompt])}</dd>"
        for prompt in PROMPTS
    )
    return (
        f'<details class="how"><summary>{html.escape(words.texts)}</summary><dl>{listed}</dl>'
        "</details>"
    )


def _pair(pair: FairPair) -> str:
    words = WORDS.fair
    parts = [_counted(pair), _turned(pair), _fairly(pair.fair), _freely(pair)]
    low, high = pair.over_splits
    beside = [
        words.tested.format(p=pair.fair.p, holm=pair.fair.p_holm),
        words.splits.format(low=100 * low, high=100 * high),
    ]
    if pair.reversed:
        beside.append(words.reversed.format(prompts=_named(pair.reversed)))
    small = html.escape(" · ".join(beside))
    return f"{''.join(parts)}<small>{small}</small>"


def _counted(pair: FairPair) -> str:
    counts = {
        field: str(len(pair.saying(verdict)))
        for field, verdict in (("better", 1), ("worse", -1), ("open", 0))
    }
    return filled(WORDS.fair.counts, a=pair.a, b=pair.b, of=str(len(pair.under)), **counts)


def _turned(pair: FairPair) -> str:
    words = WORDS.fair
    usual = words.prompts[USUAL].name
    if not pair.turned:
        return filled(words.same) if pair.under[USUAL].verdict else ""
    return filled(words.turned, n=str(len(pair.turned)), usual=usual, prompts=_named(pair.turned))


def _fairly(pair: Pair) -> str:
    words = WORDS.fair
    text = {1: words.fair_better, -1: words.fair_worse, 0: words.fair_open}[pair.verdict]
    low, high = pair.difference_ci95
    points = words.points.format(mean=100 * pair.difference, low=100 * low, high=100 * high)
    return filled(text, b=pair.b, points=points)


def _freely(pair: FairPair) -> str:
    its = pair.spread
    ends = {"low": f"{100 * its.smallest:+.1f}", "high": f"{100 * its.largest:+.1f}"}
    return filled(WORDS.fair.spread, b=pair.b, **ends)


def _named(prompts: Sequence[str]) -> str:
    return ", ".join(WORDS.fair.prompts[prompt].name for prompt in prompts)


def _table(found: FairPrompts, served: Sequence[str]) -> str:
    words = WORDS.fair
    heads = "".join(
        f'<th scope="col" style="--variant: {colour(name, served)}">{html.escape(name)}</th>'
        for name in found.variants
    )
    rows = "".join(_row(prompt, found) for prompt in PROMPTS)
    own = "".join(f"<td>{_accuracy(one.fair)}</td>" for one in found.variants.values())
    return (
        f"<p>{html.escape(words.table.format(n=found.n))}</p>"
        f"<div class='scrolls' tabindex='0'><table class='luck fair'><thead><tr><td></td>{heads}"
        f'</tr></thead><tbody>{rows}<tr><th scope="row">{html.escape(words.own)}<small>'
        f"{html.escape(words.own_about)}</small></th>{own}</tr></tbody></table></div>"
    )


def _row(prompt: str, found: FairPrompts) -> str:
    about = WORDS.fair.prompts[prompt]
    cells = "".join(
        f"<td>{_accuracy(one.prompts[prompt])}{_mark(prompt, one)}</td>"
        for one in found.variants.values()
    )
    return (
        f'<tr><th scope="row">{html.escape(about.name)}<small>{html.escape(about.about)}</small>'
        f"</th>{cells}</tr>"
    )


def _accuracy(one: Accuracy) -> str:
    low, high = one.accuracy_ci95
    text = WORDS.luck.share.format(mean=one.accuracy, low=low, high=high)
    return f"{text}<small>macro-F1 {one.macro_f1:.2f}</small>"


def _mark(prompt: str, one: FairVariant) -> str:
    words = WORDS.fair
    times = sum(choice.prompt == prompt for choice in one.chosen)
    text = ("", words.chosen_once, words.chosen_twice)[times]
    return f"<strong>{html.escape(text)}</strong>" if text else ""


def _sent(prompt: Prompt) -> str:
    """A prompt letter by letter, under what is a turn of whom."""
    words = WORDS.fair
    if isinstance(prompt, str):
        return f"<small>{html.escape(words.raw)}</small><pre>{html.escape(prompt)}</pre>"
    names = {"user": words.user, "assistant": words.begun}
    return "".join(
        f"<small>{html.escape(names[turn['role']])}</small><pre>{html.escape(turn['content'])}</pre>"
        for turn in prompt
    )
