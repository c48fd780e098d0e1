"""The scheduler's verbs: what is asked of it, and when processes then run."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.errors import AuthError, NetworkError, SettingsError
from corpsync_tui.queries.records import SyncConfig
from corpsync_tui.sync.events import RunRecorded
from tests.support.sync import CORPORATION_ID, INTERVALS, Bench, bench, defaults, gaps, pid
from tests.support.virtual import VirtualClock

pytestmark = pytest.mark.anyio
ASSETS, MEMBERS, WALLET = pid("assets"), pid("members"), pid("wallet")
HOUR = 3600.0


async def test_a_first_start_runs_all_eight_one_after_the_other(world: Bench) -> None:
    world.runs.seconds = 1
    await world.start()
    await world.clock.advance(15)

    assert [start.process_type for start in world.runs.starts] == list(INTERVALS)
    assert {start.trigger for start in world.runs.starts} == {"startup"}
    assert min(gaps([start.second for start in world.runs.starts])) >= 1
    assert world.runs.starts[-1].second <= 15


async def test_the_next_run_is_one_interval_after_the_end(world: Bench) -> None:
    await world.start("manufacturing")
    await world.clock.advance(60 * 60)

    starts = world.runs.of("manufacturing")
    assert [start.second for start in starts] == [0, 910, 1820, 2730]
    assert [start.trigger for start in starts] == ["startup", "schedule", "schedule", "schedule"]
    assert world.scheduler.get_next_run_time(pid("manufacturing")) == (
        world.state.last_end(pid("manufacturing")) or world.clock.now()
    ) + timedelta(minutes=15)


async def test_nothing_runs_before_its_copy_has_expired(world: Bench) -> None:
    world.runs.cache_seconds = HOUR
    await world.start("manufacturing")
    await world.clock.advance(2 * HOUR)

    assert [start.second for start in world.runs.starts] == [0, 10 + HOUR]


async def test_the_next_run_is_stored_with_the_outcome(world: Bench, tmp_path: Path) -> None:
    found = []

    async def look() -> None:
        schedule = await world.value("SELECT next_run_time FROM sync_schedule")
        found.append(schedule == await world.value("SELECT next_run_time FROM sync_status"))
        end = await world.value("SELECT start_time + duration FROM sync_history")
        assert isinstance(end, float)
        found.append(schedule == end + 60 * 30)

    await world.start("members")
    await world.clock.advance(20)
    await look()
    assert found == [True, True]


async def test_at_most_three_run_at_once_and_the_others_say_so(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)

    assert len(world.runs.starts) == 3
    assert list(world.state.schedule.waiting.values()) == [
        "Queued (1st)", "Queued (2nd)", "Queued (3rd)", "Queued (4th)", "Queued (5th)",
    ]  # fmt: skip
    assert world.state.get_status(pid("market")).current_step == "Queued (1st)"
    await world.clock.advance(60)
    assert world.state.get_status(pid("market")).status == "running"
    await world.clock.advance(200)
    assert len(world.runs.starts) == len(INTERVALS)
    assert world.runs.most_side_by_side == 3
    assert world.state.schedule.waiting == {}


async def test_what_is_asked_by_hand_goes_before_the_schedule(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)
    asked = await world.scheduler.run_process_now(pid("container_logs"))
    assert (asked.kind, asked.sentence) == (
        "queued", "Container logs is queued (1st).",
    )  # fmt: skip
    await world.clock.advance(60)

    assert world.runs.starts[3].process_type == "container_logs"
    assert world.runs.starts[3].trigger == "manual"


async def test_sync_now_starts_at_once(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(20)
    asked = await world.scheduler.run_process_now(ASSETS)

    assert (asked.kind, asked.sentence) == ("started", "Assets started.")
    await world.clock.settle()
    assert world.state.is_process_running(ASSETS)
    assert world.runs.starts[-1].trigger == "manual"


async def test_a_second_request_says_that_it_is_running(world: Bench) -> None:
    await world.start("assets")
    asked = await world.scheduler.run_process_now(ASSETS)
    await world.clock.advance(5)

    assert (asked.kind, asked.sentence) == ("running", "Assets is already running.")
    assert len(world.runs.starts) == 1


async def test_inside_cache_time_nothing_is_asked(world: Bench) -> None:
    world.runs.cache_seconds = HOUR
    await world.start("assets")
    await world.clock.advance(60)
    asked = await world.scheduler.run_process_now(ASSETS)
    await world.clock.advance(5)

    assert asked.kind == "current"
    assert asked.sentence == "Assets is current until 15:13 EVE time; ESI was not asked."
    assert asked.current_until == world.state.get_status(ASSETS).current_until
    assert len(world.runs.starts) == 1


async def test_sync_now_works_without_the_loop(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.scheduler.run_process_now(ASSETS)
    await world.clock.advance(10)

    assert [start.process_type for start in world.runs.starts] == ["assets"]
    assert not world.scheduler.is_running


async def test_finished_gives_the_record_of_the_run(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.scheduler.run_process_now(ASSETS)
    heard = world.scheduler.finished(ASSETS)
    waiting = asyncio.ensure_future(heard)
    await world.clock.advance(10)
    record = await waiting

    assert record is not None
    assert (record.result, record.items) == ("success", 5)
    assert await world.scheduler.finished(ASSETS) is None


async def test_off_stops_the_schedule_and_lets_the_run_end(world: Bench) -> None:
    await world.start("assets")
    config = await world.scheduler.toggle_process(ASSETS)
    assert not config.enabled
    await world.clock.advance(5 * HOUR)

    assert len(world.runs.starts) == 1
    assert world.state.get_status(ASSETS).status == "success"
    assert world.scheduler.get_next_run_time(ASSETS) is None
    assert await world.value("SELECT next_run_time FROM sync_schedule") is None
    assert await world.value("SELECT enabled FROM sync_schedule") == 0


async def test_on_again_waits_for_the_rest_of_the_interval(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(60)
    await world.scheduler.toggle_process(ASSETS, enabled=False)
    await world.clock.advance(20 * 60)
    await world.scheduler.toggle_process(ASSETS, enabled=True)
    await world.clock.advance(45 * 60)

    assert [start.second for start in world.runs.starts] == [0, 10 + HOUR]


async def test_on_again_after_a_long_time_runs_at_once(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(60)
    await world.scheduler.toggle_process(ASSETS, enabled=False)
    await world.clock.advance(3 * HOUR)
    await world.scheduler.toggle_process(ASSETS, enabled=True)
    await world.clock.advance(1)

    assert [start.second for start in world.runs.starts] == [0, 60 + 3 * HOUR]


async def test_sync_now_leaves_a_process_off(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(60)
    await world.scheduler.toggle_process(ASSETS, enabled=False)
    asked = await world.scheduler.run_process_now(ASSETS)
    await world.clock.advance(5 * HOUR)

    assert asked.kind == "started"
    assert len(world.runs.starts) == 2
    config = world.scheduler.get_process_config(ASSETS)
    assert config is not None
    assert (config.enabled, config.next_run_time) == (False, None)


async def test_another_interval_counts_from_the_last_end(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(60)
    await world.scheduler.update_process_interval(ASSETS, 5)
    await world.clock.advance(10 * 60)

    assert [start.second for start in world.runs.starts] == [0, 310, 620]
    assert await world.value("SELECT interval_minutes FROM sync_schedule") == 5


@pytest.mark.parametrize("minutes", [0, -1, 0.5, 525_601, float("nan")])
async def test_an_impossible_interval_is_refused(world: Bench, minutes: float) -> None:
    await world.scheduler.initialize(defaults("assets"))
    with pytest.raises(SettingsError, match="1 to 525,600 minutes"):
        await world.scheduler.update_process_interval(ASSETS, minutes)

    assert await world.value("SELECT interval_minutes FROM sync_schedule") == 60


async def test_a_failing_process_tries_again_at_its_next_interval(world: Bench) -> None:
    world.runs.errors["assets"] = [NetworkError("No answer."), NetworkError("No answer.")]
    await world.start("assets")
    await world.clock.advance(2.5 * HOUR)

    assert [start.second for start in world.runs.starts] == [0, 3610, 7220]
    assert world.state.get_status(ASSETS).error_count == 0


async def test_a_parked_process_waits_for_the_director(world: Bench) -> None:
    world.runs.errors["wallet"] = [AuthError("No role.", needs="role:Accountant")]
    await world.start("wallet")
    await world.clock.advance(5 * HOUR)
    assert len(world.runs.starts) == 1

    asked = await world.scheduler.run_process_now(WALLET)
    await world.clock.advance(20)
    assert asked.kind == "started"
    assert world.state.get_status(WALLET).needs is None
    await world.clock.advance(HOUR)
    assert [start.trigger for start in world.runs.starts] == ["startup", "manual", "schedule"]


async def test_a_login_wakes_what_was_parked(world: Bench) -> None:
    world.runs.errors["wallet"] = [AuthError("No token.", needs="login")]
    await world.start("wallet")
    await world.clock.advance(HOUR)
    await world.scheduler.unpark(WALLET)
    await world.clock.advance(1)

    assert [start.second for start in world.runs.starts] == [0, HOUR]


async def test_a_long_list_goes_on_at_once(world: Bench) -> None:
    world.runs.cache_seconds, world.runs.more_to_come = 300, True
    await world.start("killmails")
    await world.clock.advance(25)

    assert [start.second for start in world.runs.starts] == [0, 10, 20]


async def test_cancel_really_ends_the_run(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(4)
    asked = await world.scheduler.cancel_process(ASSETS)

    assert (asked.kind, asked.sentence) == ("cancelled", "Assets was cancelled.")
    assert world.runs.side_by_side == 0
    (run,) = await world.state.get_sync_history()
    assert (run.result, run.duration) == ("cancelled", 4)
    assert world.scheduler.get_next_run_time(ASSETS) == world.clock.now() + timedelta(hours=1)


async def test_cancel_takes_back_what_is_queued(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)
    asked = await world.scheduler.cancel_process(WALLET)
    await world.clock.advance(30 * 60)

    assert asked.kind == "cancelled"
    assert world.runs.of("wallet") == []
    assert world.state.get_status(WALLET).current_step == ""


async def test_cancel_of_nothing_says_so(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    asked = await world.scheduler.cancel_process(ASSETS)

    assert (asked.kind, asked.sentence) == ("nothing", "Assets is not running.")


async def test_cancel_before_the_first_step_frees_the_slot(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.scheduler.run_process_now(ASSETS)
    await world.scheduler.cancel_process(ASSETS)
    asked = await world.scheduler.run_process_now(ASSETS)
    await world.clock.advance(10)

    assert asked.kind == "started"
    assert [run.result for run in await world.state.get_sync_history()] == ["success"]


async def test_pause_holds_the_schedule_over_a_restart(tmp_path: Path, clock: VirtualClock) -> None:
    async with bench(tmp_path, clock) as first:
        await first.start("assets")
        await first.scheduler.pause()
        await clock.advance(2 * HOUR)
        assert len(first.runs.starts) == 1
        assert first.state.get_status(ASSETS).status == "success"
    async with bench(tmp_path, clock) as second:
        await second.start("assets")
        await clock.advance(HOUR)
        assert second.state.schedule.paused
        assert second.runs.starts == []
        await second.scheduler.run_process_now(ASSETS)
        await clock.advance(2 * HOUR)
        assert [start.trigger for start in second.runs.starts] == ["manual"]
        await second.scheduler.resume()
        await clock.advance(1)
        assert [start.trigger for start in second.runs.starts] == ["manual", "schedule"]


async def test_stop_cancels_what_runs_and_forgets_what_waits(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)
    await world.scheduler.stop()

    assert not world.scheduler.is_running
    assert world.runs.side_by_side == 0
    assert {run.result for run in await world.state.get_sync_history()} == {"cancelled"}
    await world.clock.advance(2 * HOUR)
    assert len(world.runs.starts) == 3


async def test_what_the_end_cuts_off_runs_first_at_the_next_start(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as first:
        first.runs.seconds = 60
        await first.scheduler.initialize(defaults("assets"))
        await first.scheduler.start()
        await clock.advance(12)
        first.state.update_sync_progress(pid("assets"), 45, "Storing assets in database…")
        await first.scheduler.stop()
    async with bench(tmp_path, clock) as second:
        await second.scheduler.initialize(defaults("assets"))
        status = second.state.get_status(pid("assets"))
        assert (status.progress, status.current_step) == (0, "Cancelled")
        await second.scheduler.start()
        await clock.advance(1)
        assert [start.process_type for start in second.runs.starts] == ["assets"]


async def test_a_run_whose_start_cannot_be_written_yet_shows_that_it_starts(
    world: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.scheduler.initialize(defaults("assets"))
    lock = asyncio.Event()
    write = world.state._store.write

    async def waiting(work: Any, *arguments: Any, **options: Any) -> Any:
        await lock.wait()
        return await write(work, *arguments, **options)

    monkeypatch.setattr(world.state._store, "write", waiting)
    await world.scheduler.run_process_now(pid("assets"))
    await asyncio.sleep(0)
    assert world.state.schedule.waiting == {pid("assets"): "Starting…"}
    lock.set()
    await world.clock.advance(1)
    assert world.state.schedule.waiting == {}
    assert world.state.get_status(pid("assets")).status == "running"


async def test_nothing_starts_between_stop_and_the_next_start(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)
    stopping = asyncio.ensure_future(world.scheduler.stop())
    await asyncio.sleep(0)
    asked = await world.scheduler.run_process_now(pid("killmails"))
    await stopping

    assert (asked.kind, asked.sentence) == (
        "nothing",
        "Killmails was not started: corpsync is closing.",
    )
    assert world.runs.side_by_side == 0
    assert {run.result for run in await world.state.get_sync_history()} == {"cancelled"}
    await world.scheduler.start()
    await world.clock.advance(12)
    assert world.runs.side_by_side == 3


async def test_an_app_that_cancels_all_its_workers_starts_no_more(world: Bench) -> None:
    world.runs.seconds = 60
    await world.start()
    await world.clock.advance(12)
    for task in asyncio.all_tasks():
        if task.get_name().startswith("sync "):
            task.cancel()
    await world.clock.advance(2 * HOUR)

    assert len(world.runs.starts) == 3
    assert world.state.schedule.waiting == {}
    assert {run.result for run in await world.state.get_sync_history()} == {"cancelled"}


async def test_what_fell_due_while_closed_runs_at_start(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as first:
        await first.start("assets", "manufacturing", "members")
        await clock.advance(60)
    clock.jump(20 * 60)
    async with bench(tmp_path, clock) as second:
        await second.start("assets", "manufacturing", "members")
        await clock.advance(20)
        assert [(s.process_type, s.trigger) for s in second.runs.starts] == [
            ("manufacturing", "startup")
        ]


async def test_initialize_adds_only_what_is_missing(world: Bench) -> None:
    await world.scheduler.initialize(defaults("assets"))
    await world.scheduler.update_process_interval(ASSETS, 7)
    await world.scheduler.toggle_process(ASSETS, enabled=False)
    await world.scheduler.initialize(defaults("assets", "members"))

    intervals = {c.process_type: c.interval_minutes for c in world.state.get_configs()}
    assert intervals == {"assets": 7, "members": 30}
    config = world.scheduler.get_process_config(ASSETS)
    assert config is not None
    assert not config.enabled
    assert list(world.scheduler.notices) == []


async def test_a_process_scheduled_while_running_starts_at_once(world: Bench) -> None:
    await world.start("assets")
    await world.clock.advance(100)
    await world.scheduler.schedule_process(SyncConfig(MEMBERS, "members", CORPORATION_ID))
    await world.clock.advance(1)

    assert world.runs.starts[-1].process_type == "members"


async def test_a_process_that_a_login_elsewhere_added_starts_within_30_s(
    world: Bench, tmp_path: Path
) -> None:
    await world.start("assets")
    async with bench(tmp_path, world.clock, recover=False) as other:
        await other.scheduler.initialize(defaults("members"))
    await world.clock.advance(31)

    assert [start.process_type for start in world.runs.starts] == ["assets", "members"]


async def test_an_unscheduled_process_runs_no_more(world: Bench) -> None:
    await world.start("assets", "members")
    await world.clock.advance(60)
    await world.scheduler.unschedule_process(ASSETS)
    await world.clock.advance(3 * HOUR)

    assert len(world.runs.of("assets")) == 1
    assert world.scheduler.get_process_config(ASSETS) is None
    assert [c.process_id for c in world.scheduler.get_scheduled_processes()] == [MEMBERS]
    assert len(await world.state.get_sync_history(ASSETS)) == 1


async def test_every_run_is_recorded_once(world: Bench) -> None:
    await world.start()
    await world.clock.advance(4 * HOUR)

    history = await world.state.get_sync_history(limit=1000)
    assert len(history) == len(world.runs.starts)
    told = {e.run.id for e in world.events if isinstance(e, RunRecorded)}
    assert told == {run.id for run in history}
    assert world.runs.most_side_by_side <= 3
