"""The service beside a holder: it reads the same database, and has the holder do the rest."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import msgspec

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError, HolderGoneError, OtherVersionError
from corpsync_tui.queries.alerts import MuteScope, OpenAlert
from corpsync_tui.queries.history import read_runs, run_of
from corpsync_tui.queries.processes import read_processes
from corpsync_tui.queries.records import RunFilter, RunRecord
from corpsync_tui.service.api import Snapshot
from corpsync_tui.service.esi_report import EsiReport
from corpsync_tui.service.esi_status import EsiStatus
from corpsync_tui.service.holder import Arguments, CommandTable, Verb, notify_by_events, served
from corpsync_tui.service.live import Live, read_live
from corpsync_tui.service.local import LocalService
from corpsync_tui.settings import Settings
from corpsync_tui.store.commands import (
    insert_command,
    last_command,
    read_answer,
    remove_watcher,
    save_watcher,
    withdraw_command,
)
from corpsync_tui.store.data_version import DataVersion
from corpsync_tui.store.interrupted import STEP
from corpsync_tui.store.lock import Holder, holder
from corpsync_tui.store.opening import check_version
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import Noticed, RunRecorded, Watching
from corpsync_tui.sync.runner import Spawn, spawn_task
from corpsync_tui.workspace import Workspace

VALID_SECONDS = 8.0
"""For how long the holder may take a command: less than its answer is waited for."""
ANSWER_SECONDS = 9.0
"""How long an answer is waited for."""
WITHDRAW_SECONDS = 1.0
"""How long a command that nobody took is tried to be withdrawn; it lapses anyway."""
WATCH_EVERY = 0.5
"""Seconds between two looks whether the holder wrote something."""
WATCH_PROBE_EVERY = 5.0
"""Seconds between two looks who holds the folder; as often it hears that it is watched."""
RUNS_READ = 50
"""Runs that are looked at after each commit."""
ASK_EVERY = 0.1
PROBE_EVERY = 1.0
"""Seconds between two looks whether the holder lives, while its answer is waited for."""


log = logging.getLogger(__name__)


class RemoteService(LocalService):
    """A `SyncService` over a workspace whose folder another process holds.

    What is read is read here; logins are kept here, too. All else is asked of the holder, and
    raises `HolderGoneError` where it has ended.
    """

    def __init__(self, workspace: Workspace, holder: Holder) -> None:
        super().__init__(workspace)
        self.holder = holder
        self._alive = True
        self._words = f"watching {holder.command} · pid {holder.pid}"
        self._runs: dict[int | None, RunRecord] | None = None
        """The newest runs by id, as the front end knows them; None before it knows any."""
        self._report = EsiReport(workspace)
        self._notices: tuple[Noticed, ...] | None = None
        """What the holder noticed; None before anything of it is known."""
        self._own: CommandTable | None = None
        """What does the work, once this process has taken over."""
        self._tasks: list[asyncio.Task[None]] = []

    async def snapshot(self) -> Snapshot:
        """Everything there is to show now."""
        snapshot = await super().snapshot()
        runs = self._ended(snapshot.runs)
        if self._runs is None:
            self._runs = {run.id: run for run in runs}
        return replace(snapshot, runs=runs, watching=self._words)

    async def start(self) -> None:
        """Follow what the holder writes."""
        self._tasks.append(asyncio.create_task(self._follow()))

    async def take_over(self) -> ActionResult:
        """Follow the schedule in this process, where the one that did has ended."""
        if self._own is not None:
            return await super().take_over()
        await self._workspace.hold("corpsync")
        self._alive = True
        last = await self._workspace.store.read(last_command)
        self._own = CommandTable(self._workspace, LocalService(self._workspace), last)
        for task in self._tasks:
            task.cancel()
        self._report.show_foreign(None)
        self._tasks.append(asyncio.create_task(self._own.follow()))
        await self._workspace.start()
        self._announce("")
        return ActionResult("This corpsync follows the schedule from now on.")

    async def close(self) -> None:
        """Watch no more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
            with suppress(CorpsyncError, TimeoutError):
                async with asyncio.timeout(WITHDRAW_SECONDS):
                    await self._workspace.store.write(lambda db: remove_watcher(db, os.getpid()))
        await super().close()

    # Watching

    async def _follow(self) -> None:
        clock, next_probe = self._workspace.clock, float("-inf")
        version = DataVersion(self._workspace.store.path)
        moved = False
        try:
            while True:
                try:
                    if clock.monotonic() >= next_probe:
                        next_probe = clock.monotonic() + WATCH_PROBE_EVERY
                        moved = await self._probe() or moved
                    moved = version.moved() or moved
                    if moved:
                        await self._read()
                        moved = False
                except OtherVersionError as error:
                    self._announce(f"{self.holder.command} is of another version")
                    self._state.notice(error.message)
                    return
                except CorpsyncError as error:
                    log.warning("the holder could not be watched: %s", error.message)
                except Exception:
                    log.exception("watching failed")
                await clock.sleep(WATCH_EVERY)
        finally:
            version.close()

    async def _probe(self) -> bool:
        """Look who holds the folder, and say that this process watches; whether that differs."""
        await self._check_version()
        found = await self.current_holder()
        was, self._alive = self._alive, found is not None
        if found is None:
            if was:
                command = self.holder.command
                self._announce(f"{command} has ended · T takes over")
                self._state.notice(f"`{command}` has ended: T takes the schedule over.")
            return was
        if found != self.holder or not was:
            self.holder = found
            self._announce(f"watching {found.command} · pid {found.pid}")
        seen = self._workspace.clock.time()
        await self._workspace.store.write(lambda db: save_watcher(db, os.getpid(), seen))
        return not was

    async def _check_version(self) -> None:
        """Raises `OtherVersionError` once the holder was upgraded."""
        await self._workspace.store.read(lambda db: check_version(db, self._workspace.store.path))

    def _announce(self, words: str) -> None:
        self._words = words
        self._state.announce(Watching(words))

    async def _read(self) -> None:
        """Take over what was written since the last look."""
        await self._workspace.logins.notice()
        types, pid = self._workspace.processes, self.holder.pid
        stored, live, runs = await self._workspace.store.read(
            lambda db: (
                read_processes(db, types),
                read_live(db, pid),
                read_runs(db, RunFilter(), 0, RUNS_READ),
            )
        )
        if not self._alive:  # what it left running was cut off
            live = Live()
            stored.statuses = {
                i: replace(s, status="idle", current_step=STEP) if s.status == "running" else s
                for i, s in stored.statuses.items()
            }
        runs = self._ended(runs)
        self._report.show_foreign(live.esi)
        self._tell(live)
        self._state.mirror(stored, live.waiting, live.esi_down_since)
        for run in reversed(runs):
            if self._runs is not None and self._runs.get(run.id) != run:
                self._state.announce(RunRecorded(run))
        self._runs = {run.id: run for run in runs}
        await self._workspace.alerts.show_kept()

    def _tell(self, live: Live) -> None:
        """Tell what the holder noticed since the last look."""
        if self._notices is not None:
            for notice in live.notices:
                if notice not in self._notices:
                    self._state.announce(notice)
        if live.pid:
            self._notices = live.notices

    def _ended(self, runs: Sequence[RunRecord]) -> list[RunRecord]:
        """The runs, where the holder is gone without those that it left running."""
        if self._alive:
            return list(runs)
        return [replace(r, result="interrupted") if r.result == "running" else r for r in runs]

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        """A window of these runs, newest first."""
        return self._ended(await super().runs(which, offset, limit))

    def watch_esi(self) -> AsyncIterator[EsiStatus]:
        """What the holder knows of ESI; where it is gone, what this process does."""
        return self._report.watch()

    # Acting

    async def sync_now(self, process_id: str) -> ActionResult:
        """Start one process, whatever its schedule says."""
        return await self._ask("sync_now", Arguments(process_id=process_id))

    async def run_to_end(self, process_id: str) -> RunRecord:
        """Start one process, and wait for the end of its run and of its names."""
        about = Arguments(process_id=process_id)
        before = await self._last_run(process_id)
        try:
            answer = await self._ask("run_to_end", about, patient=True)
        except HolderGoneError:
            run = await self._last_run(process_id)
            if run is None or (run == before and run.result != "running"):
                raise
            return replace(run, result="interrupted") if run.result == "running" else run
        return run_of(json.loads(answer.sentence))

    async def _last_run(self, process_id: str) -> RunRecord | None:
        runs = await self._state.get_sync_history(process_id, limit=1)
        return runs[0] if runs else None

    async def sync_all(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on."""
        return await self._ask("sync_all", Arguments(corporation_id=corporation_id))

    async def retry(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on and has failed or is blocked."""
        return await self._ask("retry", Arguments(corporation_id=corporation_id))

    async def toggle(self, process_id: str, *, enabled: bool | None = None) -> ActionResult:
        """Switch a process on or off, or to the other of both; stored at once."""
        config = self._state.get_config(process_id)
        if enabled is None and config is not None:  # of two watchers, both mean what they see
            enabled = not config.enabled
        return await self._ask("toggle", Arguments(process_id=process_id, enabled=enabled))

    async def set_interval(self, process_id: str, minutes: int) -> ActionResult:
        """Give a process another interval."""
        return await self._ask("set_interval", Arguments(process_id=process_id, minutes=minutes))

    async def cancel(self, process_id: str) -> ActionResult:
        """End a process's run."""
        return await self._ask("cancel", Arguments(process_id=process_id))

    async def pause(self) -> ActionResult:
        """Pause the whole schedule, over a restart too."""
        return await self._ask("pause")

    async def resume(self) -> ActionResult:
        """Let the schedule go on."""
        return await self._ask("resume")

    async def mark_seen(self) -> None:
        """Remember that everything that needs attention was seen."""
        await self._ask("mark_seen")

    async def update_reference(self) -> ActionResult:
        """Have CCP's newest static data read; where that is under way, stop it."""
        return await self._ask("update_reference", patient=True)

    async def check_access(self, corporation_id: int | None) -> ActionResult:
        """Ask for roles again where ESI allows it, and run the corporation's blocked processes."""
        return await self._ask("check_access", Arguments(corporation_id=corporation_id))

    async def choose_character(self, process_id: str, character_id: int | None) -> ActionResult:
        """Use this character for a process; None: whichever can."""
        about = Arguments(process_id=process_id, character_id=character_id)
        return await self._ask("choose_character", about)

    # What is written here, logins among them

    async def log_out(self, character_id: int) -> ActionResult:
        """Log a character out; its corporation's data stays."""
        return await self._write_here(super().log_out(character_id))

    async def finish_login(self) -> ActionResult:
        """Wait for the callback; the answer names character and corporation."""
        return await self._write_here(super().finish_login())

    async def paste(self, address: str) -> ActionResult:
        """Finish the login with the address the browser was sent to."""
        return await self._write_here(super().paste(address))

    async def mute(self, alert: OpenAlert, scope: MuteScope, seconds: float | None) -> ActionResult:
        """Kept in the database: it holds over a restart."""
        return await self._write_here(super().mute(alert, scope, seconds))

    async def unmute_all(self) -> ActionResult:
        """What was muted is shown at once."""
        return await self._write_here(super().unmute_all())

    async def _write_here(self, work: Coroutine[Any, Any, ActionResult]) -> ActionResult:
        """Do it, and have the holder take it over at once: it would notice it later, too."""
        result = await work
        with suppress(CorpsyncError):
            await self._ask("reload")
        return result

    async def _ask(
        self, verb: Verb, about: Arguments | None = None, *, patient: bool = False
    ) -> ActionResult:
        """Ask something of the holder, and wait for its answer.

        `patient`: wait for it as long as the holder works on it.

        Raises:
            HolderGoneError: The holder has ended; whether it did what was asked is not known
                where it had taken the command.
            CorpsyncError: The holder refused, or did not answer in time.
        """
        if self._own is not None:
            return await self._own.act(verb, about or Arguments())
        await self._check_version()
        arguments = msgspec.json.encode(about or Arguments()).decode()
        try:
            async with asyncio.timeout(ANSWER_SECONDS) as limit:
                command_id = await self._send(verb, arguments)
                try:
                    return await self._answer(command_id, limit if patient else None)
                except BaseException:
                    await self._withdraw(command_id)
                    raise
        except TimeoutError as error:
            raise CorpsyncError(
                f"`{self.holder.command}`, pid {self.holder.pid}, does not answer: try again, or"
                " restart it."
            ) from error

    async def _send(self, verb: Verb, arguments: str) -> int:
        made = self._workspace.clock.time()
        return await self._workspace.store.write(
            lambda db: insert_command(
                db, verb, arguments, by_pid=os.getpid(), made=made, seconds=VALID_SECONDS
            )
        )

    async def _answer(self, command_id: int, limit: asyncio.Timeout | None) -> ActionResult:
        """Wait for the answer; once the command is taken, `limit` no longer counts."""
        clock, gone = self._workspace.clock, False
        next_probe = clock.monotonic() + PROBE_EVERY
        while True:
            await clock.sleep(ASK_EVERY)
            state, answer = await self._workspace.store.read(lambda db: read_answer(db, command_id))
            if state == "done":
                return ActionResult(answer)
            if state == "refused":
                raise CorpsyncError(answer)
            if gone:
                raise HolderGoneError(f"`{self.holder.command}`, pid {self.holder.pid}, has ended.")
            if state == "taken" and limit is not None:
                limit.reschedule(None)
            if clock.monotonic() >= next_probe:
                next_probe = clock.monotonic() + PROBE_EVERY
                gone = await self.current_holder() != self.holder

    async def _withdraw(self, command_id: int) -> None:
        with suppress(CorpsyncError, TimeoutError):
            async with asyncio.timeout(WITHDRAW_SECONDS):
                await self._workspace.store.write(lambda db: withdraw_command(db, command_id))

    async def current_holder(self) -> Holder | None:
        """Who holds the data folder now."""
        return await asyncio.to_thread(holder, self._workspace.settings.data_dir)


@asynccontextmanager
async def open_either(
    settings: Settings, clock: Clock, *, command: str, spawn: Spawn = spawn_task
) -> AsyncIterator[LocalService]:
    """The service of this process where nobody holds the data folder, else one beside the holder.

    Raises:
        HolderGoneError: The holder ended in between: try again.
        HeldError: Another took the folder in between: try again.
        DatabaseError: As `Workspace.open`.
    """
    other = await asyncio.to_thread(holder, settings.data_dir)
    opening = Workspace.open(settings, clock, command=command, hold=other is None, spawn=spawn)
    async with await opening as workspace:
        notify_by_events(workspace)
        if other is None:
            async with served(workspace) as service:
                yield service
        else:
            remote = RemoteService(workspace, other)
            try:
                yield remote
            finally:
                await remote.close()
