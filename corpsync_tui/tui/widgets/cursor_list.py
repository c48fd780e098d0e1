"""What the lists of lines share: a cursor, colours that follow the theme, keys and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
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

from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import Line, rich_styles

LIST_KEYS: list[BindingType] = [
    Binding("j,down", "move(1)", "Down", show=False, tooltip="One line down"),
    Binding("k,up", "move(-1)", "Up", show=False, tooltip="One line up"),
    Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, tooltip="One page down"),
    Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, tooltip="One page up"),
    Binding("g,home", "edge(0)", "First", show=False, tooltip="To the first line"),
    Binding("G,end", "edge(1)", "Last", show=False, tooltip="To the last line"),
    Binding("enter", "open", "Open", show=False, tooltip="Open what is under the cursor"),
]
"""How one moves in every list and table."""


class CursorList(Supervised, ScrollView, can_focus=True, inherit_bindings=False):
    """Lines as wide as the list, one of them under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = LIST_KEYS

    CURSOR: ClassVar[str]
    """The component class of the line under the cursor; `<CURSOR>-blurred` without the focus."""
    TITLES: ClassVar[int] = 0
    """Lines above that stay when the others scroll."""

    cursor = reactive(0, repaint=False)
    """The place of the line under the cursor."""

    class Highlighted(Message):
        """The cursor came to another line."""

        def __init__(self, cursor_list: CursorList) -> None:
            super().__init__()
            self.cursor_list = cursor_list

        @property
        def control(self) -> CursorList:
            """The list it happened in."""
            return self.cursor_list

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Act on the line under the cursor."""
        raise NotImplementedError

    # Painting

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self._styles = rich_styles(self.app.theme_variables)
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, _theme: Theme) -> None:
        self._styles = rich_styles(self.app.theme_variables)
        self.refresh()

    @property
    def room(self) -> int:
        """Cells of a line, the scrollbar's not among them."""
        return self.scrollable_content_region.width

    def on_resize(self) -> None:
        """Lines are as wide as the list, and the cursor stays in sight."""
        self.measure()
        self._keep_in_sight()

    def measure(self) -> None:
        """Take as much room as the lines need."""
        self.virtual_size = Size(self.room, self.TITLES + self.line_count())

    def place_at(self, y: int) -> int:
        """The place of the line that is shown at `y`; below 0 for a title."""
        return y - self.TITLES + self.scroll_offset.y if y >= self.TITLES else -1

    def repaint(self, place: int) -> None:
        """Paint the line at a place again."""
        self.refresh_lines(place + self.TITLES)

    def strip_of(self, line: Sequence[Line], place: int) -> Strip:
        """A line as it is painted at a place, cut with `…` where it is too long.

        Under a cursor with the focus it has no tones.
        """
        base, toned = self.rich_style, True
        if place == self.cursor and self.line_count():
            toned = not self.has_focus
            base = self.get_component_rich_style(f"{self.CURSOR}-blurred" if toned else self.CURSOR)
        segments = [
            Segment(text, base + self._styles[tone] if toned else base) for text, tone in line
        ]
        width = self.room
        if cell_len("".join(text for text, _ in line).rstrip()) > width > 0:
            whole = Strip(segments).crop(0, width - 1)
            *_, last = (Segment("", base), *whole)
            segments = [*whole, Segment("…", last.style)]
        return Strip(segments).crop_extend(0, width, base)

    # Moving

    def watch_cursor(self, before: int, now: int) -> None:
        """Repaint the two lines concerned, and keep the cursor in sight."""
        for place in (before, now):
            self.repaint(place)
        self._keep_in_sight()
        self.post_message(self.Highlighted(self))

    def lines_above(self) -> int:
        """How many lines above the cursor's are to be seen with it."""
        return 0

    def _keep_in_sight(self) -> None:
        above = self.lines_above()
        lines = Region(0, self.cursor - above, 1, above + 1 + self.TITLES)
        self.scroll_to_region(lines, animate=False, force=True)

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001  (Textual's signature)
        """The cursor line shows whether keys go here."""
        super().watch_has_focus(_has_focus)
        self.repaint(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """A click goes to a line, a click on the line under the cursor opens it."""
        offset = event.get_content_offset(self)
        if offset is None:  # the border
            return
        place = self.place_at(offset.y)
        if not 0 <= place < self.line_count():
            return
        if place == self.cursor:
            self.action_open()
        self.cursor = place

    def action_move(self, by: int) -> None:
        """Move the cursor by some lines."""
        self.cursor = max(0, min(self.cursor + by, self.line_count() - 1))

    def action_page(self, by: int) -> None:
        """Move the cursor by some pages."""
        self.action_move(by * max(1, self.size.height - self.TITLES - 1))

    def action_edge(self, last: int) -> None:
        """Move the cursor to the first or the last line."""
        self.cursor = max(0, self.line_count() - 1) if last else 0
