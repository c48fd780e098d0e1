"""Waiting for ESI's limits: seen, cancellable, and no reason for a run to fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.cast import PROCESSES
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

TRACKING = "/corporations/{corporation_id}/membertracking"


async def start(house: VirtualHouse, *types: str) -> None:
    for process_type in types:
        await house.workspace.scheduler.run_process_now(house.id_of(process_type))
    await house.live(1)


async def test_a_429_is_waited_out_before_everybodys_eyes(tmp_path: Path) -> None:
    async with virtual_house(tmp_path / "home") as house:
        house.simulator.fault(TRACKING, status=429, headers={"Retry-After": "43"}, count=1)
        await start(house, "members")
        seen = [house.status("members").current_step]
        for _ in range(40):
            await house.live(1)
            seen.append(house.status("members").current_step)
        left = [int(found[0]) for step in seen if (found := re.findall(r"limit, (\d+) s\)", step))]
        assert left[0] == 42
        assert left == sorted(left, reverse=True)
        assert len(set(left)) > 35
        await house.live(10)
        (run,) = await house.workspace.state.get_sync_history()
        assert run.result == "success"
        tracking = [r for r in house.asked() if r["path"].endswith("/membertracking")]
        assert [r["status"] for r in tracking] == [429, 200]


async def test_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    async with virtual_house(tmp_path / "home") as house:
        house.simulator.fault(TRACKING, status=429, headers={"Retry-After": "600"}, count=1)
        await start(house, "members")
        assert "waiting for ESI's limit" in house.status("members").current_step
        await house.workspace.scheduler.cancel_process(house.id_of("members"))
        (run,) = await house.workspace.state.get_sync_history()
        assert (run.result, run.requests_sent) == ("cancelled", 1)
        assert house.status("members").status == "idle"


async def test_a_420_stops_all_eight_and_fails_none(tmp_path: Path) -> None:
    async with virtual_house(tmp_path / "home") as house:
        house.simulator.clear_log()
        headers = {"Retry-After": "37"}
        house.simulator.fault("^/corporations?/.*$", status=420, headers=headers, nth=1)
        await start(house, *(process.type for process in PROCESSES))
        await house.live(300)
        requests = sorted(house.simulator.requests(), key=lambda request: float(request["time"]))
        (refused,) = [r for r in requests if r["status"] == 420]
        until = refused["time"] + 37
        later = [r for r in requests if r["time"] > refused["time"]]
        assert later
        assert all(r["time"] >= until for r in later)
        history = await house.workspace.state.get_sync_history()
        assert sorted(run.process_type for run in history) == sorted(p.type for p in PROCESSES)
        assert {run.result for run in history} == {"success"}
