"""What another corpsync logs in or out is looked for every 30 seconds, before the schedule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from corpsync_tui.errors import AuthError, DatabaseError, NetworkError
from corpsync_tui.sync.scheduler import SyncScheduler
from tests.support.sync import Bench, bench, change_while_stored, defaults, pid
from tests.support.virtual import VirtualClock

pytestmark = pytest.mark.anyio
ASSETS = pid("assets")
ASKED = "SELECT enabled || ' ' || interval_minutes FROM sync_schedule"
DUE = "SELECT next_run_time FROM sync_schedule"
NEEDS = "SELECT needs FROM sync_status"


async def log_out_elsewhere(folder: Path, clock: VirtualClock, process_id: str = ASSETS) -> None:
    """Park a process as another corpsync does it at a logout, unnoticed here."""
    async with bench(folder, clock, recover=False) as other:
        await other.state.set_needs(process_id, "login")


async def test_logins_are_looked_for_every_30_s_and_a_failure_ends_nothing(world: Bench) -> None:
    looks: list[float] = []

    async def logins() -> None:
        looks.append(world.clock.monotonic())
        if len(looks) == 1:
            raise DatabaseError("the database is locked")

    scheduler = SyncScheduler(world.state, world.clock, run=world.runs, logins=logins)
    await scheduler.initialize(defaults("assets"))
    await scheduler.start()
    began = world.clock.monotonic()
    try:
        await world.clock.advance(95)
    finally:
        await scheduler.stop()
    assert [round(look - began) for look in looks] == [30, 60, 90]


async def test_a_login_changes_nothing_but_what_waited_for_it(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await holder.state.set_needs(ASSETS, "login")
        async with bench(tmp_path, clock, recover=False) as login:
            await holder.scheduler.toggle_process(ASSETS, enabled=False)
            await holder.scheduler.update_process_interval(ASSETS, 30)
            await login.scheduler.unpark(ASSETS)
        assert await holder.value(ASKED) == "0 30.0"
        assert await holder.value(NEEDS) is None


@pytest.mark.parametrize("needs", [None, "login"])
@pytest.mark.parametrize("clock_set", [True, False])
async def test_what_a_login_or_logout_elsewhere_wrote_outlives_a_change(
    tmp_path: Path, clock: VirtualClock, needs: str | None, clock_set: bool
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        if needs is None:
            await holder.state.set_needs(ASSETS, "login")
        async with bench(tmp_path, clock, recover=False) as other:
            await other.state.set_needs(ASSETS, needs)
        if clock_set:
            await holder.scheduler._bring_near("The clock was set back")
        else:
            await holder.scheduler.update_process_interval(ASSETS, 30)
        due = await holder.value(DUE)
        assert await holder.value(NEEDS) == needs
        assert (due is None) == (needs is not None)
        assert holder.state.needs(ASSETS) == needs


async def test_what_a_logout_elsewhere_parked_is_not_due_again_for_being_taken_off_the_queue(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        holder.runs.seconds = 60
        await holder.start("members", "assets", "market", "wallet")
        await holder.clock.advance(20)
        (queued,) = holder.state.schedule.waiting
        await log_out_elsewhere(tmp_path, clock, queued)
        await holder.scheduler.cancel_process(queued)
        status = holder.state.get_status(queued)
        assert (status.needs, status.next_run_time) == ("login", None)


async def test_changes_that_wait_for_the_same_end_all_count(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    off = world.scheduler.toggle_process(ASSETS, enabled=False)
    slower = world.scheduler.update_process_interval(ASSETS, 30)
    await change_while_stored(world, ASSETS, off, slower)
    assert await world.value(ASKED) == "0 30.0"


@pytest.mark.parametrize(
    ("was_enabled", "change", "asked"),
    [
        (True, lambda scheduler: scheduler.toggle_process(ASSETS, enabled=False), "0 60.0"),
        (False, lambda scheduler: scheduler.toggle_process(ASSETS, enabled=True), "1 60.0"),
        (True, lambda scheduler: scheduler.update_process_interval(ASSETS, 30), "1 30.0"),
    ],
)
async def test_a_logout_during_a_run_outlives_what_is_asked_of_its_process_then(
    tmp_path: Path,
    clock: VirtualClock,
    was_enabled: bool,
    change: Callable[[SyncScheduler], Awaitable[object]],
    asked: str,
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await holder.scheduler.toggle_process(ASSETS, enabled=was_enabled)
        await holder.state.start_sync(ASSETS)
        await log_out_elsewhere(tmp_path, clock)
        await change(holder.scheduler)
        assert await holder.value(NEEDS) == "login"
        assert await holder.value(DUE) is None
        await holder.state.complete_sync(ASSETS, 9)
        assert await holder.value(ASKED) == asked
        assert await holder.value(NEEDS) == "login"
        assert await holder.value(DUE) is None
        assert holder.state.needs(ASSETS) == "login"


async def test_a_logout_that_is_not_noticed_yet_outlives_the_start_of_a_run(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await log_out_elsewhere(tmp_path, clock)
        await holder.state.start_sync(ASSETS)
        await holder.state.complete_sync(ASSETS, 9)
        assert await holder.value(NEEDS) == "login"
        assert holder.state.needs(ASSETS) == "login"


@pytest.mark.parametrize("cancelled", [True, False])
async def test_a_login_during_a_run_without_one_lets_the_process_run_again(
    tmp_path: Path, clock: VirtualClock, cancelled: bool
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await holder.state.set_needs(ASSETS, "login")
        await holder.state.start_sync(ASSETS, "manual")
        async with bench(tmp_path, clock, recover=False) as other:
            await other.scheduler.unpark(ASSETS)
        if cancelled:
            await holder.state.cancel_sync(ASSETS)
        else:
            await holder.state.fail_sync(ASSETS, AuthError("No login.", needs="login"))
        assert await holder.value(NEEDS) is None
        assert await holder.value(DUE) == clock.time()
        assert holder.state.needs(ASSETS) is None


async def test_a_logout_outlives_a_failure_that_was_held_back(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets", "members"))
        await holder.state.start_sync(ASSETS)
        file, aside = tmp_path / "corpsync.db", tmp_path / "aside.db"
        file.rename(aside)
        await holder.state.fail_sync(ASSETS, NetworkError("No answer."))
        aside.rename(file)
        await log_out_elsewhere(tmp_path, clock)
        await holder.state.start_sync(pid("members"))
        assert await holder.value(f"{NEEDS} WHERE process_id = ?", ASSETS) == "login"
        assert (await holder.state.get_sync_history(ASSETS))[0].result == "error"
        await holder.state.refresh()
        assert holder.state.needs(ASSETS) == "login"
        assert holder.scheduler.get_next_run_time(ASSETS) is None
