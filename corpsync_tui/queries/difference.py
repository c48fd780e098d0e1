"""What happened to a table between two moments: the rows, in words, and in sums."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from corpsync_tui.format.amounts import signed_count, signed_isk
from corpsync_tui.queries.as_of import load_past
from corpsync_tui.queries.changes import Change, with_values
from corpsync_tui.store.changelog import ADDED, CHANGED, REMOVED
from corpsync_tui.store.columns import CORPORATION_KEY
from corpsync_tui.store.schema import Table, listed, quoted

LINES = 2_000
"""Rows that are put into words for a screen; the sums are of all of them."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a table gained, changed and lost between two moments, in the order of its identity."""

    added: Sequence[Row]
    changed: Sequence[tuple[Row, Row]]
    """Each row before and after."""
    removed: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """What became of the sum of a column: by rows that came, changed and went."""

    column: str
    kind: str
    added: float
    changed: float
    removed: float
    """Below zero where the rows that went took something with them."""

    @property
    def net(self) -> float:
        """By how much the sum over the whole table differs."""
        return self.added + self.changed + self.removed

    @property
    def text(self) -> str:
        """`Quantity +12,000 ~+500 −3,000: +9,500 in all`."""
        written = signed_isk if self.kind == "isk" else signed_count
        parts = [
            f"{sign}{written(value)}"
            for sign, value in (("", self.added), ("~", self.changed), ("", self.removed))
            if value
        ]
        total = f": {written(self.net)} in all" if len(parts) > 1 else ""
        return f"{self.column.replace('_', ' ').capitalize()} {' '.join(parts)}{total}"


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One row's difference as a sentence, which bears text from outside."""

    kind: str
    """`added`, `changed` or `removed`."""
    sentence: str
    corporation_id: int
    row_key: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DifferenceList:
    """A difference as a screen shows it."""

    added: int
    changed: int
    removed: int
    sums: Sequence[ColumnSum]
    """Of the columns that can be added up and whose sum differs."""
    lines: Sequence[DifferenceLine]
    """Those of the first rows, see `LINES`."""


class Describer(Protocol):
    """Says changes in words, as `catalog.kit.describer.ChangeDescriber` does."""

    def describe(self, change: Change) -> str:
        """One line."""


def compare(
    db: sqlite3.Connection,
    table: Table,
    start: float,
    end: float | None = None,
    *,
    corporation_id: int | None = None,
) -> Difference:
    """What happened to a table's rows from `start` to `end` (Unix seconds; None: until now).

    Raises:
        TooEarlyError: The log does not reach back so far.
    """
    load_past(db, table, start, "then_start", corporation_id)
    after = "main." + quoted(table.name)
    if end is not None:
        load_past(db, table, end, "then_end", corporation_id)
        after = "temp.then_end"
    columns = [column.name for column in table.columns]
    key = (CORPORATION_KEY, *table.identity)
    steady = [c.name for c in table.columns if not c.moving and c.name not in key]
    own = "" if corporation_id is None else f"AND a.{CORPORATION_KEY} = {corporation_id:d} "
    differs = f"({listed(steady, 'a.')}) IS NOT ({listed(steady, 'b.')})" if steady else "false"

    def rows(one: str, other: str) -> list[Row]:
        found = db.execute(
            f"SELECT {listed(columns, 'a.')} FROM {one} AS a "
            f"LEFT JOIN {other} AS b USING ({listed(key)}) "
            f"WHERE b.{quoted(key[-1])} IS NULL {own}ORDER BY {listed(key, 'a.')}"
        )
        return [dict(zip(columns, row, strict=True)) for row in found]

    changed = db.execute(
        f"SELECT {listed(columns, 'a.')}, {listed(columns, 'b.')} FROM temp.then_start AS a "
        f"JOIN {after} AS b USING ({listed(key)}) WHERE {differs} {own}ORDER BY {listed(key, 'a.')}"
    )
    width = len(columns)
    pairs = [
        (dict(zip(columns, row[:width], strict=True)), dict(zip(columns, row[width:], strict=True)))
        for row in changed
    ]
    return Difference(rows(after, "temp.then_start"), pairs, rows("temp.then_start", after))


def list_difference(
    db: sqlite3.Connection,
    describer: Describer,
    table: Table,
    start: float,
    end: float | None,
    corporation_id: int | None,
) -> DifferenceList:
    """As `compare`, with its sums, and its first rows in words."""
    found = compare(db, table, start, end, corporation_id=corporation_id)
    return DifferenceList(
        len(found.added),
        len(found.changed),
        len(found.removed),
        sums(table, found),
        tuple(islice(in_words(table, found, describer), LINES)),
    )


def sums(table: Table, found: Difference) -> list[ColumnSum]:
    """What became of each column that can be added up, where its sum differs."""
    shown = table.model.presentation
    columns = [
        c
        for c in table.columns
        if c.kind in ("isk", "count")
        and not (c.moving or c.name in table.identity or c.name in shown.unsummed)
    ]
    made = [
        ColumnSum(
            c.name,
            c.kind,
            sum(row[c.name] or 0 for row in found.added),
            sum((new[c.name] or 0) - (old[c.name] or 0) for old, new in found.changed),
            -sum(row[c.name] or 0 for row in found.removed),
        )
        for c in columns
    ]
    return [one for one in made if one.added or one.changed or one.removed]


def in_words(table: Table, found: Difference, describer: Describer) -> Iterator[DifferenceLine]:
    """Each row as the change log words it: what came, what changed, what went."""

    def line(kind: str, before: Row | None, after: Row | None) -> DifferenceLine:
        row = after or before or {}
        key = {name: row[name] for name in table.identity}
        names = [n for n in row if n not in key and n != CORPORATION_KEY]
        if before and after:
            names = [n for n in names if before[n] != after[n]]
        shown = [side and {n: side[n] for n in names} for side in (before, after)]
        sides = [side and with_values(table, side) for side in shown]
        change = Change(0, 0, 0.0, row[CORPORATION_KEY], table.name, kind, key, *sides)
        return DifferenceLine(kind, describer.describe(change), change.corporation_id, key)

    yield from (line(ADDED, None, row) for row in found.added)
    yield from (line(CHANGED, before, after) for before, after in found.changed)
    yield from (line(REMOVED, row, None) for row in found.removed)
