"""Results that go with an adapter, tied to its weights by their sha256; and what a card says of
PubMedQA's: a table, `model-index`, `.eval_results`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from hera.errors import ConfigError, DataError
from hera.evaluation import records, results
from hera.evaluation.forgetting import ForgotResult
from hera.evaluation.reading import ReadsResult
from hera.evaluation.results import PubmedqaResult
from hera.refs import EMBEDDED, PUBMEDQA, Ref, repo_of

if TYPE_CHECKING:
    from huggingface_hub import EvalResult


Result = PubmedqaResult | ReadsResult | ForgotResult
R = TypeVar("R", bound=Result, covariant=True)
_KINDS: dict[str, type[Result]] = {
    "pubmedqa": PubmedqaResult,
    "reads": ReadsResult,
    "forgot": ForgotResult,
}


@dataclass(frozen=True)
class Measurement(Generic[R]):
    """A results.json, the variant in it that has the adapter's weights, and the file's name in the
    repository."""

    file: str
    result: R
    variant: str


def of_kind(measured: Sequence[Measurement[Result]], kind: type[R]) -> list[Measurement[R]]:
    """Those of one benchmark."""
    return [
        Measurement(m.file, m.result, m.variant) for m in measured if isinstance(m.result, kind)
    ]


def read_results(folders: Sequence[Path], base: Ref, sha256: str) -> list[Measurement[Result]]:
    """Each folder's results.json, with the variant that has these weights.

    Raises:
        DataError: no results there, of another benchmark, or measured with other weights or on
            another base.
    """
    measured = []
    for folder in folders:
        path = folder / results.FILE
        if not path.is_file():
            raise DataError(f"--results {folder}: no results.json there.")
        result = _read(path)
        environment = result.environment
        names = [name for name in result.variants if environment.weights.get(name) == sha256]
        if not names or repo_of(environment.model) != repo_of(str(base)):
            raise DataError(
                f"--results {folder}: not measured with these weights on {base}. Measure them: "
                f"python -m benchmarks.{result.benchmark} --model {base} --adapter NAME=FOLDER "
                "--output DIR"
            )
        measured.append(Measurement(f"results/{folder.resolve().name}.json", result, names[0]))
    if len({m.file for m in measured}) < len(measured):
        raise ConfigError("--results: two folders have the same name. Rename one.")
    return measured


def _read(path: Path) -> Result:
    content = records.read_json(path)
    benchmark = str(content.get("benchmark"))
    if benchmark not in _KINDS:
        records.refuse(path, ("benchmark",), f"is none of {', '.join(_KINDS)}")
    return records.parse(path, _KINDS[benchmark], content)


def eval_results_yaml(measured: Sequence[Measurement[PubmedqaResult]]) -> bytes | None:
    """The content of `.eval_results/pubmedqa.yaml`; None unless the real PubMedQA was measured."""
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    entries = [
        EvalResultEntry(
            dataset_id=PUBMEDQA,
            task_id="pqa_labeled",
            value=m.result.variants[m.variant].accuracy,
            notes=f"accuracy, n = {m.result.data.n}, {how(m.result)}",
        )
        for m in measured
        if _data_id(m.result) == PUBMEDQA
    ]
    if not entries:
        return None
    text: str = yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False)
    return text.encode()


def eval_results(measured: Measurement[PubmedqaResult]) -> list[EvalResult]:
    """Accuracy and macro-F1 as the Hub's `model-index` wants them."""
    from huggingface_hub import EvalResult

    result, own = measured.result, measured.result.variants[measured.variant]
    real = _data_id(result) == PUBMEDQA
    low, high = own.accuracy_ci95
    shared: dict[str, Any] = {
        "task_type": "question-answering",
        "dataset_type": _data_id(result),
        "dataset_name": "PubMedQA" if real else data_name(result.data.ref),
        "dataset_config": "pqa_labeled" if real else None,
        "dataset_split": "train" if real else None,  # the only split that the Hub's copy has
        "dataset_args": {"n": result.data.n, "sha256": result.data.sha256},
    }
    accuracy = EvalResult(
        metric_type="accuracy",
        metric_value=own.accuracy,
        metric_name="Accuracy",
        metric_args={"ci95": [low, high], "prompt": result.prompt},
        **shared,
    )
    macro = EvalResult(
        metric_type="f1", metric_value=own.macro_f1, metric_name="Macro-F1", **shared
    )
    return [accuracy, macro]


def card_table(measured: Measurement[PubmedqaResult]) -> dict[str, Any]:
    """What the card's template shows of one measurement."""
    result, mine = measured.result, measured.variant
    rows = [
        {
            "name": f"**this adapter** ({name})" if name == mine else name,
            "accuracy": f"{v.accuracy:.3f}",
            "interval": "{:.3f} to {:.3f}".format(*v.accuracy_ci95),
            "macro_f1": f"{v.macro_f1:.3f}",
        }
        for name, v in result.variants.items()
    ]
    gold = [sum(row.values()) for row in result.variants[mine].confusion.values()]
    majority = f"{max(gold) / sum(gold):.3f}"
    rows.append({"name": "always the commonest answer", "accuracy": majority})
    paired = [
        f"{p.a} against {p.b}: only {p.a} right {p.only_a}, only {p.b} right {p.only_b}, exact "
        f"McNemar p = {p.p:.3g}"
        for p in result.paired
        if mine in (p.a, p.b)
    ]
    return {
        "title": _title(result.data.ref),
        "n": result.data.n,
        "how": how(result),
        "rows": rows,
        "paired": paired,
        "file": measured.file,
    }


def _data_id(result: PubmedqaResult) -> str:
    ref = result.data.ref
    return "hera-embedded" if ref == EMBEDDED else repo_of(ref)


def data_name(ref: str) -> str:
    """A data set in words: what a recorded REF names."""
    return "HERA's embedded data, all of it invented" if ref == EMBEDDED else f"`{ref}`"


def _title(ref: str) -> str:
    if ref == EMBEDDED:
        return "**Questions in PubMedQA's form about invented studies**, which HERA ships with"
    return f"**PubMedQA** ([Jin et al. 2019](https://arxiv.org/abs/1909.06146)), {data_name(ref)}"


def how(result: PubmedqaResult | ReadsResult) -> str:
    """The prompt, what was scored, in what, and which questions."""
    environment = result.environment
    scoring = getattr(result, "scoring", None) or "label log-likelihood"
    return (
        f"prompt `{result.prompt}`, {scoring}, {environment.dtype} on {environment.device}, "
        f"data sha256 {result.data.sha256[:12]}"
    )
