"""The app: opens the workspace after the first frame, carries messages, and leaves cleanly."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.sync.events import (
    AttentionChanged,
    Noticed,
    ScheduleChanged,
    SyncEvent,
    TerminalNotified,
    Watching,
)
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.notices import Notice, NoticesDialog
from corpsync_tui.tui.leaving import DaemonThreads, SignalWatch
from corpsync_tui.tui.screens.base import Tick
from corpsync_tui.tui.screens.changes.text import new_in_words
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.screens.sync.text import terminal_title
from corpsync_tui.tui.supervised import SupervisedApp
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.theme import CORPSYNC
from corpsync_tui.tui.title import TerminalTitle, write_to_terminal

if TYPE_CHECKING:
    from corpsync_tui.queries.alerts import OpenAlert
    from corpsync_tui.queries.changes import ChangeFilter

Handle = Worker[None]
Spawn = Callable[[Coroutine[Any, Any, None], str], Handle]
Open = Callable[[Spawn], AbstractAsyncContextManager[SyncService]]
"""Opens a workspace whose schedule starts its work through the spawn it is given."""

Severity = Literal["information", "warning", "error"]

TICK_SECONDS = 1.0
CLOSE_SECONDS = 1.5
"""How long closing the workspace may take before the app leaves without it."""
SIGNAL_SECONDS = 3.0
"""How long a signal waits for the app to leave in order before it is ended by force."""
SWITCH_SECONDS = 0.001
"""How long a thread that stores rows may keep the screen waiting for its turn."""
NOTICES_HELD = 200

log = logging.getLogger(__name__)


# Every screen but the first is imported when it is first shown.


def _data_screen() -> Screen[Any]:
    """The Data screen."""
    from corpsync_tui.tui.screens.data.screen import DataScreen

    return DataScreen()


def _history_screen() -> Screen[Any]:
    """The History screen."""
    from corpsync_tui.tui.screens.history.screen import HistoryScreen

    return HistoryScreen()


def _esi_screen() -> Screen[Any]:
    """The ESI screen."""
    from corpsync_tui.tui.screens.esi.screen import EsiScreen

    return EsiScreen()


def _changes_screen() -> Screen[Any]:
    """The Changes screen."""
    from corpsync_tui.tui.screens.changes.screen import ChangesScreen

    return ChangesScreen()


def _attention_screen() -> Screen[Any]:
    """The Attention screen."""
    from corpsync_tui.tui.screens.attention.screen import AttentionScreen

    return AttentionScreen()


class CorpsyncApp(SupervisedApp):
    """corpsync in the terminal. Its result is `demo` when the director asked for the demo."""

    TITLE = "corpsync"
    CSS_PATH = Path(__file__).with_name("corpsync.tcss")
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "data": _data_screen,
        "history": _history_screen,
        "esi": _esi_screen,
        "changes": _changes_screen,
        "attention": _attention_screen,
    }
    DEFAULT_MODE = "sync"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('sync')", "Sync", id="show_sync", show=False, tooltip="The Sync screen"),
        Binding(
            "2",
            "show('data')",
            "Data",
            id="show_data",
            show=False,
            tooltip="The Data screen: every table",
        ),
        Binding(
            "3",
            "show('history')",
            "All runs",
            id="show_history",
            show=False,
            tooltip="The History screen: all runs over 90 days",
        ),
        Binding(
            "4",
            "show('esi')",
            "ESI",
            id="show_esi",
            show=False,
            tooltip="The ESI screen: limits, requests, and who may read what",
        ),
        Binding(
            "5",
            "show('changes')",
            "Changes",
            id="show_changes",
            show=False,
            tooltip="The Changes screen: what happened since you looked",
        ),
        Binding(
            "6",
            "show('attention')",
            "Attention",
            id="show_attention",
            show=False,
            tooltip="The Attention screen: what needs attention now",
        ),
        Binding("l", "login", "Login", id="login", tooltip="Log in another character, or anew"),
        Binding(
            "T",
            "take_over",
            "Take over",
            id="take_over",
            show=False,
            tooltip="Follow the schedule here, where the corpsync that was watched has ended",
        ),
        Binding("n", "notices", "Notices", id="notices", tooltip="What was told so far"),
        Binding("question_mark", "help", "Help", id="help", tooltip="The keys in force"),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            id="suspend",
            show=False,
            tooltip="Back to the shell; fg returns here, and nothing syncs meanwhile",
        ),
        Binding("q,ctrl+q", "quit", "Quit", id="quit", tooltip="Leave corpsync"),
    ]

    def __init__(self, open_workspace: Open, *, clock: Clock | None = None) -> None:
        super().__init__()
        self.sync_state = SyncState(clock or Clock(), self._to_screen, self._defer)
        self.corporation_id: int | None = None
        self.kept: Mapping[str, object] = {}
        """What the screens remembered of the last time."""
        self.alerts: tuple[OpenAlert, ...] = ()
        """What needs attention, in every corporation; the most urgent first."""
        self.notices: deque[Notice] = deque(maxlen=NOTICES_HELD)
        self._open_workspace = open_workspace
        self._service: asyncio.Future[SyncService] | None = None
        self._leaving = asyncio.Event()
        self._workspace_closed = asyncio.Event()
        self._title = TerminalTitle(self)
        self.register_theme(CORPSYNC)
        self.set_reactive(CorpsyncApp.theme, CORPSYNC.name)  # styled once: the first frame is near
        self.stylesheet.set_variables(self.get_css_variables())

    # Opening and closing

    def get_default_screen(self) -> Screen[Any]:
        """The Sync screen: as a mode, it would be styled twice before the first frame."""
        return SyncScreen()

    def on_mount(self) -> None:
        """Paint first, then open everything else."""
        self.add_mode("sync", SyncScreen)
        sys.setswitchinterval(SWITCH_SECONDS)
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        if not self.is_headless:
            SignalWatch(
                partial(loop.call_soon_threadsafe, self.leave, None),
                self._restore_terminal,
                patience=SIGNAL_SECONDS,
            ).start()
        self.set_interval(TICK_SECONDS, self._tick)
        self.call_after_refresh(
            self.run_worker, self._serve(), name="workspace", group="workspace", exit_on_error=False
        )

    async def opened(self) -> SyncService:
        """The service, as soon as the workspace is open."""
        if self._service is None:
            self._service = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._service)

    async def _serve(self) -> None:
        """Hold the workspace open until the app closes."""
        try:
            async with self._open_workspace(self.spawn) as service:
                await self._begin(service)
                await self._leaving.wait()
        except CorpsyncError as error:
            self.exit(return_code=1, message=Text(printable(error.message)))
        except Exception:
            log.exception("the workspace failed")
            self.exit(return_code=1, message="corpsync could not go on; the log says why")
        finally:
            self._workspace_closed.set()

    async def _begin(self, service: SyncService) -> None:
        snapshot = await service.snapshot()
        self._restore_settings(snapshot.settings)
        service.subscribe(self._hear)
        self.sync_state.load(snapshot)
        if self._service is None:
            self._service = asyncio.get_running_loop().create_future()
        self._service.set_result(service)
        if isinstance(self.screen, SyncScreen):
            self.screen.show_meanwhile()
        if not snapshot.logged_in:
            self.action_login()
        if not self._leaving.is_set():
            await service.start()
        gc.freeze()
        gc.enable()

    def _hear(self, event: SyncEvent) -> None:
        """Pass events to the bridge; those of an unknown corporation call for a new picture."""
        if isinstance(event, Noticed):
            self.tell(event.sentence)
        elif isinstance(event, TerminalNotified):
            write_to_terminal(self, event.sequence)
        elif isinstance(event, Watching):
            self.reload()
        elif isinstance(event, AttentionChanged):
            self._hear_attention(event)
        elif isinstance(event, ScheduleChanged) and self._is_new(event.config.corporation_id):
            self.reload()
        else:
            self.sync_state.listen(event)

    def _hear_attention(self, event: AttentionChanged) -> None:
        """Hold the list; what is new in it is told, once."""
        self.alerts = event.items
        if event.new:
            worst = event.new[0].level
            self.tell(
                new_in_words(event.new), severity="information" if worst == "low" else "warning"
            )
            if event.rings:
                self.bell()
        self.sync_state.flush()

    def shown_alerts(self) -> list[OpenAlert]:
        """What needs attention in the corporation that is shown, or in all."""
        shown = self.corporation_id
        return [alert for alert in self.alerts if shown in (None, alert.corporation_id)]

    def _is_new(self, corporation_id: int) -> bool:
        return corporation_id not in self.sync_state.corporation_ids()

    def reload(self) -> None:
        """Take the whole picture anew: a character logged in."""
        self.run_worker(self._reload(), group="reload", exit_on_error=False)

    async def _reload(self) -> None:
        service = await self.opened()
        self.sync_state.load(await service.snapshot())

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> Handle:
        """Run a part of the schedule as a worker: seen in `workers`, unable to end the app."""
        return self.run_worker(work, name=name, group="sync", exit_on_error=False)

    def action_suspend_process(self) -> None:
        """Stop for a while, where a shell is there to go on from."""
        if os.name == "posix" and os.getpgrp() != os.getsid(0):
            super().action_suspend_process()
        else:
            self.tell("There is no shell to go back to", severity="warning")

    async def action_quit(self) -> None:
        """Close the workspace and leave."""
        self.leave(None)

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

    def _restore_terminal(self) -> None:
        """Give the terminal back from whichever thread, when the loop cannot any more."""
        from corpsync_tui.tui.driver import LastingDriver

        if isinstance(self._driver, LastingDriver):
            self._driver.restore_at_once()

    # Messages

    def _defer(self, seconds: float, callback: Callable[[], None]) -> object:
        return asyncio.get_running_loop().call_later(seconds, callback)

    def _to_screen(self, message: Message) -> None:
        """Messages go to the screen in front; those behind catch up when they return."""
        if self.is_running and self.screen_stack:
            self.screen.post_message(message)
            self._show_title()

    def _tick(self) -> None:
        self._to_screen(Tick())

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

    def copy(self, text: str) -> None:
        """Copy to the clipboard, through the terminal where it allows it."""
        self.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.tell("Copied" if lines == 1 else f"Copied {lines} lines")

    def save(self, key: str, value: object) -> None:
        """Remember something of the screens."""
        self.run_worker(self._save(key, value), group="settings", exit_on_error=False)

    async def _save(self, key: str, value: object) -> None:
        service = await self.opened()
        with suppress(CorpsyncError):
            await service.save_setting(key, value)

    def narrow(self, corporation_id: int | None) -> None:
        """Show one corporation, or all."""
        self.corporation_id = corporation_id
        self.save("corporation_id", corporation_id)

    def forget_login(self) -> None:
        """Stop listening for a callback that no screen waits for."""
        if self._service is not None and self._service.done() and not self._leaving.is_set():
            self.run_worker(
                self._service.result().cancel_login(), group="login", exit_on_error=False
            )

    def _restore_settings(self, settings: Mapping[str, object]) -> None:
        self.kept = settings
        theme = settings.get("theme")
        if isinstance(theme, str) and theme in self.available_themes:
            self.theme = theme
        corporation_id = settings.get("corporation_id")
        self.corporation_id = corporation_id if isinstance(corporation_id, int) else None
        if isinstance(self.screen, SyncScreen):
            self.screen.restore(settings)
        screen = settings.get("screen")
        if screen in self.MODES and screen != self.current_mode:
            self.switch_mode(str(screen))
        self.theme_changed_signal.subscribe(self, lambda theme: self.save("theme", theme.name))

    # Actions everywhere

    def action_help(self) -> None:
        """Show the keys in force."""
        from corpsync_tui.tui.dialogs.help import HelpDialog, help_lines

        active = list(self.screen.active_bindings.values())
        display = {a.binding.key: self.get_key_display(a.binding) for a in active}
        self.push_screen(HelpDialog(help_lines(active, display)))

    def action_command_palette(self) -> None:
        """Find an action by its name."""
        from corpsync_tui.tui.dialogs.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_take_over(self) -> None:
        """Follow the schedule here."""
        self.ask(lambda service: service.take_over())

    def action_notices(self) -> None:
        """Show what was told so far."""
        self.push_screen(NoticesDialog(list(self.notices), self.sync_state.clock.now()))

    def action_show(self, mode: str) -> None:
        """Show one of the main screens, and open with it the next time.

        Not while a box is open: it could not be closed from another screen.
        """
        if self.current_mode != mode and not self.screen.is_modal:
            self.switch_mode(mode)
            self.save("screen", mode)

    def open_table(self, process_type: str) -> None:
        """Show the rows of a process on the Data screen."""
        from corpsync_tui.tui.screens.data.screen import DataScreen

        self.action_show("data")
        if isinstance(self.screen, DataScreen):
            self.screen.show_process(process_type)

    def show_changes(self, words: str, which: ChangeFilter) -> None:
        """Show some changes alone on the Changes screen; `words` say which."""
        from corpsync_tui.tui.screens.changes.screen import ChangesScreen

        self.action_show("changes")
        if isinstance(self.screen, ChangesScreen):
            self.screen.show_only(words, which)

    def action_login(self) -> None:
        """Log in a character."""
        from corpsync_tui.tui.screens.login.screen import LoginScreen

        if not isinstance(self.screen, LoginScreen):
            self.push_screen(LoginScreen())

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action of the screen in the palette, then Textual's own."""
        told: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.system or not binding.tooltip or binding.action in told:
                continue
            told.add(binding.action)
            yield SystemCommand(
                binding.description,
                f"{binding.tooltip} ({self.get_key_display(binding)})",
                lambda key=binding.key: self.simulate_key(key),
            )
        for command in super().get_system_commands(screen):
            if command.title not in ("Quit", "Keys"):
                yield command
