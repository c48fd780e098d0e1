"""The bridge: however fast events come, screens hear at most four times a second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.message import Message

from corpsync_tui.service.api import Snapshot
from corpsync_tui.sync.events import RunRecorded as RunEvent
from corpsync_tui.sync.events import ScheduleChanged, ScheduleStatus, StatusChanged
from corpsync_tui.tui.sync_state import (
    RUNS_HELD,
    UPDATE_SECONDS,
    RunRecorded,
    SyncState,
    SyncStatusChanged,
)
from tests.support.cast import CAST
from tests.tui.stage import HEDU, FrozenClock, ago, config, corporation, run, status


class Bridge:
    """A bridge whose messages and timers can be looked at."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.posted: list[Message] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.state = SyncState(self.clock, self.posted.append, self._defer)

    def _defer(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((seconds, callback))

    def fire(self) -> None:
        timers, self.timers = self.timers, []
        for _, callback in timers:
            callback()


def test_ten_thousand_steps_are_one_message() -> None:
    bridge = Bridge()
    bridge.state.load(corporation())
    bridge.posted.clear()
    for n in range(10_000):
        step = status("assets", status="running", progress=n / 100, current_step=f"row {n}")
        bridge.state.listen(StatusChanged(step))
    assert [seconds for seconds, _ in bridge.timers] == [UPDATE_SECONDS]
    bridge.fire()
    [message] = bridge.posted
    assert isinstance(message, SyncStatusChanged)
    assert message.process_ids == {f"{HEDU}/assets"}
    assert bridge.state.status(f"{HEDU}/assets").current_step == "row 9999"


def test_a_run_keeps_its_place_when_it_ends() -> None:
    bridge = Bridge()
    bridge.state.load(Snapshot(statuses=[status("assets")]))
    began = run(0, "assets", id=None, result="running", duration=None)
    bridge.state.listen(RunEvent(began))
    bridge.state.listen(RunEvent(replace(began, id=7, result="success", duration=3.0)))
    bridge.fire()
    assert [r.result for r in bridge.state.runs(f"{HEDU}/assets")] == ["success"]
    recorded = [m for m in bridge.posted if isinstance(m, RunRecorded)]
    assert [r.result for m in recorded for r in m.runs] == ["success"]


def test_a_hundred_runs_of_each_process_are_held_newest_first() -> None:
    bridge = Bridge()
    bridge.state.load(
        Snapshot(statuses=[status("assets")], runs=[run(n, "assets") for n in range(150)])
    )
    runs = bridge.state.runs(f"{HEDU}/assets")
    assert len(runs) == RUNS_HELD
    assert runs[0].start_time == ago(12)


def test_what_waits_is_shown_as_waiting() -> None:
    bridge = Bridge()
    bridge.state.load(corporation())
    bridge.posted.clear()
    bridge.state.listen(ScheduleStatus(waiting={f"{HEDU}/mining": "Queued (1st)"}))
    bridge.fire()
    assert len(bridge.posted) == 1
    assert bridge.state.shown_state(f"{HEDU}/mining", bridge.clock.now()) == "waiting"


def test_a_schedule_that_changes_shows() -> None:
    bridge = Bridge()
    bridge.state.load(corporation())
    bridge.state.listen(ScheduleChanged(config("mining", enabled=False, next_run_time=None)))
    assert bridge.state.shown_state(f"{HEDU}/mining", bridge.clock.now()) == "off"


def test_before_the_first_login_all_rows_are_blocked() -> None:
    bridge = Bridge()
    bridge.state.load(Snapshot(logged_in=False, process_types=CAST))
    states = [bridge.state.shown_state(p, bridge.clock.now()) for p in bridge.state.process_ids()]
    assert states == ["blocked"] * len(CAST)
