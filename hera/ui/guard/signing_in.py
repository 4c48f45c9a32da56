"""Signing in with an account of the Hub's, or of another OpenID provider's (the code flow of OpenID
Connect Core 1.0, with PKCE): everything but what watches over the app is for the accounts that are
let in.

Of an account only its name is kept, for eight hours and in the visitor's own browser, in a cookie
that this app signs: no token, and nothing on the server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Literal
from urllib.parse import urlsplit

from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hera.config.file import Own
from hera.config.signing_in import SignIn, is_account
from hera.ui.guard.failures import log_failure
from hera.ui.guard.password import OPEN, WantsPassword
from hera.ui.language import language
from hera.ui.own import title
from hera.ui.words import WORDS

LOGIN, CALLBACK, LOGOUT = "/login/huggingface", "/login/callback", "/logout"
_PAGE = Template((Path(__file__).parent / "signing_in.html").read_text(encoding="utf-8"))
_NAME = "name"
_HOURS = 8
_SECONDS = 10.0
"""For each answer of the provider."""


def signing_in(who: SignIn, auth: str | None, root_path: str, own: Own) -> list[Middleware]:
    """The middleware of an app that these sign in to; who gives `auth`, NAME:PASSWORD, need not."""
    key = hashlib.sha256(f"hera sign-in {who.secret}".encode()).hexdigest()
    is_space = who.host is not None
    path = urlsplit(root_path).path or "/"
    secure = is_space or root_path.startswith("https:")
    same_site: Literal["none", "lax"] = "none" if is_space else "lax"  # the Hub frames a Space
    session = Middleware(
        SessionMiddleware,
        secret_key=key,
        session_cookie="__Host-hera" if secure and path == "/" else "hera",
        max_age=_HOURS * 3600,
        path=path,
        same_site=same_site,
        https_only=secure,
    )
    return [session, Middleware(WantsSignIn, who=who, auth=auth, root_path=root_path, own=own)]


class WantsSignIn:
    """ASGI middleware within a `SessionMiddleware`."""

    def __init__(
        self, app: ASGIApp, who: SignIn, auth: str | None, root_path: str, own: Own
    ) -> None:
        self._app, self._who, self._root_path, self._own = app, who, root_path, own
        self._by_password = WantsPassword(app, auth) if auth else None
        self._steps: dict[str, Callable[[Request], Awaitable[Response]]] = {
            LOGIN: self._login,
            CALLBACK: self._callback,
            LOGOUT: _logout,
        }
        self._provider = OAuth().register(
            "provider",
            client_id=who.client,
            client_secret=who.secret,
            server_metadata_url=f"{who.provider}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "").rstrip("/")
        if scope["type"] not in ("http", "websocket") or path in OPEN:
            await self._app(scope, receive, send)
            return
        if path in self._steps and scope.get("method") == "GET":
            reply = await self._tried(self._steps[path], Request(scope, receive))
            await reply(scope, receive, send)
            return
        if self._by_password and any(name == b"authorization" for name, _ in scope["headers"]):
            await self._by_password(scope, receive, send)
            return
        name = scope["session"].get(_NAME)
        scope["session"].mark_accessed()  # no cache gives one visitor's page to another
        is_let_in = name is not None and self._who.lets_in(name)
        await (self._app if is_let_in else self._refusal(scope, name))(scope, receive, send)

    async def _tried(
        self, step: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response:
        """What the step answers, or that it failed."""
        try:
            return await step(request)
        except Exception as error:  # whatever the provider, the network or a forged link does
            log_failure(request.scope["path"], error)
            status = 400 if isinstance(error, OAuthError) else 502
            return self._page(
                WORDS.signing_in.failed, f"..{LOGIN}", WORDS.signing_in.sign_in, status
            )

    async def _login(self, request: Request) -> Response:
        """Send the visitor to the provider, from the address that it will send them back to."""
        if request.headers.get("host") in self._who.aliases:
            return RedirectResponse(f"https://{self._who.host}{LOGIN}", 303)
        reply: Response = await self._provider.authorize_redirect(request, self._back(request))
        return reply

    async def _callback(self, request: Request) -> Response:
        """The visitor is back from there."""
        name = _account(await self._provider.authorize_access_token(request))
        request.session.clear()
        request.session[_NAME] = name
        words = WORDS.signing_in
        return self._page(words.signed_in.format(name=name), "../", words.go_on, 200)

    def _back(self, request: Request) -> str:
        """Where the provider sends a visitor who has signed in."""
        if self._who.host:
            return f"https://{self._who.host}{CALLBACK}"
        if "://" in self._root_path:
            return f"{self._root_path}{CALLBACK}"
        return f"{request.url.scheme}://{request.url.netloc}{self._root_path}{CALLBACK}"

    def _refusal(self, scope: Scope, name: str | None) -> Response:
        """For somebody who has not signed in, or whose account is not let in."""
        words = WORDS.signing_in
        wanted = words.wanted.format(provider=urlsplit(self._who.provider).hostname)
        said = words.not_you.format(name=name) if name else wanted
        status = 403 if name else 401
        if scope["path"] != "/" or scope.get("method") != "GET":
            return JSONResponse({"error": said if name else f"{said} {words.aside}"}, status)
        if name:
            return self._page(said, f".{LOGOUT}", words.sign_out, status)
        return self._page(said, f".{LOGIN}", words.sign_in, status)

    def _page(self, said: str, to: str, link: str, status: int) -> Response:
        texts = {"language": language(), "title": title(self._own), "said": said, "link": link}
        escaped = {name: escape(text) for name, text in {**texts, "to": to}.items()}
        return HTMLResponse(_PAGE.substitute(escaped), status)


async def _logout(request: Request) -> Response:
    """Let the browser forget who was signed in; the page then asks anew."""
    request.session.clear()
    return RedirectResponse("./", 303)


def _account(token: Mapping[str, Any]) -> str:
    """The account's name, which the provider signed.

    Raises:
        OAuthError: it told none, or one that no account of the Hub's could have.
    """
    name = (token.get("userinfo") or {}).get("preferred_username")
    if not isinstance(name, str) or not is_account(name):
        raise OAuthError("no_name")
    return name


def signed_in(page: bytes, scope: Scope) -> bytes:
    """The page with who is signed in above it and how to sign out; as it is where nobody has to."""
    name = scope.get("session", {}).get(_NAME)
    if not name:
        return page
    words = WORDS.signing_in
    said = f'{escape(words.signed_in.format(name=name))} <a href="./logout">{words.sign_out}</a>'
    return page.replace(b"<gradio-app", f'<p id="account">{said}</p><gradio-app'.encode(), 1)
