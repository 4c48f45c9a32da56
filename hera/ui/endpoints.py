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
from hera.safety import assess, assess_conversation, with_notice
from hera.types import Message, Step
from hera.ui.asking import Asking
from hera.ui.components.events import ANSWERS, SCORES
from hera.ui.components.generation import DEFAULTS, params_from
from hera.ui.components.notice import left_out_text
from hera.ui.conversation import checked, from_history, visitor_messages
from hera.ui.errors import clear_errors
from hera.ui.filming import Filming, Told, frames_asked
from hera.ui.health import health as served
from hera.ui.language import language
from hera.ui.measuring import header, sample
from hera.ui.running import Answer, Score, Steps, visitor
from hera.ui.serving import Serving


def chat_endpoint(serving: Serving, answer: Answer) -> None:
    """`/chat`, a stream of the text so far."""

    @clear_errors
    def chat(
        request: gr.Request,
        message: str,
        variant: str = "",
        history: list[dict[str, str]] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
    ) -> Iterator[str]:
        """Answer a message with one variant. Where the visitor's messages tell of an emergency or
        a crisis, or ask for a dose, a diagnosis and the like, the text begins with a notice and an
        empty line. Where the conversation is longer than the model can read, its oldest questions
        and answers are left out, and a line and an empty line say how many. The model's answer
        follows unchanged. It is no medical advice.

        Args:
            message: what to answer.
            variant: its name, as /health lists them; the last of them if none is named.
            history: earlier turns, each {"role": "user" or "assistant", "content": text}.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.

        Returns:
            The answer; a stream of it so far.
        """
        turns = from_history(history)
        turns.append({"role": "user", "content": checked(message)})
        params = params_from((max_new_tokens, temperature, top_p, seed))
        check_messages(turns)
        notice = assess_conversation(visitor_messages(turns), language()).notice
        chosen = variant or serving.engine().variants[-1]
        for said in answer(turns, chosen, params, visitor(request)):
            beside = left_out_text(said.left_out)
            yield with_notice(notice, with_notice(beside, said.text))

    api(chat, api_name="chat", **ANSWERS)


def compare_endpoint(serving: Serving, steps: Steps) -> None:
    """`/compare`, a stream of every variant's text so far."""

    @clear_errors
    def compare(
        request: gr.Request,
        message: str,
        variants: list[str] = [],  # noqa: B006  (Gradio shows it as the default; only read)
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Answer one message with several variants at once, as rows of one batch. Where the message
        tells of an emergency or a crisis, or asks for a dose, a diagnosis and the like, every text
        begins with the same notice and an empty line; the model's answer follows unchanged. It is
        no medical advice.

        Args:
            message: what all of them answer.
            variants: their names, as /health lists them; all of them if none is named.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.

        Returns:
            {variant: {"text", "tokens", "tokens_per_second", "finished"}}; a stream of it so far.
        """
        names = variants or list(serving.engine().variants)
        params = params_from((max_new_tokens, temperature, top_p, seed))
        question = checked(message)
        notice = assess(question, language()).notice
        asked = {name: [Message(role="user", content=question)] for name in names}
        for step, rates in steps(asked, params, visitor(request)):
            yield {name: _column(step, name, rates[name], notice) for name in names}

    api(compare, api_name="compare", **ANSWERS)


def film_endpoint(filming: Filming) -> None:
    """`/film`, a stream of every snapshot's text so far."""

    @clear_errors
    def film(
        request: gr.Request,
        message: str,
        step: int = -1,
        max_new_tokens: int = DEFAULTS.max_new_tokens,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        seed: int = DEFAULTS.seed,
    ) -> Iterator[dict[str, Any]]:
        """Put one message to the snapshots that were kept while an adapter trained. Losses are in
        nats a token: "held_out" of the stage's own data that it never saw, against where it began,
        "base_answers" of what the base says to plain questions, against the base. "last_answer"
        and "base_answer", at the end of the stream, are the mean log-likelihood of the last
        snapshot's and the base's answer to this message under each. Where the message tells of an
        emergency or a crisis, every text begins with the same notice and an empty line. The first
        call loads the base once more.

        Args:
            message: what the snapshots answer.
            step: the training step of the one snapshot to ask; -1 for all of them.
            max_new_tokens: the longest answer, in tokens, 1 to 8192.
            temperature: 0 takes the likeliest token every time; up to 5.
            top_p: draw from the likeliest tokens that add up to this, above 0 to 1.
            seed: the same seed draws the same answer.

        Returns:
            {"film": what was trained, "frames": [{"step", "training_loss", "held_out": {"loss",
            "gain", "gain_ci95"}, "base_answers": {"loss", "forgetting", "forgetting_ci95"}, "text",
            "finished", "last_answer", "base_answer"}]}; a stream of it so far.
        """
        question, params = checked(message), params_from((max_new_tokens, temperature, top_p, seed))
        reel = filming.reel()
        places = frames_asked(reel, step)
        notice = assess(question, language()).notice
        for told in filming.tell(question, params, visitor(request)):
            yield {
                "film": reel.film.plain() | {"frames": len(reel.film.frames)},
                "frames": [_frame(reel, told, place, notice) for place in places],
            }

    api(film, api_name="film", **ANSWERS)


def pubmedqa_endpoint(serving: Serving, asking: Asking, score: Score) -> None:
    """`/pubmedqa`, a stream of the results so far."""

    @clear_errors
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


def _column(step: Step, name: str, rate: float, notice: str) -> dict[str, Any]:
    return {
        "text": with_notice(notice, step.texts[name]),
        "tokens": step.tokens[name],
        "tokens_per_second": rate,
        "finished": step.finished[name],
    }


def _frame(reel: Reel, told: Told, place: int, notice: str) -> dict[str, Any]:
    name = reel.variants[place]
    last, base = (v and v[place] for v in (told.last_answer, told.base_answer))
    return reel.film.frames[place].plain() | {
        "text": with_notice(notice, told.step.texts[name]),
        "finished": told.step.finished[name],
        "last_answer": last,
        "base_answer": base,
    }


def _measured(scored: list[Scored], name: str) -> dict[str, Any]:
    return stats.measure([s.gold for s in scored], [s.pred[name] for s in scored])
