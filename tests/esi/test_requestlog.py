"""The last requests, as the ESI screen shows them: what they cost, and nothing secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.requestlog import KEPT, RequestLog, SentRequest
from corpsync_tui.esi.routes import RequestStats
from tests.support.esi import CORPORATION, WALLETS, connected, log_in
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


def sent(number: int) -> SentRequest:
    return SentRequest(float(number), "GET", f"/{number}", None, "", 200, 0, 0.1)


def test_the_ring_holds_the_newest_first_and_counts_all() -> None:
    log = RequestLog()
    for number in range(KEPT + 3):
        log.add(sent(number))
    assert len(log.entries) == KEPT
    assert log.entries[0].url == f"/{KEPT + 2}"
    assert log.sent == KEPT + 3


async def test_each_try_is_remembered_with_its_cost(simulator: Simulator, tmp_path: Path) -> None:
    character_id = simulator.character_id
    token = log_in(simulator, tmp_path, character_id)
    place = {"corporation_id": simulator.corporation_id}
    async with connected(simulator, tmp_path) as connection:
        client = connection.client
        simulator.fault("/corporations/{corporation_id}/wallets", status=502, count=1)
        first = await client.get(
            WALLETS, path=place, character_id=character_id, traffic=RequestStats()
        )
        simulator.advance(400)
        connection.clock.offset += 400
        await client.get(
            WALLETS,
            path=place,
            character_id=character_id,
            known=first.validator,
            traffic=RequestStats(),
        )
        with pytest.raises(CorpsyncError):
            await client.get(CORPORATION, path={"corporation_id": 1}, traffic=RequestStats())
        told = [
            (r.status, r.cost, r.group)
            for r in reversed(client.requests.entries)
            if r.url != "/status"
        ]
        assert told == [
            (502, 0, "corp-wallet"),
            (200, 2, "corp-wallet"),
            (304, 1, "corp-wallet"),
            (404, 1, ""),
        ]
        assert token.reveal() not in repr(client.requests.entries)
        newest = client.requests.entries[0]
        assert newest.url == "/corporations/1"
        assert newest.character_id is None
        assert client.requests.entries[1].character_id == character_id
