"""Tables and views as CSV, JSON or lines of JSON, a thousand rows at a time."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from corpsync_tui.boards import all_boards, board_views, view_name
from corpsync_tui.catalog import ALL
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.as_of import show_past
from corpsync_tui.queries.browse_types import Sql
from corpsync_tui.queries.changes import Rows as ChangedRows
from corpsync_tui.store.columns import CORPORATION_KEY, Json
from corpsync_tui.store.connections import is_there
from corpsync_tui.store.read_only import read_only
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.views import named_view
from corpsync_tui.upkeep import csv_text

BATCH = 1_000
"""Rows read and written at once: what bounds the memory."""
CHANGES = "change"
STATE_TABLES = {
    "eve_name": ("id",),
    "market_price": ("type_id",),
    "market_price_named": ("type_id",),
    "insurance_price": ("type_id",),
    "price_day": ("day", "type_id"),
    "presence": ("corporation_id", "day", "hour"),
    "member_seen": ("corporation_id", "character_id", "day"),
    "value_day": ("corporation_id", "day", "division"),
    "place_value_day": ("corporation_id", "day", "location_id", "division"),
    "srp_mark": ("corporation_id", "killmail_id", "time"),
    "srp": ("corporation_id", "killmail_id"),
    "sync_status": ("process_id",),
    "sync_schedule": ("process_id",),
    "sync_history": ("id",),
    CHANGES: ("id",),
}
"""Tables beside those of the data sets, and the columns that tell their rows apart."""
NESTED = {CHANGES: frozenset({"row_key", "before", "after"})}
"""Their columns that hold JSON."""


Rows = Sequence[Sequence[Any]]


class Stream(Protocol):
    """Where text goes."""

    def write(self, text: str, /) -> object:
        """Take some text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table or view that can be exported."""

    name: str
    identity: tuple[str, ...]
    nested: frozenset[str] = frozenset()
    """Columns that hold JSON."""
    table: Table | None = None
    """The data table that it is, or shows with names; None where no past of it is kept."""

    @property
    def by_corporation(self) -> bool:
        """Whether each row is of one corporation."""
        return CORPORATION_KEY in self.identity or self.name == CHANGES

    def select(self, what: str = "*", where: str = "true") -> str:
        """The rows that meet a condition, in the order of their identity."""
        columns = listed(self.identity)
        return f"SELECT {what} FROM {quoted(self.name)} WHERE {where} ORDER BY {columns}"


@cache
def sources() -> dict[str, Source]:
    """Everything that can be exported, by name."""
    found = []
    logged = {table.name for process in ALL for table in process.logged}
    for table in (Table.of(model) for process in ALL for model in process.models):
        identity = (CORPORATION_KEY, *table.identity)
        nested = frozenset(c.name for c in table.columns if isinstance(c, Json))
        past = table if table.name in logged else None
        found += [Source(name, identity, nested, past) for name in (table.name, named_view(table))]
    found += [
        Source(name, identity, NESTED.get(name, frozenset()))
        for name, identity in STATE_TABLES.items()
    ]
    for board in all_boards():
        if board.view is not None:
            lists = frozenset(c.name for c in board.columns if c.kind == "list")
            order = (CORPORATION_KEY, board.columns[0].name)
            found.append(Source(view_name(board.name), order, lists))
    return {source.name: source for source in found}


@dataclass(frozen=True, slots=True)
class Export:
    """One export: what, from where, in which of `csv`, `json` and `ndjson`."""

    database: Path
    source: Source
    format: str
    at: float | None = field(default=None, kw_only=True)
    """The moment it is shown as of, in Unix seconds; None for now."""
    corporation_id: int | None = field(default=None, kw_only=True)
    """Whose rows alone are wanted of the past; None: everybody's."""
    where: Sql = field(default=Sql("true"), kw_only=True)
    """The condition that a row must meet."""

    def write(self, stream: Stream) -> int:
        """Write every row as of one moment; return their number.

        Raises:
            DatabaseError: The database cannot be read.
            TooEarlyError: The moment lies before what is known of the table.
        """
        with opened(self.database) as db:
            self.show_past(db)
            if self.format == "csv" and (columns := _plain_columns(db, self.source.name)):
                chosen = self.source.select(csv_text.json_array(columns), self.where.text)
                cursor = db.execute(chosen, self.where.parameters)
                return _write_json_as_csv(stream, columns, cursor)
            chosen = self.source.select("*", self.where.text)
            cursor = db.execute(chosen, self.where.parameters)
            columns = [column[0] for column in cursor.description]
            convert = self.convert(columns)
            if self.source.name == CHANGES:
                whole = _whole_changes(db)
                rows = batches(cursor, lambda rows: convert(whole(rows)))
            else:
                rows = batches(cursor, convert)
            return WRITERS[self.format](stream, columns, rows)

    def show_past(self, db: sqlite3.Connection) -> None:
        """Let the table be as it was at the moment asked for; errors as `write`."""
        if self.at is not None and self.source.table is not None:
            show_past(db, [self.source.table], self.at, self.corporation_id)

    def convert(self, columns: Sequence[str]) -> Callable[[Rows], Rows]:
        """How stored rows become exported ones."""
        nested = [i for i, name in enumerate(columns) if name in self.source.nested]
        if self.format == "csv" or not nested:
            return lambda rows: rows
        return lambda rows: [_unfolded(row, nested) for row in rows]


def _whole_changes(db: sqlite3.Connection) -> Callable[[Rows], Rows]:
    """The change log's rows, with what it leaves to the tables of logs."""
    changed = ChangedRows(db, {t.name: t for process in ALL for t in process.logged})
    return lambda rows: [changed.completed(row) for row in rows]


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """The database for reading; an empty one where there is none yet."""
    with read_only(database) as db:
        if db is None:
            from corpsync_tui.store.creation import create_schema  # late: as good as never needed

            with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as empty:
                models = [model for process in ALL for model in process.models]
                create_schema(empty, models, board_views())
                yield empty
            return
        yield db


def _unfolded(row: Sequence[Any], nested: Sequence[int]) -> list[Any]:
    """A row whose JSON columns are values."""
    values = list(row)
    for i in nested:
        if values[i] is not None:
            values[i] = json.loads(values[i])
    return values


Batches = Iterator[Rows]


def batches(cursor: sqlite3.Cursor, convert: Callable[[Rows], Rows]) -> Batches:
    """A query's rows, so many at a time."""
    while rows := cursor.fetchmany(BATCH):
        yield convert(rows)


def write_csv(stream: Stream, columns: Sequence[str], batches: Batches) -> int:
    """A header and the rows, as RFC 4180 has it."""
    count = 0
    stream.write(csv_text.header(columns))
    for rows in batches:
        stream.write(csv_text.lines(rows))
        count += len(rows)
    return count


def _plain_columns(db: sqlite3.Connection, name: str) -> list[str]:
    """The columns of a table that holds whole numbers and texts alone; none of another's."""
    shown = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({quoted(name)})")}
    return list(shown) if {"INTEGER", "TEXT"}.issuperset(shown.values()) else []


def _write_json_as_csv(stream: Stream, columns: Sequence[str], cursor: sqlite3.Cursor) -> int:
    """As `write_csv`: what SQLite puts together costs Python a third."""
    count = 0
    stream.write(csv_text.header(columns))
    while rows := cursor.fetchmany(BATCH):
        stream.write(csv_text.from_json([text for (text,) in rows], len(columns)))
        count += len(rows)
    return count


def write_ndjson(stream: Stream, columns: Sequence[str], batches: Batches) -> int:
    """One JSON object a line."""
    count = 0
    for texts in _encoded(columns, batches):
        stream.write("".join(f"{text}\n" for text in texts))
        count += len(texts)
    return count


def write_json(stream: Stream, columns: Sequence[str], batches: Batches) -> int:
    """One JSON array, an object a line."""
    count = 0
    for texts in _encoded(columns, batches):
        stream.write(("[\n" if count == 0 else ",\n") + ",\n".join(texts))
        count += len(texts)
    stream.write("\n]\n" if count else "[]\n")
    return count


def _encoded(columns: Sequence[str], batches: Batches) -> Iterator[list[str]]:
    encode = json.JSONEncoder(ensure_ascii=False, default=_refused).encode
    for rows in batches:
        yield [encode(dict(zip(columns, row, strict=True))) for row in rows]


def _refused(_value: object) -> None:
    """Bytes: no column holds any, unless somebody wrote them there."""
    raise DatabaseError("A row holds bytes, which corpsync never wrote and JSON cannot hold.")


WRITERS: dict[str, Callable[[Stream, Sequence[str], Batches], int]] = {
    "csv": write_csv,
    "json": write_json,
    "ndjson": write_ndjson,
}


def format_of_new(file: Path, formats: Iterable[str] = WRITERS) -> str:
    """The format that the name of a file which is to be made says.

    Raises:
        DatabaseError: The file exists, or its suffix names no format.
    """
    format_ = file.suffix.removeprefix(".").casefold()
    if format_ not in formats:
        raise DatabaseError(f"{file.name}: choose {', '.join('.' + f for f in formats)}.")
    try:
        if file.exists():
            raise DatabaseError(f"{file} already exists: choose another name.")
    except OSError as error:
        raise DatabaseError(f"{file} cannot be written: {error.strerror}.") from error
    return format_


class Writes(Protocol):
    """Something that can be written to a stream, out of a database."""

    @property
    def database(self) -> Path:
        """The file it must not overwrite."""

    def write(self, stream: Stream) -> int:
        """Write every row; return their number."""


def export_to(export: Writes, file: Path) -> int:
    """Write an export beside `file` and rename it; an error leaves no file.

    Returns the number of rows.

    Raises:
        DatabaseError: The database cannot be read, or the file cannot be written.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        if file.exists() and is_there(export.database) and file.samefile(export.database):
            raise DatabaseError(f"{file} is the database itself; choose another file.")
        if not file.parent.is_dir():
            raise DatabaseError(f"There is no folder {file.parent}: choose another one.")
        if file.exists() and not file.is_file():
            with file.open("w", encoding="utf-8", newline="") as stream:  # a device or pipe
                return export.write(stream)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rows = _written(export, descriptor)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DatabaseError(f"{file} cannot be written: {error.strerror}.") from error
    return rows


def _written(export: Writes, descriptor: int) -> int:
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        rows = export.write(stream)
        stream.flush()
        os.fsync(descriptor)
    return rows
