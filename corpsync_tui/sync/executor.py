"""SyncExecutor: runs one process from fetch to stored.

Steps: `Initializing…` 0, `Fetching <noun> from ESI…` 10–50, `Storing <noun> in database…` 50–90,
`Finalizing…` 90, `Completed` 100.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock, to_datetime
from corpsync_tui.engine.context import Reading, Requests
from corpsync_tui.engine.copies import load_copies
from corpsync_tui.engine.failures import Failure, Failures
from corpsync_tui.engine.run import Run
from corpsync_tui.engine.staging import SnapshotCollapsedError
from corpsync_tui.errors import (
    AuthError,
    CorpsyncError,
    DatabaseError,
    DowntimeError,
)
from corpsync_tui.esi.client import EsiClient
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.queries.records import RunRecord, Trigger
from corpsync_tui.store.changelog import BULK_ROWS, PACKED_ROWS
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.naming import Naming
from corpsync_tui.sync.outcome import Outcome
from corpsync_tui.sync.roster import Roster
from corpsync_tui.sync.state import AlreadyRunningError, SyncStateManager

log = logging.getLogger(__name__)

FETCHING, STORING, FINALIZING = 10.0, 50.0, 90.0
"""Where each part of a run begins, in percent."""

Backup = Callable[[], Awaitable[Path]]


class SyncExecutor:
    """One entry per process type; every run ends in the state manager, whatever happens."""

    def __init__(
        self,
        state: SyncStateManager,
        store: Store,
        client: EsiClient,
        roster: Roster,
        clock: Clock,
        *,
        processes: Sequence[Process],
        backup: Backup,
        concurrency: int = 4,
        bulk_rows: int = BULK_ROWS,
        packed_rows: int = PACKED_ROWS,
    ) -> None:
        self.processes = {process.type: process for process in processes}
        self._state = state
        self._store = store
        self._client = client
        self._roster = roster
        self._clock = clock
        self._backup = backup
        self._concurrency = concurrency
        self._bulk_rows = bulk_rows
        self._packed_rows = packed_rows

    async def execute(self, process_id: str, trigger: Trigger = "schedule") -> RunRecord:
        """Run a process to its end; what fails is recorded, not raised.

        Raises:
            CancelledError: The run was cancelled; the history says so.
            DowntimeError: ESI is down; the history says so, and the scheduler waits.
            AlreadyRunningError: It is running.
        """
        process = self.processes[process_id.partition("/")[2]]
        run: Run | None = None
        traffic = RequestStats()
        try:
            record = await self._state.start_sync(process_id, trigger)
            run = await self._begin(record, process, traffic)
            await run.fetch()
            return await self._store_rows(run)
        except asyncio.CancelledError:
            await self._state.cancel_sync(process_id, outcome=_partial(run, traffic))
            raise
        except (AlreadyRunningError, _RecordedDowntimeError):
            raise
        except Exception as error:
            return await self._fail(process_id, process, run, traffic, error, trigger)
        finally:
            if run is not None:
                with suppress(DatabaseError):
                    await run.close()

    async def _begin(self, record: RunRecord, process: Process, traffic: RequestStats) -> Run:
        process_id, corporation_id = record.process_id, record.corporation_id
        steps = _Steps(self._state, process_id, process.noun)
        traffic.on_wait = steps.waiting
        if record.trigger == "manual":
            await self._roster.refresh(traffic)
        access = self._roster.access(corporation_id, process)
        # By the writer, whose cache holds them since the last run: a reader starts from the disk.
        copies = await self._store.write(lambda db: load_copies(db, process_id), transaction=False)
        steps.fetching(0.0, "")
        manual, config = record.trigger == "manual", self._state.get_config(process_id)
        reading = Reading(
            process_id,
            corporation_id,
            access.first,
            Requests(self._client, self._concurrency, reserve=manual),
            self._store,
            self._clock,
            traffic,
            copies,
            Failures(),
            self._concurrency,
            math.inf if manual or config is None else 60 * config.interval_minutes,
        )
        return Run(
            record.id or 0,
            process,
            access,
            reading,
            steps.fetching,
            manual=manual,
            bulk_rows=self._bulk_rows,
            packed_rows=self._packed_rows,
        )

    async def _store_rows(self, run: Run) -> RunRecord:
        process_id, noun = run.reading.process_id, run.process.noun
        loop = asyncio.get_running_loop()
        if len(run.reading.failures):
            corporation_id = run.reading.corporation_id
            await self._store.read(lambda db: run.reading.failures.name(Naming(db), corporation_id))
        serious = [f for f in run.reading.failures if not f.gone]
        error = await self._combined(run, serious) if serious else None

        def report(progress: float, step: str) -> None:
            loop.call_soon_threadsafe(self._state.update_sync_progress, process_id, progress, step)

        def merged(done: int, total: int) -> None:
            share = done / total if total else 1.0
            report(STORING + (FINALIZING - STORING) * share, f"Storing {noun} in database…")

        def apply(db: Any) -> Counts:
            counts = run.apply(db, merged)
            report(FINALIZING, "Finalizing…")
            return counts

        self._state.update_sync_progress(process_id, STORING, f"Storing {noun} in database…")
        backup = ""
        while True:
            try:
                return await self._end(run, apply, error)
            except SnapshotCollapsedError as collapse:  # each table is asked about once
                note = collapse.message
                if collapse.suspect:
                    backup = backup or f"; backup of before: {await self._backup()}"
                    note += backup
                run.collapses[collapse.table] = note

    async def _end(
        self, run: Run, apply: Callable[[Any], Counts], error: CorpsyncError | None
    ) -> RunRecord:
        outcome = _outcome(run)
        if error is not None:
            record = await self._state.fail_sync(
                run.reading.process_id, error, outcome=outcome, apply=apply
            )
            if isinstance(error, DowntimeError):
                raise _RecordedDowntimeError(error.message) from error
            await self._park_unserved(record.corporation_id, error)
            return record
        return await self._state.complete_sync(
            run.reading.process_id, run.items, outcome=outcome, apply=apply
        )

    async def _combined(self, run: Run, failures: Sequence[Failure]) -> CorpsyncError:
        """One error for all units that failed: the one that needs the director comes first."""
        first = min(failures, key=lambda f: not isinstance(f.error, AuthError)).error
        for error in dict.fromkeys(f.error for f in failures):  # one stands for all it skipped
            await self._note_login(run, error)
        sentence = f"{run.process.title}: {_named(run.reading.failures)} failed: {first.message}"
        return self._without_need(run, first.with_message(sentence))

    async def _fail(
        self,
        process_id: str,
        process: Process,
        run: Run | None,
        traffic: RequestStats,
        error: Exception,
        trigger: Trigger,
    ) -> RunRecord:
        if isinstance(error, CorpsyncError):
            if run is not None:
                await self._note_login(run, error)
            error = error.with_message(f"{process.title}: {error.message}")
            error = error if run is None else self._without_need(run, error)
        log.warning("%s failed", process_id, exc_info=error)
        record = await self._state.fail_sync(
            process_id, error, outcome=_partial(run, traffic), trigger=trigger
        )
        if isinstance(error, DowntimeError):
            raise error
        await self._park_unserved(record.corporation_id, error)
        return record

    async def _park_unserved(self, corporation_id: int, error: Exception) -> None:
        """Where a lost login leaves nobody of a corporation to ask for, all its processes wait."""
        lost = isinstance(error, AuthError) and error.needs == "login"
        if not lost or self._is_served(corporation_id):
            return
        for config in self._state.get_configs():
            process_id = config.process_id
            if (
                config.corporation_id == corporation_id
                and self._state.needs(process_id) is None
                and not self._state.is_process_running(process_id)
            ):
                with suppress(DatabaseError):  # then its next run finds it out
                    await self._state.set_needs(process_id, "login")

    async def _note_login(self, run: Run, error: CorpsyncError) -> None:
        if isinstance(error, AuthError) and error.needs == "login":
            character_id = error.character_id or run.reading.character_id
            await self._roster.mark(character_id, "login", error.message)

    def _without_need(self, run: Run, error: CorpsyncError) -> CorpsyncError:
        """A lost login is no need of the process where another character may go on."""
        if isinstance(error, AuthError) and error.needs == "login":
            error.needs = None if self._is_served(run.reading.corporation_id) else "login"
        return error

    def _is_served(self, corporation_id: int) -> bool:
        return any(
            c.corporation_id == corporation_id and c.needs is None
            for c in self._roster.characters.values()
        )


class _RecordedDowntimeError(DowntimeError):
    """The downtime that ended a run whose end is written."""


class _Steps:
    """The words and percentages of one run's fetching."""

    def __init__(self, state: SyncStateManager, process_id: str, noun: str) -> None:
        self._state = state
        self._process_id = process_id
        self._step = f"Fetching {noun} from ESI…"
        self._progress = FETCHING
        self._detail = ""

    def fetching(self, share: float, detail: str) -> None:
        """`share` of the fetching is done, 0 to 1."""
        self._progress = FETCHING + (STORING - FETCHING) * share
        self._detail = detail
        self._tell(detail)

    def waiting(self, why: str) -> None:
        """The client waits: for a retry, a limit, ESI's cache; empty when it goes on."""
        self._tell(why or self._detail)

    def _tell(self, detail: str) -> None:
        step = f"{self._step} ({detail})" if detail else self._step
        self._state.update_sync_progress(self._process_id, self._progress, step)


def _outcome(run: Run) -> Outcome:
    gone = [f for f in run.reading.failures if f.gone]
    return Outcome(
        items=run.items,
        rows_added=run.committed.added,
        rows_changed=run.committed.changed,
        rows_removed=run.committed.removed,
        items_failed=len({f.unit for f in run.reading.failures}),
        error_message=f"{_named(gone)}: {gone[0].error.message}" if gone else None,
        note="; ".join(run.notes) or None,
        requests_sent=run.reading.traffic.requests_sent,
        not_modified=run.reading.traffic.not_modified,
        current_until=to_datetime(run.current_until()),
        more_to_come=run.more_to_come,
    )


def _partial(run: Run | None, traffic: RequestStats) -> Outcome:
    """The facts of a run that stored nothing at its end."""
    return Outcome(
        rows_added=run.committed.added if run else 0,
        requests_sent=traffic.requests_sent,
        not_modified=traffic.not_modified,
    )


NAMED_UNITS = 5
"""Units that a message names; of a longer list it names as many and counts the rest."""


def _named(failures: Iterable[Failure]) -> str:
    units = list(dict.fromkeys(f.unit for f in failures))
    shown = ", ".join(units[:NAMED_UNITS])
    more = len(units) - NAMED_UNITS
    return f"{shown} and {more} more" if more > 0 else shown
