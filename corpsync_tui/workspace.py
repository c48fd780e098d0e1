"""Workspace: one open data folder with its parts wired together; what commands and screens hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Self

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, CorpsyncError, DatabaseError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.login import Login
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.esi.tokens import Grant
from corpsync_tui.names.lookups import NameLookups, OnRequests
from corpsync_tui.names.resolver import STRUCTURE
from corpsync_tui.queries.records import RunRecord, SyncConfig, Trigger
from corpsync_tui.reference.prices import MarketPrices
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import Settings, create_folders
from corpsync_tui.store.backup import backup_database, backup_path, daily_backup
from corpsync_tui.store.changelog import trim
from corpsync_tui.store.database import Store
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.schema import Table
from corpsync_tui.sync.attention_watch import AttentionWatch
from corpsync_tui.sync.executor import SyncExecutor
from corpsync_tui.sync.limits import StoredLimits
from corpsync_tui.sync.roster import ROLES_SCOPE, Character, Roster
from corpsync_tui.sync.rows import add_requests
from corpsync_tui.sync.runner import Handle, Spawn, spawn_task
from corpsync_tui.sync.scheduler import SyncScheduler
from corpsync_tui.sync.state import SyncStateManager

log = logging.getLogger(__name__)

DAY = 86_400.0
UPKEEP_EVERY = 3600.0
"""Seconds between two looks at backups, unused logins, and who is where in which role."""


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
        prices = MarketPrices(store, connection.client, clock)
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
        )
        self.attention = AttentionWatch(
            store,
            self.state,
            clock,
            processes=processes,
            rules=settings.attention,
            floors=settings.wallet_floors,
        )
        self.scheduler = SyncScheduler(
            self.state,
            clock,
            run=self.run,
            spawn=spawn,
            cluster_up=self._cluster_up,
            logins=self.notice_logins,
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
        models = tuple(dict.fromkeys(m for process in processes for m in process.models))
        lock = OwnerLock(settings.data_dir, command, clock) if hold else None

        def open_store() -> Store:
            create_folders(settings)
            if lock is not None:
                lock.acquire(patience)
            return Store.open(
                settings.database, models, clock=clock, owner=hold, reference=settings.reference
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
        await self.roster.load()
        self._know_characters()
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

    async def start(self) -> None:
        """Follow the schedule, and keep backups and logins fresh."""
        await self.scheduler.start()
        self.resume_names()
        self._duties = [
            self._spawn(self._keep_up(), "upkeep"),
            self._spawn(self.attention.follow(), "attention"),
        ]

    async def close(self) -> None:
        """End what runs, keep what was learned, and give the folder back."""
        self.store.hurry()
        try:
            await self.scheduler.stop()
            for duty in self._duties:
                duty.cancel()
            await self.names.close()
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
                self._look_up_names(config.process_id)

    def _look_up_names(self, process_id: str, on_requests: OnRequests | None = None) -> None:
        corporation, _, process_type = process_id.partition("/")
        corporation_id = int(corporation)
        self.names.look_up(
            process_id,
            [Table.of(model) for model in self.processes[process_type].models],
            self.roster.granting(corporation_id, STRUCTURE.scope),
            on_requests=on_requests,
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

    async def _cluster_up(self) -> bool:
        return await self.connection.client.downtime.is_up(RequestStats())

    # Logins

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a login asks for: the processes' scopes, those of roles and structures' names."""
        wanted = [s for process in self.processes.values() for s in process.scopes]
        return tuple(dict.fromkeys([*wanted, ROLES_SCOPE, STRUCTURE.scope or ""]))

    async def begin_login(self) -> Login:
        """Listen for the browser; errors as for `Login.begin`."""
        return await self.connection.login(self.scopes)

    async def finish_login(self, grant: Grant) -> Character:
        """Keep a login, learn where the character belongs, and schedule its corporation.

        Raises `KeyringError` where the login cannot be kept, and what the client raises where
        ESI does not tell the corporation of a new character: then nothing is kept.
        """
        identity = await self.connection.tokens.add(grant)
        try:
            return await self.welcome(identity)
        except CorpsyncError:
            await self.roster.load()
            character = self.roster.characters.get(identity.character_id)
            if character is not None and character.corporation_id is None:
                await self.logout(character.character_id)
            raise

    async def welcome(self, identity: Identity) -> Character:
        """Schedule the corporation of a character whose login is kept."""
        character = await self.roster.welcome(identity)
        self._know_characters()
        if character.corporation_id is not None:
            known = {c.process_id for c in self.state.get_configs()}
            for config in self.defaults(character.corporation_id):
                if config.process_id not in known:
                    await self.scheduler.schedule_process(config)
                elif self.state.needs(config.process_id) is not None:
                    await self.scheduler.unpark(config.process_id)
            await self._ask_for_scopes()
        return character

    async def logout(self, character_id: int) -> bool:
        """Revoke a login at CCP and forget it; the data stays.

        Returns whether CCP confirmed. Processes that nobody can serve now need a login.
        """
        character = self.roster.characters[character_id]
        revoked = await self.connection.tokens.revoke(character_id)
        await self.roster.forget(character_id)
        here = {c.corporation_id for c in self.roster.characters.values()}
        if character.corporation_id not in here:
            for config in self.state.get_configs():
                if config.corporation_id == character.corporation_id:
                    await self.state.set_needs(config.process_id, "login")
        return revoked

    async def notice_logins(self) -> None:
        """Take over who logged in or out in another corpsync since the last look."""
        before = self.roster.characters
        await self.roster.load()
        for character_id, character in before.items():
            now = self.roster.characters.get(character_id)
            if now is None or now.logged_in_at != character.logged_in_at:
                self.connection.tokens.forget(character_id)
        self._know_characters()

    def _know_characters(self) -> None:
        self.connection.tokens.know(
            Identity(c.character_id, c.name, c.owner, tuple(sorted(c.scopes)))
            for c in self.roster.characters.values()
        )

    # Upkeep

    async def backup_before_collapse(self) -> Path:
        """A copy of the database as it is, before a snapshot loses most of its rows."""
        target = backup_path(self.store.path, self.clock.time(), "before-collapse")
        return await asyncio.to_thread(backup_database, self.store.path, target)

    async def _keep_up(self) -> None:
        while True:
            for duty in (
                self._daily_backup,
                self.roster.refresh,
                self._keep_logins,
                self._trim_changes,
                self._renew_reference,
            ):
                await self._attempt(duty)
            await self.clock.sleep(UPKEEP_EVERY)

    async def _trim_changes(self) -> None:
        """Forget old changes in small steps, between which a sync may write."""
        before = self.clock.time() - self.settings.kept_days * DAY
        while await self.store.write(lambda db: trim(db, before)):
            pass

    async def _attempt(self, duty: Callable[[], Awaitable[None]]) -> None:
        """Do one duty; what goes wrong waits for the next time, and harms no other duty."""
        try:
            await duty()
        except CorpsyncError as error:
            log.info("upkeep: %s", error.message)
        except Exception as error:
            log.exception("upkeep failed")
            name = type(error).__name__
            self.state.notice(f"corpsync made a mistake in its upkeep ({name}), and goes on.")

    async def _renew_reference(self) -> None:
        """Follow CCP's builds, once there are static data here."""
        if self.reference.due:
            await self.reference.newest()

    async def _keep_logins(self) -> None:
        await self.connection.tokens.keep_alive(self.roster.characters)

    async def _daily_backup(self) -> None:
        try:
            await asyncio.to_thread(daily_backup, self.store.path, self.clock.time())
        except DatabaseError as error:
            self.state.notice(f"Today's backup could not be made: {error.message}")


async def _connected(settings: Settings, clock: Clock, store: Store) -> Connection:
    """The connection to CCP; without it, the store is of no use either."""
    try:
        return await Connection.open(settings, clock, StoredLimits(store))
    except BaseException:
        await store.aclose()
        raise
