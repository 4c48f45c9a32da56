"""Several processes under `accelerate launch`: one speaks and writes, and all stop as one."""

from __future__ import annotations

from typing import Any


def processes() -> Any:
    """accelerate's `PartialState`; gives each process its own GPU, before anything is put there."""
    from accelerate import PartialState

    from hera.weights.hardware import choose_device

    return PartialState(cpu=choose_device("auto") == "cpu")


def is_main() -> bool:
    """Whether this process speaks and writes."""
    return bool(processes().is_main_process)


def say(text: str) -> None:
    """A line on stdout, once, however many processes there are."""
    if is_main():
        print(text, flush=True)


def anywhere(here: bool) -> bool:
    """Whether it holds in any process: what ends a loop must end it in all after the same step."""
    state = processes()
    if state.num_processes == 1:
        return here
    import torch
    from accelerate.utils import reduce

    count = torch.tensor(int(here), device=state.device)
    return bool(reduce(count, reduction="sum").item())
