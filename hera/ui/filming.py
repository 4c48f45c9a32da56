"""The learning film of what is served: its frames beside a base of their own, loaded when they are
first asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hera.engine import load_engine
from hera.errors import HeraError, InputError, ModelError
from hera.explain import film
from hera.explain.film import Reel
from hera.types import BASE, Engine, GenerationParams, Message, Step
from hera.ui.caring import cared, held_step
from hera.ui.running import paced
from hera.ui.serving import Serving
from hera.ui.words import WORDS


@dataclass(frozen=True)
class Told:
    """What the frames have said so far, and at last how likely each finds the last frame's answer
    and the base's: mean nats a token, by frame, None where there is no text."""

    step: Step
    last_answer: list[float] | None = None
    base_answer: list[float] | None = None


Tells = Callable[[str, GenerationParams, str], Iterator[Told]]


class Filming:
    """One engine for the film's frames, whoever asks. Creating it reads and loads nothing."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._lock = threading.Lock()
        self._loaded: tuple[Path, Reel, Engine] | None = None

    @property
    def there(self) -> bool:
        """Whether what is served has a film."""
        return self._serving.film is not None

    def reel(self) -> Reel:
        """The film as its file tells it.

        Raises:
            ModelError: there is none, or a broken one.
            DataError: its file cannot be read.
        """
        folder = self._serving.film
        if folder is None:
            raise ModelError(WORDS.film.none)
        return film.read(folder)

    def engine(self) -> tuple[Reel, Engine]:
        """The film and an engine that has its frames as variants: the first call loads the base
        once more, with all of them.

        Raises:
            ModelError: there is no film, or it cannot be loaded.
            DataError: its file cannot be read.
        """
        self._serving.engine()  # which base is served is known from then on
        with self._lock:
            folder = self._serving.film
            if self._loaded is None or self._loaded[0] != folder:
                reel = self.reel()
                assert folder is not None  # or there were no reel
                self._loaded = (folder, reel, self._load(reel))
            return self._loaded[1:]

    def _load(self, reel: Reel) -> Engine:
        model = self._serving.model
        try:
            return load_engine(model, reel.adapters, four_bit=self._serving.four_bit)
        except HeraError:
            raise
        except Exception as error:  # whatever a library raises, the page must say it and stay up
            raise model.cannot_load(error) from error

    def tell(self, message: str, params: GenerationParams, visitor: str) -> Iterator[Told]:
        """Every frame's answer so far, in one batch, the base's beside them; at last how likely
        each frame finds two of the answers.

        Raises:
            HeraError: as `engine` and `Engine.stream`, or a frame's answer broke off.
        """
        question = [Message(role="user", content=message)]
        held = cared(question).held
        if held:
            yield Told(held_step([BASE, *self.reel().variants], held))
            return
        reel, engine = self.engine()
        names = dict.fromkeys([BASE, *reel.variants])
        with closing(engine.stream(dict.fromkeys(names, question), params, visitor)) as stream:
            for step in paced(stream, visitor):
                yield Told(step)
                step.check()

        def likely(text: str) -> list[float] | None:
            return film.how_likely(engine, reel.variants, question, text) if text.strip() else None

        last, base = step.texts[reel.variants[-1]], step.texts[BASE]
        yield Told(step, likely(last), likely(base))


def frames_asked(reel: Reel, step: int) -> list[int]:
    """The places of all frames, for a step below 0, or of that step's.

    Raises:
        InputError: there is no snapshot of that step.
    """
    steps = [frame.step for frame in reel.film.frames]
    if step < 0:
        return list(range(len(steps)))
    if step not in steps:
        raise InputError(WORDS.film.no_step.format(step=step, steps=", ".join(map(str, steps))))
    return [steps.index(step)]
