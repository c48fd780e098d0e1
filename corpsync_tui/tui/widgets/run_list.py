"""A list of runs of any length: only the lines on screen are made."""

from __future__ import annotations

from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.theme import Theme

from corpsync_tui.sync.status import RunRecord
from corpsync_tui.text import printable
from corpsync_tui.tui.run_line import run_line
from corpsync_tui.tui.run_text import Line
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.tones import rich_styles


class RunSource(Protocol):
    """Where the list takes its runs from."""

    def __len__(self) -> int:
        """How many runs there are."""

    def get(self, place: int) -> RunRecord | None:
        """The run at this place, newest first; None while it is being fetched."""


class HeldRuns:
    """Runs that are at hand."""

    def __init__(self, runs: list[RunRecord]) -> None:
        self.held = runs

    def __len__(self) -> int:
        return len(self.held)

    def get(self, place: int) -> RunRecord | None:
        """The run at this place."""
        return self.held[place] if 0 <= place < len(self.held) else None


class RunList(Supervised, ScrollView, can_focus=True, inherit_bindings=False):
    """Runs, newest first, one line each."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"run-list--cursor", "run-list--cursor-blurred"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, tooltip="To the run before this one"),
        Binding("k,up", "move(-1)", "Up", show=False, tooltip="To the run after this one"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="One page back in time"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="One page forward in time"),
        Binding("g,home", "edge(0)", "First", show=False, tooltip="To the newest run"),
        Binding("G,end", "edge(1)", "Last", show=False, tooltip="To the oldest run"),
        Binding("enter", "open", "Open", show=False, tooltip="Open the run under the cursor"),
    ]

    cursor = reactive(0, repaint=False)
    """The place of the run under the cursor."""

    class Highlighted(Message):
        """The cursor came to another run."""

        def __init__(self, run_list: RunList) -> None:
            super().__init__()
            self.run_list = run_list

    class Opened(Message):
        """A run was chosen."""

        def __init__(self, run: RunRecord) -> None:
            super().__init__()
            self.run = run

    def __init__(
        self, sync_state: SyncState, *, with_process: bool = False, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._sync_state = sync_state
        self.with_process = with_process
        self._source: RunSource = HeldRuns([])
        self._empty: list[Line] = []
        self._styles: dict[str, Style] = {}

    @property
    def current(self) -> RunRecord | None:
        """The run under the cursor."""
        return self._source.get(self.cursor)

    def show(self, source: RunSource, *, empty: list[Line], keep: bool = True) -> None:
        """Show these runs; with `keep` the cursor stays on the run it was on."""
        here = self.current if keep else None
        at_top = self.cursor == 0
        self._source = source
        self._empty = empty
        self.virtual_size = Size(self.size.width, len(source))
        place = 0 if here is None or at_top else self._place_of(here)
        if not keep:
            self.scroll_to(y=0, animate=False)
        self.cursor = max(0, min(place, len(source) - 1))
        self.refresh()

    def _place_of(self, run: RunRecord) -> int:
        if isinstance(self._source, HeldRuns):
            for place, known in enumerate(self._source.held):
                if (known.process_id, known.start_time) == (run.process_id, run.start_time):
                    return place
        return self.cursor

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self._styles = rich_styles(self.app.theme_variables)
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, _theme: Theme) -> None:
        self._styles = rich_styles(self.app.theme_variables)
        self.refresh()

    def on_resize(self) -> None:
        """Lines are as wide as the list."""
        self.virtual_size = Size(self.size.width, len(self._source))

    def render_line(self, y: int) -> Strip:
        """One run, or the word for an empty list."""
        width = self.size.width
        place = y + self.scroll_offset.y
        base = self.rich_style
        if not len(self._source):
            return self._strip(self._empty if y == 0 else [], width, base)
        if place >= len(self._source):
            return Strip.blank(width, base)
        run = self._source.get(place)
        line: list[Line] = [("…", "muted")]
        if run is not None:
            line = self._line(run, width)
        if place != self.cursor:
            return self._strip(line, width, base)
        name = "run-list--cursor" if self.has_focus else "run-list--cursor-blurred"
        return self._strip(
            line, width, self.get_component_rich_style(name), toned=not self.has_focus
        )

    def _line(self, run: RunRecord, width: int) -> list[Line]:
        ticker = ""
        if self.with_process and len(self._sync_state.corporations) > 1:
            ticker = printable(self._sync_state.corporation(run.corporation_id).ticker)
        now = self._sync_state.clock.now()
        return run_line(run, now, width, with_process=self.with_process, ticker=ticker)

    def _strip(self, line: list[Line], width: int, base: Style, *, toned: bool = True) -> Strip:
        segments = [
            Segment(text, base + self._styles[tone] if toned else base) for text, tone in line
        ]
        return Strip(segments).crop_extend(0, width, base)

    def watch_cursor(self, before: int, now: int) -> None:
        """Repaint the two lines concerned, and keep the cursor in sight."""
        for place in (before, now):
            self.refresh_lines(place - self.scroll_offset.y, 1)
        self.scroll_to_region(Region(0, now, 1, 1), animate=False, force=True)
        self.post_message(self.Highlighted(self))

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001  (Textual's signature)
        """The cursor line shows whether keys go here."""
        super().watch_has_focus(_has_focus)
        self.refresh_lines(self.cursor - self.scroll_offset.y, 1)

    def on_click(self, event: events.Click) -> None:
        """A click goes to a run, a click on the run under the cursor opens it."""
        offset = event.get_content_offset(self)
        if offset is None:  # the border
            return
        place = offset.y + self.scroll_offset.y
        if not 0 <= place < len(self._source):
            return
        if place == self.cursor:
            self.action_open()
        self.cursor = place

    def action_move(self, by: int) -> None:
        """Move the cursor by some runs."""
        self.cursor = max(0, min(self.cursor + by, len(self._source) - 1))

    def action_page(self, by: int) -> None:
        """Move the cursor by some pages."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_edge(self, last: int) -> None:
        """Move the cursor to the newest or the oldest run."""
        self.cursor = max(0, len(self._source) - 1) if last else 0

    def action_open(self) -> None:
        """Tell of the chosen run."""
        if (run := self.current) is not None:
            self.post_message(self.Opened(run))
