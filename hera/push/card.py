"""An adapter's page on the Hub: what it is, how it was made, what it scored, how to load it.

Every number comes from `training.json` or from a `results.json` of `benchmarks.pubmedqa`, `.reads`
or `.forgot` that was measured with exactly these weights; what was not measured is said to be so.
PubMedQA's results are also metadata: `model-index` (https://huggingface.co/docs/hub/model-cards)
and, for the real one, the `.eval_results` form that has followed it
(https://huggingface.co/docs/hub/eval-results).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hera.evaluation.forgetting import ForgotResult
from hera.evaluation.reading import ReadsResult
from hera.evaluation.results import PubmedqaResult
from hera.evaluation.training_record import Training
from hera.push.findings import forgot_text, reads_text
from hera.push.measurements import (
    Measurement,
    Result,
    card_table,
    data_name,
    eval_results,
    of_kind,
)
from hera.refs import Ref, is_hub_id, repo_of

if TYPE_CHECKING:
    from huggingface_hub import ModelCard

GEMMA_NOTICE = (
    "Gemma is provided under and subject to the Gemma Terms of Use found at "
    "ai.google.dev/gemma/terms"
)
_TOLD_VERSIONS = ("torch", "transformers", "peft")
_PURPOSES = {
    "stage1": ", fine-tuned to read the abstract of a study and decide a question about it: "
    "yes, no or maybe.",
    "stage2": ", fine-tuned to answer patients' messages in the way a doctor writes.",
}


@dataclass(frozen=True)
class Published:
    """What a card describes. `record` is `training.json`, if there is one; `licence` is the base's
    as the Hub names it, None if it names none."""

    repo: str
    base: Ref
    licence: str | None
    config: Mapping[str, Any]
    record: Training | None
    curve: bool
    measured: Sequence[Measurement[Result]]

    @property
    def stage(self) -> str | None:
        """ "stage1" or "stage2", where the record says so."""
        return self.record.arguments.stage if self.record else None

    @property
    def is_gemma(self) -> bool:
        """Whether Gemma's terms, with their notice, come with it."""
        return self.licence == "gemma"


def render(adapter: Published) -> ModelCard:
    """The card with its metadata."""
    from huggingface_hub import ModelCard

    measured_forgot = of_kind(adapter.measured, ForgotResult)
    forgot_where, forgot = forgot_text(measured_forgot, adapter.record)

    card: ModelCard = ModelCard.from_template(
        _metadata(adapter),
        template_path=str(Path(__file__).with_name("card.md")),
        repo=adapter.repo,
        base=str(adapter.base),
        base_link=_base_link(adapter.base),
        embedded=adapter.base.is_embedded,
        variant=adapter.stage or "mine",
        model_name=_name(adapter),
        purpose=_PURPOSES.get(adapter.stage or "", "."),
        training=_training(adapter),
        curve=adapter.curve,
        tables=[card_table(m) for m in of_kind(adapter.measured, PubmedqaResult)],
        reads=[reads_text(m) for m in of_kind(adapter.measured, ReadsResult)],
        forgetting=_forgetting(adapter.record),
        forgot=forgot,
        forgot_where=forgot_where,
        licence_text=_licence_text(adapter),
    )
    return card


def _name(adapter: Published) -> str:
    return adapter.repo.partition("/")[2]


def _metadata(adapter: Published) -> Any:
    from huggingface_hub import ModelCardData

    results = [r for m in of_kind(adapter.measured, PubmedqaResult) for r in eval_results(m)]
    on_hub = adapter.base.repo
    named = adapter.licence is not None
    return ModelCardData(
        base_model=on_hub,
        language="en",
        license=adapter.licence if named else "other",
        license_name=None if named else "as-the-base",
        license_link=None if named else f"https://huggingface.co/{on_hub}",
        library_name="peft",
        pipeline_tag="text-generation",
        datasets=_hub_data(adapter.record) or None,
        metrics=["accuracy", "f1"] if results else None,
        tags=["lora", "medical", "pubmedqa", "not-a-medical-device", "hera"],
        model_name=_name(adapter),
        eval_results=results or None,
    )


def _hub_data(record: Training | None) -> list[str]:
    """The Hub ids of all data that it learned from, first stage first."""
    if record is None:
        return []
    refs = [ref for run in record.earlier for ref in (run.mix, run.data)]
    refs += [record.arguments.mix, record.arguments.data]
    return list(dict.fromkeys(repo_of(ref) for ref in refs if ref and is_hub_id(ref)))


def _training(adapter: Published) -> list[tuple[str, str]]:
    """The training table's rows."""
    record = adapter.record
    if record is None:
        return []
    asked, machine = record.arguments, record.environment
    before, after = record.held_out.before, record.held_out.after
    versions = ", ".join(f"{k} {machine.versions.get(k)}" for k in _TOLD_VERSIONS)
    begun = f", going on from `{asked.adapter}`" if asked.adapter else ""
    config = adapter.config
    return [
        ("Base", f"{_base_link(adapter.base)}, {asked.bits} bits{begun}"),
        ("Data", " and ".join(data_name(x) for x in (asked.mix, asked.data) if x)),
        ("Rows", f"{record.rows.train:,} trained on, {record.rows.held_out:,} held out"),
        ("LoRA", f"r = {config['r']}, alpha = {config['lora_alpha']}, dropout {asked.dropout}"),
        (
            "Steps",
            f"{record.steps:,} of {asked.batch_size} rows, {asked.epochs} epoch(s), "
            f"learning rate {asked.learning_rate:g}, seed {asked.seed}",
        ),
        ("Held-out loss", f"{before.loss:.4f} before, {after.loss:.4f} after"),
        (
            "Held-out token accuracy",
            f"{before.token_accuracy:.3f} before, {after.token_accuracy:.3f} after",
        ),
        (
            "Time",
            f"{record.training_seconds / 60:.1f} minutes, {record.processes} process(es) on "
            f"{record.device}, peak memory {record.peak_memory_bytes / 2**30:.1f} GiB",
        ),
        ("Versions", f"{versions}; HERA {machine.hera}, commit {machine.git_commit}"),
    ]


def _forgetting(record: Training | None) -> str:
    """PubMedQA before and after stage 2, in a sentence with its intervals; "" if not measured."""
    scores = record.pubmedqa if record else None
    if scores is None:
        return ""
    before, after = (
        "{:.3f} ({:.3f} to {:.3f})".format(share.accuracy, *share.accuracy_ci95)
        for share in (scores.before, scores.after)
    )
    return (
        f"What this stage did to the one before it: PubMedQA accuracy ({data_name(scores.data)}, "
        f"n = {scores.n}) was {before} before and {after} after (95 % intervals); only before "
        f"right {scores.only_before_right}, only after right {scores.only_after_right}, exact "
        f"McNemar p = {scores.p:.3g}."
    )


def _base_link(base: Ref) -> str:
    if base.is_embedded:
        return "HERA's embedded model (`hera/embedded`)"
    return f"[{base}](https://huggingface.co/{base.repo})"


def _licence_text(adapter: Published) -> str:
    if adapter.is_gemma:
        return (
            f"{GEMMA_NOTICE}. That includes its prohibited use policy. The data sets have licences "
            "of their own."
        )
    if adapter.base.is_embedded:
        return "MIT, as the base."
    return f"As the base: see [its page](https://huggingface.co/{adapter.base.repo})."
