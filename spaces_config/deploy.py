"""`python -m spaces_config.deploy`: the demo as a Space, made or brought up to date.

Asking for a GPU costs money on the Hub, so what is asked for is said, and nothing is asked for that
the Space already has. Not tried: the Hub itself; tested against a server that speaks its protocol.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from hera import hub
from hera.cli import run
from hera.cli.flags import add_model_flags, add_ref_flag
from hera.config.file import spoken
from hera.config.signing_in import VARIABLE
from hera.errors import ConfigError, HubError, one_line
from hera.evaluation.provenance import git_commit
from spaces_config.files import space_card
from spaces_config.hardware import TABLE
from spaces_config.plan import OURS, SECRET, TOKEN, Plan, plan
from spaces_config.served import Served, look_up
from spaces_config.wait import page, wait

T = TypeVar("T")
CARD = "assets/card.png"
ENDPOINT = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
BILLING = "https://huggingface.co/settings/billing"


def main(argv: list[str] | None = None) -> None:
    """The command; see --help."""
    args = _parser().parse_args(argv)
    wanted = plan(args)
    if wanted.model is None and args.hardware != "cpu-basic":
        _note(f"no --adapter and no --model: {wanted.base} is served, which needs no GPU")
    if args.dry_run:
        hub.check_no_secrets(wanted.files, wanted.token)
        show(wanted)
        return
    deploy(wanted, minutes=args.wait)


def show(wanted: Plan) -> None:
    """Everything that a deployment would do, as far as it can be known without asking the Hub."""
    kind = wanted.hardware
    print(f"Space {wanted.space} ({'private' if wanted.private else 'public'})")
    print(f"hardware {kind.name}: {kind.words}")
    for name, value in wanted.variables.items():
        print(f"variable {name}={value}")
    if wanted.loads:
        print(f"secret {SECRET}: from {TOKEN}, {'set' if wanted.token else 'not set'}; used if one")
        print("  of these is gated or private:", *wanted.loads)
    models = [str(ref.repo) for ref in wanted.refs]
    datasets = [str(wanted.asks.repo)] if wanted.asks else []
    card = _card(wanted, models, datasets)
    sizes = {path: file.stat().st_size for path, file in wanted.files.items()}
    sizes["README.md"] = len(str(card).encode())
    for path, size in sorted(sizes.items()):
        print(f"{size:>11,}  {path}")
    print(f"{sum(sizes.values()):>11,}  bytes in {len(sizes)} files")
    print(f"\nREADME.md begins\n---\n{card.data.to_yaml()}\n---")
    if wanted.loads:
        print("(more datasets, preload_from_hub for what is public, and the commits that all is")
        print("pinned to, are asked when deploying)")


def deploy(wanted: Plan, *, minutes: float) -> None:
    """Make the Space what the plan says, changing only what differs, and wait for it.

    Raises:
        HubError, ConfigError: refused, unreachable, or the Space does not come up.
    """
    # The embedded model's questions are data files, and belong to the app.
    warnings.filterwarnings("ignore", message="It seems that you are about to commit a data file")
    api = hub.connect()
    hub.owner(api, wanted.space)
    served = look_up(api, wanted.refs, wanted.asks)
    wanted = wanted.at(served.commits)
    files = _with_card(wanted, served)
    there = _exists(api, wanted)
    if there:
        _stays_closed(api, wanted)
    secret = _secret(api, wanted, served, there=there)
    if not there:
        _create(api, wanted)
    before = hub.patiently(lambda: api.get_space_runtime(wanted.space), what=wanted.space)
    changed = _set_variables(api, wanted)
    if secret:
        hub.patiently(lambda: api.add_space_secret(wanted.space, SECRET, secret), what=wanted.space)
        print(f"secret {SECRET}: set from {TOKEN}")
    changed += _request_hardware(api, wanted, before)
    url = hub.commit(
        api,
        wanted.space,
        files,
        kind="space",
        message=f"HERA {git_commit() or ''}".strip(),
        delete=["*"],
    )
    print(f"files: {url or 'nothing differs, no commit'}")
    if minutes > 0:
        old = before.stage if url or changed or secret else None
        wait(api, wanted.space, minutes=minutes, old=old)
    print(page(api, wanted.space))


def _with_card(wanted: Plan, served: Served) -> dict[str, Any]:
    """The files, with README.md as this Space needs it; raises HubError if the Hub rejects it."""
    card = _card(wanted, served.models, served.datasets, served.public)
    try:
        hub.patiently(card.validate, what=wanted.space)
    except ValueError as error:
        raise HubError(f"README.md: the Hub rejects its front matter: {one_line(error)}") from error
    files: dict[str, Any] = {**wanted.files, "README.md": str(card).encode()}
    hub.check_no_secrets(files, wanted.token)
    return files


def _card(
    wanted: Plan, models: Sequence[str], datasets: Sequence[str], public: Sequence[str] = ()
) -> Any:
    """README.md for this Space."""
    kind = wanted.hardware
    card = space_card(kind.name, kind.startup, models, datasets, public)
    card.data["hf_oauth"] = True if wanted.sign_in else None
    if name := spoken(wanted.own.name, "en"):
        card.data["title"] = name
    else:
        card.data["thumbnail"] = f"{ENDPOINT}/spaces/{wanted.space}/resolve/main/{CARD}"
    return card


def _exists(api: Any, wanted: Plan) -> bool:
    """Whether the Space is there; raises ConfigError if it is public and is to be private."""
    what = wanted.space
    if not hub.patiently(lambda: api.repo_exists(what, repo_type="space"), what=what):
        return False
    info = hub.patiently(lambda: api.space_info(what), what=what)
    if wanted.private and not info.private:
        raise ConfigError(
            f"--private: {what} is there and public. Make it private at {page(api, what)}/settings "
            "first; nothing was changed."
        )
    return True


def _stays_closed(api: Any, wanted: Plan) -> None:
    """Raises ConfigError if people have to sign in to what is there, and would not any more."""
    what = wanted.space
    held = hub.patiently(lambda: api.get_space_variables(what), what=what)
    if VARIABLE in held and not wanted.sign_in:
        raise ConfigError(
            f"--sign-in: {what} is for those who sign in ({VARIABLE}={held[VARIABLE].value}). Say "
            f"--sign-in again, or to open it delete that variable at {page(api, what)}/settings; "
            "nothing was changed."
        )


def _secret(api: Any, wanted: Plan, served: Served, *, there: bool) -> str | None:
    """The token to set as the Space's secret; None if it needs none or has one.

    Raises:
        ConfigError: it needs one and there is none, or one that can write.
    """
    held = there and SECRET in hub.patiently(
        lambda: api.get_space_secrets(wanted.space), what=wanted.space
    )
    if held:
        if wanted.token:
            _note(
                f"secret {SECRET} is kept: the Hub does not tell its value. To replace it, delete "
                f"it at {page(api, wanted.space)}/settings and run this again"
            )
        return None
    if not served.closed:
        return None
    if not wanted.token:
        raise ConfigError(
            f"{', '.join(served.closed)}: gated or private, so the Space needs a token. Set {TOKEN}"
            f" to a read token from {hub.TOKENS_PAGE}; your own HF_TOKEN is not put into a Space."
        )
    me = hub.patiently(lambda: api.whoami(token=wanted.token), what=TOKEN)
    if me.get("auth", {}).get("accessToken", {}).get("role") == "write":
        raise ConfigError(
            f"{TOKEN}: it can write, and whoever gets into the Space would have it. Make a read "
            f"token at {hub.TOKENS_PAGE}."
        )
    return wanted.token


def _create(api: Any, wanted: Plan) -> None:
    """An empty Space, at once on its hardware: a free account may not make one on a free CPU."""

    def create() -> Any:
        return api.create_repo(
            wanted.space,
            repo_type="space",
            space_sdk="gradio",
            space_hardware=wanted.hardware.name,
            private=wanted.private,
            exist_ok=True,
        )

    _granted(create, wanted)
    print(f"created {wanted.space} ({'private' if wanted.private else 'public'})")


def _set_variables(api: Any, wanted: Plan) -> int:
    """How many of our variables had to be set or removed."""
    what = wanted.space
    held = hub.patiently(lambda: api.get_space_variables(what), what=what)
    changed = 0
    for name in OURS:
        new, old = wanted.variables.get(name), held[name].value if name in held else None
        if new == old:
            continue
        changed += 1
        if new is None:
            hub.patiently(partial(api.delete_space_variable, what, name), what=what)
            print(f"variable {name}: removed")
        else:
            hub.patiently(partial(api.add_space_variable, what, name, new), what=what)
            print(f"variable {name}={new}")
    return changed


def _request_hardware(api: Any, wanted: Plan, runtime: Any) -> int:
    """1 if the hardware had to be requested, 0 if the Space has it or already waits for it."""
    name = wanted.hardware.name
    if (runtime.requested_hardware or runtime.hardware) == name:
        print(f"hardware {name}: there already, not requested")
        return 0
    _granted(lambda: api.request_space_hardware(wanted.space, name), wanted)
    print(f"hardware {name}: requested ({wanted.hardware.words})")
    return 1


def _granted(request: Callable[[], T], wanted: Plan) -> T:
    """The request's result; a refusal to give the hardware says so."""
    try:
        return hub.patiently(request, what=wanted.space)
    except HubError as error:
        status = getattr(getattr(error.__cause__, "response", None), "status_code", None)
        if status not in (402, 403):
            raise
        raise HubError(
            f"{wanted.space}: the Hub does not give this account {wanted.hardware.name} ({status})."
            f" Add a payment method or a plan at {BILLING}, or choose another --hardware."
        ) from error


def _note(text: str) -> None:
    print(f"note: {text}.", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spaces_config.deploy",
        description="Make a Hugging Face Space of this checkout, or bring it up to date. It is "
        f"written with HF_TOKEN; {TOKEN}, a read token, becomes the Space's own secret if it "
        "serves something gated or private.",
    )
    parser.add_argument("--space", metavar="OWNER/NAME", required=True)
    kinds = ", ".join(f"{kind.name} ({kind.words})" for kind in TABLE.values())
    parser.add_argument("--hardware", metavar="NAME", required=True, help=kinds)
    add_model_flags(parser, default="smollm2, or with --adapter what the hardware is for")
    add_ref_flag(
        parser, "--questions", "what its PubMedQA tab asks: a Hub id, or 'embedded' (see app.py)"
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="the hera.toml of a demo of your own, which the Space gets and which names what it "
        "serves unless flags do (hera/README.md); by default the one in the working directory",
    )
    parser.add_argument(
        "--sign-in",
        action="append",
        metavar="NAME",
        help="an account on the Hub that is let in when it has signed in, or * for any; may be "
        "given several times; without it nobody has to sign in",
    )
    parser.add_argument("--private", action="store_true", help="a new Space that only you can see")
    parser.add_argument("--dry-run", action="store_true", help="show everything, contact nothing")
    parser.add_argument(
        "--wait",
        metavar="MINUTES",
        type=float,
        default=90,
        help="how long to wait until it runs, 90 by default; 0: not at all",
    )
    return parser


if __name__ == "__main__":
    sys.exit(run(main))
