"""Snapshots of the adapter while it trains, and what each has gained and forgotten.

Measured with the weights at hand, on a few rows: a film is to be looked at, and `training.json` has
the whole held-out part.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import TrainerCallback
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from hera.errors import TrainingError, one_line
from hera.evaluation import records, stats
from hera.evaluation.provenance import machine
from hera.explain import film
from hera.explain.film import Film, Forgetting, Frame, Gain
from hera.rendering import render, turn_end_ids
from hera.types import Message
from hera.weights.files import WEIGHTS
from train.processes import is_main, say
from train.recipe import TrainingRun
from train.rows import IGNORED, Row
from train.saving import name_base
from train.snapshots import snapshot_steps
from train.starting import Start

_HELD_OUT, _ANSWER, _TOGETHER = 64, 48, 8  # rows, tokens of an answer, rows at once
_KEPT = torch.float16  # 11 bits of each weight; bfloat16, as large, keeps 8
QUESTIONS = (
    "What is asthma?",
    "What is a migraine?",
    "What are the signs of diabetes?",
    "What causes high blood pressure?",
    "How is gout treated?",
    "When should I see a doctor about back pain?",
    "I have a sore throat and a fever. What can I do?",
    "What is eczema?",
    "What are the signs of appendicitis?",
    "What helps against a cough?",
    "How can I sleep better?",
    "I burned my hand on a pan. What should I do?",
    "Explain to a child what the heart does.",
    "How do plants grow?",
    "What is the capital of France?",
    "Say hello to my grandmother.",
)
"""What the base is asked, mostly about health: its own answers are what may be forgotten."""


@dataclass(frozen=True)
class Probes:
    """What every frame is measured on, and how it was before: nats a token, float64 [rows]."""

    held_out: Sequence[Row]
    answers: Sequence[Row]
    began: np.ndarray
    base: np.ndarray


class Snapshots(TrainerCallback):
    """Keeps the adapter after some steps, and the film's record of all so far. A resumed run takes
    those after its checkpoint again, to the same weights."""

    def __init__(
        self, run: TrainingRun, start: Start, trainer: Any, held_out: Sequence[Row]
    ) -> None:
        self._run, self._start, self._trainer = run, start, trainer
        self._folder = run.output / film.SNAPSHOTS
        model, tokenizer = trainer.model, trainer.processing_class
        rows = sorted(held_out[:_HELD_OUT], key=lambda row: len(row.input_ids))
        say(f"snapshots: {len(rows)} held-out rows and {len(QUESTIONS)} answers of the base ...")
        with model.disable_adapter():
            answers = answered(model, tokenizer, QUESTIONS)
            base = row_losses(trainer, answers)
        self._probes = Probes(rows, answers, row_losses(trainer, rows), base)
        self._frames: list[Frame] = []
        self._due: tuple[int, ...] = ()

    def on_train_begin(self, *event: Any, **_: Any) -> None:
        _args, state, _control = event
        self._due = snapshot_steps(state.max_steps, self._run.snapshots)
        if len(self._due) < self._run.snapshots:
            say(f"snapshots: {len(self._due)}, since there are no more steps")
        kept = self._kept(state.global_step)
        if kept is None:
            self._take(state)
        else:
            self._frames = kept

    def on_step_end(self, *event: Any, **_: Any) -> None:
        _args, state, _control = event
        if state.global_step in self._due:
            self._take(state)

    def _kept(self, step: int) -> list[Frame] | None:
        """The frames up to a step that an interrupted run has left, if any."""
        path = self._folder / film.FILE
        if not path.is_file():
            return None
        held = records.read(path, Film).frames
        return [f for f in held if f.step <= step and f.step in (0, *self._due)] or None

    def _take(self, state: Any) -> None:
        """A frame: measured, then written as a whole or not at all, then entered into the film."""
        step = state.global_step
        frame = self._measured(state)
        self._frames = [*(f for f in self._frames if f.step < step), frame]
        if not is_main():
            return
        try:
            if step or self._start.adapter:
                self._write(step)
            self._folder.mkdir(parents=True, exist_ok=True)
            records.write(self._folder / film.FILE, self._film(state.max_steps))
        except OSError as error:
            raise TrainingError(
                f"The snapshot of step {step} cannot be written ({one_line(error)}). Free some "
                "space, then go on with --resume."
            ) from error

    def _measured(self, state: Any) -> Frame:
        probes, seed = self._probes, self._run.recipe.seed
        now = row_losses(self._trainer, probes.held_out)
        said = row_losses(self._trainer, probes.answers)
        gained = stats.difference(now.tolist(), probes.began.tolist(), seed)
        forgot = stats.difference(probes.base.tolist(), said.tolist(), seed)
        logged = [entry["loss"] for entry in state.log_history if "loss" in entry]
        frame = Frame(
            step=state.global_step,
            training_loss=logged[-1] if logged else None,
            held_out=Gain(
                loss=float(now.mean()),
                gain=gained["difference"],
                gain_ci95=_interval(gained["difference_ci95"]),
            ),
            base_answers=Forgetting(
                loss=float(said.mean()),
                forgetting=forgot["difference"],
                forgetting_ci95=_interval(forgot["difference_ci95"]),
            ),
        )
        say(
            f"snapshot of step {frame.step}: gained {frame.held_out.gain:.3f}, forgot "
            f"{frame.base_answers.forgetting:.3f} nats a token"
        )
        return frame

    def _write(self, step: int) -> None:
        from safetensors.torch import load_file, save_file

        part, place = self._folder / f"{step}.part", self._folder / str(step)
        for old in (part, place):
            shutil.rmtree(old, ignore_errors=True)
        model = self._trainer.model
        model.save_pretrained(str(part), selected_adapters=["default"], safe_serialization=True)
        config = copy.deepcopy(model.peft_config["default"])
        name_base(config, self._run.model)
        config.inference_mode = True
        config.save_pretrained(str(part))
        weights = {k: t.to(_KEPT) for k, t in load_file(part / WEIGHTS).items()}
        save_file(weights, part / WEIGHTS, metadata={"format": "pt"})
        for path in part.iterdir():
            if path.name not in (WEIGHTS, film.CONFIG):
                path.unlink()
        part.replace(place)

    def _film(self, steps: int) -> Film:
        run, recipe, start = self._run, self._run.recipe, self._start.adapter
        return Film(
            stage=run.stage,
            model=run.model.recorded,
            data=run.data.recorded,
            begun_from=start.recorded if start else None,
            samples=recipe.samples,
            epochs=recipe.epochs,
            learning_rate=recipe.learning_rate,
            seed=recipe.seed,
            steps=steps,
            kept=str(_KEPT).removeprefix("torch."),
            held_out_rows=len(self._probes.held_out),
            questions=len(QUESTIONS),
            frames=tuple(self._frames),
            environment=machine(),
        )


def answered(model: Any, tokenizer: Any, questions: Sequence[str]) -> list[Row]:
    """The questions with the model's greedy answers, in one batch, as rows whose loss is on the
    answer; an answer is cut where it grows long."""
    prompts = [render(tokenizer, [Message(role="user", content=text)]) for text in questions]
    longest, pad = max(map(len, prompts)), tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    ends = list(turn_end_ids(tokenizer))
    model.eval()
    with torch.no_grad():
        out = model.generate(
            input_ids=ids,
            attention_mask=mask.to(model.device),
            max_new_tokens=_ANSWER,
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=pad,
        )
    rows = []
    for prompt, said in zip(prompts, out[:, longest:].tolist(), strict=True):
        end = next((i + 1 for i, token in enumerate(said) if token in ends), len(said))
        labels = [IGNORED] * len(prompt) + said[:end]
        rows.append(Row(prompt + said[:end], labels, cut=False))
    return rows


def row_losses(trainer: Any, rows: Sequence[Row]) -> np.ndarray:
    """Mean loss of each row's completion tokens, in nats: float64 [rows]. Every process computes
    all of them."""
    collate = DataCollatorForLanguageModeling(pad_token_id=trainer.processing_class.pad_token_id)
    accelerator = trainer.accelerator
    trainer.model.eval()
    means = []
    for begin in range(0, len(rows), _TOGETHER):
        batch = collate([row.columns for row in rows[begin : begin + _TOGETHER]])
        inputs = {k: v.to(accelerator.device) for k, v in batch.items()}
        with torch.no_grad(), accelerator.autocast():
            out = trainer.model(**inputs, fused_lm_head=True)
        sums, counts = -out.log_probs.double().sum(1), out.label_mask.sum(1)
        means.append((sums / counts).cpu().numpy())
    losses = np.concatenate(means)
    trainer.check_loss(float(losses.mean()), "the snapshots' probes")
    return losses


def _interval(ends: Any) -> tuple[float, float] | None:
    return None if ends is None else (ends[0], ends[1])
