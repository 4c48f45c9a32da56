"""--push-to-hub: refused before the training where it cannot work, done after it."""

from __future__ import annotations

from hera import hub
from hera.errors import HubError
from hera.push.upload import push
from train.processes import is_main, say
from train.recipe import TrainingRun


def check_push(run: TrainingRun) -> None:
    """Raises HubError before any training if what it makes could not be pushed."""
    if run.push_to and not run.dry_run and is_main():
        hub.owner(hub.connect(), run.push_to)


def publish(run: TrainingRun) -> None:
    """Say where the finished adapter is, and push it if that was asked for.

    Raises:
        HubError: the Hub refuses; the adapter stays where it is.
    """
    say(f"adapter written to {run.output}")
    if run.push_to and is_main():
        try:
            say(push(run.output, run.push_to, private=run.private))
        except HubError as error:
            again = f"python -m hera.push {run.output} --to {run.push_to}"
            raise HubError(
                f"{error} The adapter is whole in {run.output}; later: {again}"
            ) from error
