"""Would it notice? Adapters made to forget one kind, and empty ones, on the embedded model.

    python -m benchmarks.forgot.planted                     # 40 seeds of each, three minutes
    python -m benchmarks.forgot.planted --seeds 10 --rise 0.1

A forgetful adapter begins at random and takes steps up the loss of every other probe of one kind
(the kinds in turn), until that has risen by `--rise` nats a token; it is found if all probes of the
kind say "lost". An empty one is random too, so small that no loss changes by a hundredth of a nat;
it is accused if any of the ten kinds says "lost" or "gained". Names exchanged: stage2's real
losses, of each probe by chance the base's taken for stage2's, so that nothing was forgotten, with
differences as large as real ones are; accused likewise. Exit code 1 if fewer than 95 % are found or
more than 5 % accused.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hera import cli
from hera.engine import load_engine
from hera.errors import ModelError
from hera.evaluation import forgetting, stats
from hera.evaluation.forgetting import KINDS, Forgot, Probe, ProbeLosses, forgot
from hera.evaluation.provenance import machine
from hera.refs import EMBEDDED, EMBEDDED_DIR
from hera.types import BASE, Engine

RISE, SEEDS, EXCHANGES = 0.3, 40, 1000
_STEP, _MOST_STEPS = (
    0.05,
    200,
)  # in the gradient's direction, in the up projections' own length
_EMPTY = 1e-4  # the standard deviation of an empty adapter's up projections
_FOUND, _ACCUSED = 0.95, 0.05


@dataclass(frozen=True)
class Rate:
    """Of how many so many were said to have forgotten (or gained) something."""

    said: int
    of: int

    @property
    def share(self) -> float:
        """As a number from 0 to 1."""
        return self.said / self.of

    def __str__(self) -> str:
        low, high = stats.wilson(self.said, self.of)
        return f"{self.said} of {self.of} ({self.share:.1%}, 95 % interval {low:.1%} to {high:.1%})"


def main(argv: Sequence[str] | None = None) -> None:
    """The command.

    Raises:
        ModelError: too few are found, or too many accused.
    """
    args = flags().parse_args(argv)
    seeds = range(args.seed, args.seed + args.seeds)
    engine = load_engine(EMBEDDED)
    probes = forgetting.completed(engine, forgetting.fixed_probes())
    found = found_rate(probes, seeds, args.rise)
    print(f"forgetful adapters (a rise of {args.rise:g} nats a token) found: {found}", flush=True)
    empty = empty_rate(probes, seeds)
    print(f"empty adapters accused: {empty}", flush=True)
    scored = forgetting.losses(engine, probes, ["stage2"])
    exchanged = exchanged_rate(scored, "stage2", range(args.seed, args.seed + EXCHANGES))
    print(f"stage2 with names exchanged, accused: {exchanged}")
    print(f"embedded, {len(probes)} probes, seeds from {args.seed}, {machine().cpus} CPUs")
    if found.share < _FOUND or max(empty.share, exchanged.share) > _ACCUSED:
        raise ModelError("what is said of planted cases is not what was planted.")


def flags() -> argparse.ArgumentParser:
    """The command's flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.forgot.planted",
        description="Plant forgetful and empty adapters in the embedded model.",
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="adapters of each")
    parser.add_argument("--seed", type=int, default=42, metavar="S", help="the first one (42)")
    parser.add_argument(
        "--rise", type=float, default=RISE, metavar="R", help=f"nats a token ({RISE:g})"
    )
    return parser


def found_rate(probes: Sequence[Probe], seeds: Sequence[int], rise: float = RISE) -> Rate:
    """How many forgetful adapters are found, each by the kind that it was made to forget."""
    names, said = list(KINDS), 0
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        grower = Grower(made, load_engine(EMBEDDED, {}))
        for seed in seeds:
            of_kind = [p for p in probes if p.kind == names[seed % len(names)]]
            grower.forgetful(seed, of_kind[::2], rise)
        engine = grower.engine(seeds)
        for place, kind in enumerate(names):
            own = [_name(seed) for seed in seeds if seed % len(names) == place]
            if own:
                of_kind = [p for p in probes if p.kind == kind]
                told = forgot(forgetting.losses(engine, of_kind, own), own)
                said += sum(told.variants[name][kind].verdict == "lost" for name in own)
    return Rate(said, len(seeds))


def empty_rate(probes: Sequence[Probe], seeds: Sequence[int]) -> Rate:
    """How many empty adapters are said to have lost or gained any kind."""
    with tempfile.TemporaryDirectory() as folder:
        grower = Grower(Path(folder), load_engine(EMBEDDED, {}))
        for seed in seeds:
            grower.empty(seed)
        names = [_name(seed) for seed in seeds]
        told = forgot(forgetting.losses(grower.engine(seeds), probes, names), names)
    return Rate(sum(_accused(told, name) for name in names), len(seeds))


def exchanged_rate(scored: Sequence[ProbeLosses], variant: str, seeds: Sequence[int]) -> Rate:
    """How often a variant is accused whose losses and the base's were exchanged by chance."""
    return Rate(
        sum(
            _accused(forgot(list(_exchanged(scored, variant, s)), [variant]), variant)
            for s in seeds
        ),
        len(seeds),
    )


def _exchanged(scored: Sequence[ProbeLosses], variant: str, seed: int) -> Iterator[ProbeLosses]:
    draw = random.Random(seed)
    for one in scored:
        base, own = one.losses[BASE], one.losses[variant]
        if draw.random() < 0.5:
            base, own = own, base
        yield one.model_copy(update={"losses": {BASE: base, variant: own}})


def _accused(told: Forgot, variant: str) -> bool:
    return any(its.verdict != "cannot be told" for its in told.variants[variant].values())


def _name(seed: int) -> str:
    return f"seed{seed}"


class Grower:
    """Makes adapters of the embedded model, each in a folder of its own under `folder`.

    Args:
        folder: where.
        plain: the embedded model without adapters, for its tokens.
    """

    def __init__(self, folder: Path, plain: Engine) -> None:
        from transformers import AutoModelForCausalLM

        self._folder = folder
        self._plain = plain
        self._base: Any = AutoModelForCausalLM.from_pretrained(
            EMBEDDED_DIR, dtype="float32", attn_implementation="eager"
        )

    def engine(self, seeds: Sequence[int]) -> Engine:
        """The embedded model with those of these seeds."""
        return load_engine(EMBEDDED, {_name(s): str(self._folder / _name(s)) for s in seeds})

    def forgetful(self, seed: int, probes: Sequence[Probe], rise: float) -> None:
        """One under which the probes' mean loss is higher by `rise` nats a token, or more."""
        import torch

        rows = [self._row(probe) for probe in probes]

        def train(model: Any) -> None:
            ups = [p for name, p in model.named_parameters() if "lora_B" in name]
            began: float | None = None
            for _ in range(_MOST_STEPS):
                loss = _loss(model, rows)
                now = loss.item()
                began = now if began is None else began
                if now >= began + rise:
                    return
                slopes = torch.autograd.grad(loss, ups)
                length = float(sum((slope**2).sum() for slope in slopes) ** 0.5)
                with torch.no_grad():
                    for up, slope in zip(ups, slopes, strict=True):
                        up += _STEP * slope / length
            raise ModelError(f"seed {seed}: its loss does not rise by {rise:g} nats.")

        self._grow(seed, train)

    def empty(self, seed: int) -> None:
        """A random one, far too small to matter."""
        import torch

        def shrink(model: Any) -> None:
            with torch.no_grad():
                for name, up in model.named_parameters():
                    if "lora_B" in name:
                        up.normal_(std=_EMPTY)

        self._grow(seed, shrink)

    def _grow(self, seed: int, train: Callable[[Any], None]) -> None:
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])
        model: Any = get_peft_model(self._base, config)
        train(model.eval())
        model.save_pretrained(str(self._folder / _name(seed)))
        self._base = model.unload()

    def _row(self, probe: Probe) -> tuple[list[int], int]:
        """The probe's tokens, and how many of them are the message's."""
        return self._plain.render(probe.whole), len(self._plain.render(probe.asked))


def _loss(model: Any, rows: Sequence[tuple[list[int], int]]) -> Any:
    """The rows' mean loss, in nats a token of their answers."""
    import torch

    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row, _ in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row, _ in rows])
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    lost = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    means = [
        one[begin - 1 : len(row) - 1].mean() for one, (row, begin) in zip(lost, rows, strict=True)
    ]
    return torch.stack(means).mean()


if __name__ == "__main__":
    sys.exit(cli.run(main))
