"""Workspace: one open data folder with its parts wired together; what commands and screens hold."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from corpsync_tui.alerts.delivery import Delivery
from corpsync_tui.alerts.evaluate import RuleBook
from corpsync_tui.alerts.outbox import Outbox
from corpsync_tui.alerts.watch import AlertWatch
from corpsync_tui.boards import board_views
from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.names.lookups import GATHERING, NameLookups, OnRequests
from corpsync_tui.names.resolver import STRUCTURE
from corpsync_tui.queries.records import RunRecord, SyncConfig, Trigger
from corpsync_tui.reference.prices import MarketPrices
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import Settings, create_folders
from corpsync_tui.store.backup import backup_database, backup_path
from corpsync_tui.store.database import Store
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.opening import check_version
from corpsync_tui.store.schema import Table
from corpsync_tui.sync.executor import SyncExecutor
from corpsync_tui.sync.limits import StoredLimits
from corpsync_tui.sync.logins import Logins
from corpsync_tui.sync.roster import ROLES_SCOPE, Roster
from corpsync_tui.sync.rows import add_requests
from corpsync_tui.sync.runner import Handle, Spawn, spawn_task
from corpsync_tui.sync.scheduler import SyncScheduler
from corpsync_tui.sync.state import SyncStateManager
from corpsync_tui.upkeep.hourly import Upkeep

ALWAYS = {
    ROLES_SCOPE: "which roles a character has",
    STRUCTURE.scope or "": "names of player structures",
}
"""Scopes that every login asks for, and what each is good for."""


class Workspace:
    """One data folder. Open it with `async with await Workspace.open(…) as workspace`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        store: Store,
        connection: Connection,
        *,
        lock: OwnerLock | None,
        processes: Sequence[Process],
        spawn: Spawn,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.store = store
        self.connection = connection
        self.processes = {process.type: process for process in processes}
        self.roster = Roster(store, connection.client, clock)
        self.state = SyncStateManager(store, clock)
        self.reference = ReferenceUpdate(settings, clock)
        prices = MarketPrices(store, connection.client, clock, settings.boards)
        self.names = NameLookups(store, connection.client, prices, clock)
        self.executor = SyncExecutor(
            self.state,
            store,
            connection.client,
            self.roster,
            clock,
            processes=processes,
            backup=self.backup_before_collapse,
            concurrency=settings.concurrency,
            bulk_rows=settings.bulk_rows,
            packed_rows=settings.packed_rows,
        )
        book = RuleBook(
            tuple(processes), settings.attention, settings.wallet_floors, settings.boards
        )
        self.delivery = Delivery(settings, clock)
        self.outbox = Outbox(store, self.delivery, clock, book)
        self.alerts = AlertWatch(
            store,
            self.state,
            clock,
            book=book,
            outbox=self.outbox,
            named=self.names.finished,
        )
        self.logins = Logins(
            connection,
            self.roster,
            self.state,
            processes=self.processes,
            always=ALWAYS,
            schedule=self._schedule_corporation,
        )
        self.upkeep = Upkeep(
            store,
            clock,
            kept_days=settings.kept_days,
            kept_rows=settings.kept_rows,
            further=(self.roster.refresh, self.logins.keep_alive, self._renew_reference),
            notice=self.state.notice,
        )
        self.scheduler = SyncScheduler(
            self.state,
            clock,
            run=self.run,
            spawn=spawn,
            cluster_up=self._cluster_up,
            logins=self.logins.notice,
            max_running=settings.max_running,
        )
        self._lock = lock
        self._spawn = spawn
        self._duties: list[Handle] = []

    @classmethod
    async def open(
        cls,
        settings: Settings,
        clock: Clock,
        *,
        command: str,
        hold: bool = True,
        patience: float = 0.0,
        processes: Sequence[Process] = ALL,
        spawn: Spawn = spawn_task,
    ) -> Workspace:
        """Open the data folder, and make it where it is missing.

        Args:
            settings: Where the folder is, and how to reach ESI.
            clock: The time.
            command: What the holder is called: `corpsync`, `corpsync run`.
            hold: Whether to be the folder's one holder, who runs processes. Without it, only
                logins are written.
            patience: Seconds to wait for another holder.
            processes: What is synced.
            spawn: Starts the scheduler's loop and each run.

        Raises:
            HeldError: Another corpsync holds the folder.
            DatabaseError: The database cannot be used; the message says what to do.
        """
        by_table = {m._meta.table_name: m for p in (*ALL, *processes) for m in p.models}
        models = tuple(by_table.values())
        lock = OwnerLock(settings.data_dir, command, clock) if hold else None

        def open_store() -> Store:
            create_folders(settings)
            if lock is not None:
                lock.acquire(patience)
            return Store.open(
                settings.database,
                models,
                clock=clock,
                owner=hold,
                reference=settings.reference,
                views=board_views(),
            )

        try:
            store = await asyncio.to_thread(open_store)
            connection = await _connected(settings, clock, store)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        workspace = cls(
            settings, clock, store, connection, lock=lock, processes=processes, spawn=spawn
        )
        try:
            await workspace._load()
        except BaseException:
            await workspace.close()
            raise
        return workspace

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _load(self) -> None:
        await self.logins.load()
        await self.state.load(recover=self._lock is not None, types=self.processes)
        if self._lock is not None:
            characters = self.roster.characters.values()
            corporations = {c.corporation_id for c in characters if c.left is None}
            await self.scheduler.initialize(
                config for c in corporations if c is not None for config in self.defaults(c)
            )
            await self._ask_for_scopes()

    async def _ask_for_scopes(self) -> None:
        """Say of processes that never ran, as those of a newer corpsync, which scope they lack."""
        for config in self.state.get_configs():
            status = self.state.get_status(config.process_id)
            if status.last_run_time is not None or status.needs is not None:
                continue
            if (process := self.processes.get(config.process_type)) is None:
                continue
            try:
                self.roster.access(config.corporation_id, process)
            except AuthError as error:
                if error.needs != "login":
                    await self.state.set_needs(config.process_id, error.needs)

    async def hold(self, command: str) -> None:
        """Become the folder's holder, where nobody is it.

        Raises:
            HeldError: Another corpsync was faster.
            OtherVersionError: The one that held it was of another version.
        """
        lock = OwnerLock(self.settings.data_dir, command, self.clock)
        await asyncio.to_thread(lock.acquire)
        try:
            await self.store.read(lambda db: check_version(db, self.store.path))
            self._lock = lock
            await self._load()
        except BaseException:
            self._lock = None
            lock.release()
            raise

    async def start(self) -> None:
        """Follow the schedule, and keep backups and logins fresh."""
        await self.scheduler.start()
        self.resume_names()
        self._duties = [
            self._spawn(self.upkeep.follow(), "upkeep"),
            self._spawn(self.alerts.follow(), "alerts"),
            self._spawn(self.outbox.follow(), "outbox"),
        ]

    async def close(self) -> None:
        """End what runs, keep what was learned, and give the folder back."""
        self.store.hurry()
        try:
            await self.scheduler.stop()
            for duty in self._duties:
                duty.cancel()
            await self.names.close()
            await self.delivery.aclose()
            await self.connection.aclose()
        finally:
            await self.store.aclose()
            if self._lock is not None:
                self._lock.release()

    # Runs

    async def run(self, process_id: str, trigger: Trigger) -> RunRecord:
        """Run one process to its end; names follow behind."""
        record = await self.executor.execute(process_id, trigger)

        async def count(sent: int) -> None:
            """A run's history counts what its names cost, too."""
            await self.store.write(lambda _: add_requests(record.id, sent))

        self._look_up_names(process_id, count)
        return record

    def resume_names(self) -> None:
        """Look up what earlier runs left without names, because ESI failed or corpsync ended."""
        for config in self.state.get_configs():
            if config.process_type in self.processes:
                self._look_up_names(config.process_id, gathering=0.0)

    def _look_up_names(
        self,
        process_id: str,
        on_requests: OnRequests | None = None,
        gathering: float = GATHERING,
    ) -> None:
        corporation, _, process_type = process_id.partition("/")
        corporation_id = int(corporation)
        self.names.look_up(
            process_id,
            [Table.of(model) for model in self.processes[process_type].models],
            self.roster.granting(corporation_id, STRUCTURE.scope),
            on_requests=on_requests,
            gathering=gathering,
        )

    def defaults(self, corporation_id: int) -> list[SyncConfig]:
        """The schedule of a corporation that has none yet."""
        return [
            SyncConfig(
                f"{corporation_id}/{process.type}",
                process.type,
                corporation_id,
                interval_minutes=self.settings.intervals.get(
                    process.type, process.interval_minutes
                ),
            )
            for process in self.processes.values()
        ]

    async def _schedule_corporation(self, corporation_id: int) -> None:
        """Schedule what is missing of a corporation, and unblock what waited for a login.

        A login takes minutes, in which whoever follows the schedule may have blocked more.
        """
        await self.state.refresh()
        known = {c.process_id for c in self.state.get_configs()}
        for config in self.defaults(corporation_id):
            if config.process_id not in known:
                await self.scheduler.schedule_process(config)
            elif self.state.needs(config.process_id) is not None:
                await self.scheduler.unpark(config.process_id)
        await self._ask_for_scopes()

    async def _cluster_up(self) -> bool:
        return await self.connection.client.downtime.is_up(RequestStats())

    async def backup_before_collapse(self) -> Path:
        """A copy of the database as it is, before a snapshot loses most of its rows."""
        target = backup_path(self.store.path, self.clock.time(), "before-collapse")
        return await asyncio.to_thread(backup_database, self.store.path, target)

    async def _renew_reference(self) -> None:
        """Follow CCP's builds, once there are static data here."""
        if self.reference.due:
            await self.reference.newest()


async def _connected(settings: Settings, clock: Clock, store: Store) -> Connection:
    """The connection to CCP; without it, the store is of no use either."""
    try:
        return await Connection.open(settings, clock, StoredLimits(store))
    except BaseException:
        await store.aclose()
        raise
