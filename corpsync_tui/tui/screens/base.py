"""What every screen shares: the app as it is typed, the look at small sizes, esc and help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen, Screen

from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.sync_state import NO_CORPORATION, SyncState
from corpsync_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from corpsync_tui.tui.app import CorpsyncApp

    Box = Screen[Any]
else:
    Box = object

Answer = TypeVar("Answer")
Choice = TypeVar("Choice")
LEAST_WIDTH = 60
LEAST_HEIGHT = 15


class Tick(Message, bubble=False):
    """A second went by: whatever shows times may look whether they read differently."""


class CorpsyncScreen(Supervised, Screen[Answer]):
    """A screen of corpsync."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next pane", show=False, tooltip="To the next pane"),
        Binding(
            "shift+tab", "app.focus_previous", "Last pane", show=False, tooltip="To the pane before"
        ),
    ]

    @property
    def corpsync(self) -> CorpsyncApp:
        """The app, with the bridge and the service."""
        return cast("CorpsyncApp", self.app)

    @property
    def sync_state(self) -> SyncState:
        """The frozen records to show."""
        return self.corpsync.sync_state

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.sync_state.clock.now()

    def ask(self, action: Callable[[SyncService], Awaitable[ActionResult]]) -> None:
        """Ask for an action; its sentence appears as a notice."""
        self.corpsync.ask(action)

    def tell(self, sentence: str) -> None:
        """Say why a key did nothing."""
        self.corpsync.tell(sentence, severity="warning")


class MainScreen(CorpsyncScreen[None]):
    """A screen that `q` quits from."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  (as Screen declares it)
        (0, "-too-narrow"),
        (LEAST_WIDTH, "-narrow"),
        (80, "-normal"),
        (140, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012  (as Screen declares it)
        (0, "-too-low"),
        (LEAST_HEIGHT, "-low"),
        (24, "-high"),
    ]

    def on_mount(self) -> None:
        """What the screen says when it is too small for anything else; hidden until then."""
        self.query_one("#too-small", Lines).show([("too small (60×15 at least)", "strong")])

    def narrow_to_next(self) -> bool:
        """Narrow to the next corporation, and after the last one to all; False: there is one."""
        ids = [i for i in self.sync_state.corporation_ids() if i != NO_CORPORATION]
        if len(ids) < 2:
            self.tell("There is one corporation only: l adds a character of another")
            return False
        now = self.corpsync.corporation_id
        self.corpsync.narrow(following((None, *ids), now if now in ids else None))
        return True


def following(ring: tuple[Choice, ...], now: Choice) -> Choice:
    """What comes behind `now` in a ring of choices."""
    return ring[(ring.index(now) + 1) % len(ring)]


class Closing(Box):
    """For boxes: closed once, and only while on top.

    Textual 8.2.8 takes away whatever screen is on top, and answers a second time with an error.
    No screen itself: Textual takes bindings and styles from the first base that is one.
    """

    _answered = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close this box, with its answer; nothing happens where it is closed or covered."""
        if self._answered or self.app.screen is not self:
            return AwaitComplete()
        if not self.is_mounted:  # a key that was typed ahead
            self.call_later(self.dismiss, result)
            return AwaitComplete()
        self._answered = True
        return super().dismiss(result)


class Dialog(Closing, CorpsyncScreen[Answer], ModalScreen[Answer]):
    """A box over a screen; esc leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="back", tooltip="Close this box"),
    ]

    def action_leave(self) -> None:
        """Go back to the screen below, which stays as it was."""
        self.dismiss(None)
