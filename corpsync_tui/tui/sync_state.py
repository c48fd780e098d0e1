"""The one bridge from the sync services to the screens.

Events come in as often as they like; messages go out at most four times a second. In between
the bridge holds frozen records, so that any screen can be painted whole at any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from textual.message import Message

from corpsync_tui.catalog_index import process_place
from corpsync_tui.clock import Clock
from corpsync_tui.queries.records import (
    DisplayState,
    RunRecord,
    SyncConfig,
    SyncStatus,
    display_state,
)
from corpsync_tui.service.api import Corporation, Snapshot
from corpsync_tui.sync import events
from corpsync_tui.sync.events import SyncEvent

UPDATE_SECONDS = 0.25
"""The shortest time between two rounds of messages."""
RUNS_HELD = 100
"""Runs of each process that the bridge keeps at hand."""
NO_CORPORATION = 0
"""Stands for the corporation before the first login."""

Defer = Callable[[float, Callable[[], None]], object]


class SyncStatusChanged(Message, bubble=False):
    """One or more processes, or what surrounds them, look different now."""

    def __init__(self, process_ids: frozenset[str]) -> None:
        super().__init__()
        self.process_ids = process_ids


class RunRecorded(Message, bubble=False):
    """Runs began or ended."""

    def __init__(self, runs: tuple[RunRecord, ...]) -> None:
        super().__init__()
        self.runs = runs


class SyncState:
    """The frozen records of every process, and the news of them, coalesced.

    `post` delivers a message to the screen in front; `defer` calls back after some seconds.
    """

    def __init__(self, clock: Clock, post: Callable[[Message], None], defer: Defer) -> None:
        self.clock = clock
        self.schedule = events.ScheduleStatus()
        self.corporations: dict[int, Corporation] = {}
        self.logged_in = True
        self.watching = ""
        """Who holds the data folder, where that is another process."""
        self.process_types: tuple[str, ...] = ()
        """What there is to sync, in the order of the screen."""
        self.loaded = False
        self._post = post
        self._defer = defer
        self._statuses: dict[str, SyncStatus] = {}
        self._configs: dict[str, SyncConfig] = {}
        self._runs: dict[str, deque[RunRecord]] = {}
        self._changed: set[str] = set()
        self._recorded: dict[tuple[str, datetime], RunRecord] = {}
        self._flush_due = False
        self._last_flush = float("-inf")

    # What comes in

    def load(self, snapshot: Snapshot) -> None:
        """Take the whole picture, in place of whatever was held."""
        self._statuses = {status.process_id: status for status in snapshot.statuses}
        self._configs = {config.process_id: config for config in snapshot.configs}
        self._runs = {}
        for run in sorted(snapshot.runs, key=lambda run: run.start_time):
            self._keep(run)
        self.corporations = {c.corporation_id: c for c in snapshot.corporations}
        self.schedule = snapshot.schedule
        self.logged_in = snapshot.logged_in
        self.watching = snapshot.watching
        self.process_types = tuple(snapshot.process_types)
        self.loaded = True
        if not self._statuses:
            self._park_all_without_login()
        self._changed.update(self._statuses)
        self.flush()

    def listen(self, event: SyncEvent) -> None:
        """Take one event; the screens hear of it within a quarter of a second."""
        match event:
            case events.StatusChanged(status):
                self._statuses[status.process_id] = status
                self._changed.add(status.process_id)
            case events.ScheduleChanged(config):
                self._configs[config.process_id] = config
                self._changed.add(config.process_id)
            case events.ScheduleStatus():
                self._changed.update({*self.schedule.waiting, *event.waiting})
                self.schedule = event
            case events.RunRecorded(run):
                self._keep(run)
                self._recorded[run.process_id, run.start_time] = run
                self._changed.add(run.process_id)
        self._flush_soon()

    def flush(self) -> None:
        """Tell the screen in front what changed since the last time."""
        self._flush_due = False
        self._last_flush = self.clock.monotonic()
        changed, self._changed = frozenset(self._changed), set()
        recorded, self._recorded = tuple(self._recorded.values()), {}
        self._post(SyncStatusChanged(changed))
        if recorded:
            self._post(RunRecorded(recorded))

    # What the screens read

    def process_ids(self, corporation_id: int | None = None) -> list[str]:
        """Every process, or one corporation's, in the order of the screen."""
        wanted = (
            status
            for status in self._statuses.values()
            if corporation_id in (None, status.corporation_id)
        )
        ordered = sorted(wanted, key=lambda s: (s.corporation_id, process_place(s.process_type)))
        return [status.process_id for status in ordered]

    def status(self, process_id: str) -> SyncStatus:
        """Where the process stands. Raises KeyError for one that is not known."""
        return self._statuses[process_id]

    def config(self, process_id: str) -> SyncConfig:
        """What was asked of the process; the defaults before its schedule is known."""
        known = self._configs.get(process_id)
        if known is not None:
            return known
        status = self._statuses[process_id]
        return SyncConfig(process_id, status.process_type, status.corporation_id)

    def shown_state(self, process_id: str, now: datetime) -> DisplayState:
        """The one word for the process."""
        waiting = process_id in self.schedule.waiting
        status, config = self.status(process_id), self.config(process_id)
        return display_state(status, config, now, waiting=waiting)

    def runs(self, process_id: str | None = None) -> list[RunRecord]:
        """The last runs of one process, or of all together, newest first."""
        if process_id is not None:
            return list(self._runs.get(process_id, ()))
        every = (run for runs in self._runs.values() for run in runs)
        return sorted(every, key=lambda run: run.start_time, reverse=True)

    def last_run(self, process_id: str) -> RunRecord | None:
        """The newest run of a process, also while it is under way."""
        return next(iter(self._runs.get(process_id, ())), None)

    def corporation(self, corporation_id: int) -> Corporation:
        """The corporation, by its id alone while its name is not known."""
        known = self.corporations.get(corporation_id)
        return known or Corporation(corporation_id, f"Corporation {corporation_id}", "")

    def corporation_ids(self) -> list[int]:
        """The corporations that have processes, in the order of the screen."""
        return sorted({status.corporation_id for status in self._statuses.values()})

    # Inside

    def _keep(self, run: RunRecord) -> None:
        """Put a run in front, or in the place of its own beginning."""
        held = self._runs.setdefault(run.process_id, deque(maxlen=RUNS_HELD))
        for place, known in enumerate(held):
            if known.start_time == run.start_time:
                held[place] = run
                return
        held.appendleft(run)

    def _flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            wait = self._last_flush + UPDATE_SECONDS - self.clock.monotonic()
            self._defer(max(0.0, wait), self.flush)

    def _park_all_without_login(self) -> None:
        """Before the first login: a row for each process, saying what it needs."""
        for process_type in self.process_types:
            process_id = f"{NO_CORPORATION}/{process_type}"
            self._statuses[process_id] = SyncStatus(
                process_id, process_type, NO_CORPORATION, needs="login"
            )
