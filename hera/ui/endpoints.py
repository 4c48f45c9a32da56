"""The named endpoints, for callers without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from hera.evaluation import stats
from hera.evaluation.scoring import Scored, cut_ids
from hera.explain.film import Reel
from hera.rendering import check_messages
from hera.safety import with_notice
from hera.safety.answers import cautions, with_cautions
from hera.safety.care import Care
from hera.types import Message, Step
from hera.ui.asking import Asking
from hera.ui.caring import HELD, cared, cared_message
from hera.ui.components.events import ANSWERS, SCORES
from hera.ui.components.generation import DEFAULTS, params_from
from hera.ui.components.notice import left_out_text
from hera.ui.conversation import Said, checked, from_history
from hera.ui.country import asked_country
from hera.ui.filming import Filming, Told, frames_asked
from hera.ui.guard.arguments import takes_checked
from hera.ui.health import health as served
from hera.ui.language import language
from hera.ui.measuring import header, sample
from hera.ui.running import Answer, Score, Steps, visitor
from hera.ui.serving import Serving


def chat_endpoint(serving: Serving, answer: Answer) -> None:
    """`/chat`, a stream of the text so far."""

    @takes_checked
    def chat(
        request: gr.Request,
        message: str,
        variant: str = "",
        history: list[dict[str, str]] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
        country: str = "",
        details: bool = False,
    ) -> Iterator[Any]:
        """Answer a message with one variant. Where the visitor's messages tell of an emergency or
        a crisis, or ask for a dose, a diagnosis and the like, the text begins with a notice and an
        empty line. Where the conversation is longer than the model can read, its oldest questions
        and answers are left out, and a line and an empty line say how many. The model's answer
        follows unchanged, and at its end, after an empty line, a caution where it names a dose or a
        diagnosis, or says that no doctor is needed or a medicine may be stopped. In a crisis no
        model answers: a fixed text stands there. It is no medical advice.

        Args:
            message: what to answer.
            variant: its name, as /health lists them; the last of them if none is named.
            history: earlier turns, each {"role": "user" or "assistant", "content": text}.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.
            country: the visitor's, two letters (ISO 3166), whose numbers a notice gives; by the
                request's Accept-Language if none is named.
            details: whether to say as data what was done.

        Returns:
            The answer, a stream of it so far; with details {"text": the same, "answer": the model's
            alone, "ahead": how many requests come first while this one waits for room, "finished",
            "safety": {"level": "emergency", "crisis" or "none", "flags", "learned", "country",
            "held_back": whether no model answered, "cautions"}}
        """
        turns = from_history(history)
        turns.append({"role": "user", "content": checked(message)})
        params = params_from((max_new_tokens, temperature, top_p, seed))
        check_messages(turns)
        care = cared(turns, asked_country(country))
        chosen = variant or ("" if care.held_back else serving.engine().variants[-1])
        for said in answer(turns, chosen, params, visitor(request)):
            yield answer_details(said, care) if details else _text(said, care)

    api(chat, api_name="chat", **ANSWERS)


def compare_endpoint(serving: Serving, steps: Steps) -> None:
    """`/compare`, a stream of every variant's text so far."""

    @takes_checked
    def compare(
        request: gr.Request,
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
        country: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Answer one message with several variants at once, as rows of one batch. Where the message
        tells of an emergency or a crisis, or asks for a dose, a diagnosis and the like, every text
        begins with the same notice and an empty line; the model's answer follows unchanged, and at
        its end a caution where it names a dose or a diagnosis, or says that no doctor is needed or
        a medicine may be stopped. In a crisis no model answers: a fixed text stands there. It is no
        medical advice.

        Args:
            message: what all of them answer.
            variants: their names, as /health lists them; all of them if none is named.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.
            country: the visitor's, two letters (ISO 3166), whose numbers a notice gives; by the
                request's Accept-Language if none is named.

        Returns:
            {variant: {"text", "tokens", "tokens_per_second", "ahead": how many requests come first
            while this one waits for room, "finished": null, "stop", "length", "held" or "failed",
            "error": null, or why it failed, "safety": {"level", "flags", "learned", "country",
            "held_back": whether no model answered, "cautions"}}}; a stream of it so far. Where a
            variant fails, the others go on.
        """
        question = checked(message)
        care = cared_message(question, asked_country(country))
        names = variants or list(serving.engine().variants)
        params = params_from((max_new_tokens, temperature, top_p, seed))
        asked = {name: [Message(role="user", content=question)] for name in names}
        for step, rates in steps(asked, params, visitor(request)):
            yield {name: column(step, name, rates[name], care) for name in names}

    api(compare, api_name="compare", **ANSWERS)


def film_endpoint(filming: Filming) -> None:
    """`/film`, a stream of every snapshot's text so far."""

    @takes_checked
    def film(
        request: gr.Request,
        message: str,
        step: int = -1,
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
        country: str = "",
    ) -> Iterator[dict[str, Any]]:
        """Put one message to the snapshots that were kept while an adapter trained. Losses are in
        nats a token: "held_out" of the stage's own data that it never saw, against where it began,
        "base_answers" of what the base says to plain questions, against the base. "last_answer"
        and "base_answer", at the end of the stream, are the mean log-likelihood of the last
        snapshot's and the base's answer to this message under each. Where the message tells of an
        emergency or a crisis, every text begins with the same notice and an empty line; in a crisis
        no snapshot answers. The first call loads the base once more.

        Args:
            message: what the snapshots answer.
            step: the training step of the one snapshot to ask; -1 for all of them.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.
            country: the visitor's, two letters (ISO 3166), whose numbers a notice gives; by the
                request's Accept-Language if none is named.

        Returns:
            {"film": what was trained, "frames": [{"step", "training_loss", "held_out": {"loss",
            "gain", "gain_ci95"}, "base_answers": {"loss", "forgetting", "forgetting_ci95"}, "text",
            "finished", "last_answer", "base_answer", "safety"}]}; a stream of it so far.
        """
        question, params = checked(message), params_from((max_new_tokens, temperature, top_p, seed))
        reel = filming.reel()
        places = frames_asked(reel, step)
        care = cared_message(question, asked_country(country))
        for told in filming.tell(question, params, visitor(request)):
            yield {
                "film": reel.film.plain() | {"frames": len(reel.film.frames)},
                "frames": [_frame(reel, told, place, care) for place in places],
            }

    api(film, api_name="film", **ANSWERS)


def pubmedqa_endpoint(serving: Serving, asking: Asking, score: Score) -> None:
    """`/pubmedqa`, a stream of the results so far."""

    @takes_checked
    def pubmedqa(
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        questions: int = 32,
        seed: int = 42,
    ) -> Iterator[dict[str, Any]]:
        """Score variants on a seeded sample of the questions that the PubMedQA tab asks: abstracts
        with a question that is answered by yes, no or maybe.

        Args:
            variants: their names, as /health lists them; all of them if none is named.
            questions: how many to ask, 1 to 500.
            seed: the same seed draws the same questions.

        Returns:
            {"data": what was asked ({"ref", "split", "n", "sha256"}), "n", "of", "variants":
            {NAME: {"accuracy", "accuracy_ci95", "macro_f1", "confusion"}}, "items": [{"id", "gold",
            "pred", "logprobs"}], "cut": ids of the questions whose abstract is over the model's
            window and lost its beginning}; a stream of it so far.
        """
        asked = asking.now()  # the very first call may wait for them
        chosen = sample(asked, questions, seed)
        data = header(asked, chosen, seed)["data"]
        names = variants or list(serving.engine().variants)
        for scored in score(chosen, names):
            yield {
                "data": data,
                "n": len(scored),
                "of": len(chosen),
                "variants": {name: _measured(scored, name) for name in names},
                "items": [vars(s) for s in scored],
                "cut": cut_ids(scored),
            }

    api(pubmedqa, api_name="pubmedqa", **SCORES)


def health_endpoint(serving: Serving) -> None:
    """`/health`, which waits for no model; `GET /health` says the same."""

    def health() -> dict[str, Any]:
        """Whether all that was asked for is served, and what the variants are called.

        Returns:
            {"status": "loading", "ready", "degraded" or "leaving", "model", "variants",
            "left_out": names, "notes": why}
        """
        return served(serving)

    api(health, api_name="health", queue=False)


def _text(said: Said, care: Care) -> str:
    """A text of its own: the notice, what was left out, the answer, and at its end the cautions."""
    answer = _cautioned(said.text, said.finished)
    return with_notice(care.notice, with_notice(left_out_text(said.left_out), answer))


def answer_details(said: Said, care: Care) -> dict[str, Any]:
    """What `/chat` says with details; its docstring has the keys."""
    return {
        "text": _text(said, care),
        "answer": "" if care.held_back else said.text,
        "ahead": said.ahead,
        "finished": said.finished,
        "safety": _safety(said.text, care),
    }


def _cautioned(answer: str, finished: str | None) -> str:
    """With its cautions once it has ended, so that a stream only ever grows."""
    return answer if finished in (None, HELD) else with_cautions(answer, language())


def _safety(answer: str, care: Care) -> dict[str, Any]:
    return care.plain(() if care.held_back else cautions(answer))


def column(step: Step, name: str, rate: float, care: Care) -> dict[str, Any]:
    """What `/compare` says of one variant; its docstring has the keys."""
    text = step.texts[name]
    return {
        "text": with_notice(care.notice, _cautioned(text, step.finished[name])),
        "tokens": step.tokens[name],
        "tokens_per_second": rate,
        "ahead": step.ahead,
        "finished": step.finished[name],
        "error": step.failed.get(name),
        "safety": _safety(text, care),
    }


def _frame(reel: Reel, told: Told, place: int, care: Care) -> dict[str, Any]:
    name = reel.variants[place]
    text, finished = told.step.texts[name], told.step.finished[name]
    last, base = (v and v[place] for v in (told.last_answer, told.base_answer))
    return reel.film.frames[place].plain() | {
        "text": with_notice(care.notice, _cautioned(text, finished)),
        "finished": finished,
        "last_answer": last,
        "base_answer": base,
        "safety": _safety(text, care),
    }


def _measured(scored: list[Scored], name: str) -> dict[str, Any]:
    return stats.measure([s.gold for s in scored], [s.pred[name] for s in scored])
