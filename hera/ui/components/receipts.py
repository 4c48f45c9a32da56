"""What is behind a column, folded under it: its weights, its pace, and what the self-test found."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from hera.explain.receipt import Receipt, Weights
from hera.explain.selftest import Check
from hera.ui.words import WORDS


def receipts_html(receipts: Mapping[str, Receipt], checks: Sequence[Check]) -> dict[str, str]:
    """Each column's, by its variant."""
    return {name: _receipt(receipt, checks) for name, receipt in receipts.items()}


def _receipt(receipt: Receipt, checks: Sequence[Check]) -> str:
    lines = [*map(_weights, receipt.weights), *_numbers(receipt), _tested(checks)]
    lines += [line[:1].upper() + line[1:] for line in receipt.missing]
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines if line)
    return (
        f'<details class="receipt"><summary>{WORDS.receipt.heading}</summary>'
        f"<ul>{listed}</ul></details>"
    )


def _weights(weights: Weights) -> str:
    words = WORDS.receipt
    parts = [weights.name]
    if weights.control:
        parts.append(words.control.format(number=weights.control))
    if weights.strength is not None:
        parts.append(words.strength.format(strength=weights.strength))
    if weights.norm is not None:
        parts.append(words.norm.format(norm=weights.norm))
    if weights.sha256 is not None:
        parts.append(words.sha256.format(sha256=weights.sha256))
    return " · ".join(parts)


def _numbers(receipt: Receipt) -> list[str]:
    words = WORDS.receipt
    lines = [words.pace.format(tokens=receipt.tokens, rate=receipt.rate)]
    if receipt.first is not None:
        lines[0] += words.first.format(seconds=receipt.first)
    if receipt.divergence is not None:
        lines.append(words.divergence.format(nats=receipt.divergence))
    if receipt.likeliest is not None:
        own = words.own if receipt.is_own else words.not_own
        lines.append(own.format(likeliest=receipt.likeliest, scored=receipt.scored))
    return lines


def _tested(checks: Sequence[Check]) -> str:
    words = WORDS.receipt
    wrong = [check.detail for check in checks if check.passed is False]
    if wrong:
        return words.failed.format(found="; ".join(wrong))
    if not checks:
        return ""
    passed = sum(check.passed is True for check in checks)
    told = words.passed.format(passed=passed, of=len(checks))
    unseen = ", ".join(check.name for check in checks if check.passed is None)
    return told + (words.not_checked.format(names=unseen) if unseen else "")
