"""How each adapter was trained: its curve, and its record in words."""

from __future__ import annotations

import html
from collections.abc import Sequence

from hera.evaluation.stats import wilson
from hera.evaluation.training_record import HeldOutLoss, Training
from hera.explain.sheet.records import Variant
from hera.ui.components.colours import colour
from hera.ui.components.facts import facts_html, interval, lasted, share, size, text
from hera.ui.components.forgot import forgot_text
from hera.ui.components.loss_curve import loss_curve
from hera.ui.components.written import filled
from hera.ui.words import WORDS


def training_html(variants: Sequence[Variant]) -> str:
    """Of every adapter that has a record; which have none is said. "" where there is no adapter."""
    adapters = [v for v in variants if v.lora is not None]
    names = [v.name for v in variants]
    told = "".join(
        f'<section class="trained" style="--variant: {colour(v.name, names)}">'
        f'<h4 dir="auto">{html.escape(v.name)}</h4>'
        f"<div>{loss_curve(v.name, v.training)}{facts_html(_facts(v.name, v.training))}</div>"
        "</section>"
        for v in adapters
        if v.training is not None
    )
    silent = [v.name for v in adapters if v.training is None]
    without = filled(WORDS.model.no_training, variants=", ".join(silent)) if silent else ""
    return told + without


def _facts(name: str, training: Training) -> list[tuple[str, str | None]]:
    words, names, asked = WORDS.model, WORDS.model.training, training.arguments
    rows = words.rows.format(
        train=training.rows.train, held_out=training.rows.held_out, epochs=asked.epochs
    )
    machine = training.environment
    tokens = "?" if training.tokens is None else f"{training.tokens:,}"
    took = words.peak.format(
        time=lasted(training.training_seconds), peak=size(training.peak_memory_bytes)
    )
    return [
        (names.data, text(" + ".join(filter(None, (asked.data, asked.mix))))),
        (names.rows, rows),
        (names.begun, _begun(training)),
        (names.earlier, text(_earlier(training))),
        (
            names.steps,
            words.steps.format(steps=training.steps, batch=asked.batch_size, tokens=tokens),
        ),
        (names.rate, f"{asked.learning_rate:g}"),
        (names.seed, str(asked.seed)),
        (names.loss, _loss(training)),
        (names.right, _right(training.held_out.before, training.held_out.after)),
        (names.forgot, _forgot(training)),
        (names.probes, _probes(name, training)),
        (
            names.machine,
            text(
                words.hardware.format(
                    device=training.device,
                    processes=training.processes,
                    cpus=machine.cpus or "?",
                    platform=machine.platform,
                )
            ),
        ),
        (names.time, took),
    ]


def _begun(training: Training) -> str:
    words, asked = WORDS.model, training.arguments
    if asked.adapter is None:
        return html.escape(words.begun_new)
    told = words.begun_fresh if asked.fresh else words.begun
    return filled(told, adapter=asked.adapter.rstrip("/").rpartition("/")[2])


def _earlier(training: Training) -> str | None:
    """The data of the runs that made the adapter begun from, oldest first."""
    read = [" + ".join(filter(None, (run.data, run.mix))) for run in training.earlier]
    return "; ".join(filter(None, read)) or None


def _loss(training: Training) -> str:
    told = training.held_out
    return WORDS.model.loss.format(
        before=told.before.loss, after=told.after.loss, rows=told.rows, tokens=told.after.tokens
    )


def _right(before: HeldOutLoss, after: HeldOutLoss) -> str:
    return WORDS.model.right.format(
        before=before.token_accuracy,
        before_range=_tokens(before),
        after=after.token_accuracy,
        after_range=_tokens(after),
    )


def _tokens(told: HeldOutLoss) -> str:
    return interval(wilson(round(told.token_accuracy * told.tokens), told.tokens))


def _forgot(training: Training) -> str | None:
    told = training.pubmedqa
    if told is None:
        return None
    return html.escape(
        WORDS.model.forgot.format(
            data=told.data,
            n=told.n,
            before=share(told.before.accuracy),
            before_range=interval(told.before.accuracy_ci95),
            after=share(told.after.accuracy),
            after_range=interval(told.after.accuracy_ci95),
            p=told.p,
        )
    )


def _probes(name: str, training: Training) -> str | None:
    """What it forgot of the base's knowledge, of how many probes."""
    if not training.forgot:
        return None
    n = sum(its.n for its in training.forgot.values())
    return html.escape(WORDS.model.probes.format(told=forgot_text(name, training.forgot), n=n))
