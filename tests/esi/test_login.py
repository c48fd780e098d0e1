"""Logging in: the browser's way back, and everything else that may knock."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import pytest

from corpsync_tui.errors import AuthError, EsiError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.login import Login
from corpsync_tui.esi.vault import FileVault
from tests.support.clock import ManualClock
from tests.support.esi import ASSETS, WALLETS, connected
from tests.support.house import free_port
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio

SCOPES = (str(ASSETS.scope), str(WALLETS.scope))
_direct = build_opener(ProxyHandler({}))


class _Stay(HTTPRedirectHandler):
    """Shows where a redirect leads in place of going there."""

    def redirect_request(self, *_: Any) -> None:
        return None


_staying = build_opener(ProxyHandler({}), _Stay())


def visit(url: str, method: str = "GET") -> tuple[int, str]:
    """A browser that follows redirects; status and page."""
    try:
        with _direct.open(Request(url, method=method), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def sent_back_to(url: str) -> str:
    """Where SSO sends the browser."""
    try:
        _staying.open(url, timeout=10)
    except HTTPError as error:
        return str(error.headers["Location"])
    raise AssertionError("no redirect")


@asynccontextmanager
async def beginning(
    simulator: Simulator, folder: Path, clock: ManualClock | None = None
) -> AsyncIterator[tuple[Connection, Login]]:
    callback = f"http://127.0.0.1:{free_port()}/callback"
    simulator.sso(redirect_uris=[callback])
    clock = clock or ManualClock(simulator.now())
    async with (
        connected(simulator, folder, clock, callback_url=callback) as connection,
        await connection.login(SCOPES) as login,
    ):
        yield connection, login


async def test_the_browser_comes_back_and_the_login_lasts(
    simulator: Simulator, tmp_path: Path
) -> None:
    async with beginning(simulator, tmp_path) as (connection, login):
        page = asyncio.create_task(asyncio.to_thread(visit, login.authorize_url))
        grant = await login.wait()
        identity = await connection.tokens.add(grant)
        assert identity.character_id == simulator.character_id
        assert identity.scopes == tuple(sorted(SCOPES))
        status, text = await page
        assert status == 200
        assert f"{identity.name} is logged in." in text
        assert "You can close this tab." in text
        assert FileVault(tmp_path).read(identity.character_id) == grant.refresh
        await connection.tokens.access(identity.character_id)
        assert len(simulator.requests(path="/v2/oauth/token")) == 1


async def test_the_authorize_address_asks_with_pkce(simulator: Simulator, tmp_path: Path) -> None:
    async with beginning(simulator, tmp_path) as (_, login):
        query = parse_qs(urlsplit(login.authorize_url).query)
        assert query["scope"] == [" ".join(SCOPES)]
        assert query["code_challenge_method"] == ["S256"]
        assert len(query["code_challenge"][0]) == 43
        assert query["redirect_uri"] == [login.callback_url]
        assert len(query["state"][0]) >= 32


async def test_the_pasted_address_finishes_a_login_too(
    simulator: Simulator, tmp_path: Path
) -> None:
    async with beginning(simulator, tmp_path) as (_, login):
        address = await asyncio.to_thread(sent_back_to, login.authorize_url)
        with pytest.raises(AuthError):
            await login.paste("what?")
        grant = await login.paste(f"  {address}\n")
        assert grant.identity.character_id == simulator.character_id


async def test_fewer_scopes_are_accepted(simulator: Simulator, tmp_path: Path) -> None:
    simulator.login(scopes=[SCOPES[0]])
    async with beginning(simulator, tmp_path) as (_, login):
        page = asyncio.create_task(asyncio.to_thread(visit, login.authorize_url))
        assert (await login.wait()).identity.scopes == (SCOPES[0],)
        await page


@pytest.mark.parametrize(
    ("how", "words"),
    [({"deny": True}, "refused: access_denied"), ({"state": "foreign"}, "wrong state")],
)
async def test_what_went_wrong_stands_in_the_browser_and_nothing_is_stored(
    simulator: Simulator, tmp_path: Path, how: dict[str, Any], words: str
) -> None:
    simulator.login(**how)
    async with beginning(simulator, tmp_path) as (_, login):
        page = asyncio.create_task(asyncio.to_thread(visit, login.authorize_url))
        with pytest.raises(AuthError, match=words):
            await login.wait()
        assert words in (await page)[1]
    assert simulator.requests(path="/v2/oauth/token") == []
    assert FileVault(tmp_path).read(simulator.character_id) is None


async def test_a_token_that_does_not_verify_is_no_login(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.sso(forge="alg_none")
    async with beginning(simulator, tmp_path) as (_, login):
        simulator.sso(forge="alg_none", redirect_uris=[login.callback_url])
        page = asyncio.create_task(asyncio.to_thread(visit, login.authorize_url))
        with pytest.raises(AuthError, match="RS256"):
            await login.wait()
        await page


async def test_only_the_exact_path_ends_the_waiting(simulator: Simulator, tmp_path: Path) -> None:
    async with beginning(simulator, tmp_path) as (_, login):
        root = login.callback_url.removesuffix("/callback")
        waiting = asyncio.create_task(login.wait())
        for other in ("/favicon.ico", "/", "/callback/", "/Callback?code=1", "//callback"):
            assert (await asyncio.to_thread(visit, root + other))[0] == 404
        assert (await asyncio.to_thread(visit, f"{root}/callback", "POST"))[0] == 405
        await asyncio.to_thread(_send_junk, root)
        assert not waiting.done()
        address = await asyncio.to_thread(sent_back_to, login.authorize_url)
        page = asyncio.create_task(asyncio.to_thread(visit, address))
        assert (await waiting).identity.character_id == simulator.character_id
        await page


def _send_junk(root: str) -> None:
    address = urlsplit(root)
    for junk in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"half a requ"):
        with socket.create_connection((str(address.hostname), address.port or 0), 5) as peer:
            peer.sendall(junk)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(4096):
                pass


async def test_the_first_request_on_the_path_ends_it_whatever_it_says(
    simulator: Simulator, tmp_path: Path
) -> None:
    async with beginning(simulator, tmp_path) as (_, login):
        page = asyncio.create_task(asyncio.to_thread(visit, f"{login.callback_url}?x=1"))
        with pytest.raises(AuthError):
            await login.wait()
        await page
        assert (await asyncio.to_thread(visit, f"{login.callback_url}?x=1"))[0] == 404


async def test_the_reason_is_escaped_in_the_page(simulator: Simulator, tmp_path: Path) -> None:
    async with beginning(simulator, tmp_path) as (_, login):
        state = parse_qs(urlsplit(login.authorize_url).query)["state"][0]
        evil = f"{login.callback_url}?error=%3Cscript%3Ealert(1)%3C/script%3E&state={state}"
        page = asyncio.create_task(asyncio.to_thread(visit, evil))
        with pytest.raises(AuthError):
            await login.wait()
        text = (await page)[1]
        assert "<script>" not in text
        assert "&lt;script&gt;" in text


async def test_nobody_comes_back(simulator: Simulator, tmp_path: Path) -> None:
    clock = ManualClock(simulator.now())
    async with beginning(simulator, tmp_path, clock) as (_, login):
        waiting = asyncio.create_task(login.wait())
        await clock.advance(299)
        assert not waiting.done()
        await clock.advance(1)
        with pytest.raises(AuthError, match=rf"{login.callback_url} registered"):
            await waiting
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(visit, login.callback_url)


async def test_a_taken_port_is_one_sentence(simulator: Simulator, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        callback = f"http://127.0.0.1:{port}/callback"
        async with connected(simulator, tmp_path, callback_url=callback) as connection:
            with pytest.raises(AuthError, match=rf"port {port} .*CORPSYNC_CALLBACK_URL"):
                await connection.login(SCOPES)


async def test_no_client_id_says_where_to_register(simulator: Simulator, tmp_path: Path) -> None:
    async with connected(simulator, tmp_path, client_id="") as connection:
        with pytest.raises(AuthError, match=r"developers\.eveonline\.com.*CORPSYNC_CLIENT_ID"):
            await connection.login(SCOPES)
    assert simulator.requests() == []


async def test_a_login_service_that_is_down_is_one_sentence(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.fault("/.well-known/oauth-authorization-server", status=503)
    async with connected(simulator, tmp_path) as connection:
        with pytest.raises(EsiError, match="login service is down"):
            await connection.login(SCOPES)
