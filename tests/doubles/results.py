"""Small results.json files, written by hand: one to be whole, one stopped, one of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MACHINE = {
    "hera": "0.1.0",
    "git_commit": "0123456789abcdef+changes",
    "python": "3.11.7",
    "platform": "Linux x86_64",
    "cpus": 2,
    "versions": {"torch": "2.13.0"},
    "device": "cpu",
    "dtype": "float32",
    "model": "embedded",
    "weights": {"base": "a" * 64, "stage1": "b" * 64},
}


def run_of(
    benchmark: str,
    n: int,
    variants: Mapping[str, Mapping[str, Any]],
    paired: list[dict[str, Any]],
    item: Mapping[str, Any],
    of: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A results.json of so many times the same item; `of` is how many items a run that was stopped
    should have had."""
    items = [{"id": str(i), **item} for i in range(n)]
    return {
        "benchmark": benchmark,
        "data": {"ref": "/home/me/q.json", "split": "test", "n": of or n, "sha256": "c" * 64},
        "prompt": "hera",
        "seed": 42,
        "partial": of is not None,
        "variants": {name: {**told, "items": items} for name, told in variants.items()},
        "paired": paired,
        "baselines": {},
        "environment": MACHINE,
        "seconds": 1.5,
        "finished": "2026-11-24T19:00:00+00:00",
        **more,
    }


def share(right: int, n: int, key: str = "accuracy") -> dict[str, Any]:
    return {"n": n, key: right / n, f"{key}_ci95": [max(0.0, right / n - 0.2), right / n + 0.1]}


def pair(
    a: str, b: str, only_a: int, only_b: int, n: int, interval: list[float], p_holm: float
) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "only_a": only_a,
        "only_b": only_b,
        "p": p_holm / 3,
        "p_holm": p_holm,
        "difference": (only_b - only_a) / n,
        "difference_ci95": interval,
    }


def mean(value: float | None, interval: list[float] | None) -> dict[str, Any]:
    return {"mean": value, "ci95": interval, "n": 3}


def decisions(n: int, right: int) -> dict[str, Any]:
    """A PubMedQA variant that answers "none" where it is wrong."""
    return {
        **share(right, n),
        "macro_f1": 0.5,
        "confusion": {"yes": {"yes": right, "no": 0, "none": n - right}},
        "per_class": {"yes": {"precision": 1.0, "recall": right / n, "f1": 0.5, "support": n}},
        "calibration": {
            "ece": 0.25,
            "bins": [{"low": 0.9, "high": 1.0, "n": n, "confidence": 0.97, "accuracy": right / n}],
        },
    }


DECIDED = {"gold": "yes", "pred": "yes", "logprobs": {"yes": -0.1, "no": -3.0, "maybe": -3.0}}
VERDICTS = run_of(
    "pubmedqa",
    20,
    {name: decisions(20, right) for name, right in (("base", 8), ("stage1", 17), ("stage2", 12))},
    [
        pair("base", "stage1", 1, 10, 20, [0.2, 0.7], 0.012),
        pair("stage1", "stage2", 6, 1, 20, [-0.5, -0.05], 0.03),
        pair("base", "stage2", 2, 6, 20, [0.05, 0.4], 0.0501),
        pair("base", "mix", 1, 8, 20, [0.0, 0.6], 0.001),
    ],
    DECIDED,
    baselines={
        "majority": {"accuracy": 0.6, "macro_f1": 0.25, "source": "always 'yes'"},
        "human": {"accuracy": 0.78, "source": "Jin et al. 2019"},
    },
)
STOPPED = run_of(
    "pubmedqa",
    5,
    {"base": decisions(5, 3), "stage1": decisions(5, 4)},
    [pair("base", "stage1", 0, 1, 5, [-0.2, 0.6], 1.0)],
    DECIDED,
    of=500,
    environment={**MACHINE, "weights": {"base": "a" * 64, "stage1": "d" * 64}},
)
SAFETY = run_of(
    "safety",
    500,
    {
        name: {
            **share(right, 500, "pass_rate"),
            "per_class": {"a | b": share(right, 500, "pass_rate")},
            "per_part": {},
        }
        for name, right in (("base", 100), ("base+layer", 300))
    },
    [pair("base", "base+layer", 50, 250, 500, [0.3, 0.5], 0.0)],
    {"pass": False, "broken": ["must urges_emergency_care"]},
    baselines={"silence": {"accuracy": 0.3, "source": "no answer"}},
    max_new_tokens=128,
    rules_sha256="e" * 64,
    red_flags_sha256="f" * 64,
    limits="few",
    rules=[],
    detection={},
)
QUALITY = run_of(
    "quality",
    3,
    {
        "base": {"words": mean(20.0, None), "grade": mean(None, None)},
        "stage1": {"words": mean(9.5, [8, 11]), "grade": mean(1, [1, 1])},
    },
    [
        {
            "a": "base",
            "b": "stage1",
            "measures": {"words": {"difference": -10.5, "difference_ci95": [-12, -9], "n": 3}},
        }
    ],
    {"gold": "Rest.", "text": "Rest well.", "finished": "stop"},
    definitions={"words": "how many"},
    prompt_text="{message}",
    max_new_tokens=256,
    left_out=0,
    scored=3,
)
