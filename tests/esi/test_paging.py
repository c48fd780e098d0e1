"""Reading data sets that come in pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from corpsync_tui.errors import EsiError, GoneError, SnapshotRenewedError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.paging import pages, walk_back
from corpsync_tui.esi.routes import Answer, Route, Traffic, Validator
from tests.support.esi import ASSETS, LOGS, TRANSACTIONS, LeapingClock, Voice
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


class Reading:
    """One reading of all pages of a route."""

    def __init__(self, connection: Connection, simulator: Simulator, route: Route = ASSETS) -> None:
        self.known: dict[str, Validator] = {}
        self.answers: dict[int, Answer] = {}
        self._connection = connection
        self.simulator = simulator
        self._route = route

    async def read(self, traffic: Traffic | None = None, **how: Any) -> list[int]:
        """Read, and remember what was heard; returns the page numbers in order."""
        found = []
        known: Mapping[str, Validator] = dict(self.known)
        async for number, _, answer in self.pages(traffic or Traffic(), known, **how):
            found.append(number)
            self.answers[number] = answer
            self.known[answer.url] = answer.validator
        return found

    def pages(
        self, traffic: Traffic, known: Mapping[str, Validator], **how: Any
    ) -> AsyncGenerator[tuple[int, int, Answer], None]:
        """The reading itself."""
        return pages(
            self._connection.client,
            self._route,
            path={"corporation_id": self.simulator.corporation_id},
            character_id=self.simulator.character_id,
            known=known,
            traffic=traffic,
            **how,
        )

    def requests(self) -> list[dict[str, Any]]:
        """What the simulator was asked for this route."""
        return self.simulator.requests(route=self._route.path)


@pytest.fixture
def reading(connection: Connection, simulator: Simulator) -> Reading:
    return Reading(connection, simulator)


async def test_every_page_is_read_once_and_the_first_one_first(reading: Reading) -> None:
    found = await reading.read()
    assert found[0] == 1
    assert sorted(found) == [1, 2, 3]
    rows = [row for a in reading.answers.values() for row in msgspec.json.decode(a.body)]
    assert len({row["item_id"] for row in rows}) == 300
    assert reading.requests()[0]["query"] == {}


async def test_a_snapshot_in_hand_costs_nothing_before_it_expires(reading: Reading) -> None:
    await reading.read()
    traffic = Traffic()
    assert sorted(await reading.read(traffic)) == [1, 2, 3]
    assert traffic.requests_sent == 0
    assert all(answer.fresh for answer in reading.answers.values())


async def test_unchanged_pages_cost_a_304_each(
    reading: Reading, simulator: Simulator, clock: LeapingClock
) -> None:
    await reading.read()
    simulator.mutate("asset", change=3, page=2)
    clock.leap(3700)
    await reading.read()
    assert {n: answer.status for n, answer in reading.answers.items()} == {1: 304, 2: 200, 3: 304}
    assert len({v.last_modified for v in reading.known.values()}) == 1
    traffic = Traffic()
    await reading.read(traffic)
    assert traffic.requests_sent == 0


async def test_pages_of_two_snapshots_never_meet(reading: Reading) -> None:
    newer = {"Last-Modified": "Mon, 01 Jan 2046 00:00:00 GMT"}
    reading.simulator.fault(ASSETS.path, page=3, headers=newer)
    with pytest.raises(SnapshotRenewedError):
        await reading.read()


async def test_a_page_that_vanishes_meanwhile_means_to_start_over(reading: Reading) -> None:
    reading.simulator.fault(ASSETS.path, page=3, status=404)
    with pytest.raises(SnapshotRenewedError):
        await reading.read()


async def test_an_unknown_first_page_is_gone(reading: Reading) -> None:
    reading.simulator.fault(ASSETS.path, status=404)
    with pytest.raises(GoneError):
        await reading.read()


async def test_a_failing_page_ends_the_reading_and_says_which(reading: Reading) -> None:
    reading.simulator.fault(ASSETS.path, page=3, status=500)
    with pytest.raises(EsiError, match="at page 3"):
        await reading.read()
    assert len([r for r in reading.requests() if r["query"] == {"page": "3"}]) == 5


async def test_a_304_without_last_modified_is_of_the_new_snapshot(
    reading: Reading, simulator: Simulator, clock: LeapingClock
) -> None:
    await reading.read()
    simulator.mutate("asset", change=3, page=1)
    clock.leap(3700)
    simulator.fault(ASSETS.path, page=2, headers={"Last-Modified": ""})
    await reading.read()
    assert len({v.last_modified for v in reading.known.values()}) == 1


async def test_a_snapshot_that_expires_in_a_moment_is_waited_out(
    reading: Reading, simulator: Simulator, clock: LeapingClock, voice: Voice
) -> None:
    await reading.read()
    simulator.clear_log()
    clock.leap(3596 - (clock.time() - (reading.known[reading.answers[1].url].expires - 3600)))
    reading.known.clear()
    simulator.mutate("asset", change=3, page=1)
    assert sorted(await reading.read(voice.traffic())) == [1, 2, 3]
    assert len({v.last_modified for v in reading.known.values()}) == 1
    assert reading.answers[1].status == 200
    assert voice.said[0].startswith("waiting for ESI's renewal, ")
    assert len(reading.requests()) == 4


@pytest.mark.parametrize("count", ["0", "-1", "x", "1000000000"])
async def test_an_absurd_page_count_is_no_request_loop(reading: Reading, count: str) -> None:
    reading.simulator.fault(ASSETS.path, headers={"X-Pages": count})
    assert await reading.read() == [1]


async def test_older_data_than_in_hand_is_refused(
    reading: Reading, clock: LeapingClock, simulator: Simulator
) -> None:
    await reading.read()
    clock.leap(3700)
    simulator.mutate("asset", change=3)
    older = {"Last-Modified": "Mon, 01 Jan 2001 00:00:00 GMT"}
    simulator.fault(ASSETS.path, headers=older)
    with pytest.raises(EsiError, match="older data"):
        await reading.read()


async def test_leaving_early_ends_what_is_still_open(
    reading: Reading, simulator: Simulator
) -> None:
    simulator.fault(ASSETS.path, page=3, delay=30)
    async with aclosing(reading.pages(Traffic(), {})) as answers:
        async for number, _, _ in answers:
            if number == 2:
                break
    assert simulator.call("GET", "log")["open"] in (0, 1)


async def test_a_log_that_was_renewed_meanwhile_is_read_on(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    reading = Reading(connection, simulator, LOGS)
    found: list[int] = []
    async for number, _, _ in reading.pages(Traffic(), {}, consistent=False):
        if not found:
            simulator.mutate("container_log", add=2)
            clock.leap(700)
        found.append(number)
    assert found == [1, 2, 1]


async def test_transactions_are_walked_back_to_the_oldest(
    connection: Connection, simulator: Simulator
) -> None:
    def oldest(body: bytes) -> int | None:
        return min((row["transaction_id"] for row in msgspec.json.decode(body)), default=None)

    seen: set[int] = set()
    answers = walk_back(
        connection.client,
        TRANSACTIONS,
        path={"corporation_id": simulator.corporation_id, "division": 1},
        character_id=simulator.character_id,
        known={},
        traffic=Traffic(),
        oldest=oldest,
    )
    async for answer in answers:
        seen |= {row["transaction_id"] for row in msgspec.json.decode(answer.body)}
    rows = simulator.truth("wallet_transaction")
    assert seen == {row["transaction_id"] for row in rows if row["division"] == 1}
    assert all(set(r["query"]) <= {"from_id"} for r in simulator.requests(route=TRANSACTIONS.path))
