"""A data folder with the state manager and the scheduler on it, a clock, and runs made up."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from corpsync_tui.catalog_index import entries
from corpsync_tui.errors import DowntimeError
from corpsync_tui.queries.records import RunRecord, SyncConfig, Trigger
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts
from corpsync_tui.sync.events import SyncEvent
from corpsync_tui.sync.outcome import Outcome
from corpsync_tui.sync.scheduler import SyncScheduler
from corpsync_tui.sync.state import SyncStateManager
from tests.support.cast import CAST
from tests.support.virtual import VirtualClock

CORPORATION_ID = 98000001
INTERVALS = {t: entries()[t].interval_minutes for t in CAST}


def pid(process_type: str) -> str:
    return f"{CORPORATION_ID}/{process_type}"


def defaults(*types: str) -> list[SyncConfig]:
    """The default schedule of these processes, or of the whole cast."""
    return [
        SyncConfig(pid(t), t, CORPORATION_ID, interval_minutes=float(INTERVALS[t]))
        for t in types or INTERVALS
    ]


@dataclass
class Start:
    """A run that began."""

    process_type: str
    trigger: Trigger
    second: float
    """Since the clock was made."""


@dataclass
class Runs:
    """Stands for the executor: every run takes a while and then ends as it is told to."""

    state: SyncStateManager
    clock: VirtualClock
    seconds: float = 10.0
    cache_seconds: float = 0.0
    items: int = 5
    more_to_come: bool = False
    errors: dict[str, list[Exception]] = field(default_factory=dict)
    """Per process type, how its next runs fail."""
    crashes: dict[str, Exception] = field(default_factory=dict)
    """Per process type, what a run raises without having told the state manager."""
    starts: list[Start] = field(default_factory=list)
    side_by_side: int = 0
    most_side_by_side: int = 0

    async def __call__(self, process_id: str, trigger: Trigger) -> RunRecord | None:
        process_type = process_id.partition("/")[2]
        self.starts.append(Start(process_type, trigger, self.clock.monotonic()))
        self.side_by_side += 1
        self.most_side_by_side = max(self.most_side_by_side, self.side_by_side)
        try:
            return await self._run(process_id, process_type, trigger)
        finally:
            self.side_by_side -= 1

    async def _run(self, process_id: str, process_type: str, trigger: Trigger) -> RunRecord:
        await self.state.start_sync(process_id, trigger)
        await self.clock.sleep(self.seconds)
        if process_type in self.crashes:
            raise self.crashes[process_type]
        errors = self.errors.get(process_type)
        if errors:
            error = errors.pop(0)
            record = await self.state.fail_sync(process_id, error)
            if isinstance(error, DowntimeError):
                raise error
            return record
        until = self.clock.now() + timedelta(seconds=self.cache_seconds)
        outcome = Outcome(current_until=until, more_to_come=self.more_to_come)
        return await self.state.complete_sync(process_id, self.items, outcome=outcome)

    def of(self, process_type: str) -> list[Start]:
        return [start for start in self.starts if start.process_type == process_type]


@dataclass
class Bench:
    """Everything that a test of the orchestration takes in hand."""

    clock: VirtualClock
    store: Store
    state: SyncStateManager
    runs: Runs
    scheduler: SyncScheduler
    events: list[SyncEvent]
    esi_is_up: list[bool]
    """What ESI says when it is asked whether it is back; the last word stays."""
    questions: list[float] = field(default_factory=list)
    """When it was asked."""

    async def cluster_up(self) -> bool:
        self.questions.append(self.clock.monotonic())
        return self.esi_is_up.pop(0) if len(self.esi_is_up) > 1 else self.esi_is_up[0]

    async def start(self, *types: str) -> None:
        await self.scheduler.initialize(defaults(*types))
        await self.scheduler.start()
        await self.clock.settle()

    async def execute(self, statement: str, *values: object) -> None:
        """Change the file as a hand would."""
        await self.store.write(lambda db: db.execute(statement, values).close())

    async def value(self, statement: str, *values: object) -> object:
        """The first value that the file gives."""
        return (await self.store.read(lambda db: db.execute(statement, values).fetchone()))[0]


@asynccontextmanager
async def bench(folder: Path, clock: VirtualClock, *, recover: bool = True) -> AsyncIterator[Bench]:
    """Open the folder's database and put the services on it; they end with the block."""
    store = Store.open(folder / "corpsync.db", [], clock=clock, owner=recover)
    clock.watch(store, "write", "read")
    state = SyncStateManager(store, clock)
    await state.load(recover=recover)
    runs = Runs(state, clock)
    events: list[SyncEvent] = []
    state.subscribe(events.append)
    made: Bench

    async def cluster_up() -> bool:
        return await made.cluster_up()

    scheduler = SyncScheduler(state, clock, run=runs, cluster_up=cluster_up)
    made = Bench(clock, store, state, runs, scheduler, events, [True])
    try:
        yield made
    finally:
        await scheduler.stop()
        await store.aclose()


def gaps(seconds: list[float]) -> list[float]:
    """The time between each and the next."""
    return [later - earlier for earlier, later in itertools.pairwise(seconds)]


async def change_while_stored(
    world: Bench, process_id: str, *changes: Coroutine[Any, Any, SyncConfig]
) -> list[SyncConfig]:
    """Ask for changes while the rows of a run are stored; they come after its end."""
    await world.state.start_sync(process_id)
    merging, stored = threading.Event(), threading.Event()

    def apply(_: Any) -> Counts:
        merging.set()
        stored.wait(10)
        return Counts()

    ending = asyncio.create_task(world.state.complete_sync(process_id, 1, apply=apply))
    await asyncio.to_thread(merging.wait, 10)
    asked = [asyncio.create_task(change) for change in changes]
    for _ in range(5):
        await asyncio.sleep(0)
    stored.set()
    await ending
    return [await change for change in asked]
