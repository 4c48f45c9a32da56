"""What SECURITY.md and MODEL_SAFETY.md name is there: files, tests, headings and commands."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.serving import ROOT

LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)")
TEST = re.compile(r"`(tests/[\w/.]+)`")
MODULE = re.compile(r"python -m ((?:hera|tests|benchmarks|spaces_config)[\w.]*)")
TARGET = re.compile(r"`make (\w+)`")


def anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", ["SECURITY.md", "MODEL_SAFETY.md"])
def test_what_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [(ROOT / path, anchor) for path, anchor in LINK.findall(text)]
    assert len(links) > 5
    assert [str(path) for path, _ in links if not path.exists()] == []
    wanted = [(path, anchor) for path, anchor in links if anchor]
    assert [anchor for path, anchor in wanted if anchor not in anchors(path)] == []
    assert [path for path in TEST.findall(text) if not (ROOT / path).exists()] == []
    assert [module for module in MODULE.findall(text) if find_spec(module) is None] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in TARGET.findall(text) if f"\n{name}: " not in makefile] == []
