"""An OpenID provider on the loopback, as the Hub is one: its metadata, a page that asks, tokens for
a code once, keys. It checks what a client must send: the address to come back to, PKCE (S256), the
client's own secret. Not in it: refresh tokens, userinfo, more than one client.

    with Provider() as provider:
        provider.account = "ana"
        command(..., **provider.environment())
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from html import escape
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

CLIENT = "client-of-the-tests"


class Provider:
    """Used as a context manager. `account`: who sits before the browser."""

    def __init__(self) -> None:
        self.account, self.secret = "ana", secrets.token_urlsafe(24)
        self.given: list[str] = []  # codes and tokens, which nobody else may see
        self.changes: dict[str, object] = {}  # of what is signed, for a provider that errs
        self._codes: dict[str, dict[str, str]] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)

    def __enter__(self) -> Provider:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/oauth/authorize", self._authorize),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/oauth/jwks", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def environment(self) -> dict[str, str]:
        return {
            "OAUTH_CLIENT_ID": CLIENT,
            "OAUTH_CLIENT_SECRET": self.secret,
            "OPENID_PROVIDER_URL": self.url,
        }

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/oauth/authorize",
                "token_endpoint": f"{self.url}/oauth/token",
                "jwks_uri": f"{self.url}/oauth/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        wanted = {
            "client_id": CLIENT,
            "response_type": "code",
            "scope": "openid profile",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in wanted.items() if asked.get(name) != value]
        if wrong or not (asked.get("state") and asked.get("nonce")):
            return JSONResponse({"wrong": wrong}, 400)
        code = self.allow(asked)
        to = f"{asked['redirect_uri']}?"
        allow = to + urlencode({"code": code, "state": asked["state"]})
        deny = to + urlencode({"error": "access_denied", "state": asked["state"]})
        return HTMLResponse(
            f"<h1>{escape(self.account)}</h1><a id=allow href='{escape(allow)}'>Allow</a> "
            f"<a id=deny href='{escape(deny)}'>Deny</a>"
        )

    def allow(self, asked: dict[str, str]) -> str:
        """The code that the client gets where the account says yes."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        self.given.append(code)
        return code

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form.get("code")), None)
        login = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (challenge, form.get("redirect_uri")) != (
            asked["code_challenge"],
            asked["redirect_uri"],
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            **{"iss": self.url, "aud": CLIENT, "sub": self.account, "nonce": asked["nonce"]},
            **{"iat": now, "exp": now + 3600, "preferred_username": self.account},
            **self.changes,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)
        access = secrets.token_urlsafe(24)
        self.given += [signed, access]
        return JSONResponse(
            {"access_token": access, "token_type": "bearer", "expires_in": 60, "id_token": signed}
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})
