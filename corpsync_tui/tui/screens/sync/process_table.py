"""The live table of the processes: one line each, painted again where it reads differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from corpsync_tui.format.amounts import title_of
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.sync.text import ProcessRow, process_row
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.line_list import LineList, Row

HEADING = "heading/"
"""Begins the key of a row that names a corporation."""

Column = tuple[str, str, int, bool]
"""Key, label, width with the gap after it, and whether the text stands to the right."""

_ALWAYS: list[Column] = [
    ("process", "  Process", 17, False),
    ("state", "State", 8, False),
    ("progress", "Progress", 17, False),
    ("step", "Step", 0, False),
    ("errors", "Fails", 6, True),
    ("next_run", "Next", 7, True),
]
_LAST_OK: Column = ("last_ok", "Last ok", 9, True)
_ITEMS: Column = ("items", "Items", 10, True)
_LEAST_STEP = 6
_ROOM_FOR_BARS = 72
"""Cells below which progress is a figure without its bar."""


@lru_cache(maxsize=8)
def columns_for(terminal: int, width: int) -> tuple[Column, ...]:
    """The columns for a terminal that leaves the table a width; the step takes what is left."""
    columns = list(_ALWAYS)
    if width < _ROOM_FOR_BARS:
        columns[2] = ("progress", "", 5, True)
    if terminal >= 100:
        columns.append(_LAST_OK)
    if terminal >= 120:
        columns.append(_ITEMS)
    left = width - 1 - sum(column[2] for column in columns)
    return tuple(
        (key, label, size or max(_LEAST_STEP, left), right) for key, label, size, right in columns
    )


class ProcessTable(LineList):
    """The processes of one corporation, or of several under a heading each."""

    TITLES = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"process-table--titles"}

    def __init__(self, sync_state: SyncState, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sync_state = sync_state
        self.process_ids: Sequence[str] = ()
        """The processes that are shown, in their order."""

    @property
    def current(self) -> str | None:
        """The process under the cursor."""
        key = super().current
        return key if isinstance(key, str) and not key.startswith(HEADING) else None

    def show_processes(self, process_ids: Sequence[str]) -> None:
        """Show these processes as they stand now."""
        self.process_ids = process_ids
        self._write()

    def _write(self) -> None:
        self.show([*self._lines(self._columns())])

    def _lines(self, columns: tuple[Column, ...]) -> Iterator[Row]:
        """The processes in their order, those of several corporations under a heading each."""
        state, now = self._sync_state, self._sync_state.clock.now()
        owners = [state.status(process_id).corporation_id for process_id in self.process_ids]
        several, last = len(set(owners)) > 1, None
        for process_id, owner in zip(self.process_ids, owners, strict=True):
            if several and owner != last:
                yield Row(f"{HEADING}{owner}", self._heading(owner, columns))
            last = owner
            yield Row(process_id, _cells(process_row(state, process_id, now), columns))

    def _heading(self, corporation_id: int, columns: Sequence[Column]) -> list[Line]:
        """A line that names a corporation across all columns."""
        corporation = self._sync_state.corporation(corporation_id)
        whole = sum(width for _, _, width, _ in columns)
        text = fit(f"─ {title_of(corporation.name, corporation.ticker)} ", whole).rstrip() + " "
        return [(text + "─" * (whole - cell_len(text)), "title")]

    def _columns(self) -> tuple[Column, ...]:
        """The columns, before the first lay-out, too: they stand in the first frame already."""
        whole = self.app.size.width
        return columns_for(whole, self.room or whole - self.gutter.width)

    def on_mount(self) -> None:
        """There is room for the titles before there is a process."""
        self.measure()

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._write()

    def watch_show_vertical_scrollbar(self) -> None:
        """A scrollbar takes its cell from the step."""
        self.call_after_refresh(self._write)

    def validate_cursor(self, place: int) -> int:
        """Headings take no stop: the cursor goes on the way it was going."""
        upwards = place < self.cursor
        while upwards and place >= 0 and self._is_heading(place):
            place -= 1
        place = max(place, 0)
        while place < self.line_count() - 1 and self._is_heading(place):
            place += 1
        return place

    def lines_above(self) -> int:
        """A heading is seen with its first process."""
        return int(self._is_heading(self.cursor - 1))

    def _is_heading(self, place: int) -> bool:
        return 0 <= place < len(self._rows) and str(self._rows[place].key).startswith(HEADING)

    def render_line(self, y: int) -> Strip:
        """The titles, or a process."""
        return super().render_line(y) if y else self._titles()

    def _titles(self) -> Strip:
        texts = [
            label.rjust(width - 1) + " " if right else label.ljust(width)
            for _, label, width, right in self._columns()
        ]
        style = self.get_component_rich_style("process-table--titles")
        return Strip([Segment("".join(texts), style)]).crop_extend(0, self.room, style)


@lru_cache(maxsize=256)
def _cells(row: ProcessRow, columns: tuple[Column, ...]) -> tuple[Line, ...]:
    """A process as it is painted; most read the same at each look."""
    return tuple((_cell(column, row), _tone(column[0], row)) for column in columns)


def _cell(column: Column, row: ProcessRow) -> str:
    key, _, width, right = column
    text = str(getattr(row, key))
    if key == "progress":
        text = text[1 - width :]
    return fit(text, width - 1, right=right) + " "


def _tone(column: str, row: ProcessRow) -> str:
    """The tone of a cell: the state's where it speaks of the state."""
    if column in ("process", "state"):
        return row.state
    if column == "progress":
        return row.state if row.state in ("running", "error") else "muted"
    if column == "errors":
        return "error" if row.errors != "0" else "muted"
    if column == "step":
        return row.state if row.state in ("error", "blocked") else ""
    return "muted" if row.state == "off" else ""
