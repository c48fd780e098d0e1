"""When each process runs: by interval, at the director's word, and never twice at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from corpsync_tui.catalog_index import process_title
from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.format.times import day_and_hour, span_in_words
from corpsync_tui.queries.records import RunRecord, SyncConfig, Trigger
from corpsync_tui.sync import due
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.repair import repaired
from corpsync_tui.sync.runner import Handle, Run, Runner, Spawn, spawn_task
from corpsync_tui.sync.stagger import Stagger
from corpsync_tui.sync.state import SyncStateManager
from corpsync_tui.sync.watch import ClockWatch, ClusterUp, DowntimeWatch

MAX_RUNNING = 3
"""Processes that run at the same time, unless the settings say otherwise."""
LOOK_EVERY = 30.0
"""Seconds between two looks at the wall clock and at what other programs wrote."""
SHORTEST_SLEEP = 0.001
"""Seconds; a timer may wake the loop a little before its time."""
STOP_PATIENCE = 2.0
"""Seconds that running runs are given to end."""
NOTICES_KEPT = 50

log = logging.getLogger(__name__)


class SyncScheduler:
    """Decides when processes run; `run` does it, `state` keeps what is asked and what came.

    `spawn` starts coroutines: the scheduler's loop and each run. `cluster_up` asks ESI whether
    it is back after a downtime. `logins` notices, before the schedule is read again, what another
    program logged in or out. Runs asked for by the director start without the loop too.
    """

    def __init__(
        self,
        state: SyncStateManager,
        clock: Clock,
        *,
        run: Run,
        spawn: Spawn = spawn_task,
        cluster_up: ClusterUp | None = None,
        logins: Callable[[], Awaitable[object]] | None = None,
        max_running: int = MAX_RUNNING,
    ) -> None:
        self.notices: deque[str] = deque(maxlen=NOTICES_KEPT)
        """What was said of the schedule itself, oldest first; subscribers hear it too."""
        self._state = state
        self._clock = clock
        self._spawn = spawn
        self._logins = logins
        self._runner = Runner(
            state,
            run=run,
            spawn=spawn,
            slots=max_running,
            on_end=self._look_again,
            on_downtime=self._meet_downtime,
        )
        self._stagger = Stagger()
        self._downtime = DowntimeWatch(clock, cluster_up)
        self._clock_watch = ClockWatch(clock)
        self._wake = asyncio.Event()
        self._loop: Handle | None = None
        self._started_at: datetime | None = None
        self._next_refresh = float("-inf")
        self._stumbled = False

    # What is asked

    async def initialize(self, defaults: Iterable[SyncConfig]) -> None:
        """Add the processes that are missing, and replace stored values that make no sense."""
        stored = {config.process_id: config for config in self._state.get_configs()}
        wanted = {default.process_id: default for default in defaults}
        by_type = {default.process_type: default for default in wanted.values()}
        wanted |= stored
        for process_id, flaws in self._state.flaws.items():
            config = stored[process_id]
            default = by_type.get(config.process_type, config)
            wanted[process_id], sentences = repaired(config, default, flaws)
            for sentence in sentences:
                self._notice(sentence)
        now = self._clock.now()
        configs = [self._with_next_run(config, now) for config in wanted.values()]
        flawed = self._state.flaws
        await self._state.set_configs(
            c for c in configs if c != stored.get(c.process_id) or c.process_id in flawed
        )
        flawed.clear()

    async def schedule_process(self, config: SyncConfig) -> None:
        """Put a process on the schedule; without a next run it is due at once."""
        await self._state.set_configs([self._with_next_run(config, self._clock.now())])
        self._wake.set()

    async def unschedule_process(self, process_id: str) -> None:
        """Take a process off the schedule; a run in progress ends normally."""
        self._runner.drop(lambda request: request.process_id == process_id)
        await self._state.remove_config(process_id)

    async def toggle_process(self, process_id: str, *, enabled: bool | None = None) -> SyncConfig:
        """Switch a process on or off, or to the other of both. Raises KeyError.

        Off: no next run, a run in progress ends normally. On: due one interval after its last
        run, at once if that is past or there was none.
        """
        config = self._config(process_id)
        enabled = not config.enabled if enabled is None else enabled
        if not enabled:
            self._runner.drop(lambda r: r.process_id == process_id and not r.manual)
        return await self._reschedule(process_id, enabled=enabled)

    async def update_process_interval(self, process_id: str, minutes: float) -> SyncConfig:
        """Give a process another interval. Raises KeyError, `SettingsError`."""
        interval = due.checked_interval(minutes)
        return await self._reschedule(process_id, interval_minutes=interval)

    async def unpark(self, process_id: str) -> None:
        """What the process needed was given: it is due at once, unless it is off."""
        await self._state.set_needs(process_id, None)
        self._wake.set()

    def get_scheduled_processes(self) -> list[SyncConfig]:
        """What is asked of every process."""
        return self._state.get_configs()

    def get_process_config(self, process_id: str) -> SyncConfig | None:
        """What is asked of one process; None where it is not scheduled."""
        return self._state.get_config(process_id)

    def get_next_run_time(self, process_id: str) -> datetime | None:
        """When a process is due; None while it is off, parked or not scheduled."""
        config = self._state.get_config(process_id)
        return None if config is None else config.next_run_time

    def _config(self, process_id: str) -> SyncConfig:
        config = self._state.get_config(process_id)
        if config is None:
            raise KeyError(process_id)
        return config

    def _with_next_run(self, config: SyncConfig, now: datetime) -> SyncConfig:
        """A config that has a next run exactly if its process is to run by itself."""
        if not config.enabled or self._state.needs(config.process_id) is not None:
            return replace(config, next_run_time=None)
        return replace(config, next_run_time=config.next_run_time or now)

    async def _reschedule(self, process_id: str, **changes: Any) -> SyncConfig:
        """Change what is asked of a process; its next run follows from the end of the last one."""

        def change(config: SyncConfig) -> SyncConfig:
            config, now = replace(config, **changes), self._clock.now()
            end = self._state.last_end(process_id)
            if end is None:
                return self._with_next_run(replace(config, next_run_time=None), now)
            return due.after_run(config, self._state.get_status(process_id), min(end, now))

        self._config(process_id)
        await self._change([process_id], change)
        self._wake.set()
        return self._config(process_id)

    async def _change(
        self, process_ids: Collection[str], change: Callable[[SyncConfig], SyncConfig]
    ) -> None:
        """Change what is asked of processes, from what holds once no run can end meanwhile.

        What a login or logout elsewhere wrote of their needs is known before, and stays.
        """

        def changed() -> Iterator[SyncConfig]:
            for process_id in process_ids:
                if (config := self._state.get_config(process_id)) is not None:
                    yield change(config)

        if process_ids:
            await self._read_again()
            await self._state.set_configs(changed())

    # Runs

    async def run_process_now(self, process_id: str) -> ActionResult:
        """Run a process whatever its schedule says. Raises KeyError for an unknown one.

        Inside ESI's cache time nothing is asked: the copy in hand is the newest there is.
        """
        status = self._state.get_status(process_id)
        name, now = process_title(process_id), self._clock.now()
        if self._runner.is_running(process_id):
            return ActionResult(f"{name} is already running.", "running")
        if due.is_current(status, now) and status.current_until is not None:
            until = day_and_hour(status.current_until, now)
            sentence = f"{name} is current until {until} EVE time; ESI was not asked."
            return ActionResult(sentence, "current", status.current_until)
        if self._runner.is_closed:
            return ActionResult(f"{name} was not started: corpsync is closing.", "nothing")
        self._runner.request(process_id, "manual")
        if self._runner.is_running(process_id):
            return ActionResult(f"{name} started.", "started")
        if self._downtime.since is not None:
            sentence = f"ESI is down; {name} runs as soon as it is back."
            return ActionResult(sentence, "waiting")
        place = self._state.schedule.waiting[process_id]
        return ActionResult(f"{name} is {place.lower()}.", "queued")

    async def cancel_process(self, process_id: str) -> ActionResult:
        """End a process's run, or take it out of the queue; returns when that has happened."""
        name = process_title(process_id)
        if self._runner.is_running(process_id):
            await self._runner.cancel(process_id)
            return ActionResult(f"{name} was cancelled.", "cancelled")
        if self._runner.drop(lambda request: request.process_id == process_id):
            await self._skip(process_id)
            return ActionResult(f"Removed {name} from the queue.", "cancelled")
        return ActionResult(f"{name} is not running.", "nothing")

    async def finished(self, process_id: str) -> RunRecord | None:
        """Wait for the run that is queued or under way; None where there is none."""
        return await self._runner.finished(process_id)

    async def _skip(self, process_id: str) -> None:
        """Let a run that is due pass, as if it had just ended."""
        config, status = self._state.get_config(process_id), self._state.get_status(process_id)
        now = self._clock.now()
        if config is not None and due.is_due(config, status, now):

            def skip(config: SyncConfig) -> SyncConfig:
                return due.after_run(config, self._state.get_status(process_id), now)

            await self._change([process_id], skip)
            self._wake.set()

    # The schedule as a whole

    @property
    def is_running(self) -> bool:
        """Whether the schedule is followed."""
        return self._loop is not None

    async def start(self) -> None:
        """Follow the schedule from now on; what fell due while closed runs first."""
        if self._loop is not None:
            return
        self._runner.is_closed = False
        now = self._clock.now()
        if ahead := due.ahead(self._state.get_statuses(), now):
            await self._state.set_back(ahead.total_seconds())
            await self._bring_near("This computer's clock was set back")
        elif any(due.is_far(config, now) for config in self._state.get_configs()):
            await self._bring_near("This computer's clock changed")
        self._clock_watch = ClockWatch(self._clock)
        self._started_at = now
        self._next_refresh = self._clock.monotonic() + LOOK_EVERY
        self._loop = self._spawn(self._follow(), "sync scheduler")

    async def stop(self) -> None:
        """Follow the schedule no longer; runs under way are cancelled and waited for, 2 s.

        Those of the schedule that this cuts off are due again at the next start.
        """
        cut: tuple[str, ...] = ()
        if self._loop is not None:
            self._loop.cancel()
            self._loop, cut = None, self._runner.running
        await self._runner.stop(STOP_PATIENCE)
        self._end_downtime()
        await self._make_due(cut)

    async def _make_due(self, process_ids: Iterable[str]) -> None:
        """Let those of these whose run was cancelled run as soon as somebody follows again."""
        now = self._clock.now()
        runs = ((i, self._state.last_run(i)) for i in process_ids)
        cut = [i for i, run in runs if run and run.result == "cancelled"]
        with suppress(DatabaseError):  # the next interval will do
            await self._change(cut, lambda c: replace(c, next_run_time=c.next_run_time and now))

    async def pause(self) -> None:
        """Hold the whole schedule, also over a restart; runs under way end normally."""
        self._runner.drop(lambda request: not request.manual)
        await self._state.set_paused(paused=True)

    async def resume(self) -> None:
        """Follow the schedule again."""
        await self._state.set_paused(paused=False)
        self._wake.set()

    async def refresh(self) -> list[str]:
        """Notice processes and needs that a login or logout elsewhere wrote; returns the new."""
        new = await self._read_again()
        self._wake.set()
        return new

    async def _read_again(self) -> list[str]:
        if self._logins is not None:
            await self._logins()
        return await self._state.refresh()

    # The loop

    async def _follow(self) -> None:
        """Look, sleep until there is something to do, look again; no error ends it.

        Whoever cancels it wants an end: nothing that waits is started any more.
        """
        try:
            while True:
                await self._sleep(await self._look_safely())
        finally:
            self._runner.drop(lambda _: True)

    async def _look_safely(self) -> float:
        """Look, and say how long to sleep then; what goes wrong is said once in a row."""
        try:
            await self._look()
            pause = self._time_to_sleep()
        except Exception:
            log.exception("the scheduler stumbled")
            if not self._stumbled:
                self._notice("The schedule met an error of corpsync's own, and goes on.")
            self._stumbled = True
            return LOOK_EVERY
        self._stumbled = False
        return pause

    async def _look(self) -> None:
        await self._look_at_clock()
        if self._clock.monotonic() >= self._next_refresh:
            self._next_refresh = self._clock.monotonic() + LOOK_EVERY
            await self._refresh_quietly()
        if self._downtime.since is not None and await self._downtime.is_over():
            await self._leave_downtime()
        if self._state.schedule.paused:
            self._runner.show()
        else:
            self._release_due()

    async def _refresh_quietly(self) -> None:
        try:
            await self._read_again()
        except DatabaseError:
            log.warning("the schedule could not be read again", exc_info=True)

    def _release_due(self) -> None:
        """Request what is due, one after the other; while ESI is down, only show that it waits."""
        wanted = self._due()
        if self._downtime.since is not None:
            since = day_and_hour(self._downtime.since, self._clock.now())
            self._runner.show(
                {c.process_id: f"Waiting for ESI, down since {since}" for c in wanted}
            )
            return
        by_id = {config.process_id: config for config in wanted}
        for process_id in self._stagger.release(by_id, self._clock.monotonic()):
            self._runner.request(process_id, self._trigger(by_id[process_id]))

    def _due(self) -> list[SyncConfig]:
        """What is due and neither runs nor waits, the longest due first."""
        now = self._clock.now()
        wanted = [
            config
            for config in self._state.get_configs()
            if due.is_due(config, self._state.get_status(config.process_id), now)
            and not self._runner.is_running(config.process_id)
            and not self._runner.is_queued(config.process_id)
        ]
        return sorted(wanted, key=lambda config: config.next_run_time or now)

    def _trigger(self, config: SyncConfig) -> Trigger:
        started, at = self._started_at, config.next_run_time
        return "startup" if at is None or started is None or at <= started else "schedule"

    def _time_to_sleep(self) -> float:
        """Seconds until the next start, look or question; what is held back does not count."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        runs = [c.next_run_time for c in self._state.get_configs() if c.next_run_time]
        waits = [(run - now).total_seconds() for run in runs]
        moments = [self._next_refresh, self._downtime.next_question, *self._stagger.moments()]
        waits += [moment - monotonic for moment in moments]
        return min([LOOK_EVERY, *(max(wait, SHORTEST_SLEEP) for wait in waits if wait > 0)])

    async def _sleep(self, seconds: float) -> None:
        await self._clock.wait(self._wake, seconds)
        self._wake.clear()

    def _look_again(self) -> None:
        self._wake.set()

    # Clock and downtime

    async def _look_at_clock(self) -> None:
        leap = self._clock_watch.leap()
        if leap < 0:
            await self._state.set_back(-leap)
            await self._bring_near(f"This computer's clock was set back by {span_in_words(-leap)}")
        elif leap > 0:
            self._notice(
                f"This computer's clock went ahead by {span_in_words(leap)}: it slept, or was set."
                " What was due meanwhile runs now."
            )

    async def _bring_near(self, cause: str) -> None:
        """Let nothing wait for a time that only the wrong clock would reach."""
        now = self._clock.now()
        process_ids = [config.process_id for config in self._state.get_configs()]
        await self._change(process_ids, lambda config: due.brought_near(config, now))
        self._notice(f"{cause}: every process runs within its interval from now.")

    def _meet_downtime(self, process_id: str) -> None:
        if self.is_running and self._downtime.meet(process_id):
            self._runner.held = True
            self._state.set_esi_down(self._downtime.since)
            self._notice("ESI is down; corpsync waits, and goes on by itself when it is back.")
            self._wake.set()

    async def _leave_downtime(self) -> None:
        """ESI is back: what is due starts, one after the other."""
        since = self._downtime.since
        met = self._end_downtime()
        now = self._clock.now()
        await self._change(met, lambda c: self._with_next_run(replace(c, next_run_time=now), now))
        if since is not None:
            self._notice(f"ESI is back after {span_in_words((now - since).total_seconds())}.")

    def _end_downtime(self) -> set[str]:
        self._runner.held = False
        met = self._downtime.end()
        self._state.set_esi_down(None)
        self._runner.drop(lambda request: not request.manual)
        self._runner.pump()
        return met

    def _notice(self, sentence: str) -> None:
        self.notices.append(sentence)
        self._state.notice(sentence)
