"""The app as its screens know it: what is shown, what may be asked, what the director hears."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural
from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.text import printable
from corpsync_tui.tui.navigation import NavigatedApp
from corpsync_tui.tui.screens.sync.text import terminal_title
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.title import TerminalTitle
from corpsync_tui.waiting import outlasting

if TYPE_CHECKING:
    from corpsync_tui.queries.alerts import OpenAlert
    from corpsync_tui.queries.browse_types import BrowseTable
    from corpsync_tui.service.esi_status import EsiStatus

Severity = Literal["information", "warning", "error"]

CLOSE_SECONDS = 1.5
"""How long closing the workspace may take before the app leaves without it."""
NOTICES_HELD = 200
CHANGES_MARK = "changes_mark"
"""The setting that remembers the last change that was seen."""

log = logging.getLogger(__name__)


class Tick(Message, bubble=False):
    """A second went by: whatever shows times may look whether they read differently."""


class EsiChanged(Message, bubble=False):
    """ESI, a character or what is new stands differently now: `Shell.esi`, `Shell.news()`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was said to the director."""

    when: datetime
    sentence: str
    tone: str = ""


class Shell(NavigatedApp):
    """What every screen stands in. Its result is what the app was left with."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.sync_state = SyncState(clock, self._to_screen, self._defer)
        self.corporation_id: int | None = None
        self.demo = False
        """Whether the corporation is made up."""
        self.kept: Mapping[str, object] = {}
        """What the screens remembered of the last time."""
        self.alerts: tuple[OpenAlert, ...] = ()
        """What needs attention, in every corporation; the most urgent first."""
        self.notices: deque[Notice] = deque(maxlen=NOTICES_HELD)
        self.esi: EsiStatus | None = None
        """How ESI and the characters stand; None before it is known."""
        self._new_changes = 0
        self._counting = False
        self._service: asyncio.Future[SyncService] | None = None
        self._leaving = asyncio.Event()
        self._workspace_closed = asyncio.Event()
        self._title = TerminalTitle(self)

    # The service

    def set_service(self, service: SyncService) -> None:
        """The workspace is open: whoever waits for it may begin."""
        if self._service is None:
            self._service = asyncio.get_running_loop().create_future()
        self._service.set_result(service)
        self.run_worker(self._watch_esi(service), group="esi", exit_on_error=False)
        self.count_changes()

    async def opened(self) -> SyncService:
        """The service, as soon as the workspace is open."""
        if self._service is None:
            self._service = asyncio.get_running_loop().create_future()
        return await outlasting(self._service)

    def reload(self) -> None:
        """Take the whole picture anew: a character logged in."""
        self.run_worker(self._reload(), group="reload", exit_on_error=False)

    async def _reload(self) -> None:
        service = await self.opened()
        self.sync_state.load(await service.snapshot())

    # What is new

    async def _watch_esi(self, service: SyncService) -> None:
        async for self.esi in service.watch_esi():
            self._to_screen(EsiChanged())

    def news(self) -> Mapping[str, int]:
        """How much is new on the screens, by their ids."""
        unseen = sum(not alert.seen for alert in self.shown_alerts())
        return {"changes": self._new_changes, "attention": unseen}

    def tables(self) -> Mapping[str, BrowseTable]:
        """Every table by its name; none before the workspace is open."""
        opened = self._service is not None and self._service.done()
        return self._service.result().browser.tables if opened and self._service else {}

    def count_changes(self) -> None:
        """Find out how many changes came since the last that was seen."""
        if not self._counting:
            self._counting = True
            self.run_worker(self._count_changes(), group="count", exit_on_error=False)

    async def _count_changes(self) -> None:
        from corpsync_tui.queries.changes import ChangeFilter

        service = await self.opened()
        self._counting = False
        mark = self.kept.get(CHANGES_MARK)
        which = ChangeFilter(
            after_id=mark if isinstance(mark, int) else None, corporation_id=self.corporation_id
        )
        with suppress(CorpsyncError):  # the runs tell of it
            self._new_changes = await service.count_changes(which)
            self._to_screen(EsiChanged())

    def shown_alerts(self) -> list[OpenAlert]:
        """What needs attention in the corporation that is shown, or in all."""
        shown = self.corporation_id
        return [alert for alert in self.alerts if shown in (None, alert.corporation_id)]

    # Leaving

    def leave(self, result: str | None) -> None:
        """Close the workspace, then leave with this result."""
        if not self._leaving.is_set():
            self._leaving.set()
            self.run_worker(self._leave(result), group="leave", exit_on_error=False)

    async def _leave(self, result: str | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._workspace_closed.wait()
        self._title.restore()
        self.exit(result)

    # Messages

    def _defer(self, seconds: float, callback: Callable[[], None]) -> object:
        return asyncio.get_running_loop().call_later(seconds, callback)

    def _to_screen(self, message: Message) -> None:
        """Messages go to the screen in front; those behind catch up when they return."""
        if self.is_running and self.screen_stack:
            self.screen.post_message(message)
            self._show_title()

    def _show_title(self) -> None:
        if self.sync_state.loaded and not self._leaving.is_set():
            self._title.show(terminal_title(self.sync_state, self.sync_state.clock.now()))

    # SyncService and notices

    def ask(self, action: Callable[[SyncService], Awaitable[ActionResult]]) -> None:
        """Ask the workspace for an action, and tell its answer."""
        self.run_worker(self._ask(action), group="actions", exit_on_error=False)

    async def _ask(self, action: Callable[[SyncService], Awaitable[ActionResult]]) -> None:
        service = await self.opened()
        try:
            result = await action(service)
        except CorpsyncError as error:
            self.tell(error.message, severity="error")
        except Exception:
            log.exception("an action failed")
            self.tell("That failed; the log says why", severity="error")
        else:
            self.tell(result.sentence)

    def tell(self, sentence: str, *, severity: Severity = "information") -> None:
        """Show a notice in place of the last one, and keep it for later."""
        text = printable(sentence)
        self.keep_notice(text, severity=severity)
        self.clear_notifications()
        self.notify(text, severity=severity, markup=False)

    def tell_mistake(self, sentence: str) -> None:
        """Show a sentence about a mistake of corpsync's own, and keep it."""
        self.tell(sentence, severity="error")

    def keep_notice(self, text: str, *, severity: Severity = "information") -> None:
        """Keep a notice for later without showing it."""
        tones = {"information": "", "warning": "waiting", "error": "error"}
        self.notices.appendleft(Notice(self.sync_state.clock.now(), text, tones[severity]))

    def copy(self, text: str, what: str = "") -> None:
        """Copy to the clipboard, through the terminal where it allows it."""
        self.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        what = what or ("" if lines == 1 else plural(lines, "line"))
        self.tell(f"Copied {what}".strip())

    def save(self, key: str, value: object) -> None:
        """Remember something of the screens."""
        self.kept = {**self.kept, key: value}
        self.run_worker(self._save(key, value), group="settings", exit_on_error=False)

    async def _save(self, key: str, value: object) -> None:
        service = await self.opened()
        with suppress(CorpsyncError):
            await service.save_setting(key, value)

    def narrow(self, corporation_id: int | None) -> None:
        """Show one corporation, or all."""
        self.corporation_id = corporation_id
        self.save("corporation_id", corporation_id)
        self.count_changes()

    def forget_login(self) -> None:
        """Stop listening for a callback that no screen waits for."""
        if self._service is not None and self._service.done() and not self._leaving.is_set():
            self.run_worker(
                self._service.result().cancel_login(), group="login", exit_on_error=False
            )
