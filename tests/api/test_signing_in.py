"""Who is let in where visitors sign in with an account: a browser's way there and back, as HTTP has
it, against an OpenID provider on the loopback."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator

import httpx
import pytest
from gradio_client import Client
from itsdangerous import TimestampSigner

from tests.api.test_let_in import CLOSED, NAME, PASSWORD, RIGHT
from tests.doubles.openid import Provider
from tests.serving import App, serve


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    yield running
    running.account, running.changes = "ana", {}


@pytest.fixture(scope="module")
def closed(running: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("closed")
    asked = {"HERA_SIGN_IN": "Ana bert", "HERA_AUTH": f"{NAME}:{PASSWORD}"}
    environment = {**running.environment(), **asked}
    with serve(home, "--log", program="tests/failing_app.py", **environment) as app:
        yield app


@pytest.fixture
def browser(closed: App) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=closed.url, trust_env=False, follow_redirects=True) as client:
        yield client


def signed(session: dict[str, str], key: str) -> str:
    """A cookie as the app makes them, with this key."""
    text = base64.b64encode(json.dumps(session).encode())
    return TimestampSigner(key).sign(text).decode()


def link(page: httpx.Response, said: str) -> str:
    found = re.search(rf"<a [^>]*href=['\"]([^'\"]+)['\"][^>]*>{said}</a>", page.text)
    assert found, page.text[:2000]
    return str(page.url.join(html.unescape(found[1])))


def signed_in(browser: httpx.Client) -> httpx.Response:
    """The page at the end of the way that a visitor clicks."""
    asks = browser.get(link(browser.get(""), "Sign in"))
    back = browser.get(link(asks, "Allow"))
    return browser.get(link(back, "Go on")) if back.status_code == 200 else back


def test_nothing_is_had_before_signing_in(browser: httpx.Client) -> None:
    for method, path in CLOSED:
        reply = browser.request(method, path)
        assert reply.status_code == 401, path
        assert "for those who sign in with an account of 127.0.0.1" in reply.text
    assert browser.get("health").status_code == 200
    assert browser.get("alive").status_code == 200
    page = browser.get("?lang=es")
    assert (page.status_code, '<html lang="es">' in page.text) == (401, True)
    assert link(page, "Iniciar sesión").endswith("/login/huggingface")


def test_who_signed_in_has_the_page_and_its_endpoints(closed: App, browser: httpx.Client) -> None:
    page = signed_in(browser)
    assert page.status_code == 200
    assert "Cookie" in page.headers["vary"]
    assert "Signed in as ana." in page.text
    assert "gradio_config" in page.text
    (cookie,) = [c for c in browser.cookies.jar if c.name == "hera"]
    assert cookie.has_nonstandard_attr("httponly")
    assert cookie.get_nonstandard_attr("samesite") == "lax"
    client = Client(closed.url, verbose=False, httpx_kwargs={"cookies": dict(browser.cookies)})
    said = client.predict("Hello", "base", max_new_tokens=4, api_name="/chat")
    assert len(said.split()) == 4


def test_an_account_that_is_not_let_in_is_told_so_and_can_sign_out(
    provider: Provider, browser: httpx.Client
) -> None:
    provider.account = "carla-3"
    page = signed_in(browser)
    assert page.status_code == 403
    assert "You are signed in as carla-3." in page.text
    assert browser.get("config").status_code == 403
    assert browser.get(link(page, "Sign out")).status_code == 401
    provider.account = "BERT"
    assert "Signed in as BERT." in signed_in(browser).text
    assert browser.get("logout").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        *({"nonce": "another"}, {"aud": "another"}, {"iss": "https://example.org"}, {"exp": 1}),
        *({"preferred_username": name} for name in ("\u212aim", "a<b>", "\ud800", 7, None)),
    ],
    ids=repr,
)
def test_what_was_signed_for_something_else_lets_nobody_in(
    provider: Provider, browser: httpx.Client, changes: dict[str, object]
) -> None:
    provider.changes = changes
    page = signed_in(browser)
    assert (page.status_code in (400, 502), "Signing in did not work" in page.text) == (True, True)
    assert browser.get("config").status_code == 401


def test_a_refusal_and_a_forged_way_back_let_nobody_in(
    closed: App, provider: Provider, browser: httpx.Client
) -> None:
    asks = browser.get(link(browser.get(""), "Sign in"))
    denied = browser.get(link(asks, "Deny"))
    assert (denied.status_code, "Signing in did not work" in denied.text) == (400, True)
    asks = browser.get(link(denied, "Sign in"))
    back = link(asks, "Allow")
    with httpx.Client(base_url=closed.url, trust_env=False, follow_redirects=True) as another:
        assert another.get(back).status_code == 400  # a browser that never asked for it
        another.cookies.set("hera", signed({"name": "ana"}, "guessed"))
        assert another.get("config").status_code == 401
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 400  # a code holds once


def test_programs_come_in_with_the_password_and_nothing_secret_is_logged(
    closed: App, provider: Provider, browser: httpx.Client
) -> None:
    client = Client(closed.url, verbose=False, httpx_kwargs={"auth": RIGHT})
    assert client.predict("Hello", "base", max_new_tokens=4, api_name="/chat")
    assert httpx.get(closed.url, auth=(NAME, "wrong"), trust_env=False).status_code == 401
    assert signed_in(browser).status_code == 200
    log = closed.output()
    assert provider.given
    assert not [given for given in [*provider.given, provider.secret, PASSWORD] if given in log]
    assert "Traceback" not in log
