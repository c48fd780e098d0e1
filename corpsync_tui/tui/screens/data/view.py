"""What the Data screen shows: one table in its order, following the syncs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import count
from corpsync_tui.queries.as_of import TooEarlyError
from corpsync_tui.queries.browse import Browser, Listing
from corpsync_tui.queries.browse_filter import parse_filter, words_found
from corpsync_tui.queries.browse_types import BrowseColumn, BrowseRow, BrowseTable, Key, View
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.data.copying import cell_texts
from corpsync_tui.tui.screens.data.state import DataState, Place
from corpsync_tui.tui.screens.data.values import (
    rows_text,
    shown_columns,
    value_text,
)
from corpsync_tui.tui.screens.table_screen import TableScreen
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.sync_state import RunRecorded
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.pages import Pages
from corpsync_tui.tui.widgets.virtual_table import ShownRow, VirtualTable

FIRST_ROWS = 100
"""Rows of a new order or filter that are shown before the rest is known."""
MARK = "✓"
LOOK_EVERY = 2.0
"""Seconds between two looks whether the file has changed."""
SHARE_OF_TIME = 30
"""The order of a long table is renewed so seldom that this takes a thirtieth of the time; a run
that changed the table renews it at once."""


class Rows:
    """The rows of a listing as the table's cells."""

    def __init__(
        self, pages: Pages[BrowseRow], columns: list[BrowseColumn], screen: DataView
    ) -> None:
        self.pages = pages
        self._columns = columns
        self._screen = screen

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.pages)

    def row(self, place: int) -> ShownRow | None:
        """A row, with its mark; muted where it was removed since."""
        row = self.pages.get(place)
        if row is None:
            return None
        texts = cell_texts(self._columns, row, self._screen.moment)
        if row.key in self._screen.marked:
            return ShownRow(texts, "waiting", (MARK, "waiting"))
        if row.gone:
            return ShownRow(texts, "muted")
        flows = self._screen.table.presentation.flows
        tones = {
            number: "success" if value > 0 else "error"
            for number, (column, value) in enumerate(zip(self._columns, row.values, strict=True))
            if column.name in flows and isinstance(value, int | float) and value
        }
        return ShownRow(texts, tones=tones)


class DataView(TableScreen):
    """One table at a time: what is shown of it, and how it keeps up with the syncs."""

    DEFAULT_CSS = """
    DataView #data-state, DataView #cell, DataView #sums { height: 1; padding: 0 1; }
    DataView #sums.-empty { display: none; }
    DataView Lines { text-wrap: nowrap; text-overflow: ellipsis; }
    DataView VirtualTable { height: 1fr; }
    """
    SHOWS = "Tables"

    def __init__(self) -> None:
        super().__init__()
        self._state = DataState()
        self._browser: Browser | None = None
        self._first: Callable[[], None] | None = None
        """What is to be shown as soon as there is anything."""
        self._goal: Key | None = None
        """The row that the cursor is to go to, once its place is known."""
        self._sought = False
        """Whether that row was asked for; else it is where one was, and may be shown no more."""
        self._places: dict[str, Place] = {}
        """Where one was in the tables that were left."""
        self.marked: dict[Key, None] = {}
        """The rows that were marked, in that order."""
        self._line: int | None = None
        """The line of the screen that the cursor is to be on, with the row that it goes to."""
        self._generation = 0
        self._fitted = 0
        """The width of the window that the columns were fitted to."""
        self._busy = ""
        self._listing: Listing | None = None
        self._rows: Rows | None = None
        self._next_look = 0.0

    def body(self) -> ComposeResult:
        """What is shown, the rows, the cell in full."""
        yield Lines(between="", id="data-state")
        yield VirtualTable(id="rows")
        yield Lines(between="", id="sums")
        yield FilterBar('words, type:rifter, quantity>1000, date>7d, -not, "two words"')
        yield Lines(between="", id="cell")

    def on_mount(self) -> None:
        """Find out what there is. The cell's line is painted together with the cursor."""
        self.watch(self.grid, "cursor", self._show_cell, init=False)
        self.watch(self.grid, "column", self._show_cell, init=False)
        self.work(self._open(), "open")

    async def _open(self) -> None:
        service = await self.corpsync.opened()
        self._browser = service.browser
        self._state = DataState.restored(self.corpsync.kept.get("data"))
        if self._first is not None:
            self._first()
            return
        table = self._state.table
        self.show_table(
            table if table in self._browser.tables else next(iter(self._browser.tables))
        )

    # What is shown

    @property
    def table(self) -> BrowseTable:
        """The table on screen."""
        assert self._browser is not None  # noqa: S101  (nothing is shown before)
        return self._browser.tables[self._state.table]

    @property
    def is_open(self) -> bool:
        """Whether a table is on screen, though its rows may be still to come."""
        return self._browser is not None and bool(self._state.table)

    @property
    def columns(self) -> list[BrowseColumn]:
        """The columns on screen; before there are rows, those that are to come."""
        if self._listing is not None:
            return self.columns_of(self._listing.view)
        return [self.table.column(name) for name in self.wanted_columns()]

    def columns_of(self, view: View) -> list[BrowseColumn]:
        """The columns that a view shows."""
        assert self._browser is not None  # noqa: S101  (there is no view before)
        table = self._browser.tables[view.table]
        return [table.column(name) for name in view.searched]

    def wanted_columns(self) -> list[str]:
        """The names of the columns that the director wants to see."""
        return self._state.shown(self.table, with_corporation=self._corporation is None)

    @property
    def _corporation(self) -> int | None:
        """The corporation whose rows are shown; None for those of several."""
        ids, chosen = self.corporations(), self.corpsync.corporation_id
        if chosen is None and len(ids) == 1:
            return ids[0]
        return chosen

    def show_process(self, process_type: str) -> None:
        """Show the first table of a process."""
        if self._browser is None:
            self._first = partial(self.show_process, process_type)
            return
        for name, table in self._browser.tables.items():
            if table.process_type == process_type and table.opens:
                self.show_table(name)

    def show_table(self, name: str) -> None:
        """Show another table, all of its rows, with the cursor where it was left."""
        if self._browser is None:
            self._first = partial(self.show_table, name)
            return
        left = self._places.get(name)
        self.restore(Place(name) if left is None else replace(left, filter=""))

    def show_row(self, table: str, corporation_id: int, row_key: Mapping[str, Any]) -> None:
        """Show one row where it stands among the others."""
        if self._browser is None:
            self._first = partial(self.show_row, table, corporation_id, row_key)
            return
        if self._corporation not in (None, corporation_id):
            self.corpsync.narrow(None)
        self._at = None
        _, *identity = self._browser.tables[table].key
        self.restore(Place(table, key=(corporation_id, *(row_key[name] for name in identity))))
        self._sought = True

    def place(self) -> Place | None:
        """Where one is; None where nothing is shown yet."""
        if not self.is_open:
            return None
        row = self._current()
        key = self._goal if row is None else row.key
        line = self.grid.cursor - int(self.grid.scroll_offset.y)
        return Place(self._state.table, self._filter, key, self.grid.column, line)

    def restore(self, place: Place | None) -> None:
        """Go to where one was."""
        if place is None:
            return
        if (left := self.place()) is not None:
            self._places[left.table] = left
        self._state.table, self._filter, self._goal = place.table, place.filter, place.key
        self._line, self._sought = place.line, False
        self.marked.clear()
        self.query_one(FilterBar).show_text(place.filter)
        self._rows = self._listing = None
        self.grid.start_over()
        self.grid.show_columns(shown_columns(self.columns, (), self.moment), margin=len(MARK))
        self.grid.column = min(place.column, max(0, len(self.columns) - 1))
        self.reload()
        self._save()

    def reload(self, *, keep: bool = False) -> None:
        """Ask for the rows anew; with `keep` the cursor stays on the row it is on."""
        if self._browser is None or not self._state.table:
            return
        keep = keep and self._listing is not None and self._listing.rows > 0
        self._generation += 1
        self._busy = "refreshing" if keep else "looking"
        self._show_state()
        names = self.wanted_columns()
        view = self._state.view(self.table, self._corporation, self._filter, names)
        view = replace(view, at=self._at, now=self.moment.timestamp())
        work = self._load(self._browser, view, self._generation, keep=keep)
        self.work(work, "listing", exclusive=True)

    async def _load(self, browser: Browser, view: View, generation: int, *, keep: bool) -> None:
        """The first rows at once, then all; what comes too late is dropped."""
        try:
            if not keep:
                first = await browser.listing(view, limit=FIRST_ROWS)
                rows = await first.window(0, FIRST_ROWS, view.searched)
                place = await self._goal_in(first) if first.complete else 0
                if generation != self._generation:
                    return
                self._show(first, rows, place)
                if first.complete:
                    return
            began = self.sync_state.clock.monotonic()
            whole = await browser.listing(view)
            took = self.sync_state.clock.monotonic() - began
            self._next_look = began + max(LOOK_EVERY, took * SHARE_OF_TIME)
            if generation != self._generation:
                return
            place = await self._place_in(whole)
            held = [] if keep or self._rows is None else self._rows.pages.held(0, FIRST_ROWS)
            if generation == self._generation:
                self._show(whole, held, place)
            await browser.warm(view)
        except CorpsyncError as error:
            if generation == self._generation:
                self._busy = ""
                self.tell(error.message)
                self._show_state()
                if isinstance(error, TooEarlyError):
                    self.show_at(None)

    async def _place_in(self, listing: Listing) -> int | None:
        """Where what was asked for is, or the row under the cursor; the same place without it."""
        if self._goal is not None:
            return await self._goal_in(listing)
        row = self._current()
        found = await listing.find(row.key) if row is not None and self.grid.cursor else None
        return self.grid.cursor if found is None else found

    async def _goal_in(self, listing: Listing) -> int | None:
        """Where the row that was asked for is; None where it is gone."""
        return 0 if self._goal is None else await listing.find(self._goal)

    def _show(self, listing: Listing, rows: list[BrowseRow], place: int | None) -> None:
        columns = self.columns_of(listing.view)
        names = [column.name for column in columns]
        read = partial(listing.window, columns=tuple(names))
        pages = Pages(listing.rows, read, self._read, self._landed)
        pages.put(rows)
        known = {column.name: column for column in self.grid.columns}
        if self._listing is None or rows or set(names) != set(known):
            self._fit(columns, rows)
        else:
            self.grid.show_columns([known[name] for name in names])
        order, descending = self._state.order(self.table)
        self.grid.sorted_by = None if order is None else (order, descending)
        self._listing, self._rows = listing, Rows(pages, columns, self)
        self._busy = "" if listing.complete else "looking"
        self.grid.found = words_found(parse_filter(self._filter, self.table))
        self.grid.show_rows(self._rows, cursor=place or 0, empty=self._empty(), line=self._line)
        if listing.complete:
            if place is None and self._sought:
                self.tell("That row is not in the table any more: 5 says what became of it")
            self._goal, self._line, self._sought = None, None, False
            pages.foresee_end()
            self.show_sums()
        self._show_state()
        self._show_cell()

    def _fit(self, columns: list[BrowseColumn], rows: list[BrowseRow]) -> None:
        """Columns as wide as these rows need; those made wider or narrower by hand stay so."""
        self._fitted = self.grid.size.width
        room = self._fitted - len(MARK) - 1
        widths = self._state.widths.get(self.table.name)
        self.grid.show_columns(shown_columns(columns, rows, self.moment, room, widths))

    def on_resize(self) -> None:
        """Columns are as wide as the screen lets them, as soon as rows are at hand."""
        if self._rows is None or self._fitted == self.grid.size.width:
            return
        pages, first = self._rows.pages, int(self.grid.scroll_offset.y)
        rows = pages.held(0, FIRST_ROWS) or pages.held(first, FIRST_ROWS)
        if rows or not len(pages):
            self._fit(self.columns, rows)
            self.grid.show_rows(self._rows, cursor=self.grid.cursor, empty=self._empty())

    def _read(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.work(coroutine, "rows")

    def _landed(self, first: int, number: int) -> None:
        if self._rows is not None and self._rows.pages.failure is not None:
            self.reload(keep=True)
        self.on_resize()  # which may have been while no row was at hand
        self.grid.rows_landed(first, number)
        self._show_cell()

    def _empty(self) -> list[Line]:
        if self._filter.strip():
            return [
                (" No row shows ", "muted"),
                (f"“{printable(self._filter.strip())}”", ""),
                (": esc shows all", "muted"),
            ]
        title = self.table.title.lower()
        if self._at is not None:
            return [(f" There were no {title} then: esc shows those of now", "muted")]
        process = process_title(self.table.process_type)
        return [
            (f" No {title} yet: press ", "muted"),
            ("1", "strong"),
            (f", go to {process}, then press ", "muted"),
            ("s", "strong"),
        ]

    def _current(self) -> BrowseRow | None:
        return None if self._rows is None else self._rows.pages.get(self.grid.cursor)

    # The lines around

    @on(Tick)
    def _tick(self) -> None:
        if self.sync_state.clock.monotonic() >= self._next_look:
            self._look()

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self._look()

    def _look(self) -> None:
        if self._listing is None or self._busy:
            return
        self._next_look = self.sync_state.clock.monotonic() + LOOK_EVERY
        if self._listing.view.corporation_id != self._corporation:
            self.reload()  # narrowed on another screen, or the first of a second corporation
        else:
            self.work(self._renew(self._listing), "look")

    async def _renew(self, listing: Listing) -> None:
        """Read the rows anew where the file has changed since they were put in order."""
        try:
            if await listing.outdated() and listing is self._listing:
                self.reload(keep=True)
        except CorpsyncError as error:
            self.tell(error.message)

    @on(RunRecorded)
    def _take_run(self, event: RunRecorded) -> None:
        """A run of this table's process that changed something shows at once."""
        if (
            self._listing is not None
            and self._at is None
            and any(
                run.process_type == self.table.process_type
                and (run.rows_added or run.rows_changed or run.rows_removed)
                for run in event.runs
            )
        ):
            self.reload(keep=True)

    def _show_state(self) -> None:
        title = self.table.title
        parts: list[Line] = [(f"{title}  ", "title")]
        if self._listing is not None:
            parts.append((rows_text(self._listing.rows, complete=self._listing.complete), "strong"))
        order, descending = self._state.order(self.table)
        if order is not None:
            parts.append((f" · by {title_of_column(order)} {'↓' if descending else '↑'}", ""))
        if self._filter.strip():
            parts.append((f" · with “{printable(self._filter.strip())}”", "waiting"))
        if self.as_of:
            parts.insert(1, (f"{self.as_of}  ", "waiting"))
        if self._busy:
            parts.append((f" · {self._busy}…", "muted"))
        self.query_one("#data-state", Lines).show(parts)

    def summed_columns(self, listing: Listing) -> list[BrowseColumn]:
        """The columns of which a sum means something."""
        assert self._browser is not None  # noqa: S101  (there is no listing before)
        table = self._browser.tables[listing.view.table]
        return [c for c in self.columns_of(listing.view) if table.summed(c.name)]

    def show_sums(self) -> None:
        """Add up what is shown, or what is marked of it."""
        if self._listing is not None:
            self.work(self._add_up(self._listing), "sums")

    async def _add_up(self, listing: Listing) -> None:
        if listing is not self._listing:
            return  # another table was chosen before this began
        summed = self.summed_columns(listing)
        marked = tuple(self.marked)
        sums: list[float | None] = []
        if summed and listing.rows:
            try:
                sums = await listing.sums([column.name for column in summed], marked)
            except CorpsyncError:
                return  # the rows say why
        if listing is not self._listing or marked != tuple(self.marked):
            return
        parts: list[Line] = [(f"{MARK} {count(len(marked))} marked", "waiting")] if marked else []
        for column, total in zip(summed, sums, strict=False):
            if total is not None:
                title = f"{'  ' if parts else ''}Σ {title_of_column(column.name)} "
                parts.append((title, "muted"))
                parts.append((value_text(column.kind, total, None, self.now), "strong"))
        line = self.query_one("#sums", Lines)
        line.set_class(not parts, "-empty")
        line.show(parts)

    def _show_cell(self) -> None:
        """The cell under the cursor in full, and where its row stands."""
        row, line = self._current(), self.query_one("#cell", Lines)
        if row is None or self._rows is None or not self.columns:
            line.show([])
            return
        place = f"{count(self.grid.cursor + 1)}/{count(len(self._rows))}  "
        number = min(self.grid.column, len(self.columns) - 1)
        column, text = self.columns[number], cell_texts(self.columns, row, self.moment)[number]
        if row.gone:
            text = "removed since"
        elif column.moving and self._at is not None:
            text += "  (the newest: it moves all the time, and no past of it is kept)"
        line.show([(place, "muted"), (f"{title_of_column(column.name)}  ", "muted"), (text, "")])

    # Filter and order

    def narrow_rows(self) -> None:
        """Show the rows that meet the conditions."""
        self.reload()

    def action_back(self) -> None:
        """Unmark; show all rows; those of now; then back to the screen that one came from."""
        if self.marked:
            self.marked.clear()
            self.grid.refresh()
            self.show_sums()
        else:
            super().action_back()

    def _save(self) -> None:
        self.corpsync.save("data", self._state.kept())
