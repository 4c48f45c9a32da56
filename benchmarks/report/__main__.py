"""One page from several finished runs: `report.html`, and `report.md` with pictures beside it.

    python -m benchmarks.report runs/*                         # writes report/report.html and .md
    python -m benchmarks.report runs/real runs/safety --output paper

A section a run: runs are never merged, averaged or compared with one another. Inside a run, a
difference between variants is called one only if its 95 % interval excludes zero and its exact
McNemar p, corrected for the number of pairs (Holm 1979), is below 0.05. `report.html` opens
anywhere: its pictures are inside, it runs no script and fetches nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import markdown, web
from benchmarks.report.kinds import read_section
from benchmarks.report.section import Section
from hera import cli
from hera.cli.output import check_new_folder
from hera.errors import ConfigError
from hera.evaluation.results import FILE

PAGE, WEB = "report.md", "report.html"


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    check_new_folder(args.output)
    folders = {folder.resolve(): folder for folder in args.runs}
    sections = [read_section(folder) for folder in folders.values()]
    try:
        args.output.mkdir(parents=True, exist_ok=True)
        write(sections, args.output)
    except OSError as error:
        raise ConfigError(f"--output {args.output}: cannot be written ({error}).") from error
    many = f"{len(sections)} run{'s' * (len(sections) > 1)}"
    print(f"report of {many} written to {args.output / WEB} and {PAGE}")


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


def write(sections: Sequence[Section], output: Path) -> None:
    """Both pages and the pictures, into the folder."""
    files = [pictures(number, each, output) for number, each in enumerate(sections, 1)]
    (output / PAGE).write_text(markdown.page(sections, files), encoding="utf-8")
    drawn = [{kind: (output / name).read_bytes() for kind, name in of.items()} for of in files]
    (output / WEB).write_text(web.page(sections, drawn), encoding="utf-8")


def pictures(number: int, section: Section, output: Path) -> dict[str, str]:
    """Draw a run's pictures into the folder; their file names by kind."""
    names = {}
    for kind, figure in section.draw().items():
        names[kind] = f"{number:02}-{section.of.result.benchmark}-{kind}.png"
        figure.savefig(output / names[kind])
    return names


if __name__ == "__main__":
    sys.exit(cli.run(main))
