"""Login: what to register at CCP, and the way through the browser and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.service.api import LoginFacts
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Closing, CorpsyncScreen
from corpsync_tui.tui.screens.login.scopes import ScopesDialog
from corpsync_tui.tui.screens.login.text import (
    client_id_flaw,
    purpose_lines,
    register_lines,
    title_line,
    waiting_text,
    wanted_scopes,
)
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.text_field import TextField

WAITING = "login-wait"
"""The worker that waits for the browser."""
DEMO = "demo"
"""The app's result when the director asked for the demo."""
WITHOUT_LOGIN = "\nesc shows the app without a login · d starts a demo corporation"


class LoginScreen(Closing, CorpsyncScreen[None]):
    """Adds a character, or logs one in again; esc shows the app without."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "browser", "Log in", id="browser", tooltip="Open CCP's login in the browser"),
        Binding(
            "i", "client_id", "Client id", id="client_id", tooltip="Type or paste the client id"
        ),
        Binding(
            "v", "paste", "Paste", id="paste", tooltip="Paste the address the browser ended at"
        ),
        Binding("c", "choose", "What for", id="login_for", tooltip="Choose what the login is for"),
        Binding("u", "copy_callback", "Callback", id="callback", tooltip="Copy the callback URL"),
        Binding("s", "copy_scopes", "Scopes", id="scopes", tooltip="Copy the scopes to register"),
        Binding(
            "n",
            "copy_name",
            "Name",
            id="application_name",
            tooltip="Copy a name for the application",
        ),
        Binding(
            "y", "copy_address", "Address", id="address", tooltip="Copy the address of CCP's login"
        ),
        Binding("d", "demo", "Demo", id="demo", tooltip="Start a living demo corporation instead"),
        Binding(
            "escape",
            "leave",
            "Back",
            id="leave_login",
            tooltip="Leave a field, then stop waiting, then leave the login",
        ),
        Binding("j,down", "scroll(1)", "Down", show=False, tooltip="One line down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, tooltip="One line up"),
    ]

    def __init__(self, *, again: str | None = None) -> None:
        super().__init__()
        self._again = again
        self._facts: LoginFacts | None = None
        self._chosen: frozenset[str] = frozenset()
        """The processes that the login is for."""
        self._address = ""
        self._is_waiting = False
        self._until: datetime | None = None
        self._is_done = False

    def compose(self) -> ComposeResult:
        """The three steps, each with its field, and what is going on now."""
        with VerticalScroll(id="login", can_focus=False):
            yield Lines(between="", id="login-register")
            yield TextField(
                placeholder="the client id of the application, letters and digits",
                id="client-id",
                compact=True,
            )
            yield Lines(between="", id="login-for")
            yield Lines(between="", id="login-browser")
            yield Lines(id="login-told")
            yield Lines(id="login-pasting")
            yield TextField(
                placeholder="http://localhost:…/callback?code=…", id="pasted", compact=True
            )
            yield Lines(id="login-address")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show what there is to register."""
        self.query_one("#login-browser", Lines).show(
            [("4 b ", "title"), (" opens CCP's login in the browser; choose the character", "")]
        )
        self.query_one("#login-pasting", Lines).show(
            [("  Browser on another computer? v takes the address it ended at:", "muted")]
        )
        self.query_one("#login-register", Lines).show([title_line(self._again)])
        self._show_address()
        self.work(self._load(), "login")

    async def _load(self) -> None:
        service = await self.corpsync.opened()
        facts = self._facts = await service.login_facts()
        self.query_one("#client-id", Input).value = facts.client_id
        self._choose(facts.processes)

    def _choose(self, process_types: Iterable[str] | None) -> None:
        """Log in for these processes, and say so."""
        if self._facts is None or process_types is None:
            return
        self._chosen = frozenset(process_types)
        lines = [title_line(self._again), *register_lines(self._facts, self._scopes())]
        self.query_one("#login-register", Lines).show(lines)
        self.query_one("#login-for", Lines).show(purpose_lines(self._facts, self._chosen))

    def _scopes(self) -> Sequence[str]:
        return () if self._facts is None else wanted_scopes(self._facts, self._chosen)

    def _show_address(self) -> None:
        lines: list[Line] = [(WITHOUT_LOGIN, "muted")]
        if self._address:
            lines = [("If no browser opened, open this address (y copies it):", "muted")]
            lines.append((self._address, ""))
        self.query_one("#login-address", Lines).show(lines)

    def _say(self, sentence: str, tone: str) -> None:
        text = printable(sentence)
        self.query_one("#login-told", Lines).show([(text[:1].upper() + text[1:], tone)])

    @on(Tick)
    def _show_waiting(self) -> None:
        """How long the browser is still waited for."""
        if self._until is not None:
            self._say(waiting_text(self._until - self.now), "waiting")

    # The way through the browser

    @on(Input.Submitted, "#client-id")
    def action_browser(self) -> None:
        """Begin a login."""
        client_id = self.query_one("#client-id", Input).value.strip()
        flaw = client_id_flaw(client_id)
        if flaw is None and self._facts is not None and not self._chosen:
            flaw = "The login is for nothing yet: c chooses processes"
        if flaw is not None:
            self._say(flaw, "error")
            return
        self.set_focus(None)
        self._is_waiting = True  # first: the worker may begin, and even end, at once
        self.run_worker(self._log_in(client_id), group=WAITING, exclusive=True, exit_on_error=False)

    async def _log_in(self, client_id: str) -> None:
        service = await self.corpsync.opened()
        self._say("Asking CCP…", "muted")
        try:
            self._address = await service.begin_login(client_id, self._chosen)
            self._show_address()
            opened = await service.open_browser(self._address)
            self.corpsync.tell(opened.sentence)
            self._begin_waiting()
            done = await service.finish_login()
        except CorpsyncError as error:
            self._end_waiting()
            self._say(error.message, "error")
        else:
            self._end_waiting()
            self._done(done.sentence)

    def _begin_waiting(self) -> None:
        patience = self._facts.patience_seconds if self._facts else 0.0
        self._until = self.now + timedelta(seconds=patience)
        self._show_waiting()

    def _end_waiting(self) -> None:
        self._until, self._is_waiting = None, False

    @on(Input.Submitted, "#pasted")
    def _take_pasted(self, event: Input.Submitted) -> None:
        self.work(self._paste(event.value.strip()), "login")

    async def _paste(self, address: str) -> None:
        service = await self.corpsync.opened()
        self.query_one("#pasted", Input).clear()
        try:
            done = await service.paste(address)
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            if not self._is_waiting:
                self._say(error.message, "error")
        else:
            self._done(done.sentence)

    def _done(self, sentence: str) -> None:
        self.corpsync.reload()
        self.corpsync.tell(sentence)
        self._is_done = True
        self.dismiss()

    def on_screen_resume(self) -> None:
        """A login that ended while a box lay over this screen has nothing left to do here."""
        if self._is_done:
            self.dismiss()

    def action_leave(self) -> None:
        """Leave a field first, then stop waiting, then leave the screen."""
        if self.focused is not None:
            self.set_focus(None)
        elif self._is_waiting:
            self.workers.cancel_group(self, WAITING)
            self._end_waiting()
            self.corpsync.forget_login()
            self._say("No longer waiting: b begins again, esc leaves", "muted")
        else:
            self.dismiss()

    def on_unmount(self) -> None:
        """Nothing listens once the screen is gone."""
        self.corpsync.forget_login()

    def action_scroll(self, by: int) -> None:
        """Bring the rest of a long address into sight."""
        self.query_one("#login", VerticalScroll).scroll_relative(y=by, animate=False)

    # Fields and copies

    def action_client_id(self) -> None:
        """Go to the client id's field."""
        self.query_one("#client-id", Input).focus()

    def action_paste(self) -> None:
        """Go to the field for the pasted address."""
        self.query_one("#pasted", Input).focus()

    def action_choose(self) -> None:
        """Choose the processes that the login is for."""
        if self._facts is not None:
            self.show_box(ScopesDialog(self._facts, self._chosen), self._choose)

    def action_copy_name(self) -> None:
        """Copy a name for the application."""
        if self._facts is not None:
            self.corpsync.copy(self._facts.name)

    def action_copy_scopes(self) -> None:
        """Copy the scopes, one a line."""
        if self._facts is not None:
            self.corpsync.copy("\n".join(self._scopes()))

    def action_copy_callback(self) -> None:
        """Copy the callback URL."""
        if self._facts is not None:
            self.corpsync.copy(self._facts.callback_url)

    def action_copy_address(self) -> None:
        """Copy the address of CCP's login."""
        if self._address:
            self.corpsync.copy(self._address)
        else:
            self._say("There is no address yet: b begins a login", "waiting")

    def action_demo(self) -> None:
        """Leave for the demo."""
        self.corpsync.leave(DEMO)
