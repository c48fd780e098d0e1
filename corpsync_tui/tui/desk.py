"""The desk: an open workspace as the screens' verbs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError
from corpsync_tui.esi.browser import open_browser
from corpsync_tui.esi.login import PATIENCE, Login
from corpsync_tui.esi.sso import REGISTER_AT
from corpsync_tui.esi.tokens import Grant
from corpsync_tui.settings import Settings
from corpsync_tui.settings.edit import store_value
from corpsync_tui.store.models import Setting
from corpsync_tui.sync import history
from corpsync_tui.sync.runner import Spawn
from corpsync_tui.sync.status import RunFilter, RunRecord, SyncConfig, SyncEvent
from corpsync_tui.tui.browser import DataBrowser
from corpsync_tui.tui.browsing import Browsing
from corpsync_tui.tui.clinic import ClinicVerbs
from corpsync_tui.tui.clinic_desk import ClinicDesk
from corpsync_tui.tui.news_desk import NewsDesk
from corpsync_tui.tui.newsroom import Newsroom
from corpsync_tui.tui.sync_state import RUNS_HELD
from corpsync_tui.tui.verbs import Corporation, LoginFacts, Said, Snapshot, Surroundings
from corpsync_tui.workspace import Workspace

SCREEN = "screen."
"""What the keys of the screens' settings begin with."""


class Desk:
    """Fulfils `tui.verbs.Verbs` with a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._scheduler = workspace.scheduler
        self._login: Login | None = None
        self._browser: DataBrowser | None = None
        self._clinic = ClinicDesk(workspace)
        self._news = NewsDesk(workspace)

    # What there is

    async def snapshot(self) -> Snapshot:
        """Everything there is to show now."""
        state, roster = self._workspace.state, self._workspace.roster
        runs, settings = await self._workspace.store.read(_recent_and_settings)
        return Snapshot(
            statuses=state.get_statuses(),
            configs=state.get_configs(),
            runs=runs,
            corporations=[
                Corporation(c.corporation_id, c.name, c.ticker)
                for c in roster.corporations.values()
            ],
            surroundings=self.surroundings(),
            logged_in=bool(roster.characters),
            process_types=tuple(self._workspace.processes),
            settings=settings,
        )

    def subscribe(self, listener: Callable[[SyncEvent], None]) -> Callable[[], None]:
        """Hear of every change from now on; the answer ends it."""
        return self._workspace.state.subscribe(listener)

    def surroundings(self) -> Surroundings:
        """Pause, queue and ESI as they are now."""
        scheduler = self._scheduler
        return Surroundings(scheduler.is_paused, dict(scheduler.waiting), scheduler.down_since)

    async def start(self) -> None:
        """Let the schedule run."""
        await self._workspace.start()

    # Running

    async def sync_now(self, process_id: str) -> Said:
        """Start one process, whatever its schedule says."""
        return Said((await self._scheduler.run_process_now(process_id)).sentence)

    async def sync_all(self) -> Said:
        """Start every process that is on."""
        return await self._start([c.process_id for c in self._enabled()], "is on")

    async def retry(self) -> Said:
        """Start every process in error or parked."""
        failed = [
            s.process_id
            for s in self._workspace.state.get_statuses()
            if s.status == "error" or s.needs is not None
        ]
        return await self._start(failed, "is in error or parked")

    def _enabled(self) -> list[SyncConfig]:
        return [c for c in self._workspace.state.get_configs() if c.enabled]

    async def _start(self, process_ids: Sequence[str], which: str) -> Said:
        if not process_ids:
            return Said(f"No process {which}.")
        asked = [await self._scheduler.run_process_now(p) for p in process_ids]
        if len(asked) == 1:
            return Said(asked[0].sentence)
        begun = sum(a.kind in ("started", "queued", "waiting") for a in asked)
        current = sum(a.kind == "current" for a in asked)
        running = len(asked) - begun - current
        parts = [(begun, "started"), (running, "running already"), (current, "still current")]
        return Said(", ".join(f"{n} {what}" for n, what in parts if n) + ".")

    async def toggle(self, process_id: str) -> Said:
        """Switch a process on or off; stored at once."""
        config = await self._scheduler.toggle_process(process_id)
        return Said(f"{self._title(process_id)} is {'on' if config.enabled else 'off'}.")

    async def set_interval(self, process_id: str, minutes: int) -> Said:
        """Give a process another interval."""
        await self._scheduler.update_process_interval(process_id, minutes)
        return Said(f"{self._title(process_id)} runs every {minutes:,} minutes.")

    async def cancel(self, process_id: str) -> Said:
        """End a process's run."""
        return Said((await self._scheduler.cancel_process(process_id)).sentence)

    async def pause(self) -> Said:
        """Hold the whole schedule, over a restart too."""
        await self._scheduler.pause()
        return Said("The schedule is paused: nothing starts by itself.")

    async def resume(self) -> Said:
        """Let the schedule go on."""
        await self._scheduler.resume()
        return Said("The schedule goes on.")

    def _title(self, process_id: str) -> str:
        return self._workspace.processes[process_id.partition("/")[2]].title

    # History and settings

    async def count_runs(self, which: RunFilter) -> int:
        """How many runs of the history pass the filter."""
        return await self._workspace.store.read(lambda db: history.count_runs(db, which))

    async def runs(self, which: RunFilter, offset: int, limit: int) -> Sequence[RunRecord]:
        """A window of these runs, newest first."""
        return await self._workspace.store.read(
            lambda db: history.read_runs(db, which, offset, limit)
        )

    def browse(self) -> Browsing:
        """The tables, for the Data screen."""
        if self._browser is None:
            processes = tuple(self._workspace.processes.values())
            self._browser = DataBrowser(self._workspace.store.path, processes)
        return self._browser

    def clinic(self) -> ClinicVerbs:
        """Limits, requests and logins, for the ESI screen."""
        return self._clinic

    def newsroom(self) -> Newsroom:
        """The change log, for the Changes and Attention screens."""
        return self._news

    def close_browser(self) -> None:
        """End the threads that read for the Data screen."""
        if self._browser is not None:
            self._browser.close()

    async def save_setting(self, key: str, value: object) -> None:
        """Remember something of the screens for the next time."""
        text = json.dumps(value)
        await self._workspace.store.write(
            lambda _: Setting.insert(key=SCREEN + key, value=text).on_conflict_replace().execute()
        )

    # Login

    async def login_facts(self) -> LoginFacts:
        """What is to be registered at CCP, and what is known of it."""
        workspace = self._workspace
        return LoginFacts(
            workspace.connection.sso.client_id,
            workspace.settings.callback_url,
            workspace.scopes,
            REGISTER_AT,
            patience_seconds=PATIENCE,
        )

    async def begin_login(self, client_id: str) -> str:
        """Check the client id, keep it, and listen for the callback.

        The answer is the address to open in a browser.
        """
        await self.cancel_login()
        sso = self._workspace.connection.sso
        former, sso.client_id = sso.client_id, client_id
        try:
            self._login = await self._workspace.begin_login()
            await sso.check_client(self._login.authorize_url)
        except BaseException:
            sso.client_id = former
            await self.cancel_login()
            raise
        if client_id != self._workspace.settings.client_id:
            file = self._workspace.settings.config_file
            await asyncio.to_thread(store_value, file, "client_id", client_id)
        return self._login.authorize_url

    async def open_browser(self, url: str) -> Said:
        """Open the address in a browser outside of this terminal, or say why not."""
        if await asyncio.to_thread(open_browser, url):
            return Said("Your browser is asking for the login.")
        return Said("No browser was found here: copy the address into one.")

    async def finish_login(self) -> Said:
        """Wait for the callback; the answer names character and corporation."""
        login = self._under_way()
        return await self._welcome(await login.wait())

    async def paste(self, address: str) -> Said:
        """Finish the login with the address the browser was sent to."""
        return await self._welcome(await self._under_way().paste(address))

    async def cancel_login(self) -> None:
        """Stop listening; harmless when nothing listens."""
        login, self._login = self._login, None
        if login is not None:
            await login.__aexit__()

    def _under_way(self) -> Login:
        if self._login is None:
            raise AuthError("No login is under way: begin anew.")
        return self._login

    async def _welcome(self, grant: Grant) -> Said:
        workspace = self._workspace
        synced = {c.corporation_id for c in workspace.state.get_configs()}
        character = await workspace.finish_login(grant)
        await self.cancel_login()
        corporation = workspace.roster.corporation_name(character.corporation_id or 0)
        if character.corporation_id in synced:
            return Said(f"{character.name} of {corporation} is logged in.")
        begins = "has begun"
        if self._scheduler.is_paused:
            begins = "begins when the schedule goes on: p"
        return Said(f"Welcome, {character.name} of {corporation}. Its first sync {begins}.")


def _recent_and_settings(db: Any) -> tuple[list[RunRecord], dict[str, object]]:
    rows = Setting.select().where(Setting.key.startswith(SCREEN))
    settings = {row.key.removeprefix(SCREEN): json.loads(row.value) for row in rows}
    return history.recent_runs(db, RUNS_HELD), settings


def open_desk(settings: Settings, clock: Clock) -> Callable[[Spawn], Any]:
    """How the app opens its workspace, once its first frame is painted."""

    @asynccontextmanager
    async def opened(spawn: Spawn) -> AsyncIterator[Desk]:
        workspace = await Workspace.open(settings, clock, command="corpsync", spawn=spawn)
        async with workspace:
            desk = Desk(workspace)
            try:
                yield desk
            finally:
                desk.close_browser()
                await desk.cancel_login()

    return opened
