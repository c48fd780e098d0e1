"""The service of the process that holds the data folder, and what others ask of it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import CorpsyncError, DatabaseError, SettingsError
from corpsync_tui.queries.records import as_row
from corpsync_tui.service.esi_report import EsiReport
from corpsync_tui.service.live import Live, save_live
from corpsync_tui.service.local import LocalService
from corpsync_tui.settings import Settings
from corpsync_tui.store.commands import (
    TOO_LATE,
    Command,
    answer_command,
    last_command,
    read_watchers,
    take_commands,
)
from corpsync_tui.store.data_version import DataVersion
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import Noticed, SyncEvent, TerminalNotified
from corpsync_tui.sync.runner import Spawn
from corpsync_tui.workspace import Workspace

LIVE_SECONDS = 1.0
"""How often progress is written while somebody watches."""
WATCHED_SECONDS = 15.0
"""For how long one who was seen counts as watching."""
NOTICES_LIVE = 10
"""Notices that watchers are shown."""
LOOK_SECONDS = 0.5
"""How often the holder looks whether something was asked."""
LOGGED_SECONDS = 3_600.0
"""Seconds for which a trouble that goes on is not logged again."""
ANSWER_AGAIN_SECONDS = 1.0
"""How often an answer is tried that the database did not take."""

log = logging.getLogger(__name__)

Verb = Literal[
    "sync_now",
    "run_to_end",
    "sync_all",
    "retry",
    "toggle",
    "set_interval",
    "cancel",
    "pause",
    "resume",
    "mark_seen",
    "update_reference",
    "check_access",
    "choose_character",
    "reload",
]
"""What may be asked of a holder: what `SyncService` calls so; `run_to_end` answers with the run as
a JSON object, `reload` takes over who logged in or out, and what was muted."""


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a verb is about."""

    process_id: str | None = None
    corporation_id: Int64 | None = None
    character_id: Int64 | None = None
    minutes: Int64 = 0
    enabled: bool | None = None


class CommandTable:
    """Looks for commands in the database, does what they ask, and answers.

    Only those count that are made from now on: what was meant for a holder that is gone is not.
    """

    def __init__(self, workspace: Workspace, service: LocalService, last: int) -> None:
        self._workspace = workspace
        self._service = service
        self._last = last
        """The id of the last command that was seen."""
        self._version = DataVersion(workspace.store.path)
        self._moved = False
        self._watchers: frozenset[tuple[int, float]] = frozenset()
        self._watched_until = self._next_live = float("-inf")
        """On the monotonic clock, so that no leap of the other makes anybody a watcher."""
        self._esi = EsiReport(workspace)
        self._notices: deque[Noticed] = deque(maxlen=NOTICES_LIVE)
        self._live: object = None
        self._tasks: set[asyncio.Task[None]] = set()
        workspace.state.subscribe(self._hear)

    async def follow(self) -> None:
        """Look until cancelled; no error ends it, and one that lasts is logged now and then."""
        logged, logged_until = "", float("-inf")
        try:
            while True:
                await self._workspace.clock.sleep(LOOK_SECONDS)
                try:
                    await self._look()
                except CorpsyncError as error:
                    now = self._workspace.clock.monotonic()
                    if error.message != logged or now >= logged_until:
                        log.warning("commands could not be read: %s", error.message)
                        logged, logged_until = error.message, now + LOGGED_SECONDS
                except Exception:
                    log.exception("looking for commands failed")
        finally:
            self._version.close()
            for task in self._tasks:
                task.cancel()

    async def _look(self) -> None:
        now = self._workspace.clock.monotonic()
        self._moved = self._version.moved() or self._moved
        if self._moved:
            last, watchers = await self._workspace.store.read(
                lambda db: (last_command(db), read_watchers(db))
            )
            if watchers - self._watchers:
                self._watched_until = now + WATCHED_SECONDS
            self._watchers = watchers
            if last > self._last:
                await self._take()
            self._moved = False
        if self._next_live <= now < self._watched_until:
            self._next_live = now + LIVE_SECONDS
            await self._show_live()

    async def _show_live(self) -> None:
        """Write for watchers what otherwise only memory knows, where it differs."""
        state = self._workspace.state
        running = [s for s in state.get_statuses() if s.status == "running"]
        waiting, down_since = state.schedule.waiting, state.schedule.esi_down_since
        esi, notices = await self._esi.look(), tuple(self._notices)
        live = Live(os.getpid(), waiting, down_since, esi, notices)
        if (running, live) != self._live:
            await self._workspace.store.write(lambda db: save_live(db, running, live))
            self._live = running, live

    def _hear(self, event: SyncEvent) -> None:
        self._esi.hear(event)
        if isinstance(event, Noticed):
            self._notices.append(event)

    async def _take(self) -> None:
        after, now = self._last, self._workspace.clock.time()

        def take(db: Any) -> tuple[list[Command], int]:
            return take_commands(db, after, now), last_command(db)

        commands, self._last = await self._workspace.store.write(take)
        for command in commands:
            task = asyncio.create_task(self._answer(command))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, command: Command) -> None:
        state = "refused"
        try:
            answer = await self._perform(command)
            state = "done"
        except CorpsyncError as error:
            answer = error.message
        except Exception:
            log.exception("the command %r failed", command.verb)
            answer = "corpsync made a mistake; its log says why."
        await self._write_answer(command, state, answer)

    async def _write_answer(self, command: Command, state: str, answer: str) -> None:
        """Write what came of a command as soon as the database takes it: somebody waits for it."""
        told = False
        while True:
            try:
                await self._workspace.store.write(
                    lambda db: answer_command(db, command.id, state, answer)
                )
            except DatabaseError as error:
                if not told:
                    log.warning("the answer to %s waits: %s", command.verb, error.message)
                told = True
                await self._workspace.clock.sleep(ANSWER_AGAIN_SECONDS)
            else:
                return

    async def _perform(self, command: Command) -> str:
        """Do what is asked; the answer. It may have been taken just before this program slept."""
        if self._workspace.clock.time() >= command.valid_until:
            raise CorpsyncError(TOO_LATE)
        verb, arguments = read_command(command)
        if verb == "run_to_end":
            return await self._run_to_end(self._process(arguments))
        return (await self.act(verb, arguments)).sentence

    async def act(self, verb: Verb, about: Arguments) -> ActionResult:
        """Do what a verb asks, except `run_to_end`."""
        service = self._service
        match verb:
            case "sync_now":
                return await service.sync_now(self._process(about))
            case "sync_all":
                return await service.sync_all(about.corporation_id)
            case "retry":
                return await service.retry(about.corporation_id)
            case "toggle":
                return await service.toggle(self._process(about), enabled=about.enabled)
            case "set_interval":
                return await service.set_interval(self._process(about), about.minutes)
            case "cancel":
                return await service.cancel(self._process(about))
            case "pause":
                return await service.pause()
            case "resume":
                return await service.resume()
            case "update_reference":
                return await service.update_reference()
            case "check_access":
                return await service.check_access(about.corporation_id)
            case "choose_character":
                return await service.choose_character(self._process(about), about.character_id)
            case "mark_seen":
                await service.mark_seen()
            case "reload":
                await self._workspace.scheduler.refresh()
                await self._workspace.alerts.show_kept()
            case _:
                raise ValueError(f"{verb} is answered elsewhere")
        return ActionResult("")

    def _process(self, arguments: Arguments) -> str:
        """The process that is meant. Raises `SettingsError` for one that is not scheduled."""
        process_id = arguments.process_id or ""
        if self._workspace.state.get_config(process_id) is None:
            raise SettingsError(f"There is no process {process_id!r}.")
        return process_id

    async def _run_to_end(self, process_id: str) -> str:
        run = await self._service.run_to_end(process_id)
        await self._workspace.names.wait()
        return json.dumps(as_row(await self._service.recorded(run)))


@asynccontextmanager
async def served(workspace: Workspace) -> AsyncIterator[LocalService]:
    """The service over a workspace that holds its folder; it does what others ask, too."""
    service = LocalService(workspace)
    last = await workspace.store.read(last_command)
    following = asyncio.create_task(CommandTable(workspace, service, last).follow())
    try:
        yield service
    finally:
        following.cancel()
        await asyncio.wait([following])
        await service.close()


@asynccontextmanager
async def open_service(
    settings: Settings, clock: Clock, spawn: Spawn, processes: Sequence[Process] = ALL
) -> AsyncIterator[LocalService]:
    """The service of the app; errors as for `Workspace.open`.

    The schedule starts its work through `spawn`.
    """
    opening = Workspace.open(settings, clock, command="corpsync", processes=processes, spawn=spawn)
    async with await opening as workspace, served(workspace) as service:
        notify_by_events(workspace)
        yield service


def read_command(command: Command) -> tuple[Verb, Arguments]:
    """What a command asks, and about what; raises `CorpsyncError` where nobody can ask it."""
    try:
        verb: Verb = msgspec.convert(command.verb, Verb)
        return verb, msgspec.json.decode(command.arguments, type=Arguments)
    except UNREADABLE as error:
        raise CorpsyncError(f"That cannot be asked of corpsync: {error}.") from error


def notify_by_events(workspace: Workspace) -> None:
    """Send the terminal's notifications as events: a screen has the terminal to itself."""
    announce = workspace.state.announce
    workspace.delivery.terminal = lambda sequence: announce(TerminalNotified(sequence))
