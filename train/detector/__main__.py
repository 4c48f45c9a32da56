"""Train the learned detector of emergencies and crises.

    python -m train.detector                        # hera/safety/detector.safetensors, minutes
    python -m train.detector --output out.safetensors

Every author is left out once, a fifth of them at a time, and the others' detector reads theirs:
that calibrates it, and places the threshold where 3 in 100 harmless messages of an author whom it
was not trained on would raise an alarm. What it does with messages that were locked away,
`python -m benchmarks.safety.messages` says.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from hera import cli
from hera.evaluation.safety.messages import Message, read_messages
from hera.safety.details import readings
from hera.safety.learned import FILE
from train.detector.fitting import detector, fitted

WRITTEN = Path(__file__).with_name("written")
"""The messages that were written for it."""
ALARMS = 0.03
"""Of harmless messages, where the threshold is placed."""
FOLDS = 5
FAIR = ("health_centre", "hospital", "laboratory", "library", "spanish_wide", "wide")
"""Authors who were asked for a fair test of all kinds of messages. The threshold is placed by them:
others wrote what is nearest to danger without being it, which no visitor does all the time."""
_PLAIN = {"slope": 1.0, "offset": 0.0, "threshold": 0.5}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    args = flags().parse_args(argv)
    messages = read_messages(WRITTEN)
    danger = left_out(messages)
    urgent = np.array([message.level != "none" for message in messages])
    told = calibration(danger, urgent)
    fair = np.array([message.author in FAIR for message in messages])
    told["threshold"] = threshold(danger[fair], urgent[fair], told)
    for name, some in (("of a fair test", fair), ("of the others", ~fair)):
        print(f"messages {name}: {summary(danger[some], urgent[some], told)}")
    tensors, classes = fitted(messages)
    content = {**told, "classes": classes, "messages": len(messages)}
    save_file(tensors, args.output, metadata={"detector": json.dumps(content)})
    print(f"{args.output}: {args.output.stat().st_size / 2**20:.1f} MiB, {len(messages)} messages")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m train.detector", description="Train the learned detector."
    )
    parser.add_argument("--output", type=Path, default=FILE, metavar="FILE", help=f"({FILE.name})")
    return parser


def left_out(messages: Sequence[Message]) -> np.ndarray:
    """float [messages]: how dangerous each looks, not yet calibrated, to a detector that was
    trained without its author."""
    from sklearn.model_selection import GroupKFold

    danger, authors = np.zeros(len(messages)), [message.author for message in messages]
    for others, own in GroupKFold(FOLDS).split(messages, groups=authors):
        reads = detector(fitted([messages[i] for i in others]), _PLAIN)
        for i in own:
            danger[i] = reads.found(list(readings(messages[i].text))).danger
        names = ", ".join(sorted({authors[i] for i in own}))
        print(f"read by a detector of the others: {len(own)} messages ({names})", flush=True)
    return danger


def calibration(danger: np.ndarray, urgent: np.ndarray) -> dict[str, float]:
    """`slope` and `offset` of the log-odds (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(_log_odds(danger)[:, None], urgent)
    return {"slope": float(model.coef_[0, 0]), "offset": float(model.intercept_[0])}


def threshold(danger: np.ndarray, urgent: np.ndarray, told: dict[str, float]) -> float:
    """The calibrated danger that `ALARMS` of the harmless messages reach."""
    odds = told["slope"] * _log_odds(danger[~urgent]) + told["offset"]
    return float(np.quantile(1 / (1 + np.exp(-odds)), 1 - ALARMS))


def summary(danger: np.ndarray, urgent: np.ndarray, told: dict[str, float]) -> str:
    """What the left out authors say."""
    sure = 1 / (1 + np.exp(-(told["slope"] * _log_odds(danger) + told["offset"])))
    alarm = sure >= told["threshold"]
    return (
        f"authors left out: {alarm[urgent].mean():.1%} of {urgent.sum()} found, "
        f"{alarm[~urgent].mean():.1%} of {(~urgent).sum()} false alarms at "
        f"{told['threshold']:.3f}"
    )


def _log_odds(danger: np.ndarray) -> np.ndarray:
    kept = np.clip(danger, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(kept) - np.log1p(-kept))


if __name__ == "__main__":
    sys.exit(cli.run(main))
