"""The single sign-on: keys, forged tokens, sickness, and addresses that are not safe."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.errors import AuthError, EsiError, NetworkError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.sso import DISCOVERY
from corpsync_tui.simulator.forgery import FORGERIES
from tests.support.esi import LeapingClock, connected, log_in
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio

TOKEN = "/v2/oauth/token"
JWKS = "/oauth/jwks"
VERIFICATION = "corpsync_tui.esi.verification"

WORDS = {
    "wrong_aud": "another application",
    "no_eve_aud": "another application",
    "wrong_iss": "somebody else than CCP",
    "wrong_sub": "does not name a character",
    "expired": "has expired",
    "wrong_key": "signature .* is wrong",
    "wrong_kid": "a key that CCP does not publish",
    "alg_none": "not signed with RS256",
    "hs256": "not signed with RS256",
    "tampered": "signature .* is wrong",
    "garbage": "no web token",
}


def count(simulator: Simulator, path: str) -> int:
    return len(simulator.requests(path=path))


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
async def test_each_forged_token_is_refused_with_its_own_words(
    connection: Connection, simulator: Simulator, forgery: str
) -> None:
    simulator.sso(forge=forgery)
    with pytest.raises(AuthError, match=WORDS[forgery]) as caught:
        await connection.tokens.access(simulator.character_id)
    assert caught.value.needs is None


async def test_a_refused_token_causes_no_loop_of_refreshes(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    simulator.sso(forge="expired", times=50)
    for _ in range(10):
        with pytest.raises(AuthError):
            await connection.tokens.access(simulator.character_id)
        clock.leap(5)
    assert count(simulator, TOKEN) == 1
    simulator.sso()
    clock.leap(60)
    await connection.tokens.access(simulator.character_id)


@pytest.mark.parametrize("old_key", ["keep", "drop"])
async def test_a_new_signing_key_is_survived_in_silence(
    connection: Connection, simulator: Simulator, clock: LeapingClock, old_key: str
) -> None:
    await connection.tokens.access(simulator.character_id)
    simulator.sso(rotate_key=old_key)
    clock.leap(1200)
    await connection.tokens.access(simulator.character_id)
    assert count(simulator, JWKS) == 2


async def test_keys_are_fetched_once_for_all_who_log_in_at_the_same_time(
    connection: Connection, simulator: Simulator, clock: LeapingClock, tmp_path: Path
) -> None:
    ids = [*simulator.state.world.characters][:4]
    for character_id in ids:
        log_in(simulator, tmp_path, character_id)

    async def all_at_once() -> None:
        await asyncio.gather(*(connection.tokens.access(character_id) for character_id in ids))

    await all_at_once()
    assert count(simulator, JWKS) == 1
    simulator.sso(rotate_key="drop")
    clock.leap(1200)
    await all_at_once()
    assert count(simulator, JWKS) == 2


class Imports(MetaPathFinder):
    """Sees from which thread each module is imported."""

    def __init__(self) -> None:
        self.threads: dict[str, threading.Thread] = {}

    def find_spec(self, name: str, *_: object) -> None:
        self.threads[name] = threading.current_thread()


async def test_what_checks_tokens_is_imported_off_the_event_loop(
    connection: Connection, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports = Imports()
    monkeypatch.delitem(sys.modules, VERIFICATION, raising=False)
    monkeypatch.setattr(sys, "meta_path", [imports, *sys.meta_path])
    await connection.tokens.access(simulator.character_id)
    assert imports.threads[VERIFICATION] is not threading.main_thread()


@pytest.mark.parametrize("address", [DISCOVERY, JWKS])
async def test_a_login_service_that_is_down_is_waited_for_once_by_all(
    connection: Connection, simulator: Simulator, tmp_path: Path, address: str
) -> None:
    ids = [*simulator.state.world.characters][:4]
    for character_id in ids:
        log_in(simulator, tmp_path, character_id)
    simulator.fault(address, status=503, delay=0.1)  # all come while the first is waiting
    asked = (connection.tokens.access(character_id) for character_id in ids)
    errors = await asyncio.gather(*asked, return_exceptions=True)

    down = "CCP's login service is down (503)"
    message = f"cannot check the login now: {down}" if address == JWKS else down
    assert [str(error) for error in errors] == [message] * 4
    assert count(simulator, address) == 5  # the first time, and four retries


async def test_keys_are_looked_for_once_a_minute_at_most(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    for _ in range(3):
        simulator.sso(forge="wrong_kid")
        with pytest.raises(AuthError):
            await connection.tokens.access(simulator.character_id)
        clock.leap(61)
    assert count(simulator, JWKS) <= 3


async def test_keys_that_cannot_be_had_let_nothing_unverified_through(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    simulator.fault(JWKS, status=503)
    with pytest.raises(EsiError) as caught:
        await connection.tokens.access(simulator.character_id)
    assert caught.value.message.startswith("cannot check the login now: ")
    simulator.clear_faults()
    clock.leap(10)
    await connection.tokens.access(simulator.character_id)  # the rotated token was stored


@pytest.mark.parametrize("form", ["{url}/", "{host}", "{host}/"])
async def test_each_form_of_the_issuer_is_taken(
    connection: Connection, simulator: Simulator, form: str
) -> None:
    host = simulator.url.partition("://")[2]
    simulator.sso(token_issuer=form.format(url=simulator.url, host=host))
    await connection.tokens.access(simulator.character_id)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_computers_wrong_clock_is_made_up_for(
    simulator: Simulator, tmp_path: Path, hours: int
) -> None:
    clock = LeapingClock()
    clock.leap(simulator.now() - time.time() + hours * 3600)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock) as connection:
        for _ in range(3):
            await connection.tokens.access(simulator.character_id)
        assert connection.http.skew == pytest.approx(-hours * 3600, abs=3)
    assert count(simulator, TOKEN) == 1


@pytest.mark.parametrize(
    ("fault", "words", "tries"),
    [
        ({"status": 500}, "is down", 5),
        ({"body": "<html>We will be right back</html>"}, "is down", 5),
        ({"status": 400, "json": {"error": "invalid_request"}}, "invalid_request", 1),
        ({"status": 400, "body": "<html>Oops</html>"}, "does not take the request", 1),
        ({"json": {"token": "none"}}, "unusable", 1),
    ],
)
async def test_a_sick_token_endpoint_costs_no_login(
    connection: Connection,
    simulator: Simulator,
    clock: LeapingClock,
    fault: dict[str, Any],
    words: str,
    tries: int,
) -> None:
    simulator.fault(TOKEN, **fault)
    with pytest.raises(EsiError, match=words):
        await connection.tokens.access(simulator.character_id)
    assert count(simulator, TOKEN) == tries
    simulator.clear_faults()
    clock.leap(10)
    await connection.tokens.access(simulator.character_id)


async def test_a_login_service_that_resets_is_the_networks_fault(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(TOKEN, reset=True)
    with pytest.raises(NetworkError, match="login service"):
        await connection.tokens.access(simulator.character_id)


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://login.example.org/oauth", "must be https"),
        ("http://127.0.0.1.x.example/oauth", "must be https"),
        ("http://localhost@x.example/oauth", "must be https"),
        ("ftp://127.0.0.1/oauth", "must be https"),
        ("https://login.example.org/oauth", "another host"),
    ],
)
async def test_discovery_cannot_lead_elsewhere(
    connection: Connection, simulator: Simulator, name: str, address: str, words: str
) -> None:
    document = simulator.state.sso._discovery() | {name: address}
    simulator.fault(DISCOVERY, json=document)
    with pytest.raises(EsiError, match=words):
        await connection.tokens.access(simulator.character_id)
    assert count(simulator, TOKEN) == 0


async def test_discovery_is_remembered(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    await connection.tokens.access(simulator.character_id)
    clock.leap(1200)
    await connection.tokens.access(simulator.character_id)
    assert count(simulator, DISCOVERY) == 1
    assert count(simulator, TOKEN) == 2
