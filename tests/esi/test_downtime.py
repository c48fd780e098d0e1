"""Knowing when the cluster is down."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from corpsync_tui.errors import DowntimeError, EsiError, NetworkError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.routes import RequestStats
from tests.support.esi import CORPORATION, LeapingClock, connected
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


async def ask(connection: Connection, simulator: Simulator) -> RequestStats:
    traffic = RequestStats()
    path = {"corporation_id": simulator.corporation_id}
    await connection.client.get(CORPORATION, path=path, traffic=traffic)
    return traffic


def to_time_of_day(clock: LeapingClock, hour: int, minute: int) -> None:
    """Leap to that time of the next day."""
    now = clock.time()
    clock.leap(86_400 - now % 86_400 + hour * 3600 + minute * 60)


async def test_status_is_not_asked_while_all_goes_well(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    to_time_of_day(clock, 14, 0)
    await ask(connection, simulator)
    assert simulator.requests(path="/status") == []


async def test_a_failure_asks_whether_the_cluster_is_down(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    to_time_of_day(clock, 14, 2)
    simulator.downtime(down=True)
    with pytest.raises(DowntimeError, match="downtime since 14:02 EVE time"):
        await ask(connection, simulator)
    assert len(simulator.requests(route=CORPORATION.path)) == 1
    assert connection.client.downtime.down_since is not None


async def test_no_storm_while_it_is_down_and_it_goes_on_by_itself(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    to_time_of_day(clock, 14, 0)
    simulator.downtime(down=True)
    began = clock.time()
    while clock.time() < began + 2400:
        with pytest.raises(DowntimeError):
            await ask(connection, simulator)
        clock.leap(5)
    asked = [request["time"] for request in simulator.requests(path="/status")]
    assert min(b - a for a, b in pairwise(asked)) >= 30
    assert len(simulator.requests(route=CORPORATION.path)) == 1
    simulator.downtime(down=False)
    clock.leap(30)
    await ask(connection, simulator)
    assert connection.client.downtime.down_since is None


async def test_vip_is_downtime_too(connection: Connection, simulator: Simulator) -> None:
    simulator.downtime(vip=True)
    simulator.fault(CORPORATION.path, status=503)
    with pytest.raises(DowntimeError):
        await ask(connection, simulator)


async def test_around_the_restart_status_is_asked_first(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    to_time_of_day(clock, 11, 1)
    simulator.downtime(down=True)
    with pytest.raises(DowntimeError):
        await ask(connection, simulator)
    assert simulator.requests(route=CORPORATION.path) == []
    simulator.downtime(down=False)
    clock.leap(30)
    traffic = await ask(connection, simulator)
    assert traffic.requests_sent == 2


async def test_one_sick_route_is_no_downtime(connection: Connection, simulator: Simulator) -> None:
    simulator.fault(CORPORATION.path, status=500)
    with pytest.raises(EsiError) as caught:
        await ask(connection, simulator)
    assert not isinstance(caught.value, DowntimeError)
    assert len(simulator.requests(route=CORPORATION.path)) == 5
    assert len(simulator.requests(path="/status")) == 1


async def test_nobody_at_home_is_the_networks_fault(simulator: Simulator, tmp_path: Path) -> None:
    clock = LeapingClock()
    clock.leap(86_400 - time.time() % 86_400 + 14 * 3600)
    async with connected(simulator, tmp_path, clock, esi_url="http://127.0.0.1:9") as connection:
        with pytest.raises(NetworkError):
            await ask(connection, simulator)
