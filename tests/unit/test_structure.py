"""The plan of the house: imports run one way, also those inside functions or for types alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import ROOT

PACKAGES = ("hera", "train", "benchmarks", "spaces_config")
LIBRARY = {"errors", "types", "refs", "hub", "cli", "data", "prompts", "rendering", "__init__"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "types": {"errors"},
    "cli": {"errors", "refs", "types"},
    "hub": {"errors"},
    "safety": set(),
    "refs": {"errors", "types", "hub"},
    "config": {"errors", "types", "refs", "cli"},
    "data": {"errors", "types", "refs", "hub"},
    "prompts": {"types", "data"},
    "rendering": {"errors", "types"},
    "weights": {"errors", "types", "refs", "rendering", "hub", "cli"},
    "engine": {"errors", "types", "refs", "rendering", "weights"},
    "evaluation": {
        *("errors", "types", "refs", "data", "prompts", "rendering", "cli", "safety", "__init__"),
    },
    "explain": {
        *("errors", "types", "refs", "data", "prompts", "rendering", "safety", "evaluation"),
        "weights",
    },
    "push": {"errors", "refs", "hub", "cli", "evaluation", "weights"},
    "export": {"errors", "types", "refs", "cli", "rendering", "weights", "prompts", "__init__"},
    "ui": {*LIBRARY, "config", "engine", "evaluation", "explain", "safety"},
    "__init__": {"errors", "types", "data", "engine"},
}
"""What each room of `hera` may import of the others; `__init__` is its face."""

MODULES = {
    path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
KNOWN = set(MODULES.values())


def imports(path: Path) -> Iterator[str]:
    """Every module of this project that a file names in an import, wherever it stands in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in KNOWN else str(node.module) for name in whole]
        else:
            continue
        yield from (name for name in names if name in KNOWN)


GRAPH = {module: set(imports(path)) - {module} for path, module in MODULES.items()}


def room(module: str) -> str:
    """The part of `hera` that a module belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


def test_no_circles() -> None:
    """What imports nothing that is left goes; in a circle, something always is left."""
    left = {module: set(needs) for module, needs in GRAPH.items()}
    while ready := {module for module, needs in left.items() if not needs & left.keys()}:
        left = {module: needs for module, needs in left.items() if module not in ready}
    assert left == {}


@pytest.mark.parametrize("name", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_lies_below_it(name: str) -> None:
    upward = {
        f"{module} -> {needed}"
        for module, needs in GRAPH.items()
        for needed in needs
        if module.split(".")[0] == "hera" == needed.split(".")[0]
        and room(module) == name
        and room(needed) not in MAY_IMPORT[name] | {name}
    }
    assert upward == set()


def test_every_room_has_its_place_and_there_are_not_too_many() -> None:
    assert {room(m) for m in KNOWN if m.split(".")[0] == "hera"} == set(MAY_IMPORT)
    rooms = [p for p in (ROOT / "hera").iterdir() if p.name not in ("__pycache__", "README.md")]
    assert len(rooms) <= 20


def test_programs_know_the_library_and_not_each_other() -> None:
    others = {
        f"{module} -> {needed}"
        for module, needs in GRAPH.items()
        for needed in needs
        if needed.split(".")[0] not in ("hera", module.split(".")[0])
    }
    assert others == set()


def test_gradio_is_for_the_screens_alone() -> None:
    users = {
        module
        for path, module in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _roots(node)
        if name in ("gradio", "gradio_client")
    }
    # One is sent to a Space of its own, the other is a visitor of the app.
    stands_alone = {"benchmarks.metrics.pubmedqa.app", "benchmarks.speed.visitors"}
    assert {m for m in users - stands_alone if not m.startswith("hera.ui")} == set()


def _roots(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    return [str(node.module).split(".")[0]] if isinstance(node, ast.ImportFrom) else []
