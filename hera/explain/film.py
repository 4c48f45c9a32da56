"""A learning film: snapshots of an adapter as it was trained, and what each gained and forgot.

A film is a folder that training wrote (`train.* --snapshots N`): `film.json` and, by their step,
folders that are ordinary PEFT adapters. Its curves were measured while it was trained; here it is
read, and a visitor's own question is put to its frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hera.errors import ModelError
from hera.evaluation import records
from hera.evaluation.provenance import Machine
from hera.evaluation.records import Interval, Record
from hera.refs import BASES, EMBEDDED_DIR, Ref
from hera.types import BASE, Engine, Message
from hera.weights.files import WEIGHTS

FILE = "film.json"
SNAPSHOTS, SHIPPED = "snapshots", "film"
"""How the folder is called: beside a trained adapter, and beside a base that HERA ships."""
CONFIG = "adapter_config.json"
_BESIDE = {FILE, "README.md"}


class Gain(Record):
    """Of rows of the stage's own data that no step saw: mean over rows of nats a token, and how
    much lower that is than where training began (rows resampled in pairs)."""

    loss: float
    gain: float
    gain_ci95: Interval | None


class Forgetting(Record):
    """Of what the base itself says greedily to plain questions: mean over answers of nats a token,
    and how much higher that is than under the base."""

    loss: float
    forgetting: float
    forgetting_ci95: Interval | None


class Frame(Record):
    """After a step; `training_loss` is the last that was logged, in nats a completion token."""

    step: int
    training_loss: float | None
    held_out: Gain
    base_answers: Forgetting


class Film(Record):
    """film.json. `begun_from` is the adapter that training went on with, None for the base;
    `seconds` took the training; `kept` is the dtype of the snapshots, in which the last one is the
    trained adapter to rounding. The numbers of the frames are of the weights as they trained."""

    stage: str
    model: str
    data: str
    begun_from: str | None
    samples: int
    epochs: int
    learning_rate: float
    seed: int
    steps: int
    kept: str
    held_out_rows: int
    questions: int
    note: str | None = None
    frames: tuple[Frame, ...]
    environment: Machine


@dataclass(frozen=True)
class Reel:
    """A film in its folder. `variants` are the frames' names in an engine of `adapters`, in their
    order: "base" for a frame before which nothing was trained."""

    film: Film
    variants: tuple[str, ...]
    adapters: Mapping[str, Ref]


def read(folder: Path) -> Reel:
    """The film in a folder.

    Raises:
        ModelError: no film, a folder with files that are none of a film's, or a frame without its
            adapter.
        DataError: a film.json that cannot be read.
    """
    called = f"film {folder.parent.name}/{folder.name}"
    if not (folder / FILE).is_file():
        raise ModelError(f"{called}: no {FILE} there. Train with --snapshots 8.")
    film = records.read(folder / FILE, Film)
    if not film.frames:
        raise ModelError(f"{called}: its {FILE} names no snapshot.")
    steps = [f.step for f in film.frames if f.step or film.begun_from]
    _check_files(called, folder, steps)
    adapters = {f"step-{n}": Ref.of(str(folder / str(n)), f"{called}, step {n}:") for n in steps}
    names = [f"step-{frame.step}" for frame in film.frames]
    return Reel(film, tuple(name if name in adapters else BASE for name in names), adapters)


def _check_files(called: str, folder: Path, steps: Sequence[int]) -> None:
    """Raises ModelError at a file that no film has, which is thus never near a loader, and at one
    that every film has and this one has not."""
    wanted = {Path(str(step), name) for step in steps for name in (CONFIG, WEIGHTS)}
    found = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    if strange := sorted(found - wanted - {Path(name) for name in _BESIDE}):
        raise ModelError(
            f"{called}: {strange[0]} is no part of a film, which is {FILE} and a {CONFIG} with "
            f"a {WEIGHTS} for each step. Move it away."
        )
    if lacking := sorted(wanted - found):
        raise ModelError(f"{called}: {lacking[0]} is not there.")


def film_of(model: Ref, adapters: Sequence[Ref] = ()) -> Path | None:
    """The folder of the film to show of what is served, if there is one: beside one of its adapters
    (the last that has one), else the one that HERA ships for the base. Looks at no network and
    reads no file."""
    places = [a.path / SNAPSHOTS for a in reversed(adapters) if a.path is not None]
    if model.text in BASES:
        places.append(EMBEDDED_DIR.parent / model.text / SHIPPED)
    return next((place for place in places if (place / FILE).is_file()), None)


def how_likely(
    engine: Engine, variants: Sequence[str], question: Sequence[Message], answer: str
) -> list[float]:
    """How likely each frame finds an answer: mean log-probability of its tokens, in nats.

    Args:
        engine: has the variants.
        variants: may name one several times.
        question: the conversation that is answered.
        answer: not empty.

    Raises:
        InputError: see `Engine.token_logprobs`.
    """
    whole = [*question, Message(role="assistant", content=answer)]
    distinct = list(dict.fromkeys(variants))
    scored = engine.token_logprobs(whole, distinct)
    begins = {name: len(engine.render(question, name)) for name in distinct}
    means = {name: float(scored[name].logprobs[begins[name] :].mean()) for name in distinct}
    return [means[name] for name in variants]
