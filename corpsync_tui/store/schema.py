"""What follows from a table's declaration: names, keys, and the SQL that moves its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from peewee import Field

from corpsync_tui.store.columns import CORPORATION_KEY, Column, CorporationTable

ROWS_PER_INSERT = 100
"""Rows of one INSERT while staging: fewer cost calls, many more make the event loop stutter."""

UNIT = "_unit"
"""The stage's column that tells which part of a run (a division, an observer) a row is of."""


def quoted(name: str) -> str:
    """A name as SQL bears it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def listed(names: Sequence[str], prefix: str = "") -> str:
    """Names, quoted and separated by commas."""
    return ", ".join(prefix + quoted(name) for name in names)


SQL_TYPES = {
    "BIGINT": "INTEGER",
    "BLOB": "BLOB",
    "BOOL": "INTEGER",
    "FLOAT": "REAL",
    "INT": "INTEGER",
}
"""The types of SQLite by those of peewee; the others are TEXT."""


def sql_type(field: Field[Any]) -> str:
    """The type of a column in SQLite."""
    return SQL_TYPES.get(field.field_type, "TEXT")


def columns_of(db: sqlite3.Connection, table: str) -> list[str]:
    """The columns that a table in the file has, in order; none where there is no such table."""
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({quoted(table)})")]


@dataclass(frozen=True)
class Table:
    """One data table, and its statements. Rows on their way in lack the corporation."""

    model: type[CorporationTable]
    name: str
    columns: tuple[Column, ...]
    """All, in the order of the declaration; `corporation_id` is the first."""
    identity: tuple[str, ...]
    """The key within one corporation."""

    @classmethod
    @cache
    def of(cls, model: type[CorporationTable]) -> Table:
        """The table that a model declares."""
        meta = model._meta
        return cls(model, meta.table_name, tuple(meta.sorted_fields), model.identity)

    @property
    def title(self) -> str:
        """What the table is called: `market_order` is `Market orders` unless it says otherwise."""
        words = self.name.replace("_", " ").capitalize()
        plural = f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
        return self.model.presentation.title or plural

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """The columns of a row, in order: all but the corporation."""
        return tuple(c.name for c in self.columns if c.name != CORPORATION_KEY)

    @cached_property
    def staged_columns(self) -> tuple[str, ...]:
        """The columns of a staged row, in order: those that are filled in later come later."""
        return tuple(name for name in self.row_columns if name not in self._kept)

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(c.name for c in self.columns if c.kept)

    @cached_property
    def value_columns(self) -> tuple[str, ...]:
        """The columns that are not part of the key."""
        return tuple(name for name in self.row_columns if name not in self.identity)

    @cached_property
    def renewed_columns(self) -> tuple[str, ...]:
        """The columns that a merge compares and updates: not those that are filled in later."""
        return tuple(name for name in self.value_columns if name not in self._kept)

    @cached_property
    def order(self) -> str:
        """The identity as ORDER BY and GROUP BY bear it, also where there is none."""
        return listed(self.identity) or "NULL"

    @cached_property
    def is_numbered(self) -> bool:
        """Whether one integer is the whole identity, so that it can be a stage's rowid."""
        types = [sql_type(c) for c in self.columns if c.name in self.identity]
        return types == ["INTEGER"]

    def create_stage(self, stage: str, *, numbered: bool) -> str:
        """The temporary table that a run's pages are put in, as they come.

        `numbered`: the identity is its rowid, so each has its place as soon as it is put.
        """
        columns = "".join(
            f"{quoted(c.name)} {sql_type(c)}"
            f"{' PRIMARY KEY' if numbered and c.name in self.identity else ''}, "
            for c in self.columns
            if c.name in self.staged_columns
        )
        return f"CREATE TEMP TABLE IF NOT EXISTS {quoted(stage)} ({columns}{UNIT} INTEGER)"

    def create_keys(self, name: str) -> str:
        """The temporary table that identities are put in, each once."""
        types = {c.name: sql_type(c) for c in self.columns}
        columns = [f"{quoted(n)} {types[n]}" for n in self.identity] or ["one INTEGER"]
        if len(columns) == 1:
            return f"CREATE TEMP TABLE IF NOT EXISTS {quoted(name)} ({columns[0]} PRIMARY KEY)"
        key = f"{', '.join(columns)}, PRIMARY KEY ({listed(self.identity)})"
        return f"CREATE TEMP TABLE IF NOT EXISTS {quoted(name)} ({key}) WITHOUT ROWID"

    def index_stage(self, stage: str) -> str:
        """The index that puts a full stage in the order of its rows' identity."""
        return (
            f"CREATE INDEX IF NOT EXISTS temp.{quoted(stage + '_key')} "
            f"ON {quoted(stage)} ({listed(self.identity) or UNIT})"
        )

    def count_distinct(self, stage: str) -> str:
        """The number of identities in the stage."""
        return f"SELECT COUNT(*) FROM (SELECT 1 FROM temp.{quoted(stage)} GROUP BY {self.order})"

    def drop_repeated(self, stage: str, *, last_wins: bool) -> str:
        """Of rows alike in identity, keep the one that was put first, or last."""
        one = "MAX" if last_wins else "MIN"
        return (
            f"DELETE FROM temp.{quoted(stage)} WHERE rowid NOT IN "
            f"(SELECT {one}(rowid) FROM temp.{quoted(stage)} GROUP BY {self.order})"
        )

    def insert_staged(self, stage: str, rows: int, unit: int) -> str:
        """Put `rows` rows of a unit in the stage; where it is numbered, only those that are new."""
        row = f"({', '.join('?' * len(self.staged_columns))}, {unit:d})"
        return (
            f"INSERT OR IGNORE INTO temp.{quoted(stage)} ({listed(self.staged_columns)}, {UNIT}) "
            f"VALUES {', '.join([row] * rows)}"
        )

    def insert_from(self, stage: str, where: str) -> str:
        """Add what the stage holds; one parameter, the corporation, then those of `where`."""
        return (
            f"INSERT INTO main.{quoted(self.name)} AS t ({quoted(CORPORATION_KEY)}, "
            f"{listed(self.staged_columns)}) "
            f"SELECT ?, {listed(self.staged_columns)} FROM temp.{quoted(stage)} WHERE {where} "
            f"ORDER BY {self.order} "
        )

    def keep_known(self) -> str:
        """The end of `insert_from` that leaves rows of a known identity as they are."""
        return f"ON CONFLICT ({self._key}) DO NOTHING"

    def renew_known(self, final: str = "") -> str:
        """The end of `insert_from` that updates rows of a known identity where they differ.

        Rows of the table `t` for which the condition `final` holds are left as they are.
        """
        values = self.renewed_columns
        if not values:
            return self.keep_known()
        renewed = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in values)
        return (
            f"ON CONFLICT ({self._key}) DO UPDATE SET {renewed} "
            f"WHERE ({listed(values, 't.')}) IS NOT ({listed(values, 'excluded.')})"
            f"{final and f' AND ({final}) IS NOT TRUE'}"
        )

    def is_news(self, stage: str, corporation_id: int, *, renews: bool) -> str:
        """A condition of `insert_from`: the table lacks the row, or (`renews`) has it otherwise."""
        same = [*self.identity, *(self.renewed_columns if renews else ())]
        staged = f"{quoted(stage)}."
        return (
            f"NOT EXISTS (SELECT 1 FROM main.{quoted(self.name)} AS known "
            f"WHERE known.{quoted(CORPORATION_KEY)} = {corporation_id:d} "
            f"AND ({listed(same, 'known.')}) IS ({listed(same, staged)}))"
        )

    def count_new(self, stage: str, corporation_id: int) -> str:
        """The number of staged rows whose identity the table lacks."""
        news = self.is_news(stage, corporation_id, renews=False)
        return f"SELECT COUNT(*) FROM temp.{quoted(stage)} WHERE {news}"

    def count_all(self) -> str:
        """The number of all corporations' rows, which SQLite tells without looking at each."""
        return f"SELECT COUNT(*) FROM main.{quoted(self.name)}"

    def count(self, corporation_id: int) -> str:
        """The number of a corporation's rows: all but those of others, which mostly are none."""
        others, own = f"{self.count_all()} WHERE {quoted(CORPORATION_KEY)}", f"{corporation_id:d}"
        return f"SELECT ({self.count_all()}) - ({others} < {own}) - ({others} > {own})"

    @cached_property
    def _key(self) -> str:
        return listed((CORPORATION_KEY, *self.identity))
