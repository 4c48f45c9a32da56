"""A Space of the double: a repository that is built and started after every change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.doubles.hub.cards import front_matter
from tests.doubles.hub.repos import Repo

HARDWARE = ("cpu-basic", "cpu-upgrade", "zero-a10g", "t4-small", "t4-medium", "l4x1", "a10g-small")


@dataclass
class Space(Repo):
    """A test says in `next_build` what the looks at /runtime after the next change will see."""

    sdk: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    hardware: str | None = None  # in use: none before the Space first ran
    requested: str = "cpu-basic"
    sleep_time: int | None = None  # seconds
    next_build: tuple[str, ...] = ("BUILDING", "RUNNING")
    stages: list[str] = field(default_factory=lambda: ["NO_APP_FILE"])  # the last one stays
    build_log: list[str] = field(default_factory=list)
    run_log: list[str] = field(default_factory=list)

    def changed(self) -> None:
        """A commit on main: build, if there is something to build."""
        files = self.files()
        card = front_matter(files.get("README.md", b"").decode("utf-8", "replace"))
        self.sdk = card.get("sdk", self.sdk)
        if "sdk" not in card:
            self.stages = ["CONFIG_ERROR"]
        elif card.get("app_file", "app.py") not in files:
            self.stages = ["NO_APP_FILE"]
        else:
            self.stages = list(self.next_build)

    def restart(self, factory: bool = False) -> None:
        """What a variable, a secret, new hardware or the restart button does."""
        if self.stages[0] in ("RUNNING", "RUNTIME_ERROR", "APP_STARTING") and not factory:
            self.stages = ["APP_STARTING", self.next_build[-1]]
        elif self.stages[0] not in ("NO_APP_FILE", "CONFIG_ERROR"):
            self.stages = list(self.next_build)

    def look(self) -> dict[str, Any]:
        """The runtime as /runtime tells it; every look brings the build one stage further."""
        told = self.runtime()
        if len(self.stages) > 1:
            self.stages.pop(0)
        return told

    def runtime(self) -> dict[str, Any]:
        stage = self.stages[0]
        if stage == "RUNNING":
            self.hardware = self.requested
        return {
            "stage": stage,
            "hardware": {"current": self.hardware, "requested": self.requested},
            "storage": None,
            "gcTimeout": self.sleep_time,
            "sdk": self.sdk,
            **({"errorMessage": "Exit code: 1"} if stage.endswith("_ERROR") else {}),
        }
