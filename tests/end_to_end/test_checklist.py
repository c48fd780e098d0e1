"""The checklist of the browser app that corpsync replaces: one test a line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.clock import Clock
from corpsync_tui.queries.records import RunRecord, SyncConfig
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.sync.events import StatusChanged, SyncEvent
from corpsync_tui.sync.state import AlreadyRunningError
from corpsync_tui.workspace import Workspace
from tests.support.esi import LeapingClock
from tests.support.house import House, free_port, log_in, settings_for
from tests.support.noon import noon

pytestmark = pytest.mark.anyio

MEMBERTRACKING = "/corporations/{corporation_id}/membertracking"
RENEWED = 3_700


@asynccontextmanager
async def simulator_for(home: Path) -> AsyncIterator[tuple[Simulator, str]]:
    """A simulator that outlives the workspaces on a home, and the callback it knows."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    with Simulator(SimulatorConfig(redirect_uris=(callback,), clock_offset=noon())) as simulator:
        yield simulator, callback


@asynccontextmanager
async def opened(home: Path, simulator: Simulator, callback: str) -> AsyncIterator[House]:
    """One start of corpsync on a home."""
    clock = LeapingClock(simulator)
    clock.offset = float(simulator.call("GET", "clock")["offset"])
    settings = settings_for(home, simulator, callback)
    async with await Workspace.open(settings, clock, command="corpsync") as workspace:
        yield House(simulator, workspace)


def config_of(house: House, process_type: str) -> SyncConfig:
    config = house.workspace.scheduler.get_process_config(house.id_of(process_type))
    assert config is not None
    return config


async def run_now(house: House, process_type: str) -> RunRecord:
    """Press `s` on a process and wait for the end of its run."""
    scheduler, process_id = house.workspace.scheduler, house.id_of(process_type)
    asked = await scheduler.run_process_now(process_id)
    assert asked.kind == "started"
    record = await scheduler.finished(process_id)
    assert record is not None
    return record


async def until(house: House, condition: str, process_type: str) -> None:
    """Wait for an event after which the process's status is as wanted."""
    reached = asyncio.Event()

    def hear(event: SyncEvent) -> None:
        if isinstance(event, StatusChanged) and house.status(process_type).status == condition:
            reached.set()

    unsubscribe = house.workspace.state.subscribe(hear)
    if house.status(process_type).status != condition:
        await asyncio.wait_for(reached.wait(), 10)
    unsubscribe()


async def test_initialise_the_scheduler_and_configure_a_process(house: House) -> None:
    scheduler = house.workspace.scheduler
    assert len(scheduler.get_scheduled_processes()) == len(ALL)
    assert all(config.enabled for config in scheduler.get_scheduled_processes())
    await scheduler.update_process_interval(house.id_of("members"), 45)
    await scheduler.initialize(house.workspace.defaults(house.corporation_id))
    assert config_of(house, "members").interval_minutes == 45
    assert config_of(house, "assets").interval_minutes == 60


async def test_status_updates_in_real_time(house: House) -> None:
    heard: list[tuple[str, float]] = []

    def hear(event: SyncEvent) -> None:
        if isinstance(event, StatusChanged):
            heard.append((event.status.status, event.status.progress))
            assert house.status("assets") == event.status

    house.workspace.state.subscribe(hear)
    await run_now(house, "assets")
    progress = [p for status, p in heard if status == "running"]
    assert progress[0] == 0
    assert {10.0, 50.0, 90.0} <= set(progress)
    assert progress == sorted(progress)
    assert heard[-1] == ("success", 100.0)


async def test_state_is_persisted_and_restored(tmp_path: Path) -> None:
    async with simulator_for(tmp_path) as (simulator, callback):
        async with opened(tmp_path, simulator, callback) as house:
            await log_in(house.workspace)
            await house.sync_data("members")
            simulator.fault("/corporations/{corporation_id}/wallets", status=404)
            await house.sync_data("wallet")
            await house.workspace.scheduler.toggle_process(house.id_of("mining"))
            await house.workspace.scheduler.update_process_interval(house.id_of("assets"), 7)
            await house.workspace.scheduler.pause()
            before = set(house.workspace.state.get_statuses())
            configs = set(house.workspace.scheduler.get_scheduled_processes())
            history = await house.workspace.state.get_sync_history()
        async with opened(tmp_path, simulator, callback) as house:
            assert set(house.workspace.state.get_statuses()) == before
            assert set(house.workspace.scheduler.get_scheduled_processes()) == configs
            assert await house.workspace.state.get_sync_history() == history
            assert house.workspace.state.schedule.paused
            assert house.status("wallet").error_count == 1
            assert not config_of(house, "mining").enabled
            await house.assert_true("member")


async def test_sync_now(house: House) -> None:
    record = await run_now(house, "members")
    assert (record.trigger, record.result, record.items) == ("manual", "success", 31)
    await house.assert_true("member")


async def test_an_invalid_token_is_an_error_that_asks_for_a_login(house: House) -> None:
    house.simulator.revoke(next(iter(house.workspace.roster.characters)))
    record = await run_now(house, "members")
    status = house.status("members")
    assert (record.result, record.error_kind) == ("error", "auth")
    assert "corpsync login" in str(record.error_message)
    assert (status.status, status.error_count, status.needs) == ("error", 1, "login")
    await log_in(house.workspace)
    assert house.status("members").needs is None
    assert (await run_now(house, "members")).result == "success"
    assert house.status("members").error_count == 0


async def test_a_network_error_is_an_error_that_heals_by_itself(house: House) -> None:
    house.simulator.fault(MEMBERTRACKING, reset=True)
    record = await run_now(house, "members")
    assert (record.result, record.error_kind) == ("error", "network")
    assert house.status("members").error_count == 1
    assert house.status("members").next_run_time is not None
    house.simulator.clear_faults()
    assert (await run_now(house, "members")).result == "success"
    assert house.status("members").error_count == 0


async def test_history_is_recorded(house: House) -> None:
    await run_now(house, "members")
    await run_now(house, "container_logs")
    house.simulator.mutate("member", add=2, remove=1, change=3)
    house.advance(RENEWED)
    await run_now(house, "members")
    newest, logs, oldest = await house.workspace.state.get_sync_history()
    assert (oldest.process_type, oldest.rows_added, oldest.items) == ("members", 31, 31)
    assert oldest.requests_sent >= 1
    assert (logs.process_type, logs.rows_added) == ("container_logs", 120)
    assert (newest.rows_added, newest.rows_removed) == (2, 1)
    assert newest.duration is not None
    assert newest.duration >= 0
    only = await house.workspace.state.get_sync_history(house.id_of("container_logs"))
    assert [run.id for run in only] == [logs.id]


async def test_the_next_run_is_computed(house: House) -> None:
    await run_now(house, "members")  # every 30 minutes, but ESI keeps its answer for 60
    status = house.status("members")
    assert status.next_run_time == status.current_until
    await run_now(house, "container_logs")  # every 30 minutes, kept for 10
    status = house.status("container_logs")
    assert status.last_success_time is not None
    assert status.next_run_time == status.last_success_time + timedelta(minutes=30)
    assert config_of(house, "container_logs").next_run_time == status.next_run_time


async def test_on_and_off(house: House) -> None:
    scheduler, process_id = house.workspace.scheduler, house.id_of("members")
    assert not (await scheduler.toggle_process(process_id)).enabled
    assert scheduler.get_next_run_time(process_id) is None
    assert (await run_now(house, "members")).result == "success"
    assert not config_of(house, "members").enabled
    assert scheduler.get_next_run_time(process_id) is None
    assert (await scheduler.toggle_process(process_id)).enabled
    assert scheduler.get_next_run_time(process_id) == house.status("members").current_until


async def test_no_process_runs_twice_at_once(house: House) -> None:
    house.simulator.fault(MEMBERTRACKING, delay=0.3)
    scheduler, process_id = house.workspace.scheduler, house.id_of("members")
    assert (await scheduler.run_process_now(process_id)).kind == "started"
    await until(house, "running", "members")
    second = await scheduler.run_process_now(process_id)
    assert (second.kind, second.sentence) == ("running", "Members is already running.")
    with pytest.raises(AlreadyRunningError):
        await house.workspace.executor.execute(process_id)
    await scheduler.finished(process_id)
    assert len(await house.workspace.state.get_sync_history()) == 1
    assert [r["route"] for r in house.asked()].count(MEMBERTRACKING) == 1


async def test_a_run_is_stopped(house: House) -> None:
    house.simulator.fault(MEMBERTRACKING, delay=30)
    scheduler, process_id = house.workspace.scheduler, house.id_of("members")
    await scheduler.run_process_now(process_id)
    await until(house, "running", "members")
    assert (await scheduler.cancel_process(process_id)).kind == "cancelled"
    status = house.status("members")
    assert (status.status, status.current_step, status.error_count) == ("idle", "Cancelled", 0)
    (run,) = await house.workspace.state.get_sync_history()
    assert run.result == "cancelled"
    assert await house.rows("member") == []


async def test_the_scheduler_is_started_and_stopped(tmp_path: Path) -> None:
    async with simulator_for(tmp_path) as (simulator, callback):
        settings = settings_for(tmp_path, simulator, callback)
        clock = Clock(float(simulator.call("GET", "clock")["offset"]))
        async with await Workspace.open(settings, clock, command="corpsync") as workspace:
            await log_in(workspace)
            house = House(simulator, workspace)
            await workspace.start()
            assert workspace.scheduler.is_running
            await until(house, "success", "members")
            await workspace.scheduler.stop()
            assert not workspace.scheduler.is_running
            assert not any(s.status == "running" for s in workspace.state.get_statuses())
            (run,) = await workspace.state.get_sync_history(house.id_of("members"))
            assert (run.trigger, run.result) == ("startup", "success")
