"""What the parts of the check work on: the device, how much of everything, and for how long yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu.plan import SIZES, Sizes
from benchmarks.gpu.shapes import SHAPES, write_adapter, write_model
from hera.refs import Ref


@dataclass
class Bench:
    """One process's view of the check.

    `scratch` is a folder for models and runs, shared with the processes before and after;
    `until` is when the time is over, as `time.time()` counts.
    """

    device: str
    shape: str
    scratch: Path
    until: float
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def sizes(self) -> Sizes:
        """How much of everything this shape is measured on."""
        return SIZES[self.shape]

    @property
    def left(self) -> float:
        """Seconds."""
        return self.until - time.time()

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made by the first part that asks for it."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def forget(self) -> None:
        """Give back the memory of what parts have kept."""
        self.kept.clear()
        if self.device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def wait(self) -> None:
        """Until the device has done all that it was given."""
        if self.device == "cuda":
            torch.cuda.synchronize()

    @cached_property
    def model(self) -> Ref:
        """A model of the shape with random weights, as a folder."""
        folder = self.scratch / self.shape
        if not (folder / "model.safetensors.index.json").exists():
            write_model(SHAPES[self.shape], folder, self.device)
        return Ref.of(str(folder))

    @cached_property
    def adapters(self) -> dict[str, Ref]:
        """Two rank-16 adapters on that model."""
        refs = {}
        for seed, name in enumerate(("stage1", "stage2"), 1):
            folder = self.scratch / f"{self.shape}-{name}"
            if not (folder / "adapter_model.safetensors").exists():
                write_adapter(SHAPES[self.shape], self.model, folder, seed)
            refs[name] = Ref.of(str(folder), f"--adapter {name}=")
        return refs
