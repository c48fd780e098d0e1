"""A short list of toned lines with a cursor that stays on its line while they change."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.strip import Strip

from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.cursor_list import CursorList


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it stands for, and its texts one behind the other.

    One that stands for nothing says why the list is empty.
    """

    key: Hashable
    line: Sequence[Line]


class LineList(CursorList):
    """Lines that are shown whole; the cursor is drawn only where the list has the focus."""

    CURSOR = "line-list--cursor"
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

    class Opened(CursorList.Highlighted):
        """A line was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._goal: Hashable = None

    @property
    def current(self) -> Hashable:
        """What the line under the cursor stands for; None where there is none."""
        return self._rows[self.cursor].key if self.cursor < len(self._rows) else None

    @property
    def text(self) -> str:
        """The lines as they read; nothing of what an empty list says."""
        lines = (row.line for row in self._rows if row.key is not None)
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these lines; the cursor stays on what it was on, repainting what differs."""
        wanted, here = list(rows), self.current
        if wanted == self._rows:
            return
        resized = len(wanted) != len(self._rows)
        before, self._rows = self._rows, wanted
        if resized:
            self.measure()
            self.refresh()
        else:
            for place, row in enumerate(wanted):
                if row != before[place]:
                    self.repaint(place)
        keys = [row.key for row in wanted]
        if self._goal in keys:
            here, self._goal = self._goal, None
        place = keys.index(here) if here in keys else min(self.cursor, max(0, len(keys) - 1))
        moved = place == self.cursor and self.current != here
        self.cursor = place
        if moved:
            self.post_message(self.Highlighted(self))

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on what stands for this, now or as soon as it is shown."""
        keys = [row.key for row in self._rows]
        if key in keys:
            self.cursor = keys.index(key)
        else:
            self._goal = key

    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._rows)

    def render_line(self, y: int) -> Strip:
        """One line."""
        place = self.place_at(y)
        if place >= len(self._rows):
            return Strip.blank(self.room, self.rich_style)
        return self.strip_of(self._rows[place].line, place)

    def action_open(self) -> None:
        """Tell of the chosen line."""
        if self._rows:
            self.post_message(self.Opened(self))
