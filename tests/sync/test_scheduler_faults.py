"""The scheduler when something goes wrong: clocks, downtime, mistakes, hands in the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from corpsync_tui.errors import DowntimeError
from corpsync_tui.sync.events import Noticed, SyncEvent
from tests.support.sync import INTERVALS, Bench, bench, defaults, gaps, pid
from tests.support.virtual import VirtualClock

pytestmark = pytest.mark.anyio
ASSETS, MEMBERS = pid("assets"), pid("members")
HOURS = timedelta(hours=1)
HOUR, DAY, YEAR = 3600.0, 86_400.0, 365 * 86_400.0


async def run_all_once(world: Bench) -> None:
    world.runs.seconds = 1
    await world.start()
    await world.clock.advance(60)
    assert len(world.runs.starts) == len(INTERVALS)
    world.runs.starts.clear()


def said(world: Bench, word: str) -> list[str]:
    return [sentence for sentence in world.scheduler.notices if word in sentence]


@pytest.mark.parametrize("leap", [8 * HOUR, DAY, YEAR])
async def test_after_a_sleep_everything_runs_once_staggered(world: Bench, leap: float) -> None:
    await run_all_once(world)
    world.clock.jump(leap)
    await world.clock.advance(60)

    assert sorted(s.process_type for s in world.runs.starts) == sorted(
        config.process_type for config in defaults()
    )
    assert min(gaps([start.second for start in world.runs.starts])) >= 1
    assert len(said(world, "What was due meanwhile runs now")) == 1


@pytest.mark.parametrize("leap", [HOUR, DAY, YEAR])
async def test_after_the_clock_was_set_back_everything_runs_within_its_interval(
    world: Bench, leap: float
) -> None:
    await run_all_once(world)
    world.clock.jump(-leap)
    await world.clock.advance(31)
    assert world.runs.starts == []
    assert len(said(world, "set back")) == 1

    await world.clock.advance(HOUR + 60)
    assert {start.process_type for start in world.runs.starts} == {
        config.process_type for config in defaults()
    }
    assert len(world.runs.of("assets")) == 1


async def test_a_clock_that_was_a_year_ahead_while_closed_does_no_harm(
    tmp_path: Path, clock: VirtualClock
) -> None:
    clock.jump(YEAR)
    async with bench(tmp_path, clock) as wrong:
        wrong.runs.cache_seconds = HOUR
        await run_all_once(wrong)
    clock.jump(-YEAR)
    async with bench(tmp_path, clock) as right:
        right.runs.cache_seconds = HOUR
        await right.start()
        assert len(said(right, "set back")) == 1
        asked = await right.scheduler.run_process_now(ASSETS)
        assert asked.current_until is None or asked.current_until <= clock.now() + HOURS
        await clock.advance(HOUR + 60)
        assert {start.process_type for start in right.runs.starts} == {
            config.process_type for config in defaults()
        }


async def test_small_corrections_of_the_clock_are_nobodys_business(world: Bench) -> None:
    await run_all_once(world)
    for seconds in (20, -20, 45, -45):
        world.clock.jump(seconds)
        await world.clock.advance(31)

    assert list(world.scheduler.notices) == []


async def test_downtime_holds_everything_and_ends_by_itself(world: Bench) -> None:
    await run_all_once(world)
    world.esi_is_up[:] = [False] * 20 + [True]
    world.runs.errors["manufacturing"] = [DowntimeError("ESI is down.", status=503)]
    await world.clock.advance(16 * 60)

    assert len(world.runs.of("manufacturing")) == 1
    assert world.state.schedule.esi_down_since is not None
    asked = await world.scheduler.run_process_now(ASSETS)
    assert asked.kind == "waiting"
    assert asked.sentence == "ESI is down; Assets runs as soon as it is back."
    await world.clock.advance(5 * 60)
    assert world.state.schedule.waiting[pid("market")].startswith("Waiting for ESI, down since 14:")
    before = len(world.runs.starts)
    assert min(gaps(world.questions)) >= 30

    await world.clock.advance(5 * 60)
    assert world.state.schedule.esi_down_since is None
    after = world.runs.starts[before:]
    assert {start.process_type for start in after} >= {"assets", "market", "manufacturing"}
    assert len({start.process_type for start in after}) == len(after)
    scheduled = [start.second for start in after if start.trigger == "schedule"]
    assert min(gaps(scheduled)) >= 1
    assert len(said(world, "ESI is down")) == len(said(world, "ESI is back")) == 1
    assert world.state.schedule.waiting == {}
    assert world.state.get_status(pid("manufacturing")).error_count == 0


@pytest.mark.parametrize("held_by", ["nothing", "pause", "downtime"])
async def test_a_schedule_at_rest_looks_twice_a_minute_at_most(world: Bench, held_by: str) -> None:
    await run_all_once(world)
    if held_by == "downtime":
        world.esi_is_up[:] = [False]
        world.runs.errors["manufacturing"] = [DowntimeError("ESI is down.", status=503)]
        await world.clock.advance(16 * 60)
    if held_by == "pause":
        world.clock.jump(DAY)
        await world.clock.advance(31)
        await world.scheduler.pause()
    world.clock.sleeps = 0
    await world.clock.advance(10 * 60)

    assert world.clock.sleeps <= 45


async def test_a_crash_in_a_run_is_an_error_of_that_process_alone(world: Bench) -> None:
    world.runs.crashes["assets"] = RuntimeError("boom")
    await world.start("assets", "members")
    await world.clock.advance(2 * HOUR)

    status = world.state.get_status(ASSETS)
    assert (status.status, status.error_kind, status.error_count) == ("error", "internal", 2)
    assert len(world.runs.of("assets")) == 2
    assert len(world.runs.of("members")) == 4
    assert world.state.get_status(MEMBERS).status == "success"


async def test_a_crash_in_a_listener_does_not_stop_the_schedule(world: Bench) -> None:
    def bad(event: SyncEvent) -> None:
        raise RuntimeError("listener")

    world.state.subscribe(bad)
    await world.start("members")
    await world.clock.advance(2 * HOUR)

    assert len(world.runs.starts) == 4


async def test_the_loop_outlives_an_error_of_its_own(
    world: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.start("members")
    real = world.state.get_configs
    monkeypatch.setattr(world.state, "get_configs", lambda: 1 / 0)
    await world.clock.advance(HOUR)
    monkeypatch.setattr(world.state, "get_configs", real)
    await world.clock.advance(60)

    assert len(world.runs.starts) == 2
    assert len(said(world, "goes on")) == 1


async def test_a_database_that_takes_nothing_stops_no_schedule(
    world: Bench, tmp_path: Path
) -> None:
    file, aside = tmp_path / "corpsync.db", tmp_path / "aside.db"
    await world.start("members")
    await world.clock.advance(60)
    aside.hardlink_to(file)
    file.unlink()
    await world.clock.advance(HOUR)
    status = world.state.get_status(MEMBERS)
    assert (status.status, status.error_kind) == ("error", "database")
    assert status.error_message is not None
    assert "replaced or deleted" in status.error_message
    aside.rename(file)
    await world.clock.advance(HOUR)

    status = world.state.get_status(MEMBERS)
    assert (status.status, status.error_count) == ("success", 0)
    results = [run.result for run in await world.state.get_sync_history()]
    assert results[0] == "success"
    assert "error" in results


async def test_edits_by_hand_are_honoured_at_the_next_start(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with bench(tmp_path, clock) as first:
        await run_all_once(first)
        now = clock.time()
        await first.execute("UPDATE sync_schedule SET next_run_time = ?", now + 2 * HOUR)
        edit = "UPDATE sync_schedule SET {} WHERE process_id = ?"
        await first.execute(edit.format("interval_minutes = 0.1, next_run_time = 0"), ASSETS)
        await first.execute(edit.format("enabled = 0"), MEMBERS)
        await first.execute(edit.format("interval_minutes = 400000"), pid("market"))
        await first.store.aclose()
    async with bench(tmp_path, clock) as second:
        second.runs.seconds = 1
        await second.start()
        assert list(second.scheduler.notices) == []
        await clock.advance(20)
        assert [start.second - second.runs.starts[0].second for start in second.runs.starts] == [
            0, 7, 14,
        ]  # fmt: skip
        assert {start.process_type for start in second.runs.starts} == {"assets"}
        assert second.state.get_status(MEMBERS).next_run_time is None
        market = "SELECT next_run_time FROM sync_status WHERE process_id = ?"
        assert await second.value(market, pid("market")) == now + 2 * HOUR


@pytest.mark.parametrize(
    ("column", "nonsense", "right"),
    [
        ("interval_minutes", "often", 60.0),
        ("interval_minutes", 0, 60.0),
        ("interval_minutes", -5, 60.0),
        ("interval_minutes", 525_601, 60.0),
        ("interval_minutes", float("inf"), 60.0),
        ("enabled", "maybe", 1),
        ("enabled", 7, 1),
        ("next_run_time", "tomorrow", None),
        ("next_run_time", 1e300, None),
    ],
)
async def test_nonsense_in_the_schedule_is_replaced_and_told(
    tmp_path: Path, clock: VirtualClock, column: str, nonsense: object, right: object
) -> None:
    async with bench(tmp_path, clock) as first:
        await first.scheduler.initialize(defaults("assets", "members"))
        edit = f"UPDATE sync_schedule SET {column} = ? WHERE process_id = ?"
        await first.execute(edit, nonsense, ASSETS)
    async with bench(tmp_path, clock) as second:
        await second.scheduler.initialize(defaults("assets", "members"))
        (notice,) = second.scheduler.notices
        assert notice.startswith(f"Assets: {column} was {nonsense!r}")
        assert any(isinstance(e, Noticed) and e.sentence == notice for e in second.events)
        stored = f"SELECT {column} FROM sync_schedule WHERE process_id = ?"
        value = await second.value(stored, ASSETS)
        assert value == (clock.time() if right is None else right)
        assert second.state.get_status(ASSETS).next_run_time == clock.now()
    async with bench(tmp_path, clock) as third:
        await third.scheduler.initialize(defaults("assets", "members"))
        assert list(third.scheduler.notices) == []


async def test_an_interrupted_run_runs_again_at_start(tmp_path: Path, clock: VirtualClock) -> None:
    async with bench(tmp_path, clock) as killed:
        await run_all_once(killed)
        await killed.state.start_sync(ASSETS, "manual")
    async with bench(tmp_path, clock) as after:
        await after.start()
        await clock.advance(20)
        assert [(s.process_type, s.trigger) for s in after.runs.starts] == [("assets", "startup")]
        results = [run.result for run in await after.state.get_sync_history(ASSETS)]
        assert results == ["success", "interrupted", "success"]


async def test_twelve_hours_bring_every_run_and_no_overlap(world: Bench) -> None:
    await world.start()
    await world.clock.advance(12 * HOUR)

    for config in defaults():
        starts = world.runs.of(config.process_type)
        period = timedelta(minutes=config.interval_minutes).total_seconds() + world.runs.seconds
        assert len(starts) >= 12 * HOUR / (period + 45)
        assert min(gaps([start.second for start in starts])) >= period
    assert world.runs.most_side_by_side <= 3
