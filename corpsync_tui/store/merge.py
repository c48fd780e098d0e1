"""From staged rows to the table, with exact counts. Called inside the run's transaction.

*snapshot*: the table equals what ESI said last, vanished rows go. *ledger*: rows are added or
renewed, never deleted. *log*: rows are added once and never touched again.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from corpsync_tui.store.columns import CORPORATION_KEY
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.stage import Stage

ROWS_PER_SLICE = 20_000
"""Rows merged between two reports of progress."""

ROWS_PER_LOOKUP = 16
"""Rows that are counted in about the time in which one is looked up."""

ID_BYTES = array("q").itemsize

IDS = "ids_at_hand"
"""The temporary table that a list of ids is put in."""

OURS = "tables_of_ours"
"""The temporary table that tells when a table was last known to equal a snapshot."""

_CREATE_OURS = (
    f"CREATE TEMP TABLE IF NOT EXISTS {OURS} (table_name TEXT, corporation_id INTEGER, "
    "data_version INTEGER, PRIMARY KEY (table_name, corporation_id))"
)

_DATA_VERSION = "SELECT data_version FROM pragma_data_version"
"""Changes when another connection has written to the file, and only then."""

Progress = Callable[[int, int], None]
"""Told the rows merged so far and in all, on the writer's thread."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a merge did to a table."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    missing: int = 0
    """Rows of unchanged pages that the table had lost (it was edited by hand): all pages of
    the data set must be asked for anew, so drop their validators."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.missing + other.missing,
        )


def merge_log(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    *,
    progress: Progress | None = None,
) -> Counts:
    """Add the staged rows whose identity is new."""
    added = _apply(db, table, stage, corporation_id, table.keep_known(), progress)
    return Counts(added=added)


def merge_ledger(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    *,
    progress: Progress | None = None,
) -> Counts:
    """Add the staged rows that are new and renew those that differ."""
    before = _count_all(db, table)
    touched = _apply(db, table, stage, corporation_id, table.renew_known(), progress)
    added = _count_all(db, table) - before
    return Counts(added=added, changed=touched - added)


def _merge_few(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    progress: Progress | None,
) -> Counts:
    """The same for a stage that is small beside its table, whose rows are not all counted."""
    stage.seal(db)
    added: int = db.execute(table.count_new(stage.name, corporation_id)).fetchone()[0]
    touched = _apply(db, table, stage, corporation_id, table.renew_known(), progress)
    return Counts(added=added, changed=touched - added)


def merge_snapshot(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    *,
    kept: Iterable[bytes] = (),
    gone: Iterable[bytes] | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Make the table equal to the staged rows and those of unchanged pages.

    Args:
        kept: The packed ids of the pages that answered 304: their rows stay.
        gone: The packed ids that changed and vanished pages held before. With them, only what
            those pages held is looked at; None looks at every row of the table.
        progress: Told how far the merge is.
    """
    pages = list(kept)
    kept_rows = sum(len(page) for page in pages) // ID_BYTES
    if stage.rows * ROWS_PER_LOOKUP < kept_rows:
        renewed = _merge_few(db, table, stage, corporation_id, progress)
    else:
        renewed = merge_ledger(db, table, stage, corporation_id, progress=progress)
    removed = 0
    if gone is not None:
        removed = _remove_gone(db, table, stage, corporation_id, pages, gone)
        if _is_ours(db, table, corporation_id):
            return renewed + Counts(removed=removed)
    missing = 0
    # A row may stand on a kept and on a read page: then an equal count proves nothing by itself.
    consume_exception = gone is not None or not pages
    if not consume_exception or _count(db, table, corporation_id) != stage.rows + kept_rows:
        removed += _remove_others(db, table, stage, corporation_id, pages)
        missing = _missing(db, table, corporation_id) if pages else 0
    if not missing:
        _note_ours(db, table, corporation_id)
    return renewed + Counts(removed=removed, missing=missing)


def _is_ours(db: sqlite3.Connection, table: Table, corporation_id: int) -> bool:
    """Whether nobody else has written to the file since the table equalled a snapshot.

    Then it holds nothing that ESI did not list, and need not be counted.
    """
    db.execute(_CREATE_OURS)
    found = db.execute(
        f"SELECT 1 FROM temp.{OURS} WHERE table_name = ? AND corporation_id = ? "
        f"AND data_version = ({_DATA_VERSION})",
        (table.name, corporation_id),
    )
    return found.fetchone() is not None


def _note_ours(db: sqlite3.Connection, table: Table, corporation_id: int) -> None:
    """The table equals the snapshot; forgotten with the connection, or when it rolls back."""
    db.execute(_CREATE_OURS)
    db.execute(
        f"INSERT INTO temp.{OURS} SELECT ?, ?, ({_DATA_VERSION}) WHERE true ON CONFLICT DO UPDATE "
        "SET data_version = excluded.data_version WHERE data_version <> excluded.data_version",
        (table.name, corporation_id),
    )


def _apply(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    conflict: str,
    progress: Progress | None,
) -> int:
    """Insert the stage slice by slice; the number of rows that this wrote."""
    stage.seal(db)
    written = done = 0
    only_news = ""
    if _has_trigger(db, table):  # SQLite first copies all that a statement with triggers selects
        renews = conflict != table.keep_known()
        only_news = f" AND {table.is_news(stage.name, corporation_id, renews=renews)}"
    for where, parameters in _slices(db, table, stage):
        statement = table.insert_from(stage.name, where + only_news) + conflict
        written += db.execute(statement, (corporation_id, *parameters)).rowcount
        done = min(done + ROWS_PER_SLICE, stage.rows)
        if progress is not None:
            progress(done, stage.rows)
    return written


def _has_trigger(db: sqlite3.Connection, table: Table) -> bool:
    """Whether the change log listens to what is written to the table."""
    sql = "SELECT 1 FROM temp.sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    return db.execute(sql, (table.name,)).fetchone() is not None


def _slices(
    db: sqlite3.Connection, table: Table, stage: Stage
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Conditions that cut the stage, in the order of its key, into parts of equal length."""
    key = listed(table.identity)
    marks = f"({', '.join('?' * len(table.identity))})"
    first = ""
    start: tuple[object, ...] = ()
    while True:
        end = db.execute(
            f"SELECT {key} FROM temp.{quoted(stage.name)} {first and 'WHERE ' + first} "
            f"ORDER BY {key} LIMIT 1 OFFSET {ROWS_PER_SLICE}",
            start,
        ).fetchone()
        if end is None:
            yield first or "true", start
            return
        yield f"{first and first + ' AND '}({key}) < {marks}", (*start, *end)
        first, start = f"({key}) >= {marks}", tuple(end)


def _remove_others(
    db: sqlite3.Connection, table: Table, stage: Stage, corporation_id: int, kept: list[bytes]
) -> int:
    """Delete the rows that are neither staged nor on a kept page."""
    key = listed(table.identity)
    condition = f"({key}) NOT IN (SELECT {key} FROM temp.{quoted(stage.name)})"
    if kept:
        _fill_ids(db, chain.from_iterable(unpacked(page) for page in kept))
        condition += f" AND {key} NOT IN (SELECT id FROM temp.{IDS})"
    return _delete(db, table, corporation_id, condition)


def _remove_gone(
    db: sqlite3.Connection,
    table: Table,
    stage: Stage,
    corporation_id: int,
    kept: list[bytes],
    gone: Iterable[bytes],
) -> int:
    """Delete the rows of changed and vanished pages that no page holds now."""
    ids: set[int] = set()
    for page in gone:
        ids.update(unpacked(page))
    key = listed(table.identity)
    staged = db.execute(f"SELECT {key} FROM temp.{quoted(stage.name)}")
    ids.difference_update(row[0] for row in staged)
    for page in kept:
        if not ids:
            break
        ids.difference_update(unpacked(page))
    if not ids:
        return 0
    _fill_ids(db, ids)
    return _delete(db, table, corporation_id, f"{key} IN (SELECT id FROM temp.{IDS})")


def _missing(db: sqlite3.Connection, table: Table, corporation_id: int) -> int:
    """Ids of kept pages (in the table that `_remove_others` filled) without a row."""
    found: int = db.execute(
        f"SELECT COUNT(*) FROM temp.{IDS} WHERE id NOT IN (SELECT {listed(table.identity)} "
        f"FROM main.{quoted(table.name)} WHERE {quoted(CORPORATION_KEY)} = ?)",
        (corporation_id,),
    ).fetchone()[0]
    return found


def _fill_ids(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {IDS} (id INTEGER PRIMARY KEY)")
    db.execute(f"DELETE FROM temp.{IDS}")
    db.executemany(f"INSERT OR IGNORE INTO temp.{IDS} VALUES (?)", ((i,) for i in ids))


def _delete(db: sqlite3.Connection, table: Table, corporation_id: int, condition: str) -> int:
    return db.execute(
        f"DELETE FROM main.{quoted(table.name)} WHERE {quoted(CORPORATION_KEY)} = ? "
        f"AND {condition}",
        (corporation_id,),
    ).rowcount


def _count(db: sqlite3.Connection, table: Table, corporation_id: int) -> int:
    found: int = db.execute(table.count(), (corporation_id,)).fetchone()[0]
    return found


def _count_all(db: sqlite3.Connection, table: Table) -> int:
    found: int = db.execute(table.count_all()).fetchone()[0]
    return found


def unpacked(page: bytes) -> array[int]:
    """The ids of a page from its packed form."""
    return array("q", page)
