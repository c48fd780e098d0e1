"""Screen 2: every table, as long as it may be, and what one can do with its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural
from corpsync_tui.queries.browse import Browser, Listing
from corpsync_tui.queries.browse_types import BrowseRow, View
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog, ColumnsDialog, FileDialog
from corpsync_tui.tui.dialogs.moment import MomentDialog
from corpsync_tui.tui.screens.data.copying import (
    ROWS_COPIED,
    as_csv,
    as_lines,
    as_multibuy,
    cell_texts,
    multibuy_columns,
)
from corpsync_tui.tui.screens.data.difference import DifferenceDialog
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.data.state import usual_columns
from corpsync_tui.tui.screens.data.values import rows_text, title_of_column
from corpsync_tui.tui.screens.data.view import DataView
from corpsync_tui.tui.widgets.virtual_table import VirtualTable


class DataScreen(DataView):
    """What one can do with the rows: choose tables and columns, open, copy and export."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "pick_table", "Table", id="pick_table", tooltip="Choose a table"),
        Binding("slash", "filter", "Filter", id="filter_rows", tooltip="Show only matching rows"),
        Binding("o", "sort", "Sort", id="sort", tooltip="Sort by the column under the cursor"),
        Binding("v", "columns", "Columns", id="columns", tooltip="Choose the columns"),
        Binding("y", "copy_cell", "Copy cell", id="copy_cell", tooltip="Copy the cell"),
        Binding("Y", "copy", "Copy rows", id="copy_rows", tooltip="Copy rows, as CSV or multibuy"),
        Binding("e", "export", "Export", id="export", tooltip="Write what is shown to a file"),
        Binding(
            "c", "corporation", "Corporation", id="corporation", tooltip="Narrow to one corporation"
        ),
        Binding("at", "past", "As of", id="past", tooltip="Show tables as they were at a moment"),
        Binding("D", "compare", "Diff", id="compare", tooltip="What differs between two moments"),
        Binding(
            "left_square_bracket",
            "turn(-1)",
            "Table before",
            show=False,
            tooltip="The table before",
        ),
        Binding(
            "right_square_bracket", "turn(1)", "Next table", show=False, tooltip="The next table"
        ),
        Binding(
            "escape", "back", "Back", show=False, tooltip="Show all rows, then the Sync screen"
        ),
    ]

    # Tables and columns

    def action_pick_table(self) -> None:
        """Choose a table."""
        if self._browser is not None:
            self.work(self._pick_table(self._browser), "pick")

    async def _pick_table(self, browser: Browser) -> None:
        try:
            rows = await browser.counts(self._corporation)
        except CorpsyncError as error:
            self.tell(error.message)
            return
        choices: list[Choice] = []
        process = ""
        for name, table in browser.tables.items():
            if table.process_type != process:
                process = table.process_type
                choices.append(Choice(process, process_title(process), heading=True))
            choices.append(Choice(name, table.title, plural(rows.get(name, 0), "row")))

        def take(name: str | None) -> None:
            if name is not None:
                self.show_table(name)

        self.app.push_screen(ChoiceDialog("Table", choices, self._state.table), take)

    def action_turn(self, by: int) -> None:
        """The next table, or the one before."""
        if self._browser is not None and self._state.table:
            names = list(self._browser.tables)
            self.show_table(names[(names.index(self._state.table) + by) % len(names)])

    def action_columns(self) -> None:
        """Choose which columns are shown."""
        if self._listing is None:
            return
        shown = [column.name for column in self.columns]
        others = [c.name for c in self.table.columns if c.name not in shown]
        titles = [(name, title_of_column(name)) for name in shown + others]
        usual = usual_columns(self.table, with_corporation=self._corporation is None)

        def take(names: list[str] | None) -> None:
            if names is not None and names != shown:
                if names == usual:
                    self._state.columns.pop(self.table.name, None)
                else:
                    self._state.columns[self.table.name] = names
                self._listing = None
                self.reload()
                self._save()

        self.app.push_screen(ColumnsDialog(titles, shown, usual), take)

    def action_corporation(self) -> None:
        """Narrow to the next corporation, and after the last one to all."""
        if self.narrow_to_next():
            self.show_header()
            self._listing = None
            self.reload()

    def action_past(self) -> None:
        """Ask for a moment, and show tables as of it."""

        def take(moments: list[float] | None) -> None:
            if moments is not None:
                self.show_at(moments[0])

        self.app.push_screen(MomentDialog("Tables as of", ["Moment"]), take)

    def action_compare(self) -> None:
        """Ask for two moments, and show what happened to the table in between."""
        if self._browser is None or not self._state.table:
            return

        def take(moments: list[float] | None) -> None:
            if moments is not None:
                self.work(self._compare(*moments), "detail")

        what = f"{self.table.title}: what differs between"
        self.app.push_screen(MomentDialog(what, ["From", "To"]), take)

    async def _compare(self, start: float, end: float) -> None:
        table, now = self.table, self.now.timestamp()
        service = await self.corpsync.opened()
        try:
            found = await service.difference(
                table.name, start, end if end < now else None, self._corporation
            )
        except CorpsyncError as error:
            self.tell(error.message)
            return
        first, last = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}" for at in (start, end))
        title = f"{table.title}, {first} to {last} EVE"
        self.app.push_screen(DifferenceDialog(table.name, title, found))

    # One row

    @on(VirtualTable.Opened)
    def _open_row(self) -> None:
        row = self._current()
        if row is not None and self._browser is not None and self._listing is not None:
            self.work(self._show_detail(self._browser, self._listing.view, row), "detail")

    async def _show_detail(self, browser: Browser, view: View, row: BrowseRow) -> None:
        try:
            detail = await browser.detail(view, row.key)
        except CorpsyncError as error:
            self.tell(error.message)
            return
        if detail is None:
            self.tell("That row was removed since; the table follows")
        else:
            self.app.push_screen(RowDetail(detail, self.moment))

    # Copy and export

    def action_copy_cell(self) -> None:
        """Copy the cell under the cursor."""
        row = self._current()
        if row is None:
            self.tell("There is no row here to copy")
            return
        self.corpsync.copy(cell_texts(self.columns, row, self.moment)[self.grid.column])

    def action_copy(self) -> None:
        """Choose what of the rows is copied, and how."""
        if self._current() is None or self._listing is None:
            self.tell("There is no row here to copy")
            return
        shown = rows_text(min(self._listing.rows, ROWS_COPIED), complete=True)
        choices = [
            Choice("row text", "This row", "as it reads"),
            Choice("row csv", "This row", "as CSV"),
            Choice("all text", "All shown", f"{shown}, as they read"),
            Choice("all csv", "All shown", f"{shown}, as CSV"),
        ]
        if multibuy_columns(self.table) is not None:
            choices.insert(2, Choice("row multibuy", "This row", "for the game's multibuy"))
            choices.append(Choice("all multibuy", "All shown", f"{shown}, for multibuy"))
        self.app.push_screen(ChoiceDialog("Copy", choices), self._take_copy)

    def _take_copy(self, choice: str | None) -> None:
        if choice is not None and self._listing is not None:
            which, _, how = choice.partition(" ")
            start, number = (self.grid.cursor, 1) if which == "row" else (0, ROWS_COPIED)
            self.work(self._copy(self._listing, start, number, how), "copy")

    async def _copy(self, listing: Listing, start: int, number: int, how: str) -> None:
        multibuy = multibuy_columns(self.table) if how == "multibuy" else None
        columns = [self.table.column(n) for n in multibuy] if multibuy else self.columns
        try:
            rows = await listing.window(start, number, [column.name for column in columns])
        except CorpsyncError as error:
            self.tell(error.message)
            return
        texts: dict[str, Callable[[], str]] = {
            "text": lambda: as_lines(columns, rows, self.moment),
            "csv": lambda: as_csv(columns, rows),
            "multibuy": lambda: as_multibuy(rows),
        }
        text = texts[how]()
        if text:
            self.corpsync.copy(text)
        else:
            self.tell("Nothing here can be bought: multibuy wants a type with a name")

    def action_export(self) -> None:
        """Ask for a file, and write what is shown into it."""
        if self._listing is None:
            self.tell("Nothing is shown yet")
            return
        rows = rows_text(self._listing.rows, complete=self._listing.complete)
        what = f"{self.table.title}, {rows}"
        path = Path.home() / f"corpsync-{self.table.name}-{self.moment:%Y%m%d-%H%M}.csv"

        def take(file: str | None) -> None:
            if file is not None and self._listing is not None:
                self.work(self._export(self._listing, Path(file).expanduser()), "export")

        self.app.push_screen(FileDialog(what, str(path)), take)

    async def _export(self, listing: Listing, file: Path) -> None:
        names = [column.name for column in self.columns]
        service = await self.corpsync.opened()
        try:
            rows = await service.export(listing.view, names, file)
        except CorpsyncError as error:
            self.tell(error.message)
        else:
            self.corpsync.tell(f"{plural(rows, 'row')} written to {file}")
