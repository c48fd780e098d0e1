"""One request: its headers, its cache, its retries, and the error it ends in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui import __version__
from corpsync_tui.errors import AuthError, EsiError, GoneError, KeyringError, NetworkError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.http import Bounds
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.esi.vault import FileVault
from tests.support.esi import (
    ASSETS,
    CORPORATION,
    KILLMAILS,
    NAMES,
    WALLETS,
    LeapingClock,
    Voice,
    connected,
    log_in,
)
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


async def ask(
    connection: Connection,
    simulator: Simulator,
    route: Route = WALLETS,
    traffic: RequestStats | None = None,
    known: Validator | None = None,
) -> Answer:
    return await connection.client.get(
        route,
        path={"corporation_id": simulator.corporation_id},
        character_id=simulator.character_id,
        known=known,
        traffic=traffic or RequestStats(),
    )


def asked(simulator: Simulator, route: Route = WALLETS) -> list[dict[str, Any]]:
    return simulator.requests(route=route.path)


async def test_every_request_says_who_asks_and_which_api(
    connection: Connection, simulator: Simulator
) -> None:
    await ask(connection, simulator)
    await ask(connection, simulator, CORPORATION)
    for request in simulator.requests():
        assert request["user_agent"] == f"corpsync/{__version__} (+director@corporation.example)"
        assert request["accept_encoding"] == "gzip"
    scoped, public = asked(simulator)[0], asked(simulator, CORPORATION)[0]
    assert scoped["compatibility_date"] == public["compatibility_date"] == "2026-07-21"
    assert scoped["authorization"]
    assert not public["authorization"]


async def test_a_copy_that_has_not_expired_is_not_asked_for(
    connection: Connection, simulator: Simulator
) -> None:
    first = await ask(connection, simulator)
    traffic = RequestStats()
    again = await ask(connection, simulator, traffic=traffic, known=first.validator)
    assert (again.status, again.fresh, again.body) == (304, True, b"")
    assert traffic.requests_sent == 0
    assert len(asked(simulator)) == 1


async def test_an_expired_copy_is_asked_for_with_its_etag(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    first = await ask(connection, simulator)
    clock.leap(400)
    traffic = RequestStats()
    again = await ask(connection, simulator, traffic=traffic, known=first.validator)
    assert again.unchanged
    assert not again.fresh
    assert again.validator.expires > clock.time()
    assert (traffic.requests_sent, traffic.not_modified) == (1, 1)
    assert asked(simulator)[1]["if_none_match"] == first.validator.etag
    assert not asked(simulator)[1]["early"]


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_what_is_gone_is_asked_for_once(
    connection: Connection, simulator: Simulator, status: int
) -> None:
    simulator.fault(WALLETS.path, status=status)
    with pytest.raises(GoneError) as caught:
        await ask(connection, simulator)
    assert caught.value.status == status
    assert len(asked(simulator)) == 1


async def test_a_refused_access_token_is_renewed_once(
    connection: Connection, simulator: Simulator
) -> None:
    await ask(connection, simulator)
    simulator.revoke(simulator.character_id, "access")
    await ask(connection, simulator, ASSETS)
    assert [request["status"] for request in asked(simulator, ASSETS)] == [401, 200]


async def test_a_lasting_401_ends_this_run_but_not_the_login(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, status=401)
    with pytest.raises(AuthError) as caught:
        await ask(connection, simulator)
    assert caught.value.needs is None
    assert len(asked(simulator)) == 2


async def test_a_403_names_the_role(connection: Connection, simulator: Simulator) -> None:
    simulator.roles(simulator.character_id, [])
    with pytest.raises(AuthError) as caught:
        await ask(connection, simulator)
    assert caught.value.needs == "role:Accountant"
    assert "Accountant" in caught.value.message
    assert len(asked(simulator)) == 1


async def test_a_403_of_an_ill_login_service_parks_nothing(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, status=403, json={"error": "timeout", "sso_status": 504})
    with pytest.raises(EsiError, match="login service reports an error"):
        await ask(connection, simulator)
    assert len(asked(simulator)) == 1


async def test_a_scope_that_was_not_granted_is_not_tried(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.scopes(simulator.character_id, [ASSETS.scope or ""])
    with pytest.raises(AuthError) as caught:
        await ask(connection, simulator)
    assert caught.value.needs == f"scope:{WALLETS.scope}"
    assert str(WALLETS.scope) in caught.value.message
    assert asked(simulator) == []


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524])
async def test_a_server_that_fails_is_asked_five_times(
    connection: Connection, simulator: Simulator, clock: LeapingClock, voice: Voice, status: int
) -> None:
    simulator.fault(WALLETS.path, status=status, headers={"X-Esi-Request-Id": "abc-123"})
    with pytest.raises(EsiError, match=rf"{status}.*request abc-123"):
        await ask(connection, simulator, traffic=voice.traffic())
    assert len(asked(simulator)) == 5
    for wait, least in zip(clock.slept, (0.5, 1, 2, 4), strict=True):
        assert least <= wait <= least * 1.5
    assert voice.said == [
        text
        for n, wait in enumerate(clock.slept, 1)
        for text in (f"retry {n} of 4 in {-int(-wait // 1)} s", "")
    ]


async def test_a_server_that_recovers_is_forgiven(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, status=502, count=4)
    traffic = RequestStats()
    answer = await ask(connection, simulator, traffic=traffic)
    assert answer.status == 200
    status_asked = len(simulator.requests(path="/status"))
    assert traffic.requests_sent == 5 + status_asked


async def test_a_failing_server_that_names_a_wait_is_left_alone_that_long(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    simulator.fault(WALLETS.path, status=503, headers={"Retry-After": "42"}, count=1)
    await ask(connection, simulator)
    assert clock.slept == [42]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"gzip_half": True}, "cut short"),
        ({"cut": 40}, "broke off"),
        ({"cut": 40, "chunked": True}, "broke off"),
        ({"cut": 40, "reset": True}, "broke off"),
        ({"reset": True}, "broke off"),
        ({"close": True}, "broke off"),
    ],
)
async def test_a_body_cut_short_is_never_taken_for_the_whole(
    connection: Connection, simulator: Simulator, fault: dict[str, Any], message: str
) -> None:
    simulator.fault(ASSETS.path, **fault)
    with pytest.raises(NetworkError, match=message):
        await ask(connection, simulator, ASSETS)
    assert len(asked(simulator, ASSETS)) == 5
    simulator.clear_faults()
    assert (await ask(connection, simulator, ASSETS)).status == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<html>Please log in to the hotel</html>", "web page"),
        ("", "is not valid JSON"),
        ('[{"a": 1},', "is not valid JSON"),
    ],
)
async def test_what_is_no_json_is_asked_for_again(
    connection: Connection, simulator: Simulator, body: str, message: str
) -> None:
    simulator.fault(WALLETS.path, body=body)
    with pytest.raises(EsiError, match=message):
        await ask(connection, simulator)
    assert len(asked(simulator)) == 5


@pytest.mark.parametrize("body", ["[" * 100_000 + "]" * 100_000, '["\\ud800"]', "[1e999]"])
async def test_odd_json_is_left_to_the_decoder(
    connection: Connection, simulator: Simulator, body: str
) -> None:
    simulator.fault(WALLETS.path, body=body)
    answer = await ask(connection, simulator)
    assert answer.body.decode() == body


async def test_a_bomb_is_stopped_while_it_unpacks(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, bomb=80 * 1024 * 1024)
    with pytest.raises(EsiError, match="larger than 64 MB"):
        await ask(connection, simulator)
    assert len(asked(simulator)) == 1


async def test_a_server_that_drips_is_not_waited_for(simulator: Simulator, tmp_path: Path) -> None:
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, bounds=Bounds(whole=0.4)) as connection:
        simulator.fault(WALLETS.path, drip=0.05)
        with pytest.raises(NetworkError, match=r"within 0\.4 s"):
            await ask(connection, simulator)


async def test_a_redirect_is_not_followed(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    with Simulator() as other:
        simulator.fault(WALLETS.path, redirect=f"{other.url}/status")
        with pytest.raises(EsiError, match="unexpected redirect"):
            await ask(connection, simulator)
        assert other.requests() == []


async def test_a_post_sends_json_and_gives_the_answer(
    connection: Connection, simulator: Simulator
) -> None:
    traffic = RequestStats()
    body = await connection.client.post(NAMES, body=[simulator.character_id], traffic=traffic)
    assert b"category" in body
    assert traffic.requests_sent == 1
    assert not asked(simulator, NAMES)[0]["authorization"]


async def test_a_path_prefix_of_the_address_is_kept(simulator: Simulator, tmp_path: Path) -> None:
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, esi_url=f"{simulator.url}/mirror/") as connection:
        with pytest.raises(GoneError):
            await ask(connection, simulator, CORPORATION)
    assert simulator.requests()[-1]["path"] == (f"/mirror/corporations/{simulator.corporation_id}")


async def test_this_computer_is_reached_without_the_proxy(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with connected(simulator, tmp_path) as connection:
        assert (await ask(connection, simulator, CORPORATION)).status == 200


async def test_a_closed_port_is_one_sentence_and_no_request(
    simulator: Simulator, tmp_path: Path
) -> None:
    async with connected(simulator, tmp_path, esi_url="http://127.0.0.1:9") as connection:
        traffic = RequestStats()
        with pytest.raises(NetworkError, match=r"127\.0\.0\.1 refuses the connection"):
            await ask(connection, simulator, CORPORATION, traffic)
        assert traffic.requests_sent == 0


async def test_never_more_than_twenty_requests_are_open(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(CORPORATION.path, delay=0.05)
    await asyncio.gather(*(ask(connection, simulator, CORPORATION) for _ in range(45)))
    assert max(request["open"] for request in asked(simulator, CORPORATION)) <= 20


@pytest.mark.parametrize(
    "headers",
    [
        {"Expires": "0", "Cache-Control": ""},
        {"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control": ""},
        {"Expires": "soon", "Cache-Control": "no-store", "X-Pages": "x", "Date": "?"},
    ],
)
async def test_absurd_headers_leave_the_cache_time_of_the_route(
    connection: Connection, simulator: Simulator, clock: LeapingClock, headers: dict[str, str]
) -> None:
    simulator.fault(WALLETS.path, headers=headers)
    answer = await ask(connection, simulator)
    assert answer.validator.expires == pytest.approx(clock.time() + 300, abs=5)
    assert answer.validator.pages == 1


async def test_a_clock_that_is_wrong_asks_no_earlier(simulator: Simulator, tmp_path: Path) -> None:
    """An hour fast: Expires is past already by this clock, but not by ESI's."""
    fast = LeapingClock()
    fast.leap(3600)
    async with connected(simulator, tmp_path, fast) as connection:
        answer = await ask(connection, simulator, CORPORATION)
        fast.leap(3500)
        again = await ask(connection, simulator, CORPORATION, known=answer.validator)
    assert again.fresh


async def test_a_304_that_nobody_asked_for_is_no_answer(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, status=304, body="[]", count=1)
    with pytest.raises(EsiError):
        await ask(connection, simulator)


async def test_a_304_without_headers_keeps_what_is_known(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    first = await ask(connection, simulator)
    known = replace(first.validator, expires=0.0, pages=3)
    answer = await ask(connection, simulator, known=known)
    assert answer.validator.pages == 3
    assert answer.validator.etag == known.etag
    assert answer.validator.last_modified == known.last_modified


async def test_what_was_not_sent_costs_no_token(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    token = FileVault(tmp_path).read(simulator.character_id)
    assert token is not None
    FileVault(tmp_path).erase(simulator.character_id)
    for _ in range(3):
        with pytest.raises(KeyringError):
            await ask(connection, simulator, KILLMAILS)
    FileVault(tmp_path).write(simulator.character_id, token)
    connection.tokens.forget(simulator.character_id)
    await ask(connection, simulator, KILLMAILS)
    (bucket,) = (b for b in connection.limits.states() if b.group == "corp-killmail")
    assert (bucket.limit, bucket.remaining) == (30, 28)
    assert len(simulator.requests(route=KILLMAILS.path)) == 1
