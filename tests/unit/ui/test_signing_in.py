"""Where signing in leads to, which cookie it leaves, and who asks in a visitor's name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from hera.config.file import Own
from hera.config.signing_in import SignIn
from hera.ui.guard.origins import OwnPageAlone
from hera.ui.guard.signing_in import signing_in
from tests.doubles.openid import CLIENT, Provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


async def shown(_: Request) -> Response:
    return PlainTextResponse("the page")


def visiting(
    provider: Provider, root_path: str = "", host: str | None = None, at: str = ""
) -> TestClient:
    """A browser before a page that ana may see."""
    who = SignIn(
        frozenset({"ana"}), provider.url, CLIENT, provider.secret, host, ("hera.example.org",)
    )
    app = Starlette(
        routes=[Route("/", shown), Route("/config", shown, methods=["GET", "POST"])],
        middleware=[
            Middleware(OwnPageAlone, own=["hera.example.org"]),
            *signing_in(who, None, root_path, Own()),
        ],
    )
    return TestClient(app, base_url=at or "http://testserver", follow_redirects=False)


def comes_back_to(location: str) -> str:
    (address,) = parse_qs(urlsplit(location).query)["redirect_uri"]
    return address


@pytest.mark.parametrize(
    ("root_path", "host", "at", "back", "cookie"),
    [
        ("", None, "", "http://testserver/login/callback", "hera="),
        ("/hera", None, "", "http://testserver/hera/login/callback", "hera="),
        ("https://x.org/hera", None, "", "https://x.org/hera/login/callback", "hera="),
        ("https://x.org", None, "", "https://x.org/login/callback", "__Host-hera="),
        (
            "",
            "me.hf.space",
            "https://me.hf.space",
            "https://me.hf.space/login/callback",
            "__Host-hera=",
        ),
    ],
)
def test_where_it_comes_back_to_and_the_cookie_that_waits(
    provider: Provider, root_path: str, host: str | None, at: str, back: str, cookie: str
) -> None:
    reply = visiting(provider, root_path, host, at).get("/login/huggingface")
    assert comes_back_to(reply.headers["location"]) == back
    kept = reply.headers["set-cookie"]
    assert kept.startswith(cookie)
    assert f"path={'/hera' if root_path.endswith('/hera') else '/'};" in kept
    assert "httponly" in kept
    assert ("secure" in kept) == back.startswith("https:")
    assert ("samesite=none" in kept) == (host is not None)


def test_a_space_under_a_name_of_its_own_is_left_for_the_hub_s(provider: Provider) -> None:
    visitor = visiting(provider, "", "me.hf.space", "https://hera.example.org")
    reply = visitor.get("/login/huggingface")
    assert (reply.status_code, reply.headers["location"]) == (
        303,
        "https://me.hf.space/login/huggingface",
    )


def signed_in(provider: Provider) -> TestClient:
    visitor = visiting(provider)
    asked = parse_qs(urlsplit(visitor.get("/login/huggingface").headers["location"]).query)
    code = provider.allow({name: values[0] for name, values in asked.items()})
    assert visitor.get(
        "/login/callback", params={"code": code, "state": asked["state"][0]}
    ).is_success
    assert visitor.get("/").text == "the page"
    return visitor


ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Origin": "http://example.org"},
    {"Origin": "null"},
)


def test_a_page_elsewhere_cannot_ask_in_a_visitor_s_name(provider: Provider) -> None:
    visitor = signed_in(provider)
    for headers in ELSEWHERE:
        for method, path in (("GET", "/"), ("POST", "/config"), ("GET", "/logout")):
            reply = visitor.request(method, path, headers=headers)
            assert (reply.status_code, "no page elsewhere" in reply.text) == (403, True), headers
    form = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert visitor.post("/config", headers=form).status_code == 403
    assert visitor.get("/", headers=form).text == "the page"  # a link
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert visitor.post("/config", headers=own).text == "the page"
    for origin in (
        "http://testserver",
        "https://hera.example.org",
    ):  # a proxy may tell another name
        assert visitor.post("/config", headers={"Origin": origin}).text == "the page"


def test_the_steps_are_links_and_a_broken_one_signs_nobody_out(provider: Provider) -> None:
    visitor = signed_in(provider)
    for path in ("/login/callback", "/login/huggingface", "/logout"):
        assert visitor.post(path, content=b"x" * 1000).status_code == 404  # as any other
    assert visitor.get("/login/callback?error=access_denied").status_code == 400
    assert visitor.get("/login/callback?code=x&state=y").status_code == 400
    assert visitor.get("/").text == "the page"
    visitor.get("/logout")
    assert visitor.get("/").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "null", "é", "eyJ9-a", '{"name": "ana"}', "." * 4000])
def test_an_odd_cookie_lets_nobody_in(provider: Provider, cookie: str) -> None:
    visitor = visiting(provider)
    sent = {"Cookie": f"hera={cookie}".encode("latin-1")}
    assert visitor.get("/", headers=sent).status_code == 401  # type: ignore[arg-type]
