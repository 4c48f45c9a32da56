"""The model behind the page: loaded in the background, its state in words."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from hera.config import Config, GpuSeconds
from hera.config.file import Own
from hera.engine import connect, load_engine
from hera.errors import BusyError, HeraError, ModelError, one_line
from hera.explain.film import film_of
from hera.explain.selftest import Check, failed, not_run, selftest
from hera.explain.sheet.order import Order
from hera.refs import BASES, Ref, shipped_adapters
from hera.safety.learned import detector
from hera.types import BASE, Engine
from hera.ui.components.written import filled
from hera.ui.gpu import ZERO_GPU
from hera.ui.language import SPOKEN, language
from hera.ui.words import WORDS

_PATIENCE = 180.0
"""Seconds that a visitor's question waits for the model."""


class Serving:
    """One engine for all visitors. Creating it loads nothing; `start` does, in a thread."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._model = config.model
        self._not_had: str | None = None
        self._checks: tuple[Check, ...] = ()
        self._engine: Engine | None = None
        self._error: str | None = None
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin to load in the background; a second call changes nothing."""
        with self._lock:
            if not self._started:
                self._started = True
                threading.Thread(target=self._load, name="load-model", daemon=True).start()

    def load(self) -> None:
        """Load now, in this thread: ZeroGPU must see it happen before the page opens."""
        self._started = True
        self._load()

    def _load(self) -> None:
        detector()  # now, and not with the first message of a visitor
        try:
            engine = self._of_model_or_fallback()
            self._checks = _looked_at(engine)
            self._engine = engine
        except HeraError as error:
            self._error = str(error)
            print(f"error: {self._error}", flush=True)
        finally:  # whatever it was: nobody may wait for ever
            self._done.set()

    def _of_model_or_fallback(self) -> Engine:
        """The model's engine, or where nobody named a model and this one cannot be had, its
        fallback's, which a note says."""
        fallback = self._config.fallback
        try:
            return self._engine_of(self._model)
        except ModelError as error:
            if fallback is None:
                raise
            self._not_had = str(error).removesuffix(".")
        _note(*self._stands_in())
        self._model = fallback
        return self._engine_of(fallback)

    def _engine_of(self, model: Ref) -> Engine:
        config = self._config
        try:
            if server := config.server:
                return connect(server.url, server.base, server.models, leave_out_broken=True)
            return load_engine(
                model,
                config.adapters,
                four_bit=config.four_bit,
                own_base=config.own_base,
                engine=config.engine,
                leave_out_broken=True,
            )
        except HeraError:
            raise
        except Exception as error:  # whatever a library raises, the page must say it and stay up
            raise model.cannot_load(error) from error

    @property
    def own(self) -> Own:
        """What the operator's hera.toml says of this demo."""
        return self._config.own

    @property
    def report(self) -> Path | None:
        """The operator's page of all that was measured, if there is one."""
        return self._config.report

    @property
    def signs_in(self) -> bool:
        """Whether visitors have to sign in with an account."""
        return self._config.sign_in is not None

    @property
    def metrics(self) -> bool:
        """Whether whoever runs the app wants `GET /metrics`."""
        return self._config.metrics

    @property
    def queue(self) -> int | None:
        """How many visitors may wait; the next is told that the app is busy."""
        return self._config.queue

    @property
    def gpu_seconds(self) -> GpuSeconds:
        """What requests may cost on ZeroGPU."""
        return self._config.gpu_seconds

    @property
    def state(self) -> Literal["loading", "ready", "failed"]:
        """Where the loading stands."""
        if not self._done.is_set():
            return "loading"
        return "ready" if self._engine is not None else "failed"

    @property
    def model(self) -> Ref:
        """The base: the one that is meant, and from when that cannot be had its fallback."""
        return self._model

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The base, then the adapters that the flags name."""
        return (self._model, *(self._config.adapters or {}).values())

    @property
    def order(self) -> Order:
        """What is to be served, as a program would ask for it."""
        config = self._config
        server = config.server
        return Order(
            self._model,
            config.adapters,
            four_bit=config.four_bit,
            own_base=config.own_base,
            engine=config.engine,
            server=server.url if server else None,
            server_base=server.base if server else None,
            models=server.models if server else None,
        )

    @property
    def asks_server(self) -> str:
        """The name of the server that visitors' texts are sent on to; "" where all is computed
        here."""
        server = self._config.server
        return (urlsplit(server.url).hostname or "") if server else ""

    @property
    def share(self) -> bool:
        """Whether the page can be reached through a relay of Gradio's."""
        return self._config.share

    @property
    def four_bit(self) -> bool:
        """Whether bases are loaded in 4 bits."""
        return self._config.four_bit

    @property
    def film(self) -> Path | None:
        """The folder of the learning film of what is served, if there is one here: a server's
        adapters are not, and on ZeroGPU no second base can be loaded once the page is open."""
        if self._config.server is not None or ZERO_GPU:
            return None
        return film_of(self._model, tuple((self._config.adapters or {}).values()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever uses it should know, a line each; what the self-test found last."""
        found = (_fault(detail) for detail in failed(self._checks))
        known = self._engine.notes if self._engine is not None else ()
        return (*self._stands_in(), *self._reads(), *known, *found)

    def _stands_in(self) -> list[str]:
        """That the fallback is served, and why."""
        return [WORDS.status.fallback.format(error=self._not_had)] if self._not_had else []

    def _reads(self) -> list[str]:
        """That what HERA ships does not read the page's language."""
        foreign = language() != SPOKEN[0] and self._model.text in BASES
        return [WORDS.status.reads] if foreign else []

    @property
    def checks(self) -> tuple[Check, ...]:
        """What the self-test looked at once the model was loaded; nothing before that."""
        return self._checks

    @property
    def error(self) -> str | None:
        """Why there is no model, where loading it failed."""
        return self._error

    @property
    def planned(self) -> tuple[str, ...]:
        """The variants: the engine's own, or before it is there those that the flags promise."""
        return self._engine.variants if self._engine is not None else self.promised

    @property
    def promised(self) -> tuple[str, ...]:
        """The variants that the flags ask for; some may turn out to be broken."""
        if self._config.server is not None:
            return (BASE, *(name for name in self._config.server.models or () if name != BASE))
        if self._config.adapters is not None:
            return (BASE, *self._config.adapters)
        return (BASE, *shipped_adapters(self._model))

    def engine(self) -> Engine:
        """The engine, once it is loaded.

        Raises:
            ModelError: it could not be loaded.
            BusyError: it still loads after three minutes.
        """
        if self._engine is not None:  # no lock: a forked process would inherit it as it was
            return self._engine
        self.start()
        if not self._done.wait(_PATIENCE):
            raise BusyError(WORDS.errors.still_loading)
        if self._engine is None:
            raise ModelError(self._error or WORDS.errors.no_model)
        return self._engine

    def status(self) -> str:
        """One paragraph for the page, in HTML, in a box that says how it stands."""
        noted = " noted" if self.notes and self.state == "ready" else ""
        return f'<div class="state {self.state}{noted}">{self._said()}</div>'

    def _said(self) -> str:
        words = WORDS.status
        if self.state == "loading":
            return filled(words.loading, model=self._model.title)
        if self._engine is None:
            return filled(words.failed, error=str(self._error))
        names = ", ".join(self._engine.variants)
        notes = " ".join(f"{note[:1].upper()}{note[1:]}." for note in self.notes)
        return filled(words.ready, model=self._model.title, variants=names, notes=notes)


def _looked_at(engine: Engine) -> tuple[Check, ...]:
    """The self-test's checks; a variant that fails one is said, and served all the same."""
    if ZERO_GPU:
        _note(WORDS.status.not_tested.format(why=WORDS.status.no_gpu))
        return (not_run(WORDS.status.no_gpu),)
    try:
        checks = selftest(engine)
    except Exception as error:  # whatever a library raises, the page must say it and stay up
        _note(WORDS.status.not_tested.format(why=one_line(error)))
        return (not_run(one_line(error)),)
    for detail in failed(checks):
        _note(_fault(detail))
    return checks


def _fault(detail: str) -> str:
    return WORDS.status.fault.format(found=detail)


def _note(text: str) -> None:
    print(f"note: {text}.", file=sys.stderr, flush=True)
