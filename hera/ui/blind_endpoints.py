"""The named endpoints of blind trials: `/blind`, `/blind_vote` and `/blind_tally`. Nothing is kept
between them: a seed and the question decide who is who, and the caller holds the trials."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from hera.errors import InputError
from hera.safety import with_notice
from hera.safety.answers import cautions, with_cautions, without_cautions
from hera.safety.care import Care
from hera.types import Message
from hera.ui.caring import cared
from hera.ui.components.events import ANSWERS
from hera.ui.components.generation import DEFAULTS
from hera.ui.conversation import checked
from hera.ui.country import asked_country
from hera.ui.guard.arguments import takes_checked
from hera.ui.language import language
from hera.ui.running import Pair, visitor
from hera.ui.serving import Serving
from hera.ui.tally import counted, tally
from hera.ui.trials import GUESSES, SETTINGS, SIDES, Trial, drawn, key_of, voted
from hera.ui.unnamed import names_of, unnamed
from hera.ui.words import WORDS


def blind_endpoints(serving: Serving, pair: Pair) -> None:
    """All of them."""
    _blind(serving, pair)
    _vote(serving)
    _tally()


def _blind(serving: Serving, pair: Pair) -> None:
    @takes_checked
    def blind(
        request: gr.Request,
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        seed: int = DEFAULTS.seed,
        country: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Answer a message twice, without saying who. Two served variants
        (any two if none is named) are put to the sides by the seed and the message together, in
        one trial of four both are the same variant, and each answer has a seed of its own, at
        temperature 0.7. A name that a model says of itself is ■. Where the message tells of an
        emergency or a crisis, or asks for a dose, a diagnosis and the like, both begin with the
        same notice and an empty line; at their end stand cautions as /chat gives them. In a crisis
        no model answers. /blind_vote, with the same message, variants and seed, takes the vote and
        tells who was who.

        Args:
            message: what to answer.
            variants: two names, as /health lists them; any two if there are none.
            seed: decides who is who, and what is drawn.
            country: the visitor's, two letters (ISO 3166), whose numbers a notice gives; by the
                request's Accept-Language if none is named.

        Returns:
            {"a": text, "b": text, "safety": {"level", "flags", "learned", "country", "held_back",
            "cautions": of either}}; a stream of them so far.
        """
        care = cared([Message(role="user", content=checked(message))], asked_country(country))
        if care.held_back:
            yield _both(care, [care.held, care.held], ended=True)
            return
        trial = _drawn(serving, message, variants, seed)
        names = names_of(serving.engine().variants, serving.model.text)
        sides = [(side.variant, side.seed) for side in trial.sides]
        texts = ["", ""]
        for said in pair(trial.asked, sides, SETTINGS, visitor(request)):
            texts = [answer.text for answer in said]
            yield _both(care, [unnamed(text, names, ended=False) for text in texts], ended=False)
        yield _both(care, [unnamed(text, names) for text in texts], ended=True)

    api(blind, api_name="blind", **ANSWERS)


def _vote(serving: Serving) -> None:
    @takes_checked
    def blind_vote(
        message: str,
        vote: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        seed: int = DEFAULTS.seed,
        answers: dict[str, str] = {},  # noqa: B006
        guess: str = "",
        country: str = "",
    ) -> Iterator[dict[str, Any]]:
        """THE REVEAL: take a vote on what /blind answered to the same message, variants and seed,
        and only then tell who was who. Nothing is kept here: collect the trials for /blind_tally.

        Args:
            message: as /blind was given it.
            vote: which is better: "a", "b", "same" or "unclear".
            variants: as /blind was given them.
            seed: as /blind was given it.
            answers: what /blind gave, {"a": text, "b": text}, so that lengths can be counted.
            guess: which side is the pair's second variant: "a", "b", or "twin" where both are one.
            country: as /blind was given it.

        Returns:
            The trial: {"model", "question", "pair", "sides": [A, B, each {"variant", "seed",
            "text"}], "vote", "guess"}
        """
        if guess not in ("", *GUESSES):
            raise InputError(WORDS.errors.guess)
        care = cared([Message(role="user", content=checked(message))], asked_country(country))
        if care.held_back:
            raise InputError(WORDS.errors.held)
        trial = voted(_drawn(serving, message, variants, seed), vote, guess, [])
        yield trial.said(_texts(answers, care.notice)).plain()

    api(blind_vote, api_name="blind_vote", queue=False)


def _tally() -> None:
    @takes_checked
    def blind_tally(trials: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Count blind trials, with intervals. The tests hold for a number of trials that was set
        beforehand.

        Args:
            trials: as /blind_vote gives them, or Compare's blind part saves them ("trials").

        Returns:
            {"n", "preferences": for each pair of variants {"model", "pair", "hits": how often the
            second was preferred, "n": of so many decided votes, "share", "ci95", "p": of the exact
            sign test, "open": undecided votes, "preferred": the variant, null while it may be
            luck}, "luck": how often a side was preferred of twins, "guesses": how often the guess
            was right, with what "chance" gives, "lengths": {"longer": in how many of "n" trials the
            tuned answer had more words than the base's, "base" and "tuned": words on average}}
        """
        yield counted(tally(_read(trials)))

    api(blind_tally, api_name="blind_tally", queue=False)


def _drawn(serving: Serving, message: str, variants: Sequence[str], seed: int) -> Trial:
    """The same for the same message, variants and seed, as long as the same variants are served;
    questions that share a seed are drawn apart."""
    served = serving.engine().variants
    key = key_of(variants, served)
    dice = random.Random(f"{seed} {key} {checked(message)}")
    return drawn(serving.model.title, message, key, served, dice)


def _both(care: Care, texts: Sequence[str], *, ended: bool) -> dict[str, Any]:
    """Both sides' texts, with cautions once they have ended, and what was done as data."""
    cautious = ended and not care.held_back
    shown = [with_cautions(text, language()) if cautious else text for text in texts]
    said = [] if care.held_back else [name for text in texts for name in cautions(text)]
    both: dict[str, Any] = {
        side: with_notice(care.notice, text) for side, text in zip(SIDES, shown, strict=True)
    }
    return both | {"safety": care.plain(list(dict.fromkeys(said)))}


def _texts(answers: dict[str, str], notice: str) -> list[str]:
    """The answers without the notice over them and the cautions under them; "" where none are
    given.

    Raises:
        InputError: they are no two texts.
    """
    if not answers:
        return ["", ""]
    texts = [answers.get(side) for side in SIDES] if isinstance(answers, dict) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(WORDS.errors.answers)
    bare = [str(text).removeprefix(with_notice(notice, "")) for text in texts]
    return [without_cautions(text, language()) for text in bare]


def _read(trials: object) -> list[Trial]:
    """What a caller gives.

    Raises:
        InputError: something that is no trial, or has no vote.
    """
    listed = trials if isinstance(trials, list) else [trials]
    found = []
    for place, trial in enumerate(listed, 1):
        try:
            found.append(Trial.model_validate_json(json.dumps(trial)))
        except ValidationError as error:
            raise InputError(WORDS.errors.trials.format(place=place)) from error
        if found[-1].vote is None:
            raise InputError(WORDS.errors.trials.format(place=place))
    return found
