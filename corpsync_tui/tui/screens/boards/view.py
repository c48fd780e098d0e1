"""What the Boards screen shows: one board of one corporation, following the syncs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from corpsync_tui.boards.kit.board import Board, BoardChart, BoardColumn, Row
from corpsync_tui.boards.kit.read import HINT
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.queries.as_of import TooEarlyError
from corpsync_tui.service.boards import BoardPage
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.boards.text import (
    BoardRows,
    age_line,
    detail_lines,
    fit_columns,
    nothing_line,
    summary_line,
)
from corpsync_tui.tui.screens.figures import FiguresScreen
from corpsync_tui.tui.screens.table_screen import TableScreen
from corpsync_tui.tui.sync_state import RunRecorded
from corpsync_tui.tui.widgets.chart import Chart
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.virtual_table import MARGIN, VirtualTable


@dataclass(frozen=True, slots=True)
class Place:
    """What was shown, and the row under the cursor."""

    board: str
    variant: str = ""
    filter: str = ""
    row: object = None


class BoardsView(FiguresScreen, TableScreen):
    """One board at a time."""

    DEFAULT_CSS = """
    BoardsView #board-state, BoardsView #board-hint { height: 1; padding: 0 1; }
    BoardsView #board-summary { width: 1fr; }
    BoardsView #board-age { width: auto; padding: 0 0 0 2; }
    BoardsView #board-state Lines, BoardsView #board-hint {
        height: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    BoardsView VirtualTable { height: 1fr; padding: 0 0 0 1; overflow-x: auto; }
    BoardsView #board-detail {
        display: none; height: auto; max-height: 9; padding: 0 1;
        border-top: solid $border; border-title-color: $foreground;
    }
    BoardsView #board-hint { display: none; }
    BoardsView #board-hint.-shown, BoardsView #board-detail.-shown { display: block; }
    BoardsView.-low #board-detail.-shown { display: none; }
    """
    SHOWS = "Boards"

    def __init__(self) -> None:
        super().__init__()
        self._boards: Sequence[Board] = ()
        self._shown = ""
        self._variant = ""
        self._orders: dict[str, tuple[str, bool]] = {}
        """By board and variant: the column its rows are sorted by, and whether from its end."""
        self._page: BoardPage | None = None
        self._places: Sequence[int] = ()
        """The rows on screen, by their places on the page."""
        self._columns: list[int] = []
        """The columns on screen, alike."""
        self._goal: object = None
        """The row that the cursor is to go to, once it is shown."""

    def body(self) -> ComposeResult:
        """The answer in one line, the rows, and more of the one under the cursor."""
        with Horizontal(id="board-state"):
            yield Lines(between="", id="board-summary")
            yield Lines(between="", id="board-age")
        yield VirtualTable(id="board")
        yield FilterBar("words that a row must show, each anywhere")
        yield Chart()
        hint = Lines(id="board-hint")
        hint.show([(HINT, "waiting")])
        yield hint
        yield Lines(id="board-detail")

    def on_mount(self) -> None:
        """The line below follows the cursor."""
        self.watch(self.grid, "cursor", self._show_detail, init=False)
        kept = self.corpsync.kept.get("boards")
        if isinstance(kept, dict) and not self._shown:
            self._shown = str(kept.get("board") or "")

    @property
    def page(self) -> BoardPage | None:
        """The board on screen; None before it is read."""
        return self._page

    @property
    def charts(self) -> Sequence[BoardChart]:
        """The board's charts."""
        return self._page.charts if self._page is not None else ()

    @property
    def shown_rows(self) -> list[Row]:
        """The rows on screen, in their order there."""
        return [] if self._page is None else [self._page.rows[n] for n in self._places]

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        if self._page is None or self.grid.cursor >= len(self._places):
            return None
        return self._page.rows[self._places[self.grid.cursor]]

    def _row_here(self) -> object:
        """What tells the row under the cursor apart; None where there is none."""
        row = self.current
        return None if row is None or self._page is None else self._page.identity(row)

    # What is shown

    def show_board(self, name: str, variant: str = "") -> None:
        """Show a board, or another set of its rows, from its first row on."""
        self.restore(Place(name, variant))

    def place(self) -> Place | None:
        """What is shown, and the row under the cursor."""
        row = self._row_here()
        return Place(self._shown, self._variant, self._filter, row) if self._shown else None

    def restore(self, place: Place | None) -> None:
        """Go to where one was."""
        if place is None:
            return
        self._shown, self._variant, self._filter = place.board, place.variant, place.filter
        self._goal, self._page, self._places = place.row, None, ()
        self._chart = None
        self.query_one(FilterBar).show_text(place.filter)
        self.grid.start_over()
        self.query_one("#board-detail", Lines).remove_class("-shown")
        self.reload()
        self.corpsync.save("boards", {"board": self._shown})

    def start_over(self) -> None:
        """The same board, from its first row on."""
        self.show_board(self._shown, self._variant)

    async def _load(self, generation: int) -> None:
        service = await self.corpsync.opened()
        self._boards = self._boards or await service.boards()
        if self._shown not in [board.name for board in self._boards]:
            self._shown = self._boards[0].name
        self.query_one(KeyFooter).look_again()
        began = self.sync_state.clock.monotonic()
        try:
            page = await service.read_board(self._shown, self.corporation, self._variant, self._at)
            order = await self._arranged(page)
        except CorpsyncError as error:
            if generation == self._generation:
                self.tell(error.message)
                if isinstance(error, TooEarlyError):
                    self.show_at(None)
            return
        finally:
            if self._at is None:  # the past stays as it is
                self._read_again(began)
        if generation == self._generation and (page != self._page or order != self._places):
            self._show(page, order)

    def narrow_rows(self) -> None:
        """Sort and filter what was read."""
        if self._page is not None:
            self.work(self._rearrange(self._page), "arrange")

    async def _rearrange(self, page: BoardPage) -> None:
        order = await self._arranged(page)
        if page is self._page:
            self._show(page, order)

    async def _arranged(self, page: BoardPage) -> list[int]:
        """The places of the rows, by the filter and the order that hold when they are found."""
        while True:
            words, (column, descending) = wanted = self._filter, self.order(page)
            places = await asyncio.to_thread(page.arrange, words, column, descending=descending)
            if wanted == (self._filter, self.order(page)):
                return places

    def order(self, page: BoardPage) -> tuple[BoardColumn | None, bool]:
        """The column that the rows are sorted by, None: the board's own order; from its end?"""
        name, descending = self._orders.get(f"{self._shown}/{self._variant}", ("", False))
        column = next((c for c in page.columns if c.name == name), None)
        return column, descending

    def _show(self, page: BoardPage, places: Sequence[int]) -> None:
        cursor = self._cursor_in(page, places)
        self._page, self._places = page, places
        self._fit()
        self._show_rows(cursor)

    def _cursor_in(self, page: BoardPage, places: Sequence[int]) -> int:
        """Where the row under the cursor is now, or what was asked for; else the same place."""
        here, goal = self.grid.cursor, self._goal
        self._goal = None
        if goal is None:
            goal = self._row_here() if here else None
        if goal is None:
            return here
        found = [n for n, at in enumerate(places) if page.identity(page.rows[at]) == goal]
        return min(found, key=lambda n: abs(n - here), default=here)

    def _fit(self) -> None:
        """Columns as wide as the rows on screen need."""
        if self._page is not None:
            column, descending = self.order(self._page)
            name = None if column is None else column.name
            self.grid.sorted_by = None if name is None else (name, descending)
            fitted = fit_columns(self._page, self.shown_rows, name, self.size.width)
            self._columns = list(fitted)
            self.grid.show_columns(list(fitted.values()), margin=MARGIN)

    def _show_rows(self, cursor: int) -> None:
        page = self._page
        if page is None:
            return
        below = page.sums(self.shown_rows)
        sums = [below[n] for n in self._columns]
        self.grid.show_rows(
            BoardRows(page, self._places, self._columns),
            cursor=cursor,
            empty=nothing_line(page, self._filter.strip()),
            sums=sums if any(sums) else (),
        )
        self.query_one("#board-summary", Lines).show(summary_line(page))
        age = [(self.as_of, "waiting")] if self.as_of else age_line(page, self.now, self.whose)
        self.query_one("#board-age", Lines).show(age)
        self.show_chart()
        self.query_one(KeyFooter).look_again()
        self.query_one("#board-hint").set_class(not page.result.has_reference, "-shown")
        self._show_detail()

    def _show_detail(self) -> None:
        page, row, pane = self._page, self.current, self.query_one("#board-detail", Lines)
        lines = []
        if page is not None and row is not None:
            lines = detail_lines(page, self._places[self.grid.cursor], self._columns)
            pane.border_title = Content(printable(page.cells(row)[0]))
        pane.show(lines)
        pane.set_class(bool(lines), "-shown")

    # What moves by itself

    def on_resize(self) -> None:
        """Columns are as wide as the screen lets them."""
        self._fit()
        self._show_rows(self.grid.cursor)

    @on(RunRecorded)
    def _take_run(self, event: RunRecorded) -> None:
        """A run that changed one of the board's tables shows at once."""
        page = self._page
        if page is None or self._at is not None:
            return
        if self.has_news(event, page.process_types, page.as_of):
            self.reload()
