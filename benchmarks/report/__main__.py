"""One page from several finished runs: `report.md`, and pictures beside it.

    python -m benchmarks.report runs/*                         # writes report/report.md
    python -m benchmarks.report runs/real runs/safety --output paper

A table a run: runs are never merged, averaged or compared with one another. Inside a run, a
difference between variants is called one only if its 95 % interval excludes zero and its exact
McNemar p, corrected for the number of pairs (Holm 1979), is below 0.05.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

from benchmarks.quality.result import QualityResult
from benchmarks.report import plots, tables
from benchmarks.report.run import ReportedRun, read_run
from benchmarks.report.tables import code, p_value, percent, points
from benchmarks.safety.result import SafetyResult
from hera import cli
from hera.cli.output import check_new_folder
from hera.errors import ConfigError
from hera.evaluation import stats
from hera.evaluation.comparing import Pair
from hera.evaluation.results import FILE

PAGE = "report.md"

_RULE = """\
A difference between two variants is called one only if its 95 % interval (paired bootstrap)
excludes zero and its exact McNemar p, corrected for the number of pairs in the run (Holm), is below
0.05. "Cannot be told" does not mean "no difference". A baseline is held against each variant's own
interval, uncorrected. Runs of different data, prompts or weights are never merged, averaged or
compared with one another: each has its own tables below."""

_CAPTIONS = {
    "accuracy": "Share of right items with 95 % Wilson intervals; the lines are the baselines.",
    "means": "Mean of each measure with its 95 % interval; the axes do not begin at zero.",
    "pairs": "Discordant items: how many only the first, and only the second, of a pair got right.",
    "confusion": "Gold labels in rows, answers in columns; the shade is the share of the row.",
    "reliability": "How often a variant is right, with 95 % Wilson intervals, when it is so "
    "confident; below, how often it is so confident. Dashed: confidence equals accuracy. ECE: "
    "expected calibration error over ten equal bins.",
}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    check_new_folder(args.output)
    folders = {folder.resolve(): folder for folder in args.runs}
    runs = [read_run(folder) for folder in folders.values()]
    try:
        args.output.mkdir(parents=True, exist_ok=True)
        files = [pictures(number, each, args.output) for number, each in enumerate(runs, 1)]
        (args.output / PAGE).write_text(page(runs, files), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output {args.output}: cannot be written ({error}).") from error
    print(f"report of {len(runs)} run{'s' * (len(runs) > 1)} written to {args.output / PAGE}")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(description="Make one page from the results of several runs.")
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="DIR", help=f"a run's folder, with {FILE}"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="a new folder for the page and its pictures (default: report)",
    )
    return parser


def pictures(number: int, run: ReportedRun, output: Path) -> dict[str, str]:
    """Draw a run's pictures into the folder; their file names by kind."""
    names = {}
    for kind, figure in plots.pictures_of(run).items():
        names[kind] = f"{number:02}-{run.result.benchmark}-{kind}.png"
        figure.savefig(output / names[kind])
    return names


def page(runs: Sequence[ReportedRun], files: Sequence[Mapping[str, str]]) -> str:
    """The page; `files` are the names of each run's pictures by kind."""
    parts = ["# Benchmark report", "## What the runs say", _RULE]
    for number, each in enumerate(runs, 1):
        parts += [f"**{number}. {heading(each)}**", "\n".join(findings(each))]
    parts += same_names(runs)
    for number, (each, names) in enumerate(zip(runs, files, strict=True), 1):
        parts += section(number, each, names)
    return "\n\n".join(parts) + "\n"


def heading(of: ReportedRun) -> str:
    """What a run is over, and whether it is partial."""
    prompt = f", prompt {of.result.prompt}" if of.result.prompt else ""
    mark = f" ({of.mark})" if of.mark else ""
    return f"{of.name}: {of.title}, {code(of.result.data.ref)}, n = {of.n}{prompt}{mark}"


def section(number: int, of: ReportedRun, files: Mapping[str, str]) -> list[str]:
    """Everything about one run: what it is, its tables, its pictures."""
    parts = [f"## {number}. {heading(of)}", "\n".join(tables.facts(of))]
    mark = f"**{of.mark}.** " if of.mark else ""
    for letter, table in zip(ascii_lowercase, tables.of(of), strict=False):
        parts += [f"Table {number}{letter}. {mark}{table.caption}", table.markdown()]
    if isinstance(of.result, QualityResult):
        parts.append("\n".join(f"- {name}: {it}" for name, it in of.result.definitions.items()))
    if isinstance(of.result, SafetyResult):
        parts.append(f"**Limits.** {of.result.limits}")
    for letter, (kind, file) in zip(ascii_lowercase, files.items(), strict=False):
        parts.append(f"![{of.title}: {kind}]({file})")
        parts.append(f"Figure {number}{letter}. {mark}{_CAPTIONS[kind]}")
    return parts


def findings(of: ReportedRun) -> list[str]:
    """What improved, what got worse and what cannot be told, as a list."""
    if of.measure is None:
        return [
            "- Cannot be told: what improved. Differences of means come without a corrected test, "
            "and most of these measures have no better side; the tables have their intervals."
        ]
    lines = []
    for verdict, word in ((1, "Improved"), (-1, "Got worse"), (0, "Cannot be told")):
        pairs = [difference_words(pair, of.n) for pair in of.pairs if pair.verdict == verdict]
        lines += [f"- {word}:" if pairs else f"- {word}: none.", *(f"  - {x}" for x in pairs)]
    if not of.pairs:
        lines = ["- Nothing to compare: the run has one variant."]
    return [*lines, *against_guessing(of), f"- {stats.power_line(of.n)}"]


def difference_words(pair: Pair, n: int) -> str:
    """A pair's difference in words."""
    low, high = (points(end, n) for end in pair.difference_ci95)
    p = p_value(pair.p_holm)
    return (
        f"{pair.a} to {pair.b}: {points(pair.difference, n)} points (95 % interval {low} to {high}"
        f", corrected p {p if p.startswith('<') else f'= {p}'})"
    )


def against_guessing(of: ReportedRun) -> list[str]:
    """Which variants can be told from an answer that needs no model, each by its own interval."""
    lines = []
    scores = of.scores[str(of.measure)]
    for name, value in of.guesses.items():
        if name == "human":  # of other questions
            continue
        sides = {
            "above it": [v for v, s in scores.items() if s.low > value],
            "below it": [v for v, s in scores.items() if s.high < value],
            "cannot be told from it": [v for v, s in scores.items() if s.low <= value <= s.high],
        }
        groups = "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items() if names)
        lines.append(f"- By its own interval, against {name} ({percent(value)} %): {groups}.")
    return lines


def same_names(runs: Sequence[ReportedRun]) -> list[str]:
    """A warning for each name that stands for different weights in different runs."""
    meant: dict[str, dict[str, list[str]]] = {}
    for number, each in enumerate(runs, 1):
        for name, sha256 in each.result.environment.weights.items():
            meant.setdefault(name, {}).setdefault(sha256[:12], []).append(str(number))
    return [
        f"**{name} is not the same weights everywhere:** "
        + "; ".join(f"{sha256} in run {', '.join(where)}" for sha256, where in by.items())
        + "."
        for name, by in meant.items()
        if len(by) > 1
    ]


if __name__ == "__main__":
    sys.exit(cli.run(main))
