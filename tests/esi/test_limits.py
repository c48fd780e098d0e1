"""Staying inside ESI's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.engine.context import Requests
from corpsync_tui.errors import LimitError
from corpsync_tui.esi.buckets import BucketState
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.paging import pages
from corpsync_tui.esi.routes import RequestStats, Route
from tests.support.clock import ManualClock
from tests.support.esi import (
    ASSETS,
    CORPORATION,
    KILLMAILS,
    WALLETS,
    LeapingClock,
    Voice,
    connected,
    log_in,
)
from tests.support.simulator import SCALES, Simulator, SimulatorConfig

pytestmark = pytest.mark.anyio


class Shelf:
    """Keeps the buckets in memory."""

    def __init__(self) -> None:
        self.states: Sequence[BucketState] = ()

    async def load(self) -> Sequence[BucketState]:
        return self.states

    async def save(self, states: Sequence[BucketState]) -> None:
        self.states = states


async def ask(
    connection: Connection,
    simulator: Simulator,
    route: Route = WALLETS,
    traffic: RequestStats | None = None,
    *,
    reserve: bool = True,
) -> None:
    await connection.client.get(
        route,
        path={"corporation_id": simulator.corporation_id},
        character_id=simulator.character_id,
        traffic=traffic or RequestStats(),
        reserve=reserve,
    )


def statuses(simulator: Simulator, route: Route) -> list[int]:
    return [request["status"] for request in simulator.requests(route=route.path)]


def gaps(simulator: Simulator, route: Route) -> list[float]:
    times = [request["time"] for request in simulator.requests(route=route.path)]
    return [later - sooner for sooner, later in pairwise(times)]


@pytest.mark.parametrize("reserve", [False, True])
async def test_twenty_pages_out_of_a_bucket_of_thirty_tokens(
    tmp_path: Path, voice: Voice, *, reserve: bool
) -> None:
    scale = SCALES["small"].__class__(**{**vars(SCALES["small"]), "killmails": 120, "page_size": 6})
    with Simulator(SimulatorConfig(scale=scale)) as simulator:
        log_in(simulator, tmp_path, simulator.character_id)
        async with connected(simulator, tmp_path) as connection:
            found = [
                number
                async for number, _, _ in pages(
                    Requests(connection.client, 4, reserve=reserve),
                    KILLMAILS,
                    path={"corporation_id": simulator.corporation_id},
                    character_id=simulator.character_id,
                    known={},
                    traffic=voice.traffic(),
                    consistent=False,
                )
            ]
        assert set(found) == set(range(1, 21))
        assert set(statuses(simulator, KILLMAILS)) <= {200, 304}
        assert any(text.startswith("waiting for ESI's limit, ") for text in voice.said)
        assert voice.said[-1] == ""


async def test_scheduled_work_leaves_something_for_sync_now(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    simulator.limits(sizes={"corp-wallet": 20})
    before = clock.time()
    for _ in range(8):
        await ask(connection, simulator, reserve=False)
    spent = sum(request["tokens"] for request in simulator.requests(group="corp-wallet"))
    assert 16 <= spent <= 18
    assert clock.time() - before < 800
    async with asyncio.timeout(5):
        await ask(connection, simulator, reserve=True)
    assert set(statuses(simulator, WALLETS)) == {200}


async def test_a_bucket_is_learned_before_it_is_spent(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, delay=0.05)
    await asyncio.gather(*(ask(connection, simulator) for _ in range(12)))
    first, *_ = requests = simulator.requests(route=WALLETS.path)
    ended = first["time"] + first["duration"]
    assert sum(request["time"] < ended for request in requests) <= 5
    assert max(request["open"] for request in requests) > 5


async def test_retry_after_is_obeyed_to_the_second(
    connection: Connection, simulator: Simulator, voice: Voice
) -> None:
    simulator.fault(WALLETS.path, status=429, headers={"Retry-After": "42"}, count=1)
    await ask(connection, simulator, traffic=voice.traffic())
    assert statuses(simulator, WALLETS) == [429, 200]
    assert 42 <= gaps(simulator, WALLETS)[0] < 44
    assert voice.said[0] == "waiting for ESI's limit, 42 s"
    assert voice.said[-1] == ""


async def test_a_429_without_a_time_waits_longer_each_time_and_then_gives_up(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(WALLETS.path, status=429)
    with pytest.raises(LimitError, match="Still rate limited"):
        await ask(connection, simulator)
    assert statuses(simulator, WALLETS) == [429] * 4
    assert gaps(simulator, WALLETS) == pytest.approx([5, 10, 20], abs=0.5)


@pytest.mark.parametrize("absurd", ["-1", "Thu, 01 Jan 1970 00:00:00 GMT", "1000000000", "x"])
async def test_an_absurd_wait_is_no_loop_and_no_eternity(
    connection: Connection, simulator: Simulator, absurd: str
) -> None:
    simulator.fault(WALLETS.path, status=429, headers={"Retry-After": absurd}, count=1)
    await ask(connection, simulator)
    assert 4.5 <= gaps(simulator, WALLETS)[0] <= 901


async def test_a_429_stops_its_group_and_no_other(
    tmp_path: Path, simulator: Simulator, voice: Voice
) -> None:
    clock = ManualClock(simulator.now())
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock) as connection:
        simulator.fault(WALLETS.path, status=429, headers={"Retry-After": "30"}, count=1)
        stopped = asyncio.create_task(ask(connection, simulator, traffic=voice.traffic()))
        await voice.spoken()
        held = asyncio.create_task(ask(connection, simulator))
        await ask(connection, simulator, ASSETS)
        await clock.settle()
        assert statuses(simulator, WALLETS) == [429]
        await _advance(clock, 31, stopped, held)
        assert statuses(simulator, WALLETS) == [429, 200, 200]


async def test_a_420_stops_everything_and_one_probe_goes_first(
    tmp_path: Path, simulator: Simulator, voice: Voice
) -> None:
    clock = ManualClock(simulator.now())
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock) as connection:
        headers = {"X-ESI-Error-Limit-Remain": "0", "X-ESI-Error-Limit-Reset": "30"}
        simulator.fault(WALLETS.path, status=420, headers=headers, count=1)
        tasks = [asyncio.create_task(ask(connection, simulator, traffic=voice.traffic()))]
        await voice.spoken()
        simulator.clear_log()
        simulator.fault("^/corporations/.*$", delay=0.1)
        tasks += [asyncio.create_task(ask(connection, simulator, ASSETS)) for _ in range(3)]
        tasks += [asyncio.create_task(ask(connection, simulator, CORPORATION))]
        await clock.settle()
        assert simulator.requests() == []
        await _advance(clock, 31, *tasks)
        probe, *others = simulator.requests()
        assert all(other["time"] >= probe["time"] + 0.09 for other in others)
        assert len(others) == 4


async def test_a_stop_survives_a_restart(
    tmp_path: Path, simulator: Simulator, clock: LeapingClock, voice: Voice
) -> None:
    shelf = Shelf()
    log_in(simulator, tmp_path, simulator.character_id)
    simulator.fault(WALLETS.path, status=429, headers={"Retry-After": "100"}, count=1)
    manual = ManualClock(simulator.now())
    async with connected(simulator, tmp_path, manual, store=shelf) as connection:
        task = asyncio.create_task(ask(connection, simulator, traffic=voice.traffic()))
        await voice.spoken()
        task.cancel()
    async with connected(simulator, tmp_path, clock, store=shelf) as connection:
        await ask(connection, simulator)
    assert gaps(simulator, WALLETS)[0] >= 99


async def test_a_bucket_survives_a_restart(
    tmp_path: Path, simulator: Simulator, clock: LeapingClock
) -> None:
    shelf = Shelf()
    log_in(simulator, tmp_path, simulator.character_id)
    simulator.limits(sizes={"corp-wallet": 20})
    async with connected(simulator, tmp_path, clock, store=shelf) as connection:
        for _ in range(9):
            await ask(connection, simulator)
    assert [state.remaining for state in shelf.states] == [2]
    async with connected(simulator, tmp_path, clock, store=shelf) as connection:
        for _ in range(3):
            await ask(connection, simulator)
    assert set(statuses(simulator, WALLETS)) == {200}
    assert clock.slept


async def test_below_twenty_errors_left_requests_wait_for_the_reset(
    connection: Connection, simulator: Simulator, voice: Voice
) -> None:
    headers = {"X-ESI-Error-Limit-Remain": "19", "X-ESI-Error-Limit-Reset": "25"}
    simulator.fault(CORPORATION.path, headers=headers, count=1)
    await ask(connection, simulator, CORPORATION)
    await ask(connection, simulator, CORPORATION, voice.traffic())
    assert 25 <= gaps(simulator, CORPORATION)[0] < 27
    assert voice.said[0] == "waiting for ESI's limit, 25 s"


async def test_many_refusals_never_end_in_a_420(
    connection: Connection, simulator: Simulator
) -> None:
    gone = Route("/universe/structures/{structure_id}", scope=WALLETS.scope)

    async def look(structure_id: int) -> None:
        await connection.client.get(
            gone,
            path={"structure_id": structure_id},
            character_id=simulator.character_id,
            traffic=RequestStats(),
        )

    results: list[Any] = []
    for first in range(0, 300, 20):
        ids = range(1_000_000_000_000 + first, 1_000_000_000_020 + first)
        results += await asyncio.gather(*map(look, ids), return_exceptions=True)
    assert len(results) == 300
    assert 420 not in statuses(simulator, gone)


async def test_a_wait_can_be_cancelled(tmp_path: Path, simulator: Simulator, voice: Voice) -> None:
    clock = ManualClock(simulator.now())
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock) as connection:
        simulator.fault(WALLETS.path, status=429, headers={"Retry-After": "900"}, count=1)
        task = asyncio.create_task(ask(connection, simulator, traffic=voice.traffic()))
        await voice.spoken()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert voice.said == ["waiting for ESI's limit, 900 s", ""]


async def test_the_clock_set_back_a_year_holds_nobody(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    simulator.limits(sizes={"corp-wallet": 20})
    for _ in range(9):
        await ask(connection, simulator)
    simulator.limits(reset=True)
    clock.offset -= 365 * 86_400
    async with asyncio.timeout(5):
        await ask(connection, simulator)
    assert sum(clock.slept) < 1


async def test_headers_overrule_the_document(connection: Connection, simulator: Simulator) -> None:
    headers = {
        "X-Ratelimit-Group": "corp-money",
        "X-Ratelimit-Limit": "40/10s",
        "X-Ratelimit-Remaining": "38",
        "X-Ratelimit-Used": "2",
    }
    simulator.fault(WALLETS.path, headers=headers)
    await ask(connection, simulator)
    states = {state.group: state for state in connection.limits.states()}
    assert (states["corp-money"].limit, states["corp-money"].window) == (40, 10)
    assert states["corp-money"].remaining == 38


async def _advance(clock: ManualClock, seconds: int, *tasks: asyncio.Task[None]) -> None:
    """Let time pass, then wait for the requests that it let go."""
    for _ in range(seconds):
        await clock.advance(1)
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)


async def test_a_bucket_that_others_emptied_is_asked_again_when_esi_says(
    connection: Connection, simulator: Simulator
) -> None:
    headers = {
        "Retry-After": "42",
        "X-Ratelimit-Group": "corp-wallet",
        "X-Ratelimit-Limit": "300/15m",
        "X-Ratelimit-Remaining": "0",
    }
    await ask(connection, simulator)
    simulator.fault(WALLETS.path, status=429, headers=headers, count=1)
    await ask(connection, simulator)
    assert 42 <= gaps(simulator, WALLETS)[-1] < 44
