"""Login: what to register at CCP, and the way through the browser and back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Label

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.text import printable
from corpsync_tui.tui.format import plural
from corpsync_tui.tui.run_text import Line
from corpsync_tui.tui.screens.base import CorpsyncScreen
from corpsync_tui.tui.verbs import LoginFacts
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.lines import Lines

DEMO = "demo"
"""The app's result when the director asked for the demo."""


class LoginScreen(CorpsyncScreen[bool]):
    """Adds a character; esc shows the app without one."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "browser", "Log in", id="browser", tooltip="Open CCP's login in the browser"),
        Binding("s", "copy_scopes", "Scopes", id="scopes", tooltip="Copy the scopes to register"),
        Binding(
            "u",
            "copy_callback",
            "Callback",
            id="callback",
            tooltip="Copy the callback URL to register",
        ),
        Binding(
            "y", "copy_address", "Address", id="address", tooltip="Copy the address of CCP's login"
        ),
        Binding(
            "i", "client_id", "Client id", id="client_id", tooltip="Type or paste the client id"
        ),
        Binding(
            "v", "paste", "Paste", id="paste", tooltip="Paste the address the browser ended at"
        ),
        Binding("d", "demo", "Demo", id="demo", tooltip="Start a living demo corporation instead"),
        Binding(
            "escape", "leave", "Back", id="leave_login", tooltip="Leave a field, then the login"
        ),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave corpsync"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._facts: LoginFacts | None = None
        self._address = ""

    def compose(self) -> ComposeResult:
        """The three steps, each with its field."""
        with VerticalScroll(id="login", can_focus=False):
            yield Lines(between="", id="login-register")
            yield Label("Client id (i)", markup=False)
            yield Input(
                placeholder="letters and digits from CCP's page", id="client-id", compact=True
            )
            yield Lines(id="login-address")
            yield Label("Browser on another computer? The address it ended at (v)", markup=False)
            yield Input(placeholder="http://localhost:…/callback?code=…", id="pasted", compact=True)
            yield Lines(id="login-told")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show what there is to register."""
        self._show_address()
        self.run_worker(self._load(), group="login", exit_on_error=False)

    async def _load(self) -> None:
        verbs = await self.corpsync.opened()
        facts = self._facts = await verbs.login_facts()
        self.query_one("#client-id", Input).value = facts.client_id
        self.query_one("#login-register", Lines).show(_steps(facts))

    def _show_address(self) -> None:
        lines: list[Line] = [("b opens CCP's login in the browser.", "")]
        if self._address:
            lines.append(("If no browser opened, open this address (y copies it):", ""))
            lines.append((self._address, "strong"))
        self.query_one("#login-address", Lines).show(lines)

    def _say(self, sentence: str, tone: str) -> None:
        self.query_one("#login-told", Lines).show([(printable(sentence), tone)])

    # Actions

    @on(Input.Submitted, "#client-id")
    def action_browser(self) -> None:
        """Begin a login."""
        client_id = self.query_one("#client-id", Input).value.strip()
        if not client_id:
            self._say("The client id is missing: i goes to its field", "error")
            return
        self.set_focus(None)
        self.run_worker(
            self._log_in(client_id), group="login-wait", exclusive=True, exit_on_error=False
        )

    async def _log_in(self, client_id: str) -> None:
        verbs = await self.corpsync.opened()
        try:
            self._address = await verbs.begin_login(client_id)
            self._show_address()
            opened = await verbs.open_browser(self._address)
            self._say(opened.sentence, "muted")
            done = await verbs.finish_login()
        except CorpsyncError as error:
            self._say(error.message, "error")
        else:
            self._done(done.sentence)

    @on(Input.Submitted, "#pasted")
    def _take_pasted(self, event: Input.Submitted) -> None:
        self.run_worker(self._paste(event.value.strip()), group="login", exit_on_error=False)

    async def _paste(self, address: str) -> None:
        verbs = await self.corpsync.opened()
        try:
            done = await verbs.paste(address)
        except CorpsyncError as error:
            self._say(error.message, "error")
        else:
            self._done(done.sentence)

    def _done(self, sentence: str) -> None:
        if self.is_current:
            self.corpsync.tell(sentence)
            self.corpsync.reload()
            self.dismiss(True)  # noqa: FBT003  (the screen's answer: logged in)

    def action_leave(self) -> None:
        """Leave a field first, then the screen."""
        if self.focused is not None:
            self.set_focus(None)
        else:
            self.dismiss(False)  # noqa: FBT003  (the screen's answer: not logged in)

    def on_unmount(self) -> None:
        """Nothing listens once the screen is gone."""
        self.corpsync.forget_login()

    def action_client_id(self) -> None:
        """Go to the client id's field."""
        self.query_one("#client-id", Input).focus()

    def action_paste(self) -> None:
        """Go to the field for the pasted address."""
        self.query_one("#pasted", Input).focus()

    def action_copy_scopes(self) -> None:
        """Copy the scopes, one a line."""
        if self._facts is not None:
            self.corpsync.copy("\n".join(self._facts.scopes))

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


def _steps(facts: LoginFacts) -> list[Line]:
    return [
        ("Log in with an EVE character\n\n", "title"),
        ("1  ", "strong"),
        ("Once: register an application at CCP\n   ", ""),
        (f"{printable(facts.register_url)}\n", "running"),
        (
            "   Connection type “Authentication & API Access”\n   callback URL (u copies it)\n   ",
            "",
        ),
        (f"{printable(facts.callback_url)}\n", "running"),
        (f"   and these {plural(len(facts.scopes), 'scope')} (s copies them all)\n", ""),
        ("2  ", "strong"),
        ("Enter the client id of the application (i), then press b.\n", ""),
        ("   esc shows the app without a login, d starts a demo corporation.", "muted"),
    ]
