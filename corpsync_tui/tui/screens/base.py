"""What every screen shares: the app as it is typed, the look at small sizes, esc and help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import ModalScreen, Screen

from corpsync_tui.format.times import hour
from corpsync_tui.service.api import SyncService
from corpsync_tui.sync.action import ActionResult
from corpsync_tui.tui.header_text import down, esi_state, whole_state
from corpsync_tui.tui.shell import EsiChanged, Shell, Tick
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.sync_state import NO_CORPORATION, SyncState, SyncStatusChanged
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.header import Header
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    Box = Screen[Any]
else:
    Box = object

Answer = TypeVar("Answer")
Choice = TypeVar("Choice")
LEAST_WIDTH = 60
LEAST_HEIGHT = 15


class CorpsyncScreen(Supervised, Screen[Answer]):
    """A screen of corpsync."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next pane", show=False, tooltip="To the next pane"),
        Binding(
            "shift+tab",
            "app.focus_previous",
            "Previous pane",
            show=False,
            tooltip="To the pane before",
        ),
    ]

    @property
    def corpsync(self) -> Shell:
        """The app, with the bridge and the service."""
        return cast("Shell", self.app)

    @property
    def sync_state(self) -> SyncState:
        """The frozen records to show."""
        return self.corpsync.sync_state

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.sync_state.clock.now()

    async def _on_resize(self, event: Resize) -> None:
        """A size that the app has no more is taken up by nobody.

        Textual tells a screen each size that it was laid out in, again: while nothing may be
        painted, two sizes that follow each other would be laid out in turn for ever.
        """
        if event.size != self.app.size:
            event.prevent_default()

    def ask(self, action: Callable[[SyncService], Awaitable[ActionResult]]) -> None:
        """Ask for an action; its sentence appears as a notice."""
        self.corpsync.ask(action)

    def tell(self, sentence: str) -> None:
        """Say why a key did nothing."""
        self.corpsync.tell(sentence, severity="warning")

    def work(
        self, coroutine: Coroutine[Any, Any, None], group: str, *, exclusive: bool = False
    ) -> None:
        """Do something beside the screen; what fails is shown, and ends nothing.

        It begins after the key that asked for it: what it is about is to be given to it, not
        looked up by it, since the screen may show something else by then.
        """
        self.run_worker(coroutine, group=group, exclusive=exclusive, exit_on_error=False)

    def show_box(
        self, box: Screen[Choice], take: Callable[[Choice | None], None] | None = None
    ) -> None:
        """Open a box over this screen; not where one has gone on to another meanwhile."""
        if self.app.screen is self:
            self.app.push_screen(box, take)


class MainScreen(CorpsyncScreen[None]):
    """A screen with a tab of its own: header, body, footer; `q` quits from it."""

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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, tooltip="Back to where you came from"),
    ]

    tab = ""
    """The screen whose tab is marked, where it has none of its own."""

    def compose(self) -> ComposeResult:
        """The tabs and the state above, the keys below."""
        self._take_size()
        yield Header()
        yield from self.body()
        yield KeyFooter(self.idle_actions)
        too_small = Lines(id="too-small")
        too_small.show([("too small (60×15 at least)", "strong")])
        yield too_small

    def _take_size(self) -> None:
        """Take the window's classes before the parts are styled, not when they are laid out."""
        width, height = self.app.size
        across = self._get_breakpoint_classes(width, self.HORIZONTAL_BREAKPOINTS)
        down = self._get_breakpoint_classes(height, self.VERTICAL_BREAKPOINTS)
        self.add_class(*across, *down, update=False)

    def body(self) -> ComposeResult:
        """What stands between header and footer."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The header stands in the first frame."""
        self.show_header()

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self.show_header()
        self._show_keys()

    def on_resize(self) -> None:
        """The line of state has words for each width."""
        self.show_header()

    @on(SyncStatusChanged)
    def _show_keys(self) -> None:
        self.query_one(KeyFooter).look_again()

    @on(SyncStatusChanged)
    @on(EsiChanged)
    @on(Tick)
    def show_header(self) -> None:
        """Where one is, whose data this is, how they stand, and how ESI is."""
        header, app, now = self.query_one(Header), self.corpsync, self.now
        header.show_tabs(self.tab or app.current_mode, app.news(), hour(now))
        esi: list[Line] = []
        if (down_since := self.sync_state.schedule.esi_down_since) is not None:
            esi = [("ESI", "muted"), down(down_since)]
        elif app.esi is not None:
            esi = [("ESI", "muted"), esi_state(app.esi, now)]
        room = self.size.width - 4 - sum(cell_len(text) + 1 for text, _ in esi)
        state = whole_state(self.sync_state, app.corporation_id, now, room, demo=app.demo)
        header.show_state(state, esi)

    @on(TabLine.Clicked)
    def _go_to_tab(self, event: TabLine.Clicked) -> None:
        self.corpsync.action_show(event.screen_id)

    def place(self) -> Any:
        """What is shown and where the cursor stands, for `restore`; None where nothing is."""
        return None

    def restore(self, place: Any) -> None:
        """Show what was shown, with the cursor where it stood."""

    def action_back(self) -> None:
        """Back to the screen that one came from."""
        self.corpsync.go_back()

    def idle_actions(self) -> Collection[str]:
        """Actions that would do nothing now."""
        return () if len(self.corporations()) > 1 else ("corporation",)

    def corporations(self) -> list[int]:
        """Those that somebody logged in for."""
        return [i for i in self.sync_state.corporation_ids() if i != NO_CORPORATION]

    def narrow_to_next(self, *, one_by_one: bool = False) -> bool:
        """Narrow to the next corporation; False after saying that there is no other.

        After the last one come all of them, or `one_by_one` the first again.
        """
        ids = tuple(self.corporations())
        if len(ids) < 2:
            self.tell("There is one corporation only: l adds a character of another")
            return False
        ring = ids if one_by_one else (None, *ids)
        now = self.corpsync.corporation_id
        self.corpsync.narrow(following(ring, now if now in ring else ring[0]))
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

    def leave_for(self, show: Callable[..., None], *what: object) -> None:
        """Close the box, and show something in place of the screen below."""
        if self.is_mounted:
            self.dismiss(None)
            self.app.call_later(show, *what)
        else:  # a key that was typed ahead
            self.call_later(self.leave_for, show, *what)
