"""Who has to sign in, and with whom: an OpenID provider, the Hub unless something else is named.

A Space with `hf_oauth: true` in its README's front matter is given the OAUTH_* variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hera.errors import ConfigError

VARIABLE = "HERA_SIGN_IN"
ANYBODY = "*"
_HUB = "https://huggingface.co"
_GIVEN = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9])?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class SignIn:
    """One OpenID client, and the accounts that are let in: by their `preferred_username`, which on
    the Hub is an account's own, and with another provider has to be as well."""

    names: frozenset[str]
    """In small letters; "*" for any account."""
    provider: str
    """Its address, below which `/.well-known/openid-configuration` lies."""
    client: str
    secret: str = field(repr=False)
    host: str | None = None
    """The Space's own, under which the Hub comes back; None: under that which the visitor asks."""
    aliases: tuple[str, ...] = ()
    """The Space's other names: who asks for one of these is sent to `host` to sign in."""

    def lets_in(self, name: str) -> bool:
        """Whether this account is one of them."""
        return ANYBODY in self.names or name.lower() in self.names


def is_account(name: str) -> bool:
    """Whether an account of the Hub's could have that name."""
    return bool(_NAME.fullmatch(name))


def check_names(names: Sequence[str], asked: str) -> None:
    """Raises ConfigError for what is no account of the Hub's."""
    for name in names:
        if name != ANYBODY and not is_account(name):
            raise ConfigError(f"{asked}{name}: give names of accounts on the Hub, or * for any.")


def sign_in() -> SignIn | None:
    """What the environment says; None where nobody has to sign in.

    Raises:
        ConfigError: something is missing or malformed.
    """
    given = os.environ.get(VARIABLE)
    if given is None:
        return None
    names = given.split()
    if not names:  # a gate that somebody asked for does not stand open
        raise ConfigError(
            f"{VARIABLE} names nobody: give accounts on the Hub, * for any, or unset it."
        )
    check_names(names, f"{VARIABLE}=")
    client, secret = (os.environ.get(name, "") for name in _GIVEN)
    if not (client and secret):
        raise ConfigError(
            f"{VARIABLE}: {' and '.join(_GIVEN)} are not set. A Space has them with "
            "`hf_oauth: true` in its README's front matter; elsewhere, make an app at "
            "https://huggingface.co/settings/applications and set them."
        )
    host, *aliases = space_hosts() or (None,)
    small = frozenset(name.lower() for name in names)
    return SignIn(small, _provider(), client, secret, host, tuple(filter(None, aliases)))


def space_hosts() -> tuple[str, ...]:
    """The names of the Space that this is, its own first; none elsewhere."""
    return tuple(os.environ.get("SPACE_HOST", "").replace(",", " ").split())


def _provider() -> str:
    url = os.environ.get("OPENID_PROVIDER_URL") or _HUB
    parts = urlsplit(url)
    if not (
        parts.scheme == "https" or (parts.scheme, parts.hostname in _LOOPBACK) == ("http", True)
    ):
        raise ConfigError(f"OPENID_PROVIDER_URL={url}: give an address that begins with https://.")
    return url.rstrip("/")
