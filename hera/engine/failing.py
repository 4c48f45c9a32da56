"""What went wrong with an answer, as an error of ours that its reader is told."""

from __future__ import annotations

from hera.errors import HeraError, ModelError, one_line, out_of_memory


def told(error: BaseException) -> HeraError:
    """The error itself where it is one of ours, else what it says in a line."""
    if isinstance(error, HeraError):
        return error
    line = (
        "There was not enough memory for this answer. Ask fewer variants at once, or for a "
        "shorter one."
        if out_of_memory(error)
        else f"Generation failed: {one_line(error)}."
    )
    found = ModelError(line)
    found.__cause__ = error
    return found
