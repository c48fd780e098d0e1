"""The change log as screens and commands ask for it: filtered, in windows, newest first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from corpsync_tui.store.changelog import ADDED
from corpsync_tui.store.columns import CORPORATION_KEY, Json
from corpsync_tui.store.schema import Table, quoted

ROWS_AT_ONCE = 500
"""Changes read in one query while a filter looks for more."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a run did to one row; of a changed row only what differs.

    Of a log's new row `after` is None: `Rows.whole` takes it from the table, where it stays.
    """

    id: int
    run_id: int
    time: float
    """Unix seconds."""
    corporation_id: int
    table_name: str
    kind: str
    """`added`, `changed`, `removed`; `bulk` where rows were only counted."""
    row_key: Values | None
    before: Values | None
    after: Values | None

    @property
    def says(self) -> dict[str, Any]:
        """All that the change tells of the row: its key, and its last known values."""
        return {**(self.row_key or {}), **(self.before or {}), **(self.after or {})}


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are meant; an empty field lets all pass."""

    tables: Sequence[str] = ()
    kind: str | None = None
    corporation_id: int | None = None
    run_id: int | None = None
    runs: tuple[int, int] | None = None
    """The ids of the oldest and the newest run."""
    row_key: Values | None = None
    since: float | None = None
    """Unix seconds."""
    after_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedRun:
    """How many rows a run changed, of those that a filter lets pass."""

    run_id: int
    time: float
    """Of the newest change, in Unix seconds."""
    corporation_id: int
    table_name: str
    """One of the tables."""
    counts: Mapping[str, int]
    """By kind."""
    newest: int
    """The id of the newest change."""


COLUMNS = "id, run_id, time, corporation_id, table_name, kind, row_key, before, after"


def read_changes(
    db: sqlite3.Connection,
    which: ChangeFilter,
    *,
    before_id: int | None = None,
    limit: int = ROWS_AT_ONCE,
) -> list[Change]:
    """These changes, newest first; `before_id` goes on behind the last one shown."""
    where, parameters = _where(which, before_id)
    rows = db.execute(
        f"SELECT {COLUMNS} FROM change {where} ORDER BY id DESC LIMIT ?", (*parameters, limit)
    )
    return [_change(row) for row in rows]


def every_change(
    db: sqlite3.Connection, which: ChangeFilter, before_id: int | None = None
) -> Iterator[Change]:
    """All of them, newest first, read as they are wanted: the log is sorted at most once."""
    where, parameters = _where(which, before_id)
    with closing(
        db.execute(f"SELECT {COLUMNS} FROM change {where} ORDER BY id DESC", parameters)
    ) as rows:
        yield from map(_change, rows)


def changed_runs(
    db: sqlite3.Connection, which: ChangeFilter, before_run: int | None, limit: int
) -> list[ChangedRun]:
    """The runs that did these changes, the newest first; `before_run` goes on behind the last."""
    if before_run is not None:
        which = replace(which, runs=(0, before_run - 1))
    where, parameters = _where(which, None)
    newest = f"SELECT DISTINCT run_id FROM change {where} ORDER BY run_id DESC LIMIT ?"
    ids = [run_id for (run_id,) in db.execute(newest, (*parameters, limit))]
    if not ids:
        return []
    where, parameters = _where(replace(which, runs=(ids[-1], ids[0])), None)
    rows = db.execute(
        "SELECT run_id, kind, COUNT(*), MAX(id), MAX(time), corporation_id, table_name "
        f"FROM change {where} GROUP BY run_id, kind",
        parameters,
    )
    by_kind: dict[int, list[Sequence[Any]]] = {}
    for run_id, *values in rows:
        by_kind.setdefault(run_id, []).append(values)
    return [
        ChangedRun(
            run_id,
            max(when for _, _, _, when, _, _ in kinds),
            kinds[0][4],
            kinds[0][5],
            {kind: number for kind, number, *_ in kinds},
            max(last for _, _, last, *_ in kinds),
        )
        for run_id in ids
        if (kinds := by_kind[run_id])
    ]


def count_changes(db: sqlite3.Connection, which: ChangeFilter) -> int:
    """How many changes pass the filter."""
    where, parameters = _where(which, None)
    found: int = db.execute(f"SELECT COUNT(*) FROM change {where}", parameters).fetchone()[0]
    return found


def newest_id(db: sqlite3.Connection) -> int:
    """The id of the last change; 0 where there is none."""
    found: int = db.execute("SELECT IFNULL(MAX(id), 0) FROM change").fetchone()[0]
    return found


def key_text(values: Values) -> str:
    """A row's identity, or values of it, as the log keeps them."""
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)


@dataclass(slots=True)
class Rows:
    """Rows of the tables as they are, or as they were when they left."""

    db: sqlite3.Connection
    tables: Mapping[str, Table]
    """Those whose JSON columns are to be values, as they are in the log."""
    _held: dict[tuple[str, int, str], Values] = field(default_factory=dict)

    def of(self, change: Change) -> dict[str, Any]:
        """All that is known of the change's row, with what the change says itself on top."""
        known = self._row(change.table_name, change.corporation_id, change.row_key or {})
        return {**known, **change.says}

    def whole(self, change: Change) -> Change:
        """The change with all that it tells of its row."""
        if change.kind != ADDED or change.after is not None:
            return change
        key = change.row_key or {}
        row = self._stored(change.table_name, change.corporation_id, key)
        kept = {n: v for n, v in row.items() if v is not None and n not in key}
        return replace(change, after=kept) if row else change

    def completed(self, row: Sequence[Any]) -> Sequence[Any]:
        """The same for a row of the table `change`."""
        change = _change(row)
        after = self.whole(change).after
        return row if after is change.after else (*row[:-1], key_text(after or {}))

    def _row(self, table: str, corporation_id: int, key: Values) -> Values:
        place = (table, corporation_id, key_text(key))
        if place not in self._held:
            self._held[place] = self._stored(table, corporation_id, key) or self._left(*place)
        return self._held[place]

    def _stored(self, table: str, corporation_id: int, key: Values) -> Values:
        tests = "".join(f" AND {quoted(name)} = ?" for name in key)
        cursor = self.db.execute(
            f"SELECT * FROM {quoted(table)} WHERE corporation_id = ?{tests}",
            (corporation_id, *key.values()),
        )
        row = cursor.fetchone()
        if row is None:
            return {}
        values = dict(zip([column[0] for column in cursor.description], row, strict=True))
        del values[CORPORATION_KEY]
        known = self.tables.get(table)
        return values if known is None else with_values(known, values)

    def _left(self, table: str, corporation_id: int, key: str) -> Values:
        row = self.db.execute(
            "SELECT before FROM change WHERE table_name = ? AND row_key = ? "
            "AND corporation_id = ? AND kind = 'removed' ORDER BY id DESC LIMIT 1",
            (table, key, corporation_id),
        ).fetchone()
        return {} if row is None else json.loads(row[0])


def with_values(table: Table, row: Values) -> dict[str, Any]:
    """A row of the table whose JSON columns are values, as they are in the log."""
    nested = {column.name for column in table.columns if isinstance(column, Json)}
    return {n: json.loads(v) if v is not None and n in nested else v for n, v in row.items()}


def _where(which: ChangeFilter, before_id: int | None) -> tuple[str, list[Any]]:
    tests: list[tuple[str, Sequence[Any]]] = []
    if which.tables:
        marks = ", ".join("?" * len(which.tables))
        tests.append((f"table_name IN ({marks})", which.tables))
    if which.row_key is not None:
        tests.append(("row_key = ?", [key_text(which.row_key)]))
    for name in ("kind", "corporation_id", "run_id"):
        if (value := getattr(which, name)) is not None:
            tests.append((f"{name} = ?", [value]))
    if which.runs is not None:
        tests.append(("run_id BETWEEN ? AND ?", which.runs))
    if which.since is not None:
        tests.append(("time >= ?", [which.since]))
    if which.after_id is not None:
        tests.append(("id > ?", [which.after_id]))
    if before_id is not None:
        tests.append(("id < ?", [before_id]))
    if not tests:
        return "", []
    return "WHERE " + " AND ".join(t for t, _ in tests), [v for _, vs in tests for v in vs]


def _change(row: Sequence[Any]) -> Change:
    return Change(*row[:6], *(None if text is None else json.loads(text) for text in row[6:]))
