"""Where every process stands, what its runs came to, and who wants to know."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.database import Store
from corpsync_tui.sync import ending, rows
from corpsync_tui.sync.advice import need_in_words
from corpsync_tui.sync.due import next_run_time
from corpsync_tui.sync.ending import Ending
from corpsync_tui.sync.outcome import NOTHING, Apply, Counts, Outcome
from corpsync_tui.sync.status import (
    Noticed,
    RunRecord,
    RunRecorded,
    ScheduleChanged,
    StatusChanged,
    SyncConfig,
    SyncEvent,
    SyncStatus,
    Trigger,
)

log = logging.getLogger(__name__)

Listener = Callable[[SyncEvent], None]
Leftovers = Literal["store", "tell", "leave"]
"""What to do with runs found running: write them down as interrupted (whoever holds the data
folder), only call them so (a reader, when nobody holds it), or believe them (somebody does)."""

PRUNE_EVERY = timedelta(days=1)


class AlreadyRunningError(RuntimeError):
    """A process was to be started twice at once."""


class SyncStateManager:
    """Holds the status, the schedule and the running run of every process.

    Progress lives in memory; what lasts is written at a run's start, at its end, and when the
    schedule changes. The last transaction of a run writes rows and outcome together. Every
    change is told to the subscribers once it is true. To be used on the event loop alone.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.interrupted_runs: tuple[RunRecord, ...] = ()
        """Runs that `load` found running although nobody runs them."""
        self.paused = False
        """Whether the whole schedule is held."""
        self.flaws: dict[str, dict[str, object]] = {}
        """Per process, the stored schedule values that make no sense."""
        self._store = store
        self._clock = clock
        self._statuses: dict[str, SyncStatus] = {}
        self._configs: dict[str, SyncConfig] = {}
        self._running: dict[str, tuple[RunRecord, float]] = {}
        self._last_ends: dict[str, datetime] = {}
        self._last_runs: dict[str, RunRecord] = {}
        self._queued: dict[str, str] = {}
        self._unwritten: dict[str, RunRecord] = {}
        self._listeners: list[Listener] = []
        self._lock = asyncio.Lock()
        self._pruned: datetime | None = None

    # Reading

    def get_status(self, process_id: str) -> SyncStatus:
        """Where one process stands. Raises KeyError for one that is not known."""
        status = self._statuses[process_id]
        queued = self._queued.get(process_id)
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
        """What only the director can give to a process; None for a new one too."""
        return self._known(process_id).needs

    def last_run(self, process_id: str) -> RunRecord | None:
        """The process's last run that ended since the start of this program."""
        return self._last_runs.get(process_id)

    def last_end(self, process_id: str) -> datetime | None:
        """When the process's last run ended."""
        return self._last_ends.get(process_id)

    async def get_sync_history(
        self, process_id: str | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """The last runs of one process or of all, newest first."""
        runs = await self._store.read(lambda db: rows.read_history(db, process_id, limit))
        interrupted = {run.id for run in self.interrupted_runs}
        return [
            replace(run, result="interrupted")
            if run.id in interrupted and run.result == "running"
            else run
            for run in runs
        ]

    # Telling

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called on the loop at every change; the answer ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def notice(self, sentence: str) -> None:
        """Tell the subscribers something that concerns no single run."""
        log.info("%s", sentence)
        self._tell(Noticed(sentence, self._clock.now()))

    def _tell(self, event: SyncEvent) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed at %s", type(event).__name__)

    # Start

    async def load(self, *, leftovers: Leftovers = "store") -> None:
        """Take over what the database knows."""
        picture = await self._store.read(rows.read_picture)
        self._statuses = picture.statuses
        self._configs = {}
        self._last_ends = picture.last_ends
        self.flaws = picture.flaws
        self.paused = picture.paused
        for config in picture.configs.values():
            self._adopt(config)
        if leftovers != "leave":
            await self._interrupt(picture.running, store=leftovers == "store")

    async def refresh(self) -> list[str]:
        """Notice what a login or logout in another program wrote; returns new process ids.

        Processes that appeared are taken over, and so is what a known one needs.
        """
        async with self._lock:
            picture = await self._store.read(rows.read_picture)
            new = [i for i in picture.configs if i not in self._configs]
            changed = [i for i, s in picture.statuses.items() if self._needs_differ(i, s)]
            for process_id in new:
                stored = picture.statuses.get(process_id)
                self._statuses.setdefault(process_id, stored or rows.new_status(process_id))
                self._adopt(picture.configs[process_id])
            for process_id in changed:
                self._statuses[process_id] = picture.statuses[process_id]
                self._adopt(picture.configs[process_id])
        for process_id in {*new, *changed}:
            self._tell_schedule(process_id)
        return new

    def _needs_differ(self, process_id: str, stored: SyncStatus) -> bool:
        if process_id in self._running or process_id in self._unwritten:
            return False
        if process_id not in self._configs:
            return False
        return self._known(process_id).needs != stored.needs

    def _adopt(self, config: SyncConfig) -> None:
        """Hold a stored config; off and parked processes have no next run, whatever it says."""
        status = self._known(config.process_id)
        if not config.enabled or status.needs is not None:
            config = replace(config, next_run_time=None)
        self._hold(config, status)

    async def _interrupt(self, running: list[RunRecord], *, store: bool) -> None:
        """Call runs that nobody runs interrupted; their processes are due again at once."""
        self.interrupted_runs = tuple(replace(run, result="interrupted") for run in running)
        ids = {run.process_id for run in running}
        ids.update(s.process_id for s in self._statuses.values() if s.status == "running")
        for process_id in ids:
            status = self._known(process_id)
            failing = status.error_count > 0
            status = replace(
                status, status="error" if failing else "idle", current_step="Interrupted"
            )
            config = self._configs.get(process_id)
            if config is not None and store and config.enabled and status.needs is None:
                config = replace(config, next_run_time=self._clock.now())
            self._hold(config, status)
        if store and (ids or running):
            await self._store.write(lambda _: self._save_interrupted(ids))

    # A run

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
                items_processed=0,
                total_items=None,
            )
            run = await self._store.write(lambda _: self._save_start(run, status))
            self._unwritten.clear()
            self._queued.pop(process_id, None)
            self._statuses[process_id] = status
            self._running[process_id] = (run, began)
        self._tell(StatusChanged(status))
        self._tell(RunRecorded(run))
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
            self._tell(StatusChanged(status))

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
        is raised: `fail_sync` follows.
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
                self._running[process_id] = (run, self._clock.monotonic())
            return await self._end(process_id, finish, outcome, apply, hold=apply is None)

    async def cancel_sync(
        self, process_id: str, *, outcome: Outcome = NOTHING, apply: Apply | None = None
    ) -> RunRecord | None:
        """End a run that was cancelled; None where it had ended already.

        It is recorded even if the caller is cancelled once more meanwhile.
        """
        return await asyncio.shield(self._cancel(process_id, outcome, apply))

    async def _cancel(
        self, process_id: str, outcome: Outcome, apply: Apply | None
    ) -> RunRecord | None:
        async with self._lock:
            if process_id not in self._running:
                return None
            return await self._end(process_id, ending.cancelled, outcome, apply, hold=apply is None)

    async def _end(
        self,
        process_id: str,
        finish: Ending,
        outcome: Outcome,
        apply: Apply | None,
        *,
        hold: bool = False,
    ) -> RunRecord:
        """Write the end of a run, then tell it.

        `hold`: where the database takes nothing, the end is held in memory instead of raised.
        """

        def work(db: Any) -> _Ended:
            counts = None if apply is None else apply(db)
            ended = self._ended(process_id, finish, outcome, counts)
            return self._save_end(db, ended)

        try:
            ended = await self._store.write(work)
        except DatabaseError:
            if not hold:
                raise
            log.exception("the end of a run of %s could not be written", process_id)
            ended = self._ended(process_id, finish, outcome, None)
            self._unwritten[process_id] = ended.run
        else:
            self._unwritten.clear()
            self._pruned = ended.moment if self._prunes_at(ended.moment) else self._pruned
        del self._running[process_id]
        self._last_ends[process_id] = ended.moment
        self._last_runs[process_id] = ended.run
        self._hold(ended.config, ended.status)
        self._tell(StatusChanged(ended.status))
        self._tell(RunRecorded(ended.run))
        if ended.config is not None:
            self._tell(ScheduleChanged(ended.config))
        return ended.run

    def _ended(
        self, process_id: str, finish: Ending, outcome: Outcome, counts: Counts | None
    ) -> _Ended:
        run, began = self._running[process_id]
        duration = self._clock.monotonic() - began
        moment = self._clock.now()
        status, run = finish(self._statuses[process_id], run, moment)
        run = ending.with_facts(run, outcome, counts, duration)
        config = self._configs.get(process_id)
        if config is not None:
            due = next_run_time(
                config,
                needs=status.needs,
                end=moment,
                current_until=status.current_until,
                more_to_come=outcome.more_to_come,
            )
            config = replace(config, next_run_time=due)
            status = replace(status, next_run_time=due)
        return _Ended(moment, status, run, config)

    # The schedule

    async def set_next_run_time(self, process_id: str, moment: datetime | None) -> None:
        """Give a process another next run. Raises KeyError where it is not scheduled."""
        await self.set_configs([replace(self._configs[process_id], next_run_time=moment)])

    async def set_configs(self, configs: Iterable[SyncConfig]) -> None:
        """Put processes on the schedule, or change what is asked of them, in one transaction."""
        async with self._lock:
            await self._store_schedule([(c, self._known(c.process_id)) for c in configs])

    async def set_paused(self, *, paused: bool) -> None:
        """Hold the whole schedule, or let it go on; remembered over restarts."""
        async with self._lock:
            await self._store.write(lambda _: rows.save_paused(paused=paused))
            self.paused = paused

    async def remove_config(self, process_id: str) -> None:
        """Take a process off the schedule; its status and history stay."""
        async with self._lock:
            status = replace(self._known(process_id), next_run_time=None)
            await self._store.write(lambda _: _remove(process_id, status))
            self._configs.pop(process_id, None)
            self._statuses[process_id] = status
        self._tell(StatusChanged(status))

    async def set_needs(self, process_id: str, needs: str | None) -> None:
        """Park a process, or say that what it needed was given: then it is due at once."""
        async with self._lock:
            status = replace(self._known(process_id), needs=needs)
            if status.status != "running" and needs is not None:
                status = replace(status, current_step=need_in_words(needs))
            config = self._configs.get(process_id)
            if config is None:
                await self._store.write(lambda _: rows.save_status(status))
                self._statuses[process_id] = status
                self._tell(StatusChanged(status))
                return
            due = self._clock.now() if config.enabled and needs is None else None
            await self._store_schedule([(replace(config, next_run_time=due), status)])

    def set_queued(self, process_id: str, step: str | None) -> None:
        """Show that a process waits, in place of its step, until it starts or `step` is None."""
        if self._queued.get(process_id) == step:
            return
        if step is None:
            del self._queued[process_id]
        else:
            self._queued[process_id] = step
        self._tell(StatusChanged(self.get_status(process_id)))

    async def _store_schedule(self, schedule: list[tuple[SyncConfig, SyncStatus]]) -> None:
        """Write configs, and their next runs and needs into the statuses too."""
        schedule = [(c, replace(s, next_run_time=c.next_run_time)) for c, s in schedule]
        await self._store.write(lambda _: _save_schedule(schedule))
        for config, status in schedule:
            running = config.process_id in self._running  # it may have gone on meanwhile
            now = self._statuses[config.process_id] if running else status
            self._hold(config, replace(now, needs=status.needs))
            self._tell_schedule(config.process_id)

    # Inside

    def _known(self, process_id: str) -> SyncStatus:
        return self._statuses.get(process_id) or rows.new_status(process_id)

    def _hold(self, config: SyncConfig | None, status: SyncStatus) -> None:
        """Take over in memory what is true from now on."""
        if config is not None:
            status = replace(status, next_run_time=config.next_run_time)
            self._configs[config.process_id] = config
        self._statuses[status.process_id] = status

    def _tell_schedule(self, process_id: str) -> None:
        self._tell(ScheduleChanged(self._configs[process_id]))
        self._tell(StatusChanged(self.get_status(process_id)))

    def _new_run(self, process_id: str, trigger: Trigger) -> RunRecord:
        corporation_id, process_type = rows.split_id(process_id)
        return RunRecord(None, process_id, process_type, corporation_id, trigger, self._clock.now())

    def _save_start(self, run: RunRecord, status: SyncStatus) -> RunRecord:
        self._save_unwritten()
        rows.save_status(status)
        return rows.save_run(run)

    def _save_end(self, db: Any, ended: _Ended) -> _Ended:
        self._save_unwritten()
        rows.save_status(ended.status)
        if ended.config is not None:
            rows.save_config(ended.config)
        run = rows.save_run(ended.run)
        if self._prunes_at(ended.moment):
            rows.prune_history(db, ended.moment.timestamp())
        return replace(ended, run=run)

    def _save_unwritten(self) -> None:
        for run in self._unwritten.values():
            rows.save_run(run)

    def _save_interrupted(self, process_ids: set[str]) -> None:
        for process_id in process_ids:
            rows.save_status(self._statuses[process_id])
            config = self._configs.get(process_id)
            if config is not None:
                rows.save_config(config)
        for run in self.interrupted_runs:
            rows.save_run(run)

    def _prunes_at(self, moment: datetime) -> bool:
        return self._pruned is None or abs(moment - self._pruned) >= PRUNE_EVERY


@dataclass(frozen=True, slots=True)
class _Ended:
    """All that the end of a run changes."""

    moment: datetime
    status: SyncStatus
    run: RunRecord
    config: SyncConfig | None


def _save_schedule(schedule: list[tuple[SyncConfig, SyncStatus]]) -> None:
    for config, status in schedule:
        rows.save_config(config)
        rows.save_status(status)


def _remove(process_id: str, status: SyncStatus) -> None:
    rows.delete_config(process_id)
    rows.save_status(status)
