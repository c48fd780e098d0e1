"""The state manager: what is told, what is written, and that both agree."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.errors import AuthError, NetworkError
from corpsync_tui.queries.processes import read_processes
from corpsync_tui.sync.events import RunRecorded, StatusChanged, SyncEvent
from corpsync_tui.sync.outcome import Outcome
from corpsync_tui.sync.state import AlreadyRunningError
from tests.support.sync import Bench, bench, change_while_stored, defaults, pid
from tests.support.virtual import VirtualClock

pytestmark = pytest.mark.anyio
ASSETS, MEMBERS = pid("assets"), pid("members")


@dataclass(frozen=True)
class Merged:
    added: int = 0
    changed: int = 0
    removed: int = 0


async def test_a_run_is_told_step_by_step(world: Bench) -> None:
    await world.state.start_sync(ASSETS, "manual")
    world.state.update_sync_progress(ASSETS, 10, "Fetching assets from ESI…")
    world.state.update_sync_progress(ASSETS, 50, "Storing assets in database…", 200, 4300)
    await world.state.complete_sync(ASSETS, 4300)

    told = [e.status for e in world.events if isinstance(e, StatusChanged)]
    assert [(s.status, s.progress, s.current_step) for s in told] == [
        ("running", 0, "Initializing…"),
        ("running", 10, "Fetching assets from ESI…"),
        ("running", 50, "Storing assets in database…"),
        ("success", 100, "Completed"),
    ]
    assert (told[2].items_processed, told[2].total_items) == (200, 4300)
    assert (told[3].items_processed, told[3].total_items) == (4300, 4300)
    results = [e.run.result for e in world.events if isinstance(e, RunRecorded)]
    assert results == ["running", "success"]


async def test_progress_stays_within_its_bounds_and_never_falls(world: Bench) -> None:
    await world.state.start_sync(ASSETS)
    seen = []
    for progress in (-5, 30, 20, float("nan"), 250, 90):
        world.state.update_sync_progress(ASSETS, progress, f"at {progress}")
        seen.append(world.state.get_status(ASSETS).progress)

    assert seen == [0, 30, 30, 30, 100, 100]
    assert world.state.get_status(ASSETS).current_step == "at 90"


async def test_a_late_word_of_a_run_that_is_over_changes_nothing(world: Bench) -> None:
    await world.state.start_sync(ASSETS)
    done = await world.state.complete_sync(ASSETS, 3)
    world.events.clear()
    world.state.update_sync_progress(ASSETS, 40, "Fetching assets from ESI…")

    assert world.events == []
    assert done.result == "success"
    assert world.state.get_status(ASSETS).current_step == "Completed"


async def test_the_same_progress_twice_is_told_once(world: Bench) -> None:
    await world.state.start_sync(ASSETS)
    world.events.clear()
    for _ in range(2):
        world.state.update_sync_progress(ASSETS, 40, "Fetching assets from ESI…")

    assert len(world.events) == 1


async def test_a_second_start_is_refused(world: Bench) -> None:
    await world.state.start_sync(ASSETS)
    with pytest.raises(AlreadyRunningError):
        await world.state.start_sync(ASSETS)

    assert world.state.is_process_running(ASSETS)
    assert len(await world.state.get_sync_history()) == 1


async def test_the_history_says_what_a_run_did(world: Bench) -> None:
    until = world.clock.now() + timedelta(hours=1)
    outcome = Outcome(
        rows_added=2, items_failed=1, error_message="division 4 is gone", note="1 duplicate",
        requests_sent=7, not_modified=3, current_until=until,
    )  # fmt: skip
    begun = await world.state.start_sync(ASSETS, "startup")
    await world.clock.advance(12.5)
    await world.state.complete_sync(
        ASSETS, 4300, outcome=outcome, apply=lambda db: Merged(12, 40, 9)
    )

    (run,) = await world.state.get_sync_history(ASSETS)
    assert (run.id, run.trigger, run.start_time) == (begun.id, "startup", begun.start_time)
    assert (run.result, run.duration, run.items) == ("success", 12.5, 4300)
    assert (run.rows_added, run.rows_changed, run.rows_removed) == (14, 40, 9)
    assert (run.requests_sent, run.not_modified, run.items_failed) == (7, 3, 1)
    assert (run.error_kind, run.error_message) == (None, "division 4 is gone")
    assert (run.note, run.current_until) == ("1 duplicate", until)
    assert world.state.get_status(ASSETS).error_message is None
    assert world.events[-1] == RunRecorded(run)


async def test_history_comes_newest_first_and_by_process(world: Bench) -> None:
    for process_type in ("members", "assets", "members"):
        await world.state.start_sync(pid(process_type))
        await world.state.complete_sync(pid(process_type), 1)

    every = await world.state.get_sync_history()
    assert [run.process_type for run in every] == ["members", "assets", "members"]
    assert [run.id for run in every] == [3, 2, 1]
    assert [run.id for run in await world.state.get_sync_history(pid("members"))] == [3, 1]
    assert [run.id for run in await world.state.get_sync_history(limit=1)] == [3]


async def test_rows_and_outcome_are_there_before_anybody_is_told(
    world: Bench, tmp_path: Path
) -> None:
    found = []

    def look(event: SyncEvent) -> None:
        if isinstance(event, RunRecorded) and event.run.result == "success":
            with closing(sqlite3.connect(tmp_path / "corpsync.db")) as db:
                found.append(db.execute("SELECT result FROM sync_history").fetchone()[0])
                found.append(db.execute("SELECT value FROM setting").fetchone()[0])

    def apply(db: Any) -> Merged:
        db.execute("INSERT INTO setting VALUES ('row', 'of the run')")
        return Merged(added=1)

    world.state.subscribe(look)
    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 1, apply=apply)

    assert found == ["success", "of the run"]


async def test_a_merge_that_fails_leaves_nothing_behind(world: Bench) -> None:
    def apply(db: Any) -> Merged:
        db.execute("INSERT INTO setting VALUES ('row', 'of the run')")
        raise ValueError("half-way")

    await world.state.start_sync(ASSETS)
    with pytest.raises(ValueError, match="half-way"):
        await world.state.complete_sync(ASSETS, 1, apply=apply)

    assert world.state.is_process_running(ASSETS)
    assert await world.value("SELECT count(*) FROM setting") == 0
    assert await world.value("SELECT status FROM sync_status") == "running"
    run = await world.state.fail_sync(ASSETS, ValueError("half-way"))
    assert (run.result, run.error_kind) == ("error", "internal")


async def test_failures_are_counted_until_a_success(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    first_start = world.clock.now()
    for count in (1, 2, 3):
        await world.state.start_sync(ASSETS)
        assert world.state.get_status(ASSETS).error_count == count - 1
        await world.clock.advance(60)
        await world.state.fail_sync(ASSETS, NetworkError("No answer from ESI."))
        status = world.state.get_status(ASSETS)
        assert (status.status, status.error_count) == ("error", count)
        assert (status.error_kind, status.error_message) == ("network", "No answer from ESI.")
        assert status.failing_since == first_start
        assert status.next_run_time == world.clock.now() + timedelta(minutes=60)

    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 1)
    status = world.state.get_status(ASSETS)
    assert (status.status, status.error_count, status.failing_since) == ("success", 0, None)
    assert (status.error_kind, status.error_message) == (None, None)


async def test_a_partial_failure_stores_what_came(world: Bench) -> None:
    until = world.clock.now() + timedelta(minutes=5)

    def apply(db: Any) -> Merged:
        db.execute("INSERT INTO setting VALUES ('row', 'of the run')")
        return Merged(added=1)

    await world.state.start_sync(ASSETS)
    outcome = Outcome(items=1, items_failed=1, current_until=until)
    error = NetworkError("Division 4: no answer.")
    run = await world.state.fail_sync(ASSETS, error, outcome=outcome, apply=apply)

    assert (run.result, run.rows_added, run.items_failed) == ("error", 1, 1)
    assert run.error_message == "Division 4: no answer."
    assert await world.value("SELECT count(*) FROM setting") == 1
    assert world.state.get_status(ASSETS).current_until == until


async def test_a_missing_role_parks_the_process(world: Bench) -> None:
    await world.scheduler.initialize(defaults("wallet"))
    await world.state.start_sync(pid("wallet"))
    await world.state.fail_sync(
        pid("wallet"), AuthError("ESI refuses the wallet.", needs="role:Accountant")
    )

    status = world.state.get_status(pid("wallet"))
    assert (status.needs, status.next_run_time) == ("role:Accountant", None)
    assert status.current_step == "Needs role Accountant"
    assert status.error_message is not None
    assert "Accountant" in status.error_message
    assert await world.value("SELECT next_run_time FROM sync_schedule") is None
    assert await world.value("SELECT needs FROM sync_status") == "role:Accountant"


async def test_a_cancelled_run_leaves_the_process_as_it_was(world: Bench) -> None:
    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 1)
    succeeded = world.state.get_status(ASSETS).last_success_time
    await world.state.start_sync(ASSETS)
    await world.state.fail_sync(ASSETS, NetworkError("No answer."))
    await world.state.start_sync(ASSETS, "manual")
    await world.clock.advance(3)
    run = await world.state.cancel_sync(ASSETS)

    assert run is not None
    assert (run.result, run.duration) == ("cancelled", 3)
    status = world.state.get_status(ASSETS)
    assert (status.status, status.current_step) == ("idle", "Cancelled")
    assert (status.error_count, status.last_success_time) == (1, succeeded)
    assert await world.state.cancel_sync(ASSETS) is None


async def test_a_merge_under_way_is_rolled_back_when_the_run_is_cancelled(world: Bench) -> None:
    loop, merging = asyncio.get_running_loop(), asyncio.Event()

    def apply(db: Any) -> Merged:
        db.execute("INSERT INTO setting VALUES ('row', 'of the run')")
        loop.call_soon_threadsafe(merging.set)
        endless = "WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM n)"
        db.execute(f"{endless} SELECT count(*) FROM n").fetchone()
        return Merged()

    async def run() -> None:
        await world.state.start_sync(ASSETS)
        try:
            await world.state.complete_sync(ASSETS, 1, apply=apply)
        except asyncio.CancelledError:
            await world.state.cancel_sync(ASSETS)
            raise

    task = asyncio.create_task(run())
    await merging.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await world.value("SELECT count(*) FROM setting") == 0
    (record,) = await world.state.get_sync_history()
    assert record.result == "cancelled"
    assert not world.state.is_process_running(ASSETS)


async def test_a_listener_that_raises_harms_nobody_else(world: Bench) -> None:
    def bad(event: SyncEvent) -> None:
        raise RuntimeError("listener")

    heard: list[SyncEvent] = []
    world.state.subscribe(bad)
    unsubscribe = world.state.subscribe(heard.append)
    await world.state.start_sync(ASSETS)
    unsubscribe()
    await world.state.complete_sync(ASSETS, 1)

    assert len(heard) == 2
    assert world.state.get_status(ASSETS).status == "success"


async def test_everything_survives_a_restart(tmp_path: Path, clock: VirtualClock) -> None:
    async with bench(tmp_path, clock) as before:
        await before.scheduler.initialize(defaults())
        await before.state.start_sync(ASSETS)
        await before.state.complete_sync(ASSETS, 7, outcome=Outcome(current_until=clock.now()))
        await before.state.start_sync(pid("wallet"))
        await before.state.fail_sync(pid("wallet"), NetworkError("No answer."))
        await before.state.set_paused(paused=True)
        statuses, configs = before.state.get_statuses(), before.state.get_configs()
        history = await before.state.get_sync_history()
    async with bench(tmp_path, clock) as after:
        by_id = {status.process_id: status for status in after.state.get_statuses()}
        assert by_id == {status.process_id: status for status in statuses}
        assert {c.process_id: c for c in after.state.get_configs()} == {
            c.process_id: c for c in configs
        }
        assert await after.state.get_sync_history() == history
        assert after.state.schedule.paused
        assert after.state.interrupted_runs == ()


async def test_a_run_nobody_runs_is_interrupted_and_due_again(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as killed:
        await killed.scheduler.initialize(defaults("assets", "market"))
        await killed.state.set_next_run_time(ASSETS, clock.now() + timedelta(minutes=50))
        await killed.state.start_sync(ASSETS, "manual")
    clock.jump(600)
    async with bench(tmp_path, clock) as after:
        (run,) = after.state.interrupted_runs
        assert (run.process_id, run.result, run.trigger) == (ASSETS, "interrupted", "manual")
        assert [r.result for r in await after.state.get_sync_history()] == ["interrupted"]
        status = after.state.get_status(ASSETS)
        assert (status.status, status.current_step) == ("idle", "Interrupted")
        assert status.next_run_time == clock.now()
        assert after.scheduler.get_next_run_time(ASSETS) == clock.now()


async def test_beside_a_holder_its_running_run_is_left_alone(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.state.start_sync(ASSETS)
        async with bench(tmp_path, clock, recover=False) as other:
            await other.scheduler.initialize(defaults("wallet"))
        assert holder.state.is_process_running(ASSETS)
        assert await holder.value("SELECT status FROM sync_status") == "running"
        assert await holder.state.refresh() == [pid("wallet")]
        assert pid("wallet") in {s.process_id for s in holder.state.get_statuses()}


async def test_a_logout_and_a_login_elsewhere_are_noticed(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await holder.state.start_sync(ASSETS)
        await holder.state.complete_sync(ASSETS, 9)
        async with bench(tmp_path, clock, recover=False) as other:
            await other.state.set_needs(ASSETS, "login")
        await holder.state.refresh()
        status = holder.state.get_status(ASSETS)
        assert (status.needs, status.next_run_time) == ("login", None)
        assert (status.items_processed, status.current_step) == (9, "Needs a login")
        async with bench(tmp_path, clock, recover=False) as other:
            await other.scheduler.unpark(ASSETS)
        await holder.state.refresh()
        status = holder.state.get_status(ASSETS)
        assert (status.needs, status.next_run_time) == (None, clock.now())


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_logout_while_a_run_is_under_way_outlives_its_success(
    tmp_path: Path, clock: VirtualClock, elsewhere: bool
) -> None:
    async with bench(tmp_path, clock) as holder:
        await holder.scheduler.initialize(defaults("assets"))
        await holder.state.start_sync(ASSETS)
        async with bench(tmp_path, clock, recover=False) as other:
            await (other if elsewhere else holder).state.set_needs(ASSETS, "login")
        run = await holder.state.complete_sync(ASSETS, 9)
        status, config = holder.state.get_status(ASSETS), holder.state.get_config(ASSETS)
        assert (run.result, status.needs, status.next_run_time) == ("success", "login", None)
        assert config is not None
        assert config.next_run_time is None
        assert await holder.value("SELECT needs FROM sync_status") == "login"


async def test_the_end_of_a_run_outlives_a_database_that_takes_nothing(
    world: Bench, tmp_path: Path
) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.state.start_sync(ASSETS)
    file, aside = tmp_path / "corpsync.db", tmp_path / "aside.db"
    aside.hardlink_to(file)
    file.unlink()
    run = await world.state.fail_sync(ASSETS, NetworkError("No answer."))

    assert run.result == "error"
    assert world.state.get_status(ASSETS).error_count == 1
    assert not world.state.is_process_running(ASSETS)

    aside.rename(file)
    await world.state.start_sync(ASSETS)
    assert [r.result for r in await world.state.get_sync_history()] == ["running", "error"]


async def test_what_was_held_is_written_whole_by_the_next_run_of_any_process(
    world: Bench, tmp_path: Path
) -> None:
    await world.scheduler.initialize(defaults("assets", "members"))
    await world.state.start_sync(ASSETS)
    file, aside = tmp_path / "corpsync.db", tmp_path / "aside.db"
    aside.hardlink_to(file)
    file.unlink()
    needs = AuthError("The role is missing.", needs="role:Director")
    await world.state.fail_sync(ASSETS, needs)
    await world.state.fail_sync(ASSETS, NetworkError("No answer."))
    held = world.state.get_status(ASSETS)

    aside.rename(file)
    await world.state.start_sync(MEMBERS)
    stored = await world.store.read(lambda db: read_processes(db, None))
    assert stored.status(ASSETS) == held
    assert stored.configs[ASSETS] == world.state.get_config(ASSETS)
    runs = await world.state.get_sync_history(ASSETS)
    assert [(r.result, r.error_message) for r in runs] == [
        ("error", "No answer."),
        ("error", "The role is missing: role Director."),
    ]
    await world.state.refresh()
    assert world.state.get_status(ASSETS) == held


async def test_a_run_that_cannot_even_start_is_recorded(world: Bench) -> None:
    run = await world.state.fail_sync(ASSETS, NetworkError("No answer."), trigger="manual")

    assert (run.result, run.trigger) == ("error", "manual")
    assert await world.state.get_sync_history() == [run]


async def test_old_history_goes_but_never_a_processes_last_hundred(world: Bench) -> None:
    now = world.clock.time()

    def fill(db: Any) -> None:
        insert = (
            "INSERT INTO sync_history (process_id, process_type, corporation_id, trigger,"
            " start_time, result, items, rows_added, rows_changed, rows_removed, requests_sent,"
            " not_modified, items_failed) VALUES (?, '', 0, 'schedule', ?, 'success',"
            " 0, 0, 0, 0, 0, 0, 0)"
        )
        day = 86_400
        db.executemany(insert, [("1/old", now - 200 * day + n) for n in range(130)])
        db.executemany(insert, [("1/few", now - 200 * day + n) for n in range(5)])
        db.executemany(insert, [("1/young", now - 80 * day + n) for n in range(150)])

    await world.store.write(fill)
    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 1)

    kept = "SELECT count(*) FROM sync_history WHERE process_id = ?"
    assert await world.value(kept, "1/old") == 100
    assert await world.value(kept, "1/few") == 5
    assert await world.value(kept, "1/young") == 150


@pytest.mark.parametrize("ends", ["fails", "is cancelled", "goes on"])
async def test_the_items_stay_those_of_the_last_success(world: Bench, ends: str) -> None:
    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 4300)
    await world.state.start_sync(ASSETS)
    assert world.state.get_status(ASSETS).items_processed == 4300
    if ends == "fails":
        error = NetworkError("No answer.")
        await world.state.fail_sync(ASSETS, error, outcome=Outcome(items=12))
    elif ends == "is cancelled":
        world.state.update_sync_progress(ASSETS, 50, "Storing assets in database…", 200)
        await world.state.cancel_sync(ASSETS)
    stored = await world.state._store.read(read_processes)
    assert stored.status(ASSETS).items_processed == 4300
    assert world.state.get_status(ASSETS).items_processed == 4300


async def test_an_interval_that_changes_while_rows_are_stored_counts_from_that_end(
    world: Bench,
) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.state.start_sync(ASSETS)
    await world.state.complete_sync(ASSETS, 1)
    await world.clock.advance(3_600)
    change = world.scheduler.update_process_interval(ASSETS, 7)
    (config,) = await change_while_stored(world, ASSETS, change)
    assert config.next_run_time == world.clock.now() + timedelta(minutes=7)
