"""A table of any length: only the lines on screen are made, rows come when they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.theme import Theme

from corpsync_tui.tui.cells import fit, fit_path
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import Line, rich_styles
from corpsync_tui.tui.widgets.cursor_list import LIST_KEYS

HEADER = 1
"""Lines that the titles take."""
GAP = 2
"""Cells between two columns."""
MARGIN = 2
"""Cells on the left in which rows that need a look have a sign."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as it stands on the screen."""

    name: str
    title: str
    width: int
    right: bool
    middle: bool = False
    """Whether it is a path, which leaves out steps where it is too long: its end says the most."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it stands on the screen."""

    texts: Sequence[str]
    tone: str = ""
    """Of the whole row."""
    sign: Line = ("", "")
    """What stands in the margin, and its tone."""
    tones: Mapping[int, str] = field(default_factory=dict)
    """Tones of single cells, by their column, as long as the cursor is on another row."""


class RowSource(Protocol):
    """Where the table takes its rows from."""

    def __len__(self) -> int:
        """How many rows there are."""

    def row(self, place: int) -> ShownRow | None:
        """A row; None while it is being read."""


class NoRows:
    """A table before anything is known of it."""

    def __len__(self) -> int:
        """There is nothing."""
        return 0

    def row(self, _place: int) -> None:
        """There is nothing."""


def _marked(text: str, wanted: Sequence[str], style: Style, mark: Style) -> Iterator[Segment]:
    """The text with what was looked for in it standing out."""
    pattern = "|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True))
    for number, part in enumerate(re.split(f"({pattern})", text, flags=re.IGNORECASE)):
        if part:
            yield Segment(part, mark if number % 2 else style)


class VirtualTable(Supervised, ScrollView, can_focus=True, inherit_bindings=False):
    """Rows and columns with a cursor that is a cell."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "virtual-table--header",
        "virtual-table--row",
        "virtual-table--sums",
        "virtual-table--cursor",
        "virtual-table--cursor-blurred",
    }
    DEFAULT_CSS = """
    VirtualTable {
        background: $background;
        scrollbar-size: 1 1;
        & > .virtual-table--header { color: $foreground; text-style: underline; }
        & > .virtual-table--sums { color: $text-accent; }
        & > .virtual-table--row { background: $block-cursor-blurred-background; }
        & > .virtual-table--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .virtual-table--cursor-blurred { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *LIST_KEYS,
        Binding("left", "aside(-1)", "Left", show=False, tooltip="To the column on the left"),
        Binding("right", "aside(1)", "Right", show=False, tooltip="To the column on the right"),
    ]

    cursor = reactive(0, repaint=False)
    """The place of the row under the cursor."""
    column = reactive(0, repaint=False)
    """The column under the cursor."""

    class Opened(Message):
        """A row was chosen."""

    class TitleClicked(Message):
        """A column's title was clicked."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns: list[ShownColumn] = []
        self.sorted_by: tuple[str, bool] | None = None
        """The column that the rows are sorted by, and whether from its end."""
        self.found: Sequence[tuple[str | None, str]] = ()
        """By column, or None for all, the texts that stand out in the rows."""
        self._source: RowSource = NoRows()
        self._empty: list[Line] = []
        self._tones: dict[str, Style] = {}
        self._starts: list[int] = []
        self._margin = 0
        self._sums: Sequence[str] = ()

    # What is shown

    def show_columns(self, columns: Sequence[ShownColumn], *, margin: int | None = None) -> None:
        """Show these columns; the cursor stays on the one it was on, the margin is as it was."""
        if margin is not None:
            self._margin = margin
        name = self.columns[self.column].name if self.column < len(self.columns) else None
        self.columns = list(columns)
        self._starts = [self._margin]
        for shown in self.columns:
            self._starts.append(self._starts[-1] + shown.width + GAP)
        names = [shown.name for shown in self.columns]
        self.set_reactive(VirtualTable.column, names.index(name) if name in names else 0)
        self._measure()

    def start_over(self) -> None:
        """To the first cell: other rows are to come, and those of before fit no new title."""
        self._source, self._empty, self._sums = NoRows(), [], ()
        self.set_reactive(VirtualTable.cursor, 0)
        self.set_reactive(VirtualTable.column, 0)
        self.scroll_to(0, 0, animate=False, force=True, immediate=True)

    def show_rows(
        self,
        source: RowSource,
        *,
        cursor: int,
        empty: list[Line],
        sums: Sequence[str] = (),
        line: int | None = None,
    ) -> None:
        """Show these rows; the row under the cursor stays on its line of the screen, or on `line`.

        `sums`: what stands below the rows, one text a column; none where there is no sum.
        """
        if line is None:
            line = self.cursor - int(self.scroll_offset.y)
        self._source, self._empty, self._sums = source, empty, sums
        self._measure()
        cursor = max(0, min(cursor, len(source) - 1))
        self.set_reactive(VirtualTable.cursor, cursor)
        self.scroll_to(y=max(0, cursor - line), animate=False, force=True, immediate=True)
        self._keep_in_sight()
        self.refresh()

    def rows_landed(self, first: int, count: int) -> None:
        """Repaint those of these rows that are on screen."""
        top = self.scroll_offset.y
        start, end = max(first, top), min(first + count, top + self._lines)
        if start < end:
            self.refresh_lines(start + HEADER, end - start)

    def _measure(self) -> None:
        width = self._starts[-1] - GAP if self.columns else 0
        height = HEADER + len(self._source) + self._footer
        self.virtual_size = Size(max(0, width), height)
        self.refresh()

    @property
    def _footer(self) -> int:
        """Lines that the sums take."""
        return 1 if self._sums and len(self._source) else 0

    @property
    def _lines(self) -> int:
        """Rows that there is room for."""
        return max(1, self.size.height - HEADER - self._footer)

    # Painting

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self._tones = rich_styles(self.app.theme_variables)
        self.app.theme_changed_signal.subscribe(self, self._take_theme)

    def _take_theme(self, _theme: Theme) -> None:
        self._tones = rich_styles(self.app.theme_variables)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The titles, a row, or the word for an empty table."""
        if y < HEADER:
            return self._titles()
        place = y - HEADER + self.scroll_offset.y
        if not len(self._source):
            line = self._empty if place == 1 else []
            return Strip(
                [Segment(text, self.rich_style + self._tones[tone]) for text, tone in line]
            ).crop_extend(0, self.size.width, self.rich_style)
        if self._footer and y == HEADER + min(len(self._source), self._lines):
            style = self.get_component_rich_style("virtual-table--sums")
            return self._cells(self._sums, style, None, ("Σ", ""))
        if place >= len(self._source):
            return Strip.blank(self.size.width, self.rich_style)
        return self._row(place)

    def _titles(self) -> Strip:
        style = self.get_component_rich_style("virtual-table--header")
        texts = [self._title(shown) for shown in self.columns]
        return self._cells(texts, style, None)

    def _title(self, shown: ShownColumn) -> str:
        if self.sorted_by is None or self.sorted_by[0] != shown.name:
            return shown.title
        return f"{shown.title} {'↓' if self.sorted_by[1] else '↑'}"

    def _row(self, place: int) -> Strip:
        base = self.rich_style
        here = place == self.cursor
        if here:
            base += self.get_component_rich_style("virtual-table--row", partial=True)
        found = self._source.row(place)
        if found is None:
            waiting = ["…" for _ in self.columns]
            return self._cells(waiting, base + self._tones["muted"], None)
        base += self._tones[found.tone]
        name = "virtual-table--cursor" if self.has_focus else "virtual-table--cursor-blurred"
        cell = self.get_component_rich_style(name, partial=True) if here else None
        tones = {} if here else found.tones
        mark = self._tones["found"]
        return self._cells(found.texts, base, cell, found.sign, mark=mark, tones=tones)

    def _cells(
        self,
        texts: Sequence[str],
        base: Style,
        cell: Style | None,
        sign: Line = ("", ""),
        *,
        mark: Style | None = None,
        tones: Mapping[int, str] | None = None,
    ) -> Strip:
        segments = [Segment(fit(sign[0], self._margin), base + self._tones[sign[1]])]
        for number, (shown, text) in enumerate(zip(self.columns, texts, strict=False)):
            style = base + cell if cell is not None and number == self.column else base
            if tones and number in tones:
                style = base + self._tones[tones[number]]
            shorter = fit_path(text, shown.width) if shown.middle else text
            fitted = fit(shorter, shown.width, right=shown.right)
            wanted = [what for name, what in self.found if name in (None, shown.name)]
            if mark is None or not wanted:
                segments.append(Segment(fitted, style))
            else:
                here = mark if style is base else Style(underline=True)
                segments += _marked(fitted, wanted, style, style + here)
            segments.append(Segment(" " * GAP, base))
        left, fixed = int(self.scroll_offset.x), self._fixed
        if not left:
            return Strip(segments).crop_extend(0, self.size.width, base)
        moving = Strip(segments).crop_extend(fixed + left, left + self.size.width, base)
        return Strip([*Strip(segments).crop_extend(0, fixed, base), *moving])

    @property
    def _fixed(self) -> int:
        """Cells of the first column, which stays when the others scroll, if it leaves room."""
        width = self._starts[1] if self.columns else 0
        return width if width <= self.size.width // 2 else 0

    # Moving

    def watch_cursor(self, before: int, now: int) -> None:
        """Repaint the two rows concerned, and keep the cursor in sight."""
        self._repaint_rows(before, now)
        self._keep_in_sight()

    def watch_column(self) -> None:
        """Repaint the row, and keep the column in sight."""
        self._repaint_rows(self.cursor)
        self._keep_in_sight()

    def watch_has_focus(self, _has_focus: bool) -> None:  # noqa: FBT001  (Textual's signature)
        """The cursor shows whether keys go here."""
        super().watch_has_focus(_has_focus)
        self._repaint_rows(self.cursor)

    def _repaint_rows(self, *places: int) -> None:
        for place in places:
            if 0 <= place - self.scroll_offset.y < self._lines:
                self.refresh_lines(place + HEADER)

    def _keep_in_sight(self) -> None:
        """Scroll just so far that the cell is seen whole; never in steps."""
        top = min(self.scroll_offset.y, self.cursor)
        top = max(top, self.cursor - self._lines + 1)
        left = self.scroll_offset.x
        if self.column and self.columns:
            start, end = self._starts[self.column], self._starts[self.column + 1] - GAP
            room = self.scrollable_content_region.width
            left = min(max(left, end - room), start - self._fixed)
        elif not self._fixed:
            left = 0
        if (left, top) != tuple(self.scroll_offset):
            self.scroll_to(left, top, animate=False, force=True, immediate=True)

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._keep_in_sight()

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self.cursor = max(0, min(self.cursor + by, len(self._source) - 1))

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.action_move(by * max(1, self._lines - 1))

    def action_edge(self, last: int) -> None:
        """Move the cursor to the first or the last row."""
        self.cursor = max(0, len(self._source) - 1) if last else 0

    def action_aside(self, by: int) -> None:
        """Move the cursor by some columns."""
        self.column = max(0, min(self.column + by, len(self.columns) - 1))

    def action_open(self) -> None:
        """Tell of the chosen row."""
        if len(self._source):
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """A click goes to a cell, on the cursor's row it opens the row, on a title it sorts."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        left = int(self.scroll_offset.x) if offset.x >= self._fixed else 0
        column = self._column_at(offset.x + left)
        if offset.y < HEADER:
            if column is not None:
                self.post_message(self.TitleClicked(column))
            return
        place = offset.y - HEADER + int(self.scroll_offset.y)
        if not 0 <= place < len(self._source) or offset.y >= HEADER + self._lines:
            return
        if place == self.cursor and column in (None, self.column):
            self.action_open()
        if column is not None:
            self.column = column
        self.cursor = place

    def _column_at(self, x: int) -> int | None:
        for number, start in enumerate(self._starts[:-1]):
            if start <= x < self._starts[number + 1]:
                return number
        return None
