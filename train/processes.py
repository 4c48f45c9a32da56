"""Several processes under `accelerate launch`: one of them speaks and writes."""

from __future__ import annotations


def is_main() -> bool:
    """Whether this process does."""
    from accelerate import PartialState

    return bool(PartialState().is_main_process)


def say(text: str) -> None:
    """A line on stdout, once, however many processes there are."""
    if is_main():
        print(text, flush=True)
