"""From staged rows to the table, with exact counts. Called inside the run's transaction.

*snapshot*: the table equals what ESI said last, vanished rows go. *ledger*: rows are added or
renewed, never deleted. *log*: rows are added once and never touched again.

What ESI said comes in partitions: a page, a division, the details of one contract. One that was
read stands in the stage; of one that is unchanged, failed or was not asked for the keys of its
rows are known, and they stay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from corpsync_tui.store.columns import CORPORATION_KEY
from corpsync_tui.store.keys import Key, count_keys, unpack_keys
from corpsync_tui.store.schema import Table, listed, quoted
from corpsync_tui.store.stage import Stage

Merge = Literal["snapshot", "ledger", "log"]
"""`snapshot`: the table equals what ESI said last. `ledger`: inserted or updated, never deleted.
`log`: inserted once, never touched again."""

ROWS_PER_SLICE = 20_000
"""Rows merged between two reports of progress."""

ROWS_PER_LOOKUP = 16
"""Rows that are counted in about the time in which one is looked up."""

VERIFIED = "verified_snapshots"
"""The temporary table that tells when a table was last known to equal a snapshot."""

_CREATE_VERIFIED = (
    f"CREATE TEMP TABLE IF NOT EXISTS {VERIFIED} (table_name TEXT, corporation_id INTEGER, "
    "data_version INTEGER, PRIMARY KEY (table_name, corporation_id))"
)

_DATA_VERSION = "SELECT data_version FROM pragma_data_version"
"""Changes when another connection has written to the file, and only then."""

Progress = Callable[[int, int], None]
"""Called with the rows merged so far and in all, on the writer's thread."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a merge did to a table."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    missing: int = 0
    """Rows of unchanged partitions that the table had lost (it was edited by hand): all of the
    data set must be read again, so its validators are worth nothing."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.added + other.added,
            self.changed + other.changed,
            self.removed + other.removed,
            self.missing + other.missing,
        )


@dataclass(frozen=True, slots=True)
class Partitions:
    """What is known of a snapshot's rows beside those that are staged."""

    kept: Sequence[bytes] = ()
    """The packed keys of partitions that are as they were, or could not be read."""
    stale: Sequence[bytes] = ()
    """The packed keys that partitions which were read, or are no more, held before."""
    complete: bool = True
    """Whether the stage and `kept` are all that ESI lists; not so where the rows of a partition
    that failed are not known."""


def merge_stage(
    db: sqlite3.Connection,
    stage: Stage,
    corporation_id: int,
    merge: Merge,
    partitions: Partitions = Partitions(),
    *,
    final: str = "",
    progress: Progress | None = None,
) -> Counts:
    """Put a stage into its table.

    Args:
        db: The writer's connection, in a transaction.
        stage: The rows of the partitions that were read.
        corporation_id: Whose rows they are.
        merge: What becomes of rows that are known, and of rows that are not staged.
        partitions: The rest of a snapshot.
        final: A condition on the table `t`: rows that meet it are left as they are.
        progress: Called with how far the merge is.
    """
    table = stage.table
    if merge == "log":
        return Counts(added=_apply(db, stage, corporation_id, table.keep_known(), progress))
    few = merge == "snapshot" and _is_small(stage, partitions)
    counts = _renew(db, stage, corporation_id, final, progress, few=few)
    if merge == "snapshot":
        counts += _remove(db, stage, corporation_id, partitions)
    return counts


def _is_small(stage: Stage, partitions: Partitions) -> bool:
    """Whether the stage is small beside its table, whose rows had better not all be counted."""
    kept = count_keys(partitions.kept, whole_numbers=stage.table.is_numbered)
    return stage.rows * ROWS_PER_LOOKUP < kept


def _renew(
    db: sqlite3.Connection,
    stage: Stage,
    corporation_id: int,
    final: str,
    progress: Progress | None,
    *,
    few: bool,
) -> Counts:
    """Add the staged rows that are new and renew those that differ."""
    table = stage.table
    if few:
        stage.seal(db)
        added: int = db.execute(table.count_new(stage.name, corporation_id)).fetchone()[0]
        touched = _apply(db, stage, corporation_id, table.renew_known(final), progress)
    else:
        before = _number(db, table.count_all())
        touched = _apply(db, stage, corporation_id, table.renew_known(final), progress)
        added = _number(db, table.count_all()) - before
    return Counts(added=added, changed=touched - added)


def _remove(
    db: sqlite3.Connection, stage: Stage, corporation_id: int, partitions: Partitions
) -> Counts:
    """Delete what no partition holds any more."""
    table, removed = stage.table, 0
    if partitions.kept or not partitions.complete:
        removed = _remove_stale(db, stage, corporation_id, partitions)
        if not partitions.complete or _is_verified(db, table, corporation_id):
            return Counts(removed=removed)
    kept_rows = count_keys(partitions.kept, whole_numbers=table.is_numbered)
    missing = 0
    if _number(db, table.count(corporation_id)) != stage.rows + kept_rows:
        _fill_keys(db, table, _unpacked(table, partitions.kept))
        removed += _remove_others(db, stage, corporation_id)
        missing = _missing(db, table, corporation_id)
    if not missing:
        _note_verified(db, table, corporation_id)
    return Counts(removed=removed, missing=missing)


def _is_verified(db: sqlite3.Connection, table: Table, corporation_id: int) -> bool:
    """Whether nobody else has written to the file since the table equalled a snapshot.

    Then it holds nothing that ESI did not list, and need not be counted.
    """
    db.execute(_CREATE_VERIFIED)
    found = db.execute(
        f"SELECT 1 FROM temp.{VERIFIED} WHERE table_name = ? AND corporation_id = ? "
        f"AND data_version = ({_DATA_VERSION})",
        (table.name, corporation_id),
    )
    return found.fetchone() is not None


def _note_verified(db: sqlite3.Connection, table: Table, corporation_id: int) -> None:
    """The table equals the snapshot; forgotten with the connection, or when it rolls back."""
    db.execute(_CREATE_VERIFIED)
    db.execute(
        f"INSERT INTO temp.{VERIFIED} SELECT ?, ?, ({_DATA_VERSION}) WHERE true ON CONFLICT DO "
        "UPDATE SET data_version = excluded.data_version WHERE data_version <> "
        "excluded.data_version",
        (table.name, corporation_id),
    )


def _apply(
    db: sqlite3.Connection,
    stage: Stage,
    corporation_id: int,
    conflict: str,
    progress: Progress | None,
) -> int:
    """Insert the stage slice by slice; the number of rows that this wrote."""
    table = stage.table
    stage.seal(db)
    written = done = 0
    only_news = ""
    if _has_trigger(db, table):  # SQLite first copies all that a statement with triggers selects
        renews = conflict != table.keep_known()
        only_news = f" AND {table.is_news(stage.name, corporation_id, renews=renews)}"
    for where, parameters in _slices(db, stage):
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


def _slices(db: sqlite3.Connection, stage: Stage) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Conditions that cut the stage, in the order of its key, into parts of equal length."""
    key = listed(stage.table.identity)
    marks = f"({', '.join('?' * len(stage.table.identity))})"
    first = ""
    start: tuple[object, ...] = ()
    while stage.rows > ROWS_PER_SLICE:
        end = db.execute(
            f"SELECT {key} FROM temp.{quoted(stage.name)} {first and 'WHERE ' + first} "
            f"ORDER BY {key} LIMIT 1 OFFSET {ROWS_PER_SLICE}",
            start,
        ).fetchone()
        if end is None:
            break
        yield f"{first and first + ' AND '}({key}) < {marks}", (*start, *end)
        first, start = f"({key}) >= {marks}", tuple(end)
    yield first or "true", start


def _remove_stale(
    db: sqlite3.Connection, stage: Stage, corporation_id: int, partitions: Partitions
) -> int:
    """Delete the rows that stale partitions held and that no partition holds now."""
    table = stage.table
    keys: set[Key] = set(_unpacked(table, partitions.stale))
    if not keys:
        return 0
    keys.difference_update(_staged_keys(db, stage))
    for page in partitions.kept:
        if not keys:
            break
        keys.difference_update(_unpacked(table, [page]))
    if not keys:
        return 0
    _fill_keys(db, table, keys)
    return _delete(db, table, corporation_id, _is_among(table, _keys_table(table)))


def _remove_others(db: sqlite3.Connection, stage: Stage, corporation_id: int) -> int:
    """Delete the rows that are neither staged nor of a kept partition (`_fill_keys`)."""
    table = stage.table
    others = " AND ".join(
        f"NOT {_is_among(table, name)}" for name in (stage.name, _keys_table(table))
    )
    return _delete(db, table, corporation_id, others)


def _missing(db: sqlite3.Connection, table: Table, corporation_id: int) -> int:
    """Keys at hand (`_fill_keys`) without a row."""
    keys = _keys_table(table)
    return _number(
        db,
        f"SELECT COUNT(*) FROM temp.{quoted(keys)} AS k WHERE NOT EXISTS (SELECT 1 FROM "
        f"main.{quoted(table.name)} AS t WHERE {quoted(CORPORATION_KEY)} = ? "
        f"{''.join(f' AND t.{c} = k.{c}' for c in map(quoted, table.identity))})",
        corporation_id,
    )


def _staged_keys(db: sqlite3.Connection, stage: Stage) -> Iterator[Key]:
    table = stage.table
    rows = db.execute(f"SELECT {table.order} FROM temp.{quoted(stage.name)}")
    if table.is_numbered:
        return (row[0] for row in rows)
    return iter(rows) if table.identity else (() for _ in rows)


def _is_among(table: Table, keys: str) -> str:
    """A condition on the table `t`: its row's key is in another, temporary table."""
    if not table.identity:
        return f"EXISTS (SELECT 1 FROM temp.{quoted(keys)})"
    key = listed(table.identity)
    return f"({key}) IN (SELECT {key} FROM temp.{quoted(keys)})"


def _keys_table(table: Table) -> str:
    """The temporary table that keys of a table's rows are put in."""
    return f"keys_of_{table.name}"


def _fill_keys(db: sqlite3.Connection, table: Table, keys: Iterable[Key]) -> None:
    name = f"temp.{quoted(_keys_table(table))}"
    db.execute(table.create_keys(_keys_table(table)))
    db.execute(f"DELETE FROM {name}")
    marks = ", ".join("?" * max(len(table.identity), 1))
    rows: Iterable[Sequence[Any]] = (key if isinstance(key, tuple) else (key,) for key in keys)
    db.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", (row or (0,) for row in rows))


def _unpacked(table: Table, pages: Iterable[bytes]) -> Iterable[Key]:
    numbers = table.is_numbered
    return chain.from_iterable(unpack_keys(page, whole_numbers=numbers) for page in pages)


def _delete(db: sqlite3.Connection, table: Table, corporation_id: int, condition: str) -> int:
    return db.execute(
        f"DELETE FROM main.{quoted(table.name)} WHERE {quoted(CORPORATION_KEY)} = ? "
        f"AND {condition}",
        (corporation_id,),
    ).rowcount


def _number(db: sqlite3.Connection, sql: str, *parameters: Any) -> int:
    found: int = db.execute(sql, parameters).fetchone()[0]
    return found
