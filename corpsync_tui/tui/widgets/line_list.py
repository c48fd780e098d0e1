"""A short list of toned lines with a cursor that stays on its line while they change."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

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

from corpsync_tui.tui.run_text import Line
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import rich_styles


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it stands for, and its texts one behind the other."""

    key: Hashable
    line: Sequence[Line]


class LineList(Supervised, ScrollView, can_focus=True):
    """Lines that are shown whole; the cursor is drawn only where the list has the focus."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-list--cursor", "line-list--cursor-blurred"}
    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $background;
        & > .line-list--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .line-list--cursor-blurred { background: $block-cursor-blurred-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, tooltip="One line down"),
        Binding("k,up", "move(-1)", "Up", show=False, tooltip="One line up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="One page down"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="One page up"),
        Binding("g,home", "edge(0)", "First", show=False, tooltip="To the first line"),
        Binding("G,end", "edge(1)", "Last", show=False, tooltip="To the last line"),
        Binding("enter", "open", "Open", show=False, tooltip="Act on the line under the cursor"),
    ]

    cursor = reactive(0, repaint=False)
    """The place of the line under the cursor."""

    class Highlighted(Message):
        """The cursor came to another line."""

        def __init__(self, line_list: LineList) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList:
            """The list it happened in."""
            return self.line_list

    class Opened(Highlighted):
        """A line was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._styles: dict[str, Style] = {}

    @property
    def current(self) -> Hashable:
        """What the line under the cursor stands for; None where there is none."""
        return self._rows[self.cursor].key if self.cursor < len(self._rows) else None

    @property
    def text(self) -> str:
        """What can be read here, one line a row."""
        return "\n".join("".join(t for t, _ in row.line).rstrip() for row in self._rows)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these lines; the cursor stays on what it was on, repainting what differs."""
        wanted, here = list(rows), self.current
        if wanted == self._rows:
            return
        resized = len(wanted) != len(self._rows)
        before, self._rows = self._rows, wanted
        if resized:
            self.virtual_size = Size(self.size.width, len(wanted))
            self.refresh()
        else:
            for place, row in enumerate(wanted):
                if row != before[place]:
                    self.refresh_lines(place - self.scroll_offset.y, 1)
        keys = [row.key for row in wanted]
        place = keys.index(here) if here in keys else min(self.cursor, max(0, len(keys) - 1))
        moved = place == self.cursor and self.current != here
        self.cursor = place
        if moved:
            self.post_message(self.Highlighted(self))

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self._styles = rich_styles(self.app.theme_variables)
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, _theme: Theme) -> None:
        self._styles = rich_styles(self.app.theme_variables)
        self.refresh()

    def on_resize(self) -> None:
        """Lines are as wide as the list."""
        self.virtual_size = Size(self.size.width, len(self._rows))

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, place, base = self.size.width, y + self.scroll_offset.y, self.rich_style
        if place >= len(self._rows):
            return Strip.blank(width, base)
        toned = True
        if place == self.cursor:
            toned = not self.has_focus
            name = "line-list--cursor-blurred" if toned else "line-list--cursor"
            base = self.get_component_rich_style(name)
        segments = [
            Segment(text, base + self._styles[tone] if toned else base)
            for text, tone in self._rows[place].line
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
        """A click goes to a line, a click on the line under the cursor chooses it."""
        place = event.y + self.scroll_offset.y
        if not 0 <= place < len(self._rows):
            return
        if place == self.cursor:
            self.action_open()
        self.cursor = place

    def action_move(self, by: int) -> None:
        """Move the cursor by some lines."""
        self.cursor = max(0, min(self.cursor + by, len(self._rows) - 1))

    def action_page(self, by: int) -> None:
        """Move the cursor by some pages."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_edge(self, last: int) -> None:
        """Move the cursor to the first or the last line."""
        self.cursor = max(0, len(self._rows) - 1) if last else 0

    def action_open(self) -> None:
        """Tell of the chosen line."""
        if self._rows:
            self.post_message(self.Opened(self))
