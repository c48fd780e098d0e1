"""The live table of the processes: one row each, written cell by cell where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.theme import Theme
from textual.widgets import DataTable

from corpsync_tui.format.amounts import title_of
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.sync.text import ProcessRow, process_row
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.tones import rich_styles

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


def columns_for(terminal: int, width: int) -> list[Column]:
    """The columns for a terminal that leaves the table a width; the step takes what is left."""
    columns = list(_ALWAYS)
    if width < _ROOM_FOR_BARS:
        columns[2] = ("progress", "", 5, True)
    if terminal >= 100:
        columns.append(_LAST_OK)
    if terminal >= 120:
        columns.append(_ITEMS)
    left = width - 1 - sum(column[2] for column in columns)
    return [
        (key, label, size or max(_LEAST_STEP, left), right) for key, label, size, right in columns
    ]


PAINTED_HELD = 500
"""Painted cells, rows and lines that are held. Each change of a cell makes all of them useless, and
Textual's 10,000 grow to some 8 MiB within an hour of syncs."""


class ProcessTable(Supervised, DataTable[Text], inherit_bindings=False):
    """The processes of one corporation, or of several under a heading each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", "Down", show=False, tooltip="To the next row"),
        Binding("k,up", "cursor_up", "Up", show=False, tooltip="To the row before"),
        Binding("g,home", "scroll_top", "First", show=False, tooltip="To the first row"),
        Binding("G,end", "scroll_bottom", "Last", show=False, tooltip="To the last row"),
        Binding("pagedown", "page_down", "Page down", show=False, tooltip="One page down"),
        Binding("pageup", "page_up", "Page up", show=False, tooltip="One page up"),
        Binding(
            "enter",
            "select_cursor",
            "Open",
            show=False,
            tooltip="Open the table of this process",
        ),
    ]

    def __init__(self, sync_state: SyncState, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", cell_padding=0, zebra_stripes=False)
        for cache in (self._cell_render_cache, self._row_render_cache, self._line_cache):
            cache.maxsize = PAINTED_HELD
        self._sync_state = sync_state
        self._columns: list[Column] = []
        self._process_ids: list[str] = []
        self._titles: list[str] = []
        self._rows: dict[str, ProcessRow] = {}
        self._styles: dict[str, Style] = {}

    @property
    def current(self) -> str | None:
        """The process under the cursor."""
        if not self.row_count:
            return None
        key = self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value
        return None if key is None or key.startswith(HEADING) else key

    @property
    def process_ids(self) -> list[str]:
        """The processes that are shown, in their order."""
        return list(self._process_ids)

    def show(self, process_ids: Sequence[str], now: datetime) -> None:
        """Show these processes, touching only the cells that read differently."""
        titles = self._titles_of(process_ids)
        if (list(process_ids), titles) != (self._process_ids, self._titles):
            self._process_ids, self._titles = list(process_ids), titles
            self._rebuild(now)
            return
        for process_id in self._process_ids:
            row = process_row(self._sync_state, process_id, now)
            before = self._rows.get(process_id)
            if row != before:
                self._rows[process_id] = row
                self._write(process_id, row, before)

    def go_to(self, process_id: str) -> None:
        """Put the cursor on a process that is shown."""
        if process_id in self._rows:
            self.move_cursor(row=self.get_row_index(process_id), scroll=True, animate=False)

    def _titles_of(self, process_ids: Sequence[str]) -> list[str]:
        """What the headings read: a corporation's name may come after its processes."""
        owners = dict.fromkeys(self._sync_state.status(p).corporation_id for p in process_ids)
        found = [self._sync_state.corporation(owner) for owner in owners]
        return [title_of(corporation.name, corporation.ticker) for corporation in found]

    def on_mount(self) -> None:
        """Colours follow the theme; the columns stand in the first frame already."""
        self.app.theme_changed_signal.subscribe(self, self._take_theme)
        self._styles = rich_styles(self.app.theme_variables)
        self._fit()

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._fit()

    def watch_show_vertical_scrollbar(self) -> None:
        """A scrollbar takes its cell from the step."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        whole = self.app.size.width
        room = self.scrollable_content_region.width or whole - self.gutter.width
        columns = columns_for(whole, room)
        if columns != self._columns:
            self._columns = columns
            self._rebuild(self._sync_state.clock.now())

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """Headings take no stop: the cursor goes on the way it was going."""
        row, column = super().validate_cursor_coordinate(value)
        upwards = row < self.cursor_coordinate.row
        while upwards and row >= 0 and self._is_heading(row):
            row -= 1
        row = max(row, 0)
        while row < self.row_count - 1 and self._is_heading(row):
            row += 1
        return Coordinate(row, column)

    def _is_heading(self, row: int) -> bool:
        if not 0 <= row < self.row_count:
            return False
        key = self.coordinate_to_cell_key(Coordinate(row, 0)).row_key.value
        return key is not None and key.startswith(HEADING)

    def _take_theme(self, _theme: Theme) -> None:
        self._styles = rich_styles(self.app.theme_variables)
        self._rebuild(self._sync_state.clock.now())

    def _rebuild(self, now: datetime) -> None:
        """Write the whole table anew, with the cursor on the process it was on."""
        if not self._columns:
            return
        here = self.current
        self.clear(columns=True)
        for key, label, width, right in self._columns:
            text = label.rjust(width - 1) + " " if right else label
            self.add_column(Text(text, no_wrap=True), key=key, width=width)
        self._rows = {}
        corporation_id = None
        several = len({self._sync_state.status(p).corporation_id for p in self._process_ids}) > 1
        for process_id in self._process_ids:
            owner = self._sync_state.status(process_id).corporation_id
            if several and owner != corporation_id:
                self._add_heading(owner)
            corporation_id = owner
            row = self._rows[process_id] = process_row(self._sync_state, process_id, now)
            cells = [self._cell(column, row) for column in self._columns]
            self.add_row(*cells, key=process_id)
        if self._process_ids:
            target = here if here in self._rows else self._process_ids[0]
            self.move_cursor(row=self.get_row_index(target), scroll=True, animate=False)

    def _add_heading(self, corporation_id: int) -> None:
        """A row that names the corporation, its text running through all columns."""
        corporation = self._sync_state.corporation(corporation_id)
        total = sum(width for _, _, width, _ in self._columns)
        rest = fit(f"─ {title_of(corporation.name, corporation.ticker)} ", total).rstrip()
        text = Text(rest + " ", style=self._styles["title"], no_wrap=True)
        text.pad_right(max(0, total - text.cell_len), "─")
        cells = text.divide(_offsets(text.plain, [width for _, _, width, _ in self._columns]))
        self.add_row(*cells, key=f"{HEADING}{corporation_id}")

    def _write(self, process_id: str, row: ProcessRow, before: ProcessRow | None) -> None:
        recoloured = before is None or before.state != row.state
        for column in self._columns:
            key = column[0]
            if recoloured or getattr(row, key) != getattr(before, key):
                self.update_cell(process_id, key, self._cell(column, row))

    def _cell(self, column: Column, row: ProcessRow) -> Text:
        key, _, width, right = column
        text = str(getattr(row, key))
        if key == "progress":
            text = text[1 - width :]
        text = fit(text, width - 1, right=right)
        return Text(text, style=self._styles[_tone(key, row)], no_wrap=True, end="")


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


def _offsets(text: str, widths: Sequence[int]) -> list[int]:
    """Where to cut a text so that its pieces fill columns of these widths."""
    cuts: list[int] = []
    edge = 0
    for width in widths[:-1]:
        edge += width
        place = cuts[-1] if cuts else 0
        while place < len(text) and cell_len(text[:place]) < edge:
            place += 1
        cuts.append(place)
    return cuts
