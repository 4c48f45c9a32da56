"""What a card says of the other results: whether the adapter reads the abstract, what it forgot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hera.evaluation.forgetting import KINDS, ForgotResult, KindChange
from hera.evaluation.reading import Average, ReadsResult, Share
from hera.evaluation.training_record import Training
from hera.push.measurements import Measurement, data_name, how

_WITHOUT = {"removed": "without the abstract", "exchanged": "with another's abstract"}


def reads_text(measured: Measurement[ReadsResult]) -> list[str]:
    """Whether it reads, and which of its gains survive: a paragraph, and a line a gain."""
    result, mine = measured.result, measured.result.variants[measured.variant]
    asked = f"{data_name(result.data.ref)}, n = {result.n}, seed {result.seed}, {how(result)}"
    if not result.negated:
        return [f"**Does it read the abstract?** Cannot be told of {asked}: no finding was turned."]
    verdict = "It reads" if mine.reads else "It is not seen to read"
    p = "" if mine.p_holm is None else f", Holm p = {mine.p_holm:.3g}"
    lines = [
        f"**Does it read the abstract?** {verdict}{p} ({asked}). Of {result.negated} findings that "
        f"were turned into their opposite, its right answers turned with {_share(mine.turned)}; of "
        f"sentences beside them, with {_share(mine.beside)}. Every answer is in `{measured.file}`."
    ]
    gain = result.gains.get(measured.variant)
    if gain is None:
        return lines
    for form, left in gain.survives.items():
        told = "" if left.sign else ": cannot be told from none"
        lines.append(
            f"Of its gain over the base, {_points(gain.gain)} points, {_WITHOUT[form]} "
            f"{_points(gain.without[form])} are gained as well, which leaves {_points(left)}{told}."
        )
    return lines


def _share(share: Share) -> str:
    if share.share is None:
        return "none (n = 0)"
    low, high = (100 * end for end in share.ci95)
    return f"{100 * share.share:.1f} % ({low:.1f} to {high:.1f}, n = {share.n})"


def _points(one: Average) -> str:
    if one.mean is None or one.ci95 is None:
        return f"an unknown number of (n = {one.n})"
    low, high = (100 * end for end in one.ci95)
    return f"{100 * one.mean:+.1f} ({low:+.1f} to {high:+.1f})"


def forgot_text(
    measured: Sequence[Measurement[ForgotResult]], record: Training | None
) -> tuple[str, list[dict[str, str]]]:
    """(where it was measured, a row a kind of probe) of the results, else of the training's own
    record; no rows if it was not measured."""
    if measured:
        one = measured[0]
        machine = one.result.environment
        where = (
            f"Measured with these weights, {machine.dtype} on {machine.device}, seed "
            f"{one.result.seed}; every probe is in `{one.file}`."
        )
        return where, _rows(one.result.variants[one.variant])
    changes = record.forgot if record else None
    return "Measured at the end of its training.", _rows(changes or {})


def _rows(changes: Mapping[str, KindChange]) -> list[dict[str, str]]:
    return [
        {
            "name": KINDS.get(kind, kind),
            "base": f"{its.base:.2f}",
            "change": f"{its.change:+.2f}",
            "interval": "{:+.2f} to {:+.2f}".format(*its.interval) if its.interval else "",
            "verdict": its.verdict,
            "n": str(its.n),
        }
        for kind, its in changes.items()
    ]
