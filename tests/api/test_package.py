"""`pip install .`: the library is whole wherever it is imported from."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

from tests.serving import ROOT, environment

ASK = (
    "from hera import GenerationParams, load_engine; from hera.safety import assess;"
    "engine = load_engine('embedded');"
    "asked = [{'role': 'user', 'content': 'What is asthma?'}];"
    "print(engine.answer({'stage2': asked}, GenerationParams(8, temperature=0)).texts['stage2']);"
    "print(assess('I can not breathe').level);"
    "import hera.push.card, hera.ui.app; print(hera.__file__)"
)


def test_it_answers_from_any_folder(tmp_path: Path) -> None:
    site, source = tmp_path / "site", tmp_path / "source"
    shutil.copytree(ROOT / "hera", source / "hera", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)  # a build leaves its folders beside what it builds
    install = ("install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    subprocess.run(
        [sys.executable, "-m", "pip", *install, "--target", str(site), str(source)],
        check=True,
        capture_output=True,
        text=True,
        env={**environment(tmp_path), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env={**environment(tmp_path), "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer, level, place = done.stdout.strip().splitlines()
    assert answer.strip()
    assert level == "emergency"
    assert place == str(site / "hera" / "__init__.py")
    here = {p.relative_to(ROOT) for p in (ROOT / "hera").rglob("*") if p.is_file()}
    there = {p.relative_to(site) for p in (site / "hera").rglob("*") if p.is_file()}
    compiled = {path for path in here | there if "__pycache__" in path.parts}
    assert there - compiled == here - compiled
    (metadata,) = site.glob("hera-*.dist-info")
    pinned = [line.split()[0] for line in (ROOT / "requirements.txt").read_text().splitlines()[1:]]
    assert sorted(PathDistribution(metadata).requires or []) == sorted(pinned)
