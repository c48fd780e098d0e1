"""Screen 2: every table, as long as it may be, and what one can do with its rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import count, plural
from corpsync_tui.queries.browse import Browser, Listing
from corpsync_tui.queries.browse_types import (
    BrowseColumn,
    BrowseRow,
    BrowseTable,
    Detail,
    Key,
    View,
)
from corpsync_tui.service.api import SyncService
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.tui.dialogs.choices import (
    Choice,
    ChoiceDialog,
    ColumnsDialog,
    NameDialog,
)
from corpsync_tui.tui.dialogs.moment import MomentDialog
from corpsync_tui.tui.dialogs.movements import show_movements
from corpsync_tui.tui.screens.boards.member import open_member
from corpsync_tui.tui.screens.data.copying import (
    as_csv,
    as_lines,
    as_multibuy,
    copied_texts,
    multibuy_columns,
)
from corpsync_tui.tui.screens.data.difference import DifferenceDialog
from corpsync_tui.tui.screens.data.groups import GroupsDialog
from corpsync_tui.tui.screens.data.period import time_column, turn_period
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.data.state import Place, usual_columns
from corpsync_tui.tui.screens.data.values import rows_text
from corpsync_tui.tui.screens.data.view import DataView
from corpsync_tui.tui.screens.table_screen import ROWS_COPIED
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.virtual_table import VirtualTable

VIEW, FORGET = "view ", "forget "
"""What the ids of saved views begin with in the list of tables: to show one, to forget it."""
LEAST_WIDTH = 4
"""Cells of a column that was made narrow."""
MEMBERS = "member"
"""The table whose rows open the page of a member."""


class TableDialog(ChoiceDialog):
    """Asks for a table or a saved view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "forget", "Forget", tooltip="Forget the saved view under the cursor"),
    ]

    def action_forget(self) -> None:
        """Forget a saved view."""
        if (chosen := self.chosen) is not None and chosen.startswith(VIEW):
            self.dismiss(FORGET + chosen.removeprefix(VIEW))
        else:
            self.tell("Only saved views can be forgotten")


class DataScreen(DataView):
    """What one can do with the rows: choose tables and columns, open, copy and export."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "pick_table", "Table", id="pick_table", tooltip="Choose a table"),
        Binding("slash", "filter", "Filter", id="filter_rows", tooltip="Show only matching rows"),
        Binding("f", "period", "Period", id="period", tooltip="The last 7 days, 24 hours, 30, all"),
        Binding("o", "sort", "Sort", id="sort", tooltip="Sort by the column under the cursor"),
        Binding("space", "mark", "Mark", id="mark", tooltip="Mark the row: Y and e act on those"),
        Binding("b", "group", "Group", id="group", tooltip="Group the rows by this column"),
        Binding("v", "columns", "Columns", id="columns", tooltip="Choose the columns"),
        Binding("y", "copy_cell", "Copy cell", id="copy_cell", tooltip="Copy the cell"),
        Binding("Y", "copy", "Copy rows", id="copy_rows", tooltip="Copy rows, as CSV or multibuy"),
        Binding("e", "export", "Export", id="export", tooltip="Write what is shown to a file"),
        Binding(
            "c", "corporation", "Corporation", id="corporation", tooltip="Narrow to one corporation"
        ),
        Binding("w", "save_view", "Save view", id="save_view", tooltip="Keep this view by a name"),
        Binding("at", "past", "As of", id="past", tooltip="Show tables as they were at a moment"),
        Binding("D", "compare", "Diff", id="compare", tooltip="What differs between two moments"),
        Binding(
            "M",
            "movements",
            "Movements",
            id="movements",
            tooltip="What became of this thing, container or fuel bay, and who did it",
        ),
        Binding("less_than_sign", "widen(-2)", "Narrower", show=False, tooltip="Narrow the column"),
        Binding("greater_than_sign", "widen(2)", "Wider", show=False, tooltip="Widen the column"),
        Binding(
            "shift+left", "shift(-1)", "Column left", show=False, tooltip="Move the column left"
        ),
        Binding(
            "shift+right", "shift(1)", "Column right", show=False, tooltip="Move the column right"
        ),
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
            "escape",
            "back",
            "Back",
            show=False,
            tooltip="Unmark, show all rows, those of now, then go back",
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
        views = self._state.views
        choices = [Choice("", "Saved views", heading=True)] if views else []
        choices += [
            Choice(f"{VIEW}{name}", name, browser.tables[view.table].title)
            for name, view in views.items()
            if view.table in browser.tables
        ]
        process = ""
        for name, table in browser.tables.items():
            if table.process_type != process:
                process = table.process_type
                choices.append(Choice(process, process_title(process), heading=True))
            choices.append(Choice(name, table.title, plural(rows.get(name, 0), "row")))

        def take(name: str | None) -> None:
            if name is None:
                return
            if name.startswith(FORGET):
                self._state.views.pop(name.removeprefix(FORGET), None)
                self._save()
                self.action_pick_table()
            elif name.startswith(VIEW):
                self.show_view(name.removeprefix(VIEW))
            else:
                self.show_table(name)

        self.show_box(TableDialog("Table", choices, self._state.table), take)

    def show_view(self, name: str) -> None:
        """Show a table as it was saved under this name."""
        if self._browser is None:
            self._first = partial(self.show_view, name)
            return
        view = self._state.views[name]
        self._state.take_view(view)
        self.restore(Place(view.table, view.filter))

    def action_save_view(self) -> None:
        """Ask for a name, and keep what is shown under it."""
        if not self.is_open:
            return

        def take(name: str | None) -> None:
            if name is not None:
                self._state.save_view(name, self.table, self._filter)
                self._save()
                self.corpsync.tell(f"Kept as {name}: t shows it again")

        self.show_box(NameDialog("Save this view as"), take)

    def action_turn(self, by: int) -> None:
        """The next table, or the one before."""
        if self._browser is not None and self._state.table:
            names = list(self._browser.tables)
            self.show_table(names[(names.index(self._state.table) + by) % len(names)])

    def action_columns(self) -> None:
        """Choose which columns are shown."""
        if not self.is_open:
            return
        shown = self.wanted_columns()
        others = [c.name for c in self.table.columns if c.name not in shown]
        titles = [(name, title_of_column(name)) for name in shown + others]
        usual = usual_columns(self.table, with_corporation=self._corporation is None)

        def take(names: list[str] | None) -> None:
            if names is not None and names != shown:
                if names == usual:
                    self._state.columns.pop(self.table.name, None)
                else:
                    self._state.columns[self.table.name] = names
                self.reload()
                self._save()

        self.show_box(ColumnsDialog(titles, shown, usual), take)

    def action_widen(self, by: int) -> None:
        """Make the column under the cursor wider or narrower."""
        if self._listing is not None:
            column = self.grid.columns[self.grid.column]
            widths = self._state.widths.setdefault(self.table.name, {})
            widths[column.name] = max(LEAST_WIDTH, column.width + by)
            shown = list(self.grid.columns)
            shown[self.grid.column] = replace(column, width=widths[column.name])
            self.grid.show_columns(shown)
            self._save()

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor among the others."""
        if not self.is_open:
            return
        names, name = self.wanted_columns(), self.grid.columns[self.grid.column].name
        to = names.index(name) + by if name in names else -1
        if 0 <= to < len(names):
            names.remove(name)
            names.insert(to, name)
            self._state.columns[self.table.name] = names
            self.reload(keep=True)
            self._save()

    def sort_by(self, number: int) -> None:
        """Sort by a column of those on screen; by the same once more the other way round."""
        if self._state.table and number < len(self.columns):
            column = self.columns[number]
            if column.kind == "json":
                self.tell(f"{title_of_column(column.name)} cannot be sorted by: enter shows it")
                return
            self._state.sort(self.table, column.name)
            self.reload()
            self._save()

    def action_mark(self) -> None:
        """Mark the row, or do not any more, and go to the next."""
        row = self._current()
        if row is None:
            self.tell("There is no row here to mark")
        elif row.key not in self.marked and len(self.marked) == ROWS_COPIED:
            self.tell(f"No more than {count(ROWS_COPIED)} rows can be marked: / narrows them")
        else:
            if row.key in self.marked:
                del self.marked[row.key]
            else:
                self.marked[row.key] = None
            self.grid.action_move(1)
            self.grid.refresh()
            self.show_sums()

    def action_group(self) -> None:
        """Group the rows by the column under the cursor."""
        if self._listing is None or not self._listing.rows:
            self.tell("There are no rows to group")
        elif (column := self.columns[self.grid.column]).kind == "json":
            self.tell(f"{title_of_column(column.name)} cannot be grouped by: enter shows it")
        else:
            self.work(self._group(self._listing, column), "detail")

    async def _group(self, listing: Listing, column: BrowseColumn) -> None:
        summed = [c for c in self.summed_columns(listing) if c is not column]
        try:
            groups = await listing.groups(column.name, [c.name for c in summed])
        except CorpsyncError as error:
            self.tell(error.message)
            return
        shown = None if self._listing is None else replace(self._listing.view, now=listing.view.now)
        if shown != listing.view:
            return  # another table or another filter was chosen before this was counted

        def take(term: str | None) -> None:
            if term is not None:
                self.query_one(FilterBar).show_text(f"{self._filter.strip()} {term}".strip())

        title = f"{self.table.title} by {title_of_column(column.name)}"
        self.show_box(GroupsDialog(title, column, summed, groups, self.moment), take)

    def action_period(self) -> None:
        """Show the rows of the last days, by the time under the cursor or that of the newest."""
        if not self.is_open:
            return
        column = time_column(self.table, self.columns[self.grid.column])
        if column is None:
            self.tell(f"{self.table.title} have no time to go by")
        else:
            self.query_one(FilterBar).show_text(turn_period(self._filter, column))

    def action_corporation(self) -> None:
        """Narrow to the next corporation, and after the last one to all."""
        if self.narrow_to_next():
            self.show_header()
            self.reload()

    def action_compare(self) -> None:
        """Ask for two moments, and show what happened to the table in between."""
        if not self.is_open:
            return

        def take(moments: list[float] | None) -> None:
            if moments is not None:
                self.work(self._compare(table, *moments), "detail")

        table = self.table
        what = f"{table.title}: what differs between"
        self.show_box(MomentDialog(what, ["From", "To"]), take)

    async def _compare(self, table: BrowseTable, start: float, end: float) -> None:
        now = self.now.timestamp()
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
        self.show_box(DifferenceDialog(table.name, title, found))

    # One row

    @on(VirtualTable.Opened)
    def _open_row(self) -> None:
        row = self._current()
        if row is None or self._browser is None or self._listing is None:
            return
        browser, view = self._browser, self._listing.view

        def show_detail() -> None:
            self.work(self._show_detail(browser, view, row), "detail")

        if view.table == MEMBERS and self._at is None:
            corporation_id, character_id = row.key
            self.work(open_member(self, character_id, corporation_id, show_detail), "detail")
        else:
            show_detail()

    async def _show_detail(self, browser: Browser, view: View, row: BrowseRow) -> None:
        try:
            detail = await browser.detail(view, row.key)
        except CorpsyncError as error:
            self.tell(error.message)
            return
        if detail is None:
            self.tell("That row was removed since; the table follows")
        else:
            self._show_box_of(detail)

    def _show_box_of(self, detail: Detail) -> None:
        def take(character_id: int | None) -> None:
            if character_id is not None:
                self.work(open_member(self, character_id, detail.key[0]), "detail")

        self.show_box(RowDetail(detail, self.moment), take)

    def action_movements(self) -> None:
        """Show what became of what the row stands for."""
        row = self._current()
        if row is None:
            self.tell("There is no row here to follow")
        else:
            corporation_id, *identity = row.key
            row_key = dict(zip(self.table.key[1:], identity, strict=True))
            self.work(show_movements(self, self.table.name, corporation_id, row_key), "detail")

    # Copy and export

    def action_copy_cell(self) -> None:
        """Copy the cell under the cursor."""
        row = self._current()
        if row is None:
            self.tell("There is no row here to copy")
            return
        self.corpsync.copy(copied_texts(self.columns, row, self.moment)[self.grid.column])

    def action_copy(self) -> None:
        """Choose what of the rows is copied, and how."""
        if self._current() is None or self._listing is None:
            self.tell("There is no row here to copy")
            return
        which = [("row", "This row", "")]
        if self.marked:
            which.append(("marked", "Marked", f"{plural(len(self.marked), 'row')}, "))
        rows, box = self._listing.rows, "Copy"
        if rows <= ROWS_COPIED:
            which.append(("all", "All shown", f"{plural(rows, 'row')}, "))
        else:
            which.append(("all", f"First {count(ROWS_COPIED)} of {count(rows)}", ""))
            box = "Copy · e writes all"
        how = [("text", "as they read"), ("csv", "as CSV")]
        if multibuy_columns(self.table) is not None:
            how.append(("multibuy", "for the game's multibuy"))
        choices = [
            Choice(f"{part} {form}", title, f"{number}{words}")
            for part, title, number in which
            for form, words in how
        ]
        self.show_box(ChoiceDialog(box, choices), self._take_copy)

    def _take_copy(self, choice: str | None) -> None:
        if choice is not None and self._listing is not None:
            which, _, how = choice.partition(" ")
            multibuy = multibuy_columns(self.table) if how == "multibuy" else None
            columns = [self.table.column(n) for n in multibuy] if multibuy else self.columns
            marked = tuple(self.marked) if which == "marked" else ()
            part = (self.grid.cursor, 1) if which == "row" else (0, ROWS_COPIED)
            self.work(self._copy(self._listing, columns, marked, part, how), "copy")

    async def _copy(
        self,
        listing: Listing,
        columns: Sequence[BrowseColumn],
        marked: tuple[Key, ...],
        part: tuple[int, int],
        how: str,
    ) -> None:
        """Copy the marked rows, or without any those of a part: first place and number."""
        try:
            names = [column.name for column in columns]
            if marked:
                rows = await listing.chosen(marked, names)
            else:
                rows = await listing.window(*part, names)
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
            self.corpsync.copy(text, "" if how == "multibuy" else plural(len(rows), "row"))
        else:
            self.tell("Nothing here can be bought: multibuy wants a type with a name")

    def action_export(self) -> None:
        """Ask for a file, and write what is shown into it."""
        if self._listing is None:
            self.tell("Nothing is shown yet")
            return
        marked = tuple(self.marked)
        rows = rows_text(self._listing.rows, complete=self._listing.complete)
        if marked:
            rows = plural(len(marked), "marked row")
        what = f"{self.table.title}, {rows}"
        view = replace(self._listing.view, keys=marked)

        def write(service: SyncService, file: Path) -> Awaitable[int]:
            return service.export(view, view.searched, file)

        self.ask_for_file(what, self.table.name, write)
