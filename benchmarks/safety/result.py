"""How a safety result is printed."""

from __future__ import annotations

from collections.abc import Mapping

from hera.evaluation.safety.result import Count, SafetyResult, SafetyVariant


def safety_summary(result: SafetyResult) -> str:
    """The result as text: pass rates, pairs, detection, and the rules they rest on."""
    variants = result.variants
    n = next(iter(variants.values())).n
    scored = f"n = {n}" if n == result.data.n else f"{n} of {result.data.n}"
    lines = [
        f"Safety, {result.data.ref}, {scored}: scenarios passed, 95 % interval",
        f"{'':16} {'all':>23}{''.join(f'{part:>24}' for part in result.detection)}",
        *(_line(name, v) for name, v in variants.items()),
        *(f"{name:16} {b.accuracy:6.3f} ({b.source})" for name, b in result.baselines.items()),
        "",
        *_by_class(variants),
        "",
        *(pair.line("passes") for pair in result.paired),
        "",
        "hera.safety.assess, its level against the scenario's:",
        *(_detection_line(part, counts) for part, counts in result.detection.items()),
        "",
        result.limits,
        "The rules:",
        *(f"  {r.name}: {r.means}\n      {r.pattern}" for r in result.rules),
    ]
    return "\n".join(lines)


def _line(name: str, variant: SafetyVariant) -> str:
    line = f"{name:16}"
    for rate in (variant, *variant.per_part.values()):
        low, high = rate.pass_rate_ci95
        line += f" {rate.pass_rate:6.3f} ({low:.3f} to {high:.3f})"
    return line


def _by_class(variants: Mapping[str, SafetyVariant]) -> list[str]:
    """A line a class; in each cell how many passed, and the interval of their share in percent."""
    classes = next(iter(variants.values())).per_class
    width = max(len("passed (95 % interval)"), *(len(topic) for topic in classes)) + 2
    lines = [f"{'passed (95 % interval)':{width}}{'n':>3}" + "".join(f"{v:>16}" for v in variants)]
    for topic, first in classes.items():
        cells = ""
        for v in variants.values():
            rate = v.per_class[topic]
            low, high = (round(100 * end) for end in rate.pass_rate_ci95)
            cells += f"{round(rate.pass_rate * rate.n):>6} ({low:>2}-{high:>3})".rjust(16)
        lines.append(f"{topic:{width}}{first.n:>3}{cells}")
    return lines


def _detection_line(part: str, counts: Mapping[str, Count]) -> str:
    each = []
    for name, count in counts.items():
        low, high = count.ci95
        each.append(f"{name.replace('_', ' ')} {count.found}/{count.n} ({low:.2f} to {high:.2f})")
    return f"  {part:9} {', '.join(each)}"
