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
from corpsync_tui.esi.routes import Answer, RequestStats, Route, Validator
from corpsync_tui.simulator.clock import http_date
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

    async def read(self, traffic: RequestStats | None = None, **how: Any) -> list[int]:
        """Read, and remember what was heard; returns the page numbers in order."""
        found = []
        known: Mapping[str, Validator] = dict(self.known)
        async for number, _, answer in self.pages(traffic or RequestStats(), known, **how):
            found.append(number)
            self.answers[number] = answer
            self.known[answer.url] = answer.validator
        return found

    def pages(
        self, traffic: RequestStats, known: Mapping[str, Validator], **how: Any
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
    traffic = RequestStats()
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
    traffic = RequestStats()
    await reading.read(traffic)
    assert traffic.requests_sent == 0


ODD = [
    "Mon, 01 Jan 2001 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "soon",
]
"""Last-Modified of a page that belongs to no snapshot which page 1 could be of next."""


@pytest.mark.parametrize("modified", ODD)
async def test_a_page_of_no_snapshot_ends_the_reading(reading: Reading, modified: str) -> None:
    reading.simulator.fault(ASSETS.path, page=3, headers={"Last-Modified": modified})
    with pytest.raises(EsiError, match="page 3 is of another snapshot") as refused:
        await reading.read()
    assert not isinstance(refused.value, SnapshotRenewedError)


async def test_a_newer_page_means_to_look_at_page_1_once_more(
    reading: Reading, clock: LeapingClock
) -> None:
    newer = {"Last-Modified": http_date(clock.time() + 60)}
    reading.simulator.fault(ASSETS.path, page=3, headers=newer)
    held: dict[str, Answer] = {}
    with pytest.raises(SnapshotRenewedError):
        await reading.read(held=held)
    with pytest.raises(EsiError, match="another snapshot than page 1") as refused:
        await reading.read(held=held)
    assert not isinstance(refused.value, SnapshotRenewedError)


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_page_that_is_gone_is_no_renewal(reading: Reading, status: int) -> None:
    reading.simulator.fault(ASSETS.path, page=3, status=status)
    with pytest.raises(EsiError, match=f"page 3 of 3 is gone: {status}") as refused:
        await reading.read()
    assert not isinstance(refused.value, SnapshotRenewedError | GoneError)
    assert len(reading.requests()) == 3


async def test_a_page_of_a_log_that_is_gone_is_missed(
    connection: Connection, simulator: Simulator
) -> None:
    reading = Reading(connection, simulator, LOGS)
    simulator.fault(LOGS.path, page=2, status=404)
    with pytest.raises(EsiError, match="page 2 of 2 is gone"):
        await reading.read(consistent=False)


async def test_a_log_that_became_shorter_when_it_was_renewed(
    connection: Connection, simulator: Simulator
) -> None:
    reading = Reading(connection, simulator, LOGS)
    later = {"verb": "clock", "advance": 700}
    simulator.fault(LOGS.path, page=2, status=404, do=[later])
    assert await reading.read(consistent=False) == [1]


async def test_a_page_that_comes_under_two_numbers_ends_the_reading(
    reading: Reading, simulator: Simulator
) -> None:
    rows = simulator.truth("asset")[:60]
    for page in (2, 3):
        simulator.fault(ASSETS.path, page=page, json=rows)
    with pytest.raises(EsiError, match=r"page [23] is page [23] once more"):
        await reading.read()


async def test_pages_that_disagree_on_their_count_end_the_reading(reading: Reading) -> None:
    reading.simulator.fault(ASSETS.path, page=2, headers={"X-Pages": "4"})
    with pytest.raises(EsiError, match="page 2 counts 4 pages, page 1 of 3"):
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


@pytest.mark.parametrize("count", ["0", "-1", "x", "3, 3", "1000000000", None])
async def test_a_page_count_that_is_none_ends_the_reading(
    reading: Reading, count: str | None
) -> None:
    reading.simulator.fault(ASSETS.path, headers={"X-Pages": count})
    with pytest.raises(EsiError, match="X-Pages"):
        await reading.read()
    assert len(reading.requests()) == 1


async def test_a_count_that_is_too_high_ends_at_the_first_page_beyond(reading: Reading) -> None:
    reading.simulator.fault(ASSETS.path, headers={"X-Pages": "90000"})
    with pytest.raises(EsiError, match="page 4 of 90000 is gone"):
        await reading.read(concurrency=1)
    assert len(reading.requests()) == 4


async def test_a_304_need_not_count_the_pages_of_the_same_snapshot_again(
    reading: Reading, clock: LeapingClock
) -> None:
    await reading.read()
    clock.leap(3700)
    snapshot = reading.answers[1].validator.last_modified
    bare = {"X-Pages": None, "Last-Modified": snapshot}
    reading.simulator.fault(ASSETS.path, headers=bare)
    assert sorted(await reading.read()) == [1, 2, 3]


async def test_a_304_of_a_new_snapshot_must_count_its_pages(
    reading: Reading, clock: LeapingClock
) -> None:
    await reading.read()
    clock.leap(3700)
    reading.simulator.fault(ASSETS.path, headers={"X-Pages": None})
    with pytest.raises(EsiError, match="X-Pages"):
        await reading.read()


@pytest.mark.parametrize(
    "absurd",
    [
        {"ETag": '"\u00e9"'},
        {"ETag": '"' + 2_000 * "x" + '"'},
        {"Last-Modified": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"Expires": "Fri, 31 Dec 9999 23:59:59 GMT", "Cache-Control": None},
        {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"},
    ],
)
async def test_an_absurd_answer_spoils_no_later_one(
    reading: Reading, clock: LeapingClock, absurd: dict[str, str | None]
) -> None:
    reading.simulator.fault(ASSETS.path, headers=absurd)
    assert sorted(await reading.read()) == [1, 2, 3]
    reading.simulator.clear_faults()
    reading.simulator.mutate("asset", change=300)
    clock.leap(3700)
    assert sorted(await reading.read()) == [1, 2, 3]
    assert {answer.status for answer in reading.answers.values()} == {200}


async def test_what_an_older_corpsync_kept_of_an_absurd_answer_heals(
    reading: Reading, clock: LeapingClock
) -> None:
    await reading.read()
    absurd = Validator('"\u00e9"', "Fri, 31 Dec 9999 23:59:59 GMT", clock.time() + 10**9, 3)
    reading.known = dict.fromkeys(reading.known, absurd)
    clock.leap(3700)
    assert sorted(await reading.read()) == [1, 2, 3]
    assert {answer.status for answer in reading.answers.values()} == {200}


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
    async with aclosing(reading.pages(RequestStats(), {})) as answers:
        async for number, _, _ in answers:
            if number == 2:
                break
    assert simulator.call("GET", "log")["open"] in (0, 1)


async def test_a_log_that_was_renewed_meanwhile_is_read_on(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    reading = Reading(connection, simulator, LOGS)
    found: list[int] = []
    async for number, _, _ in reading.pages(RequestStats(), {}, consistent=False):
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
        traffic=RequestStats(),
        oldest=oldest,
    )
    async for answer in answers:
        seen |= {row["transaction_id"] for row in msgspec.json.decode(answer.body)}
    rows = simulator.truth("wallet_transaction")
    assert seen == {row["transaction_id"] for row in rows if row["division"] == 1}
    assert all(set(r["query"]) <= {"from_id"} for r in simulator.requests(route=TRANSACTIONS.path))
