"""The app: opens the workspace after the first frame, carries messages, and leaves cleanly."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.worker import Worker

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.events import (
    AttentionChanged,
    Noticed,
    RunRecorded,
    ScheduleChanged,
    SyncEvent,
    TerminalNotified,
    Watching,
)
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.notices import NoticesDialog
from corpsync_tui.tui.leaving import DaemonThreads, SignalWatch
from corpsync_tui.tui.navigation import HOME
from corpsync_tui.tui.screens import SCREENS
from corpsync_tui.tui.screens.changes.text import new_in_words
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.shell import Shell, Tick
from corpsync_tui.tui.theme import CORPSYNC, readable
from corpsync_tui.tui.title import write_to_terminal

Handle = Worker[None]
Spawn = Callable[[Coroutine[Any, Any, None], str], Handle]
Open = Callable[[Spawn], AbstractAsyncContextManager[SyncService]]
"""Opens a workspace whose schedule starts its work through the spawn it is given."""

TICK_SECONDS = 1.0
TICKS_OF_FIRST = 5
"""Every so many ticks the Sync screen looks at the time: it is open all day, and tells minutes."""
SIGNAL_SECONDS = 3.0
"""How long a signal waits for the app to leave in order before it is ended by force."""
SWITCH_SECONDS = 0.001
"""How long a thread that stores rows may keep the screen waiting for its turn."""

FEW_COLORS = ("standard", "windows")
"""Kinds of terminal with 16 colours: theirs are the only ones that can be told apart there."""

log = logging.getLogger(__name__)


def _row_hits() -> type[Provider]:
    from corpsync_tui.tui.dialogs.row_hits import RowHits

    return RowHits


class CorpsyncApp(Shell):
    """corpsync in the terminal. Its result is `demo` when the director asked for the demo."""

    TITLE = "corpsync"
    COMMANDS = Shell.COMMANDS | {_row_hits}
    CSS_PATH = Path(__file__).with_name("corpsync.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "login", "Login", id="login", tooltip="Log in a character"),
        Binding("n", "notices", "Messages", id="notices", tooltip="Messages so far"),
        Binding(
            "ctrl+l", "log", "Log", id="log", show=False, tooltip="The last lines of the log file"
        ),
        Binding(
            "colon,ctrl+p",
            "command_palette",
            "Go to",
            id="palette",
            tooltip="Any screen, table, process, character or action by its name",
        ),
        Binding(
            "T",
            "take_over",
            "Take over",
            id="take_over",
            show=False,
            tooltip="Follow the schedule here, where the corpsync that was watched has ended",
        ),
        Binding("question_mark", "help", "Help", id="help", tooltip="Keys on this screen"),
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

    def __init__(
        self, open_workspace: Open, *, clock: Clock | None = None, demo: bool = False
    ) -> None:
        super().__init__(clock or Clock())
        self.demo = demo
        self._open_workspace = open_workspace
        self._ticks = 0
        self.register_theme(CORPSYNC)
        self.set_reactive(CorpsyncApp.theme, CORPSYNC.name)  # styled once: the first frame is near
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, all of them readable."""
        self.theme_variables = readable(super().get_css_variables())
        return self.theme_variables

    # Opening and closing

    def get_default_screen(self) -> Screen[Any]:
        """The Sync screen: as a mode, it would be styled twice before the first frame."""
        return SCREENS[0].make()

    def on_mount(self) -> None:
        """Paint first, then open everything else."""
        self.add_mode(HOME, SCREENS[0].make)
        if self._has_few_colors:
            self.theme = "ansi-dark"
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

    @property
    def _has_few_colors(self) -> bool:
        return not self.is_headless and self.console.color_system in FEW_COLORS

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
        self.set_service(service)
        if isinstance(self.screen, SyncScreen):
            self.screen.show_meanwhile()
        if not snapshot.logged_in:
            self.action_login()
        if not self._leaving.is_set():
            await service.start()
        if not gc.isenabled():  # the start held it off: what it made is there to stay
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
            if isinstance(event, RunRecorded):
                self.count_changes()
            self.sync_state.listen(event)

    def _hear_attention(self, event: AttentionChanged) -> None:
        """Hold the list; what is new in it is shown, once."""
        self.alerts = event.items
        if event.new:
            worst = event.new[0].level
            self.tell(
                new_in_words(event.new), severity="information" if worst == "low" else "warning"
            )
            if event.rings:
                self.bell()
        self.sync_state.flush()

    def _is_new(self, corporation_id: int) -> bool:
        return corporation_id not in self.sync_state.corporation_ids()

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

    def _restore_terminal(self) -> None:
        """Give the terminal back from whichever thread, when the loop cannot any more."""
        from corpsync_tui.tui.driver import LastingDriver

        if isinstance(self._driver, LastingDriver):
            self._driver.restore_at_once()

    def _tick(self) -> None:
        self._ticks += 1
        at_first = bool(self.screen_stack) and isinstance(self.screen, SyncScreen)
        if not at_first or self._ticks % TICKS_OF_FIRST == 0:
            self._to_screen(Tick())

    def _restore_settings(self, settings: Mapping[str, object]) -> None:
        self.kept = settings
        theme = self.available_themes.get(str(settings.get("theme")))
        if theme is not None and (theme.ansi or not self._has_few_colors):
            self.theme = theme.name
        corporation_id = settings.get("corporation_id")
        self.corporation_id = corporation_id if isinstance(corporation_id, int) else None
        if isinstance(self.screen, SyncScreen):
            self.screen.restore_settings(settings)
        screen = settings.get("screen")
        if screen in self.MODES and screen != self.current_mode:
            self.switch_mode(str(screen))

    # Actions everywhere

    def action_help(self) -> None:
        """Show the keys in force."""
        from corpsync_tui.tui.dialogs.help import HelpDialog, help_groups

        active = list(self.screen.active_bindings.values())
        display = {a.binding.key: self.get_key_display(a.binding) for a in active}
        self.push_screen(HelpDialog(help_groups(active, display)))

    def action_command_palette(self) -> None:
        """Find an action by its name."""
        from corpsync_tui.tui.dialogs.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_take_over(self) -> None:
        """Follow the schedule here."""
        self.ask(lambda service: service.take_over())

    def action_notices(self) -> None:
        """Show the notices so far."""
        self.push_screen(NoticesDialog(list(self.notices), self.sync_state.clock.now()))

    def action_log(self) -> None:
        """Show the end of the log."""
        self.run_worker(self._show_log(), group="actions", exit_on_error=False)

    async def _show_log(self) -> None:
        from corpsync_tui.tui.dialogs.log import LogDialog

        service = await self.opened()
        if not isinstance(self.screen, LogDialog):
            self.push_screen(LogDialog(await service.log_lines()))

    def action_login(self) -> None:
        """Log in a character."""
        from corpsync_tui.tui.screens.login.screen import LoginScreen

        if not isinstance(self.screen, LoginScreen):
            self.push_screen(LoginScreen())

    def search_themes(self) -> None:
        """Choose the colours; the theme under the cursor is seen at once."""
        from corpsync_tui.tui.dialogs.choices import Choice, ThemeDialog

        before = self.theme
        choices = [Choice(name, name) for name in sorted(self.available_themes)]

        def take(name: str | None) -> None:
            self.theme = before if name is None else name
            if name is not None:
                self.save("theme", name)

        self.push_screen(ThemeDialog("Theme", choices, before), take)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything there is to go to and to do."""
        from corpsync_tui.tui.dialogs.palette import commands

        return commands(self, screen)
