"""The service over a workspace of this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from corpsync_tui.alerts.sink_report import SinkReport, report_sinks, try_sink
from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import AuthError
from corpsync_tui.esi.browser import open_browser
from corpsync_tui.esi.login import PATIENCE, Login
from corpsync_tui.esi.sso import REGISTER_AT
from corpsync_tui.esi.tokens import Grant
from corpsync_tui.queries.alerts import MuteScope, OpenAlert
from corpsync_tui.queries.history import recent_runs
from corpsync_tui.queries.records import (
    RunRecord,
    SyncConfig,
    SyncStatus,
    is_failing,
    split_id,
)
from corpsync_tui.service.api import Corporation, LoginFacts, Snapshot
from corpsync_tui.service.esi_report import EsiReport
from corpsync_tui.service.esi_status import EsiStatus, ScopeUse
from corpsync_tui.service.reading import Reading
from corpsync_tui.service.srp import save_marks
from corpsync_tui.store.models import Setting
from corpsync_tui.store.reference import is_present
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import SyncEvent
from corpsync_tui.workspace import Workspace

SCREEN = "screen."
"""What the keys of the screens' settings begin with."""
RUNS_AT_START = 100
"""Runs of each process that a snapshot has."""


class LocalService(Reading):
    """A `SyncService` over the workspace that this process holds."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._scheduler = workspace.scheduler
        self._state = workspace.state
        self._login: Login | None = None
        self._reading: asyncio.Task[bool] | None = None
        """Of the static data."""

    async def snapshot(self) -> Snapshot:
        """Everything there is to show now."""
        roster = self._workspace.roster
        runs, settings = await self._workspace.store.read(_read_remembered)
        return Snapshot(
            statuses=self._state.get_statuses(),
            configs=self._state.get_configs(),
            runs=runs,
            corporations=[
                Corporation(c.corporation_id, c.name, c.ticker)
                for c in roster.corporations.values()
            ],
            schedule=self._state.schedule,
            logged_in=bool(roster.characters),
            process_types=tuple(self._workspace.processes),
            settings=settings,
        )

    def subscribe(self, listener: Callable[[SyncEvent], None]) -> Callable[[], None]:
        """Hear of every change from now on; the answer ends it."""
        return self._state.subscribe(listener)

    async def start(self) -> None:
        """Let the schedule run."""
        await self._workspace.start()

    async def take_over(self) -> ActionResult:
        """Say that this process follows the schedule already."""
        return ActionResult("This corpsync follows the schedule itself.")

    async def close(self) -> None:
        """End what only the front end asked for."""
        self.close_readers()
        await self.cancel_login()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])

    # Running

    async def sync_now(self, process_id: str) -> ActionResult:
        """Start one process, whatever its schedule says."""
        return await self._scheduler.run_process_now(process_id)

    async def run_to_end(self, process_id: str) -> RunRecord:
        """Start one process, and wait for the end of its run.

        What did not run has no row in the history: inside ESI's cache time the answer is
        `current`, for one that was taken out of the queue `cancelled`.
        """
        asked = await self._scheduler.run_process_now(process_id)
        run = None
        if asked.kind != "current":
            run = await self._scheduler.finished(process_id)
        if run is not None:
            return run
        return RunRecord(
            None,
            process_id,
            *split_id(process_id)[::-1],
            "manual",
            self._workspace.clock.now(),
            0.0,
            "current" if asked.kind == "current" else "cancelled",
            current_until=asked.current_until,
        )

    async def recorded(self, run: RunRecord) -> RunRecord:
        """The run as the history has it now: names were asked for after its end."""
        if run.id is None:
            return run
        (last, *_) = await self._state.get_sync_history(run.process_id, limit=1)
        return replace(run, requests_sent=last.requests_sent) if last.id == run.id else run

    async def sync_all(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on."""
        wanted = [s.process_id for s, c in self._scheduled(corporation_id) if c.enabled]
        return await self._start(wanted, "No process is on.")

    async def retry(self, corporation_id: int | None) -> ActionResult:
        """Start every process that is on and has failed or is blocked."""
        wanted = [s.process_id for s, c in self._scheduled(corporation_id) if is_failing(s, c)]
        return await self._start(wanted, "Nothing has failed: there is nothing to retry.")

    def _scheduled(self, corporation_id: int | None) -> list[tuple[SyncStatus, SyncConfig]]:
        return [
            (self._state.get_status(c.process_id), c)
            for c in self._state.get_configs()
            if corporation_id in (None, c.corporation_id)
        ]

    async def _start(self, process_ids: Sequence[str], otherwise: str) -> ActionResult:
        if not process_ids:
            return ActionResult(otherwise)
        asked = [await self._scheduler.run_process_now(p) for p in process_ids]
        if len(asked) == 1:
            return asked[0]
        begun = sum(a.kind in ("started", "queued", "waiting") for a in asked)
        current = sum(a.kind == "current" for a in asked)
        running = len(asked) - begun - current
        parts = [(begun, "queued"), (running, "running already"), (current, "still fresh")]
        return ActionResult(", ".join(f"{n} {what}" for n, what in parts if n) + ".")

    async def toggle(self, process_id: str, *, enabled: bool | None = None) -> ActionResult:
        """Switch a process on or off, or to the other of both; stored at once."""
        config = await self._scheduler.toggle_process(process_id, enabled=enabled)
        return ActionResult(f"{process_title(process_id)} is {'on' if config.enabled else 'off'}.")

    async def set_interval(self, process_id: str, minutes: int) -> ActionResult:
        """Give a process another interval."""
        await self._scheduler.update_process_interval(process_id, minutes)
        every = "minute" if minutes == 1 else f"{minutes:,} minutes"
        return ActionResult(f"{process_title(process_id)} runs every {every}.")

    async def cancel(self, process_id: str) -> ActionResult:
        """End a process's run."""
        return await self._scheduler.cancel_process(process_id)

    async def pause(self) -> ActionResult:
        """Hold the whole schedule, over a restart too."""
        await self._scheduler.pause()
        return ActionResult("The schedule is paused: nothing starts by itself.")

    async def resume(self) -> ActionResult:
        """Let the schedule go on."""
        await self._scheduler.resume()
        return ActionResult("The schedule goes on.")

    # What is kept in the database

    async def mark_losses(self, corporation_id: int, marks: Sequence[Mark]) -> ActionResult:
        """Decide on losses; kept in the database with who decided, and when."""
        return await save_marks(self._workspace, corporation_id, marks)

    async def mark_seen(self) -> None:
        """Remember that everything that needs attention was seen."""
        await self._workspace.alerts.mark_seen()

    async def mute(self, alert: OpenAlert, scope: MuteScope, seconds: float | None) -> ActionResult:
        """Kept in the database: it holds over a restart."""
        await self._workspace.alerts.mute(alert, scope, seconds)
        return ActionResult("Muted. x lifts it again.")

    async def unmute_all(self) -> ActionResult:
        """What was muted is shown at once."""
        number = await self._workspace.alerts.unmute_all()
        return ActionResult(f"{number} lifted." if number else "Nothing was muted.")

    async def alert_sinks(self, alert: OpenAlert | None) -> Sequence[SinkReport]:
        """Where alerts are sent, and what became of this one there."""
        about, now = self._workspace, self._workspace.clock.time()
        return await report_sinks(about.store, about.delivery, alert, now)

    async def test_alerts(self, sink: str) -> ActionResult:
        """Send a test from here; the answer is what came back."""
        return ActionResult(await try_sink(self._workspace.delivery, sink))

    async def save_setting(self, key: str, value: object) -> None:
        """Remember something of the screens for the next time."""
        row = Setting.insert(key=SCREEN + key, value=json.dumps(value)).on_conflict_replace()
        await self._workspace.store.write(lambda _: row.execute())

    # ESI and characters

    def watch_esi(self) -> AsyncIterator[EsiStatus]:
        """ESI and the characters as they are now, then at most once a second as they change."""
        return EsiReport(self._workspace).watch()

    async def update_reference(self) -> ActionResult:
        """Read CCP's newest static data; where that is under way, stop it."""
        if self._reading is not None:
            self._reading.cancel()
            return ActionResult("The reading of the static data stops.")
        reading = self._reading = asyncio.create_task(self._workspace.reference.newest())
        try:
            await asyncio.wait([reading])
        finally:
            self._reading = None
        if reading.cancelled():
            return ActionResult("The static data are as they were.")
        if reading.result():
            return ActionResult("CCP's newest static data were read.")
        return ActionResult("The static data are CCP's newest already.")

    async def check_access(self, corporation_id: int | None) -> ActionResult:
        """Ask for roles again where ESI allows it, and run the corporation's blocked processes."""
        await self._workspace.roster.refresh()
        scheduled = self._scheduled(corporation_id)
        blocked = [c.process_id for s, c in scheduled if s.needs is not None]
        for process_id in blocked:
            await self._scheduler.run_process_now(process_id)
        if not blocked:
            return ActionResult("Roles and corporation are as ESI tells them; nothing is blocked.")
        several = "es" * (len(blocked) > 1)
        return ActionResult(f"{len(blocked)} blocked process{several} tried again.")

    async def log_out(self, character_id: int) -> ActionResult:
        """Log a character out; its corporation's data stays."""
        character = self._workspace.roster.characters.get(character_id)
        if character is None:
            return ActionResult("That character is not logged in any more.")
        confirmed = await self._workspace.logins.log_out(character_id)
        sentence = f"{character.name} is logged out; all data stays."
        if not confirmed:
            sentence += " CCP did not confirm it: revoke it at developers.eveonline.com too."
        return ActionResult(sentence)

    async def choose_character(self, process_id: str, character_id: int | None) -> ActionResult:
        """Use this character for a process; None: whichever can."""
        roster = self._workspace.roster
        await roster.choose(process_id, character_id)
        title = process_title(process_id)
        if character_id is None:
            return ActionResult(f"{title}: any character that can.")
        return ActionResult(f"{title} uses {roster.characters[character_id].name}.")

    # Login

    async def login_facts(self) -> LoginFacts:
        """What is to be registered at CCP, and what is known of it."""
        workspace = self._workspace
        return LoginFacts(
            workspace.connection.sso.client_id,
            workspace.settings.callback_url,
            REGISTER_AT,
            PATIENCE,
            {
                process.type: [
                    ScopeUse(scope, ", ".join(titles).lower())
                    for scope, titles in process.scopes.items()
                ]
                for process in workspace.processes.values()
            },
            [ScopeUse(*pair) for pair in workspace.logins.always.items()],
        )

    async def begin_login(
        self, client_id: str, process_types: Collection[str] | None = None
    ) -> str:
        """Check the client id, keep it, and listen for the callback; see `SyncService`."""
        await self.cancel_login()
        sso = self._workspace.connection.sso
        former, sso.client_id = sso.client_id, client_id
        try:
            self._login = await self._workspace.logins.begin(process_types)
            await sso.check_client(self._login.authorize_url)
        except BaseException:
            sso.client_id = former
            await self.cancel_login()
            raise
        if client_id != self._workspace.settings.client_id:
            from corpsync_tui.settings.edit import store_value  # late: few sessions write it

            file = self._workspace.settings.config_file
            await asyncio.to_thread(store_value, file, "client_id", client_id)
        return self._login.authorize_url

    async def open_browser(self, url: str) -> ActionResult:
        """Open the address in a browser outside of this terminal, or say why not."""
        if await asyncio.to_thread(open_browser, url):
            return ActionResult("Your browser is asking for the login.")
        return ActionResult("No browser was found here: copy the address into one.")

    async def finish_login(self) -> ActionResult:
        """Wait for the callback; the answer names character and corporation."""
        login = self._under_way()
        return await self._welcome(await login.wait())

    async def paste(self, address: str) -> ActionResult:
        """Finish the login with the address the browser was sent to."""
        return await self._welcome(await self._under_way().paste(address))

    async def cancel_login(self) -> None:
        """Stop listening; harmless when nothing listens."""
        login, self._login = self._login, None
        if login is not None:
            await login.__aexit__()

    def _under_way(self) -> Login:
        if self._login is None:
            raise AuthError("No login is under way: begin again.")
        return self._login

    async def _welcome(self, grant: Grant) -> ActionResult:
        workspace = self._workspace
        synced = {c.corporation_id for c in workspace.state.get_configs()}
        character = await workspace.logins.finish(grant)
        await self.cancel_login()
        corporation = workspace.roster.corporation_name(character.corporation_id or 0)
        if character.corporation_id in synced:
            return ActionResult(f"{character.name} of {corporation} is logged in.")
        begins = "has begun"
        if self._state.schedule.paused:
            begins = "begins when the schedule goes on: p"
        sentence = f"Welcome, {character.name} of {corporation}. Its first sync {begins}."
        if not is_present(workspace.settings.reference):
            sentence += " On the ESI screen (4) u reads what things are: volumes, values, moons."
        return ActionResult(sentence)


def _read_remembered(db: Any) -> tuple[list[RunRecord], dict[str, object]]:
    """The last runs of each process, and the screens' settings by key."""
    rows = Setting.select().where(Setting.key.startswith(SCREEN))
    settings = {row.key.removeprefix(SCREEN): json.loads(row.value) for row in rows}
    return recent_runs(db, RUNS_AT_START), settings
