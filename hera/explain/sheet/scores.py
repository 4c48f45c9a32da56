"""What was measured of a variant and recorded with it: results files, its card, its training."""

from __future__ import annotations

from pathlib import Path

from hera.errors import DataError
from hera.evaluation import records, results, training_record
from hera.evaluation.results import PubmedqaResult
from hera.evaluation.training_record import Training
from hera.explain.sheet.cards import Read
from hera.explain.sheet.cards import scores as card_scores
from hera.explain.sheet.records import Score


def training_of(place: Path | None, unread: list[str]) -> Training | None:
    """The training.json in a folder, if there is one; adds to `unread` why it is not HERA's."""
    path = place / training_record.FILE if place is not None else None
    if path is None or not path.is_file():
        return None
    try:
        return records.read(path, Training)
    except DataError as error:
        unread.append(_without_folder(error, path))
        return None


def scores_of(
    variant: str,
    sha256: str | None,
    place: Path | None,
    card: Read | None,
    training: Training | None,
    unread: list[str],
) -> list[Score]:
    """Of results only those that were measured with exactly these weights; what several files say
    is told once.

    Args:
        variant: its name.
        sha256: of its own weights.
        place: its folder.
        card: the card that may tell of it.
        training: its training.json.
        unread: gets a line for each file of results that cannot be read.
    """
    found = [*_results(place, sha256, unread), *_trained(training)]
    found += card_scores(card, variant) if card else []
    told: dict[tuple[str, str, int | None], Score] = {}
    for score in found:
        told.setdefault((score.metric.lower(), f"{score.value:.4g}", score.n), score)
    return list(told.values())


def _results(place: Path | None, sha256: str | None, unread: list[str]) -> list[Score]:
    if place is None or sha256 is None:
        return []
    found: list[Score] = []
    for path in (place / results.FILE, *sorted((place / "results").glob("*.json"))):
        result = _read(path, unread) if path.is_file() else None
        if result is None:
            continue
        names = [name for name, its in result.environment.weights.items() if its == sha256]
        own = next((result.variants[name] for name in names if name in result.variants), None)
        if own is not None:
            source = str(path.relative_to(place))
            for metric, value, ci95 in (
                ("accuracy", own.accuracy, own.accuracy_ci95),
                ("macro-F1", own.macro_f1, None),
            ):
                found.append(
                    Score(
                        metric=metric,
                        value=value,
                        ci95=ci95,
                        n=result.data.n,
                        data=result.data.ref,
                        source=source,
                    )
                )
    return found


def _read(path: Path, unread: list[str]) -> PubmedqaResult | None:
    """None of another benchmark's: they have other numbers."""
    try:
        content = records.read_json(path)
        other = content.get("benchmark") != "pubmedqa"
        return None if other else records.parse(path, PubmedqaResult, content)
    except DataError as error:
        unread.append(_without_folder(error, path))
        return None


def _without_folder(error: DataError, path: Path) -> str:
    return str(error).replace(str(path), f"{path.parent.name}/{path.name}").removesuffix(".")


def _trained(training: Training | None) -> list[Score]:
    asked = training.pubmedqa if training else None
    if asked is None:
        return []
    return [
        Score(
            metric="accuracy",
            value=asked.after.accuracy,
            ci95=asked.after.accuracy_ci95,
            n=asked.n,
            data=asked.data,
            source=training_record.FILE,
        )
    ]
