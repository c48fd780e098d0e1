"""Where every process stands, what its runs came to, and who wants to know."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.history import read_runs
from corpsync_tui.queries.processes import PersistedState, read_processes
from corpsync_tui.queries.records import (
    RunFilter,
    RunRecord,
    SyncConfig,
    SyncStatus,
    Trigger,
    new_status,
    split_id,
)
from corpsync_tui.store.database import Store
from corpsync_tui.sync import ending, rows
from corpsync_tui.sync.advice import need_in_words
from corpsync_tui.sync.ending import Begun, Ended, Ending
from corpsync_tui.sync.events import (
    Noticed,
    RunRecorded,
    ScheduleChanged,
    ScheduleStatus,
    StatusChanged,
    SyncEvent,
)
from corpsync_tui.sync.listeners import Listener, Listeners
from corpsync_tui.sync.outcome import NOTHING, Apply, Counts, Outcome
from corpsync_tui.waiting import outlasting

PRUNE_EVERY = timedelta(days=1)
MOST_HELD = 1_000
"""Ends of runs that are held while the database takes nothing."""

log = logging.getLogger(__name__)


class AlreadyRunningError(RuntimeError):
    """A process was to be started twice at once."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A run under way."""

    run: RunRecord
    began: float
    """On the monotonic clock."""
    before: SyncStatus
    """Whose items stay true unless this run succeeds."""


class SyncStateManager:
    """Holds the status, the schedule and the running run of every process.

    Progress lives in memory; what lasts is written at a run's start, at its end, and when the
    schedule changes. The last transaction of a run writes rows and outcome together. Every
    change is sent to the subscribers once it is true. To be used on the event loop alone.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.interrupted_runs: tuple[RunRecord, ...] = ()
        """Runs that `load` found running although nobody runs them, oldest first."""
        self.schedule = ScheduleStatus()
        """What holds for all processes; each change is an event."""
        self.flaws: dict[str, dict[str, object]] = {}
        """Per process, the stored schedule values that make no sense."""
        self._store = store
        self._clock = clock
        self._listeners = Listeners()
        self._statuses: dict[str, SyncStatus] = {}
        self._configs: dict[str, SyncConfig] = {}
        self._running: dict[str, _Running] = {}
        self._last_ends: dict[str, datetime] = {}
        self._last_runs: dict[str, RunRecord] = {}
        self._unwritten: list[Ended] = []
        self._types: Collection[str] | None = None
        self._lock = asyncio.Lock()
        self._pruned: datetime | None = None

    @property
    def unwritten_runs(self) -> list[RunRecord]:
        """Each process's last end that the database could not take, where that was a failure."""
        latest = {end.run.process_id: end.run for end in self._unwritten}
        return [run for run in latest.values() if run.result == "error"]

    def get_status(self, process_id: str) -> SyncStatus:
        """Where one process stands. Raises KeyError for one that is not known."""
        status = self._statuses[process_id]
        queued = self.schedule.waiting.get(process_id)
        return status if queued is None else replace(status, current_step=queued)

    def get_statuses(self) -> list[SyncStatus]:
        """Where every known process stands."""
        return [self.get_status(process_id) for process_id in self._statuses]

    def get_config(self, process_id: str) -> SyncConfig | None:
        """What was asked of a process; None where it is not scheduled."""
        return self._configs.get(process_id)

    def get_configs(self) -> list[SyncConfig]:
        """The whole schedule."""
        return list(self._configs.values())

    def is_process_running(self, process_id: str) -> bool:
        """Whether a run of the process is under way."""
        return process_id in self._running

    def needs(self, process_id: str) -> str | None:
        """What only the director can give to a process; None for an unknown one too."""
        return self._known(process_id).needs

    def last_run(self, process_id: str) -> RunRecord | None:
        """The process's last run that ended since this program started."""
        return self._last_runs.get(process_id)

    def last_end(self, process_id: str) -> datetime | None:
        """When the process's last run ended."""
        return self._last_ends.get(process_id)

    async def get_sync_history(
        self, process_id: str | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """The last runs of one process or of all, newest first."""
        return await self._store.read(lambda db: read_runs(db, RunFilter(process_id), 0, limit))

    # Listeners

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called on the loop at every change; the answer ends that."""
        return self._listeners.subscribe(listener)

    def notice(self, sentence: str) -> None:
        """Send the subscribers something that concerns no single run."""
        log.info("%s", sentence)
        self._listeners.send(Noticed(sentence, self._clock.now()))

    def announce(self, event: SyncEvent) -> None:
        """Send the subscribers what another service found."""
        self._listeners.send(event)

    # Start

    async def load(self, *, recover: bool = True, types: Collection[str] | None = None) -> None:
        """Take over what the database knows.

        Processes of other `types` are left alone: they are of a newer corpsync, or nonsense.
        `recover` is for the holder of the data folder: runs found running are called
        interrupted, and their processes are due again at once.
        """
        if recover:
            now = self._clock.time()
            interrupted = await self._store.write(lambda db: rows.recover(db, now))
            self.interrupted_runs = tuple(interrupted)
        self._types = types
        stored = await self._store.read(self._read_processes)
        self._statuses = stored.statuses
        self._last_ends = stored.last_ends
        self.flaws = stored.flaws
        self._set_schedule(paused=stored.paused)
        self._configs = {}
        for process_id, config in stored.configs.items():
            self._hold(config, stored.status(process_id))

    async def refresh(self) -> list[str]:
        """Notice what a login or logout in another program wrote; returns new process ids.

        Processes that appeared are taken over, and so is what a known one needs.
        """
        async with self._lock:
            stored = await self._store.read(self._read_processes)
            new = [i for i in stored.configs if i not in self._configs]
            changed = [i for i in stored.configs if self._needs_differ(stored.status(i))]
            for process_id in (*new, *changed):
                self._hold(stored.configs[process_id], stored.status(process_id))
        for process_id in (*new, *changed):
            self._announce_schedule(process_id)
        return new

    def mirror(
        self, stored: PersistedState, waiting: Mapping[str, str], down_since: datetime | None
    ) -> None:
        """Take over what the folder's holder wrote, and announce what differs."""
        self._last_ends = stored.last_ends
        for process_id, config in stored.configs.items():
            if config != self._configs.get(process_id):
                self._configs[process_id] = config
                self._listeners.send(ScheduleChanged(config))
        self._set_schedule(paused=stored.paused, waiting=waiting, esi_down_since=down_since)
        for process_id in stored.statuses:
            status = stored.status(process_id)
            if status != self._statuses.get(process_id):
                self._statuses[process_id] = status
                self._listeners.send(StatusChanged(self.get_status(process_id)))

    def _read_processes(self, db: Any) -> PersistedState:
        return read_processes(db, self._types)

    def _needs_differ(self, stored: SyncStatus) -> bool:
        process_id = stored.process_id
        held = (end.run.process_id for end in self._unwritten)
        if process_id in self._running or process_id in held:
            return False
        return process_id in self._configs and stored.needs != self._known(process_id).needs

    async def start_sync(self, process_id: str, trigger: Trigger = "schedule") -> RunRecord:
        """Write down that a run begins. Raises `AlreadyRunningError`, `DatabaseError`."""
        async with self._lock:
            if process_id in self._running:
                raise AlreadyRunningError(f"{process_id} is already running.")
            began = self._clock.monotonic()
            run = self._new_run(process_id, trigger)
            status = replace(
                self._known(process_id),
                status="running",
                progress=0.0,
                current_step="Initializing…",
                last_run_time=run.start_time,
                total_items=None,
            )
            run = await self._store.write(lambda db: self._save_start(db, run, status))
            self._unwritten.clear()
            self._statuses[process_id] = status
            self._running[process_id] = _Running(run, began, status)
            waiting = {i: step for i, step in self.schedule.waiting.items() if i != process_id}
            self._set_schedule(waiting=waiting)
        self._listeners.send(StatusChanged(status))
        self._listeners.send(RunRecorded(run))
        return run

    def update_sync_progress(
        self,
        process_id: str,
        progress: float,
        step: str,
        items_processed: int | None = None,
        total_items: int | None = None,
    ) -> None:
        """Say how far a run has come, in memory alone; `progress` never falls within a run.

        Ignored where the process is not running: a late word of a run that is over.
        """
        if process_id not in self._running:
            return
        before = self._statuses[process_id]
        reached = 0.0 if math.isnan(progress) else min(100.0, max(0.0, progress))
        status = replace(
            before,
            progress=max(before.progress, reached),
            current_step=step,
            items_processed=before.items_processed if items_processed is None else items_processed,
            total_items=before.total_items if total_items is None else total_items,
        )
        if status != before:
            self._statuses[process_id] = status
            self._listeners.send(StatusChanged(status))

    async def complete_sync(
        self,
        process_id: str,
        items_processed: int,
        *,
        outcome: Outcome = NOTHING,
        apply: Apply | None = None,
    ) -> RunRecord:
        """End a run that succeeded: rows, validators and outcome in one transaction.

        If `apply` or the transaction fails, nothing is written, the run goes on, and the error
        is raised: `fail_sync` follows. Raises KeyError where the process is not running.
        """
        outcome = replace(outcome, items=items_processed)
        async with self._lock:
            return await self._end(process_id, ending.success(outcome), outcome, apply)

    async def fail_sync(
        self,
        process_id: str,
        error: BaseException,
        *,
        outcome: Outcome = NOTHING,
        apply: Apply | None = None,
        trigger: Trigger = "schedule",
    ) -> RunRecord:
        """End a run that failed; `apply` stores what came all the same.

        A run that could not even be started is recorded too, with `trigger`. Where the database
        takes nothing and there is no `apply`, the failure is held in memory, and written when
        the database takes something again.
        """
        finish = ending.failure(error, outcome, applied=apply is not None)
        async with self._lock:
            if process_id not in self._running:
                run = self._new_run(process_id, trigger)
                status = self._statuses[process_id] = self._known(process_id)
                began = self._clock.monotonic()
                self._running[process_id] = _Running(run, began, status)
            return await self._end(process_id, finish, outcome, apply, hold=apply is None)

    async def cancel_sync(self, process_id: str, *, outcome: Outcome = NOTHING) -> RunRecord | None:
        """End a run that was cancelled; None where it had ended already.

        It is recorded even if the caller is cancelled once more meanwhile.
        """
        return await outlasting(self._cancel(process_id, outcome))

    async def _cancel(self, process_id: str, outcome: Outcome) -> RunRecord | None:
        async with self._lock:
            if process_id not in self._running:
                return None
            return await self._end(process_id, ending.cancelled, outcome, None, hold=True)

    async def _end(
        self,
        process_id: str,
        finish: Ending,
        outcome: Outcome,
        apply: Apply | None,
        *,
        hold: bool = False,
    ) -> RunRecord:
        """Write the end of a run, then announce it.

        `hold`: where the database takes nothing, the end is held in memory instead of raised.
        """
        running = self._running[process_id]

        def ended(counts: Counts | None) -> Ended:
            items = running.before.items_processed
            status = replace(self._statuses[process_id], items_processed=items)
            config = self._configs.get(process_id)
            begun = Begun(status, running.run, config, running.before.needs)
            duration = self._clock.monotonic() - running.began
            return begun.end(finish, outcome, counts, moment=self._clock.now(), duration=duration)

        def work(db: Any) -> Ended:
            end = ended(None if apply is None else apply(db))
            return self._save_end(db, end)

        try:
            end = await self._store.write(work)
        except DatabaseError:
            if not hold:
                raise
            log.exception("the end of a run of %s could not be written", process_id)
            end = ended(None)
            self._unwritten = [*self._unwritten, end][-MOST_HELD:]
        else:
            self._unwritten.clear()
            self._pruned = end.moment if self._prunes_at(end.moment) else self._pruned
        self._take_end(end)
        return end.run

    def _take_end(self, end: Ended) -> None:
        process_id = end.run.process_id
        del self._running[process_id]
        self._last_ends[process_id] = end.moment
        self._last_runs[process_id] = end.run
        self._hold(end.config, end.status)
        self._listeners.send(StatusChanged(end.status))
        self._listeners.send(RunRecorded(end.run))
        if end.config is not None:
            self._listeners.send(ScheduleChanged(end.config))

    async def set_next_run_time(self, process_id: str, moment: datetime | None) -> None:
        """Give a process another next run. Raises KeyError where it is not scheduled."""
        await self.set_configs([replace(self._configs[process_id], next_run_time=moment)])

    async def set_configs(self, configs: Iterable[SyncConfig]) -> None:
        """Put processes on the schedule, or change what is asked of them, in one transaction."""
        async with self._lock:
            schedule = list(configs)  # a generator sees what holds now: no run ends meanwhile
            if not schedule:
                return
            await self._store.write(lambda db: rows.save_schedule(db, schedule))
            for config in schedule:  # a status may have gone on meanwhile
                self._hold(config, self._known(config.process_id))
        for config in schedule:
            self._announce_schedule(config.process_id)

    async def remove_config(self, process_id: str) -> None:
        """Take a process off the schedule; its status and history stay."""
        async with self._lock:
            await self._store.write(lambda _: rows.remove_config(process_id))
            self._configs.pop(process_id, None)
            self._statuses[process_id] = replace(self._known(process_id), next_run_time=None)
        self._listeners.send(StatusChanged(self.get_status(process_id)))

    async def set_back(self, seconds: float) -> None:
        """The clock was set back: let no copy count as current for longer than it was to."""
        async with self._lock:
            now = self._clock.now()
            await self._store.write(lambda db: rows.shift_back(db, seconds, now.timestamp()))
            for process_id, status in self._statuses.items():
                until = status.current_until
                if until is not None and until > now:
                    earlier = until - timedelta(seconds=seconds)
                    self._statuses[process_id] = replace(status, current_until=earlier)

    async def set_needs(self, process_id: str, needs: str | None) -> None:
        """Park a process, or say that what it needed was given: then it is due at once."""
        async with self._lock:
            config = self._configs.get(process_id)
            runs = config is not None and config.enabled and needs is None
            due = self._clock.now() if runs else None
            step = "" if needs is None else need_in_words(needs)
            known = self._known(process_id)
            status = replace(known, needs=needs, next_run_time=due, current_step=step)
            config = config and replace(config, next_run_time=due)

            def work(db: Any) -> None:
                rows.save_due(db, process_id, due)
                rows.save_need(status)

            await self._store.write(work)
            known = self._known(process_id)
            step = known.current_step if process_id in self._running else step
            self._hold(config, replace(known, needs=needs, next_run_time=due, current_step=step))
        if config is not None:
            self._listeners.send(ScheduleChanged(config))
        self._listeners.send(StatusChanged(self.get_status(process_id)))

    async def set_paused(self, *, paused: bool) -> None:
        """Hold the whole schedule, or let it go on; remembered over restarts."""
        async with self._lock:
            await self._store.write(lambda _: rows.save_paused(paused=paused))
            self._set_schedule(paused=paused)

    def set_waiting(self, waiting: Mapping[str, str]) -> None:
        """Show which processes wait, and for what in place of their step."""
        before = self.schedule.waiting
        self._set_schedule(waiting=waiting)
        for process_id in dict.fromkeys((*before, *waiting)):
            if before.get(process_id) != waiting.get(process_id):
                self._listeners.send(StatusChanged(self.get_status(process_id)))

    def set_esi_down(self, since: datetime | None) -> None:
        """Show that all runs wait for ESI to come back, or that it is back."""
        self._set_schedule(esi_down_since=since)

    def _set_schedule(self, **changes: Any) -> None:
        schedule = replace(self.schedule, **changes)
        if schedule != self.schedule:
            self.schedule = schedule
            self._listeners.send(schedule)

    def _known(self, process_id: str) -> SyncStatus:
        return self._statuses.get(process_id) or new_status(process_id)

    def _hold(self, config: SyncConfig | None, status: SyncStatus) -> None:
        """Take over in memory what is true from now on."""
        if config is not None:
            status = replace(status, next_run_time=config.next_run_time)
            self._configs[config.process_id] = config
        self._statuses[status.process_id] = status

    def _announce_schedule(self, process_id: str) -> None:
        self._listeners.send(ScheduleChanged(self._configs[process_id]))
        self._listeners.send(StatusChanged(self.get_status(process_id)))

    def _new_run(self, process_id: str, trigger: Trigger) -> RunRecord:
        corporation_id, process_type = split_id(process_id)
        now = self._clock.now()
        return RunRecord(None, process_id, process_type, corporation_id, trigger, now)

    def _save_start(self, db: Any, run: RunRecord, status: SyncStatus) -> RunRecord:
        self._save_unwritten(db)
        return rows.save_start(db, run, status)

    def _save_end(self, db: Any, end: Ended) -> Ended:
        self._save_unwritten(db)
        end = rows.save_end(db, end)
        if self._prunes_at(end.moment):
            rows.prune_history(db, end.moment.timestamp())
        return end

    def _save_unwritten(self, db: Any) -> None:
        for end in self._unwritten:
            process_id = end.run.process_id
            status, config = self._known(process_id), self._configs.get(process_id)
            rows.save_end(db, replace(end, status=status, config=config))

    def _prunes_at(self, moment: datetime) -> bool:
        return self._pruned is None or abs(moment - self._pruned) >= PRUNE_EVERY
