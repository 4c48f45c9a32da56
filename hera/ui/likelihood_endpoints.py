"""The named endpoints that say how likely texts are: `/label_logprobs`, `/token_logprobs`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from gradio.events import api

from hera.data.pubmedqa import LABELS
from hera.errors import InputError
from hera.types import Prompt, TokenLogprobs
from hera.ui.asking import MOST
from hera.ui.components.events import ANSWERS, SCORES
from hera.ui.conversation import from_history
from hera.ui.explaining import Explain
from hera.ui.guard.arguments import takes_checked
from hera.ui.serving import Serving
from hera.ui.words import WORDS


def likelihood_endpoints(serving: Serving, explain: Explain) -> None:
    """Both."""
    _label_logprobs(serving, explain)
    _token_logprobs(serving, explain)


def _label_logprobs(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def label_logprobs(
        prompts: list[Any],
        labels: list[str] = list(LABELS),  # noqa: B006  (Gradio shows it; only read)
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
    ) -> Iterator[dict[str, Any]]:
        """How likely each variant finds each label as the continuation of each prompt: what a
        classifier, or a multiple-choice test, is made of. The likeliest label is the answer.

        Args:
            prompts: 1 to 500, each a text or a list of {"role": "user" or "assistant", "content"}.
            labels: continuations as they stand: behind a text mostly with a space before them.
            variants: their names, as /health lists them; all of them if none is named.

        Returns:
            {"labels", "n": how many prompts are scored, "of", "variants": {NAME: a row a prompt, in
            it the summed log-likelihood (natural log) of every label}}; a stream of it so far.
        """
        asked = _prompts(prompts)
        names = variants or list(serving.engine().variants)
        for rows in explain.labels(asked, labels, names):
            done = {name: rows[place].tolist() for place, name in enumerate(names)}
            n = rows.shape[1]
            yield {"labels": list(labels), "n": n, "of": len(asked), "variants": done}

    api(label_logprobs, api_name="label_logprobs", **SCORES)


def _token_logprobs(serving: Serving, explain: Explain) -> None:
    @takes_checked
    def token_logprobs(
        text: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        top: int = 0,
    ) -> Iterator[dict[str, Any]]:
        """Every token of a text, and how likely each variant finds it after all before it.

        Args:
            text: what is read, as it stands.
            variants: their names, as /health lists them; all of them if none is named.
            top: how many of the likeliest tokens to tell at each place, 0 to 100.

        Returns:
            {variant: {"tokens": texts, "logprobs": natural logs, the first null, "top": for each
            place the likeliest tokens as [text, logprob]}}
        """
        engine = serving.engine()
        for told in explain.tokens(text, variants, int(top)):
            yield {
                name: {
                    "tokens": list(one.texts),
                    "logprobs": [None if math.isnan(p) else float(p) for p in one.logprobs],
                    "top": _top(one, engine.tokenizer),
                }
                for name, one in told.items()
            }

    api(token_logprobs, api_name="token_logprobs", **ANSWERS)


def _prompts(given: Any) -> list[Prompt]:
    """What is to be scored.

    Raises:
        InputError: it is no list of texts and conversations, or one of too many.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MOST:
        raise InputError(WORDS.errors.prompts.format(most=MOST))
    found: list[Prompt] = []
    for one in given:
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, list):
            found.append(from_history(one))
        else:
            raise InputError(WORDS.errors.prompts.format(most=MOST))
    return found


def _top(one: TokenLogprobs, tokenizer: Any) -> list[list[list[Any]]]:
    return [
        [
            [tokenizer.decode([int(token)]), float(logprob)]
            for token, logprob in zip(ids, logprobs, strict=True)
            if token >= 0
        ]
        for ids, logprobs in zip(one.top_ids, one.top_logprobs, strict=True)
    ]
