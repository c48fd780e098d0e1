"""Boards as the screens show them, read on a thread of their own."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit.board import (
    Board,
    BoardAnswer,
    BoardChart,
    BoardColumn,
    BoardContext,
    Row,
    Tone,
    Variant,
)
from corpsync_tui.boards.kit.cells import RIGHT, format_row, format_sums, is_named, known_names
from corpsync_tui.boards.kit.read import BoardResult, read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.queries.as_of import show_past
from corpsync_tui.store.connections import connect_reader
from corpsync_tui.store.jobs import Job
from corpsync_tui.store.reader import Reader
from corpsync_tui.upkeep.export import export_to, format_of_new, sources
from corpsync_tui.upkeep.export_board import BoardExport

if TYPE_CHECKING:  # what a key asks for is imported then: an app that nobody asks stays smaller
    from corpsync_tui.queries.story import Story
    from corpsync_tui.service.member_page import MemberPage
    from corpsync_tui.service.month_page import MonthPage

_MOVING = RIGHT | {"when", "flag", "word", "list"}
"""Kinds of what may differ each time a row is read."""

T = TypeVar("T")

Names = Mapping[tuple[str, int], str | None]
"""The names of the ids on a board, by kind and id."""


@dataclass(frozen=True)
class BoardPage:
    """A board as it stood when it was read, or another set of its rows."""

    board: Board
    variant: Variant | None
    result: BoardResult
    columns: Sequence[BoardColumn]
    """Those that a screen shows, if it is wide enough."""
    rows: Sequence[Row]
    """In the board's own order, laid out as the screen shows them."""
    names: Names
    details: Sequence[Sequence[str]]
    """What there is to say of each row, line by line; empty where there is nothing."""
    process_types: frozenset[str]
    """The processes whose tables it reads."""
    charts: Sequence[BoardChart]

    @property
    def summary(self) -> str:
        """All of it in one line."""
        if self.variant is not None:
            return self.variant.help
        return self.board.describe(self.result.summary)

    @property
    def as_of(self) -> datetime | None:
        """When the oldest copy was made that it stands on; None before the first sync."""
        made = self.result.as_of
        return None if made is None else datetime.fromtimestamp(made, UTC)

    @property
    def copied(self) -> Sequence[str]:
        """What is copied in place of cells, such as a haul list for multibuy."""
        if self.variant is not None:
            return self.variant.lines(self.rows) if self.variant.lines is not None else ()
        return self.board.copied(self.result.rows) if self.board.copied is not None else ()

    def cells(self, row: Row) -> list[str]:
        """A row as it reads, one text a column; no countdown from copies that are too old."""
        return format_row(self.columns, row, self._known, stale=self.result.stale)

    def copied_cell(self, column: BoardColumn, row: Row) -> str:
        """A value as it is copied: a date as ISO 8601 has it, ISK in full, the rest as it reads."""
        value = row.get(column.name)
        if value is None:
            return ""
        if column.kind == "when":
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M}"
        if column.kind == "isk":
            return f"{value:.2f}"
        return format_row([column], row, self._known)[0]

    def sums(self, rows: Sequence[Row]) -> list[str]:
        """What stands below rows: the sums of the columns of which one means anything."""
        return format_sums(self.columns, rows)

    def tone(self, row: Row) -> Tone | None:
        """How urgent a row is."""
        return self.board.tone(row) if self.variant is None else None

    def opens(self, row: Row) -> tuple[str, Mapping[str, Any]] | None:
        """Table and identity of what a row stands for, if it stands for one row."""
        return (self.variant or self.board).opens(row)

    def character(self, row: Row) -> int | None:
        """The first character that a row is about."""
        names = [column.name for column in self.result.columns if column.kind == "character"]
        return next((row[name] for name in names if row.get(name)), None)

    def identity(self, row: Row) -> object:
        """What tells a row apart from the others, as well as its texts and names do."""
        return self.opens(row) or tuple(
            row.get(column.name) for column in self.columns if column.kind not in _MOVING
        )

    def as_csv(self, rows: Sequence[Row]) -> str:
        """Rows as CSV, every column."""
        stream = io.StringIO()
        BoardExport(Path(), self._of(rows), "csv").write(stream)
        return stream.getvalue()

    def export(self, database: Path, rows: Sequence[Row], file: Path) -> int:
        """Write rows to a new file in the format that its name says; their number.

        Raises:
            DatabaseError: The file exists, cannot be written, or its suffix names no format.
        """
        return export_to(BoardExport(database, self._of(rows), format_of_new(file)), file)

    def _of(self, rows: Sequence[Row]) -> BoardResult:
        columns = self.columns if self.rows is not self.result.rows else self.result.columns
        return replace(self.result, rows=rows, columns=columns)

    def arrange(self, words: str, column: BoardColumn | None, *, descending: bool) -> list[int]:
        """The places of the rows that have all these words, in the board's order or a column's.

        What is unknown stands last. Takes a while with many rows: call it in a thread.
        """
        wanted = words.casefold().split()
        places = list(range(len(self.rows)))
        if wanted:
            places = [n for n in places if all(w in self._texts[n] for w in wanted)]
        if column is None:
            return places
        known = [n for n in places if self.rows[n].get(column.name) is not None]
        unknown = [n for n in places if self.rows[n].get(column.name) is None]
        known.sort(key=lambda n: self._sort_key(column, self.rows[n]), reverse=descending)
        return known + unknown

    def _sort_key(self, column: BoardColumn, row: Row) -> tuple[bool, float, str]:
        value = row[column.name]
        if isinstance(value, int | float) and not is_named(column, value):
            return False, value, ""
        return True, 0.0, format_row([column], row, self._known)[0].casefold()

    @cached_property
    def _texts(self) -> list[str]:
        """What a filter looks in, row by row."""
        return [" ".join(self.cells(row)).casefold() for row in self.rows]

    def _known(self, kind: str, id_: int) -> str | None:
        return self.names.get((kind, id_))


def read_page(context: BoardContext, name: str, variant: str) -> BoardPage:
    """Read a board, or another set of its rows. Raises `sqlite3.Error`."""
    board = find_board(name)
    chosen = board.by_variant.get(variant)
    result = read_board(board, context, chosen)
    columns, rows = result.columns, result.rows
    answer = BoardAnswer(result.rows, result.summary)
    if (lay_out := (chosen or board).lay_out) is not None:
        columns, rows = lay_out(context, answer)
    shown = [column for column in columns if not column.hidden]
    known = known_names(context)
    ids = {
        (column.kind, row[column.name])
        for column in shown
        for row in rows
        if is_named(column, row.get(column.name))
    }
    charts: Sequence[BoardChart] = ()
    if chosen is None:
        charts = [chart for chart in board.charts(context, answer) if len(chart.steps) > 1]
    has_details = chosen is None and not result.stale
    return BoardPage(
        board,
        chosen,
        result,
        shown,
        rows,
        {key: known(*key) for key in ids},
        board.details(context, answer, rows) if has_details else [()] * len(rows),
        frozenset(p.type for p in ALL if any(d.table in board.tables for d in p.datasets)),
        charts,
    )


class BoardReader:
    """Reads one board at a time: a new question ends the work on the last."""

    def __init__(self, database: Path, reference: Path, settings: Mapping[str, Any]) -> None:
        """`reference`: where the static data are, or will be; `settings`: `Settings.boards`."""
        self._database = database
        self._reference = reference
        self._settings = settings
        self._reader: Reader | None = None
        self._working: Job[BoardPage] | None = None

    async def read(
        self, name: str, corporation_id: int, variant: str, now: float, at: float | None = None
    ) -> BoardPage:
        """A board of one corporation at `now` (Unix seconds), or another set of its rows.

        `at`: as of a moment before.

        Raises:
            TooEarlyError: The change log does not reach back so far.
            DatabaseError: The file cannot be read, or another board was asked for meanwhile.
        """
        if self._working is not None:
            self._working.cancel()

        def work(context: BoardContext) -> BoardPage:
            if at is None:
                return read_page(context, name, variant)
            past = [sources()[table].table for table in find_board(name).tables]
            tables = [table for table in past if table is not None]
            show_past(context.db, tables, at, corporation_id)
            return read_page(replace(context, now=at, is_past=True), name, variant)

        job = self._working = self._job(work, corporation_id, now)
        return await self._ask(job)

    async def read_member(self, character_id: int, corporation_id: int, now: float) -> MemberPage:
        """One of the corporation's members. Raises `DatabaseError`."""

        def work(context: BoardContext) -> MemberPage:
            from corpsync_tui.service.member_page import read_member

            return read_member(context, character_id)

        return await self._ask(self._job(work, corporation_id, now))

    async def read_movements(
        self, table: str, corporation_id: int, row_key: Mapping[str, Any], now: float
    ) -> Story:
        """What became of what a row stands for.

        Raises:
            CorpsyncError: Nothing is known of it, or the file cannot be read.
        """

        def work(context: BoardContext) -> Story:
            from corpsync_tui.service.movements import read_movements

            return read_movements(context, table, row_key)

        return await self._ask(self._job(work, corporation_id, now))

    async def read_month(self, month: str, corporation_id: int, now: float) -> MonthPage:
        """The report of a month, empty for the present one. Raises `DatabaseError`."""

        def work(context: BoardContext) -> MonthPage:
            from corpsync_tui.service.month_page import read_month_page

            return read_month_page(context, month)

        return await self._ask(self._job(work, corporation_id, now))

    def _job(self, work: Callable[[BoardContext], T], corporation_id: int, now: float) -> Job[T]:
        settings = self._settings
        return Job(
            lambda db: work(BoardContext(db, corporation_id, now, settings)), transaction=True
        )

    async def _ask(self, job: Job[T]) -> T:
        if self._reader is None:
            self._reader = Reader(
                self._database,
                lambda: connect_reader(self._database),
                "corpsync-boards",
                jobs=SimpleQueue(),
                reference=self._reference,
            )
        return await self._reader.submit(job).answer()

    def close(self) -> None:
        """End the thread; what it works at is stopped."""
        if self._working is not None:
            self._working.cancel()
        if self._reader is not None:
            self._reader.stop()
