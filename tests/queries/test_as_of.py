"""The past of a table, from the change log: exact, or refused with the moment that it reaches."""

import functools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpsync_tui.catalog import ALL
from corpsync_tui.queries.as_of import TooEarlyError, hide_past, load_past, show_past
from corpsync_tui.queries.difference import compare
from corpsync_tui.store.changelog import TRIM_ROWS, ChangeLog, trim
from corpsync_tui.store.changepack import pack_oldest
from corpsync_tui.store.columns import Column
from corpsync_tui.store.creation import create_schema
from corpsync_tui.store.schema import Table, listed, quoted

TABLES = list(dict.fromkeys(table for process in ALL for table in process.logged))
LOGS = frozenset[str]().union(*(process.logs for process in ALL))
CORPORATIONS = (98_000_001, 98_000_002)
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(database(MEMBER)) as found:
        yield found


def database(table: Table) -> sqlite3.Connection:
    found = sqlite3.connect(":memory:", isolation_level=None)
    found.deserialize(schema_of(table))
    return found


@functools.cache
def schema_of(table: Table) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        create_schema(made, [table.model])
        return made.serialize()


class History:
    """A table's life: what it held after each run, and since when its past is told."""

    def __init__(self, db: sqlite3.Connection, table: Table, **limits: int) -> None:
        self.db, self.table, self.limits = db, table, limits
        self.runs = 0
        self.since: dict[int, float] = {}
        """By corporation, the moment until which its past is exact."""

    def run(self, corporation_id: int, now: float, rows: Rows, *, logs: bool = True) -> None:
        """Make the corporation's table equal to `rows`, as one run does.

        Without `logs` new rows of a log are kept whole, as corpsync 0.1 did.
        """
        held = self.rows(corporation_id)
        self._merge(corporation_id, now, rows, "COMMIT", logs=logs)
        before, after = self.shown(held), self.shown(rows)
        news = len(before.keys() ^ after.keys()) + sum(
            after[key] != before[key] for key in before.keys() & after.keys()
        )
        kept = max(self.limits.get("bulk_rows", 10_000), self.limits.get("packed_rows", 100_000))
        if corporation_id not in self.since or news > kept:
            self.since[corporation_id] = now

    def fail(self, corporation_id: int, now: float, rows: Rows) -> None:
        """A run that ends in an error when all but its end is done."""
        self._merge(corporation_id, now, rows, "ROLLBACK", logs=True)

    def _merge(self, corporation_id: int, now: float, rows: Rows, end: str, *, logs: bool) -> None:
        self.runs += 1
        log = ChangeLog(
            [self.table], corporation_id, self.runs, logs=LOGS if logs else (), **self.limits
        )
        held = self.rows(corporation_id)
        table = quoted(self.table.name)
        names = ("corporation_id", *self.table.row_columns)
        is_it = " AND ".join(f"{quoted(n)} = ?" for n in ("corporation_id", *self.table.identity))
        sets = ", ".join(f"{quoted(n)} = ?" for n in self.table.row_columns)
        self.db.execute("BEGIN")
        with log.listening(self.db, now, begins=True):
            for key in held.keys() - rows.keys():
                self.db.execute(f"DELETE FROM {table} WHERE {is_it}", (corporation_id, *key))
            for key, row in rows.items():
                if key not in held:
                    self.db.execute(
                        f"INSERT INTO {table} ({listed(names)}) "
                        f"VALUES ({', '.join('?' * len(names))})",
                        (corporation_id, *row),
                    )
                elif row != held[key]:
                    self.db.execute(
                        f"UPDATE {table} SET {sets} WHERE {is_it}", (*row, corporation_id, *key)
                    )
        self.db.execute(end)

    def rows(self, corporation_id: int, schema: str = "main") -> Rows:
        """What the table holds, by key."""
        names = self.table.row_columns
        places = [names.index(n) for n in self.table.identity]
        found = self.db.execute(
            f"SELECT {listed(names)} FROM {schema}.{quoted(self.table.name)} "
            "WHERE corporation_id = ?",
            (corporation_id,),
        )
        return {tuple(row[i] for i in places): row for row in found}

    def shown(self, rows: Rows) -> Rows:
        """The rows without what moves at every sync."""
        told = [i for i, c in enumerate(self.table.columns[1:]) if not c.moving]
        return {key: tuple(row[i] for i in told) for key, row in rows.items()}

    def next_rows(self, corporation_id: int, rng: random.Random) -> Rows:
        """What the table may hold next."""
        columns = self.table.columns[1:]
        names = [c.name for c in columns]
        rows: Rows = {}
        for key, row in self.rows(corporation_id).items():
            fate = 1.0 if self.table.name in LOGS else rng.random()
            if fate >= 0.25:
                rows[key] = tuple(
                    value(c, rng) if fate < 0.6 and not c.identity else v
                    for c, v in zip(columns, row, strict=True)
                )
        for _ in range(rng.randint(0, 4)):
            row = tuple(value(c, rng) for c in columns)
            rows.setdefault(tuple(row[names.index(n)] for n in self.table.identity), row)
        return rows


def value(column: Column, rng: random.Random) -> Any:
    if column.null and rng.random() < 0.2:
        return None
    if column.kind in ("text", "word", "when", "day"):
        return rng.choice(["", "a", "Hangar 3", "株式会社", "2026-11-28T12:00:00Z"])
    if column.kind == "json":
        return rng.choice(['[{"a":1}]', "{}", '"x"'])
    return rng.choice([0.5, 1e12 / 3]) if column.kind in ("isk", "number") else rng.randint(0, 5)


LIMITS = [{}, {"bulk_rows": 3}, {"bulk_rows": 2, "packed_rows": 5}]


each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
a_life = given(seed=st.integers(0, 2**32), limits=st.sampled_from(LIMITS), packs=st.booleans())


@each_table
@settings(max_examples=3)
@a_life
def test_any_moment_is_exact_or_refused(
    table: Table, seed: int, limits: dict[str, int], packs: bool
) -> None:
    ask_for_moments(table, seed, limits, packs)


@pytest.mark.long
@each_table
@settings(max_examples=50)
@a_life
def test_any_moment_of_many_lives(
    table: Table, seed: int, limits: dict[str, int], packs: bool
) -> None:
    ask_for_moments(table, seed, limits, packs)


def ask_for_moments(table: Table, seed: int, limits: dict[str, int], packs: bool) -> None:
    """Runs that add, change, remove, find nothing new, or fail; runs too large; packed changes."""
    rng = random.Random(seed)
    with closing(database(table)) as db:
        history, now = History(db, table, **limits), 100.0
        states: list[tuple[float, dict[int, Rows]]] = []
        for _ in range(14):
            now += rng.choice([1.0, 9_000.0, 90_000.0])
            corporation_id = rng.choice(CORPORATIONS)
            rows = history.next_rows(corporation_id, rng)
            match rng.random():
                case fate if fate < 0.1:
                    history.fail(corporation_id, now, rows)
                case fate if fate < 0.2:
                    history.run(corporation_id, now, history.rows(corporation_id))
                case fate:
                    history.run(corporation_id, now, rows, logs=fate < 0.8)
            while packs and pack_oldest(db, kept=6, at_once=4):
                pass
            states.append((now, {c: history.shown(history.rows(c)) for c in CORPORATIONS}))
        since = max(history.since.values())
        for moment in (since, since - 0.5, rng.uniform(100.0, now), rng.choice(states)[0]):
            if moment < since:
                with pytest.raises(TooEarlyError) as refused:
                    load_past(db, table, moment, table.name)
                assert refused.value.until == since
                continue
            load_past(db, table, moment, table.name)
            then = next(state for time, state in reversed(states) if time <= moment)
            assert {c: history.shown(history.rows(c, "temp")) for c in CORPORATIONS} == then
            hide_past(db, table)


def member(base: int) -> tuple[Any, ...]:
    return (1, base, None, None, None, None, None)


MEMBER = next(table for table in TABLES if table.name == "member")
C = CORPORATIONS[0]


def test_before_the_first_load_nothing_is_known(db: sqlite3.Connection) -> None:
    History(db, MEMBER).run(C, 100.0, {(1,): member(1)})

    with pytest.raises(TooEarlyError, match="1970-01-01 00:01:40 EVE") as refused:
        load_past(db, MEMBER, 99.0, "member")
    assert refused.value.until == 100.0


def test_a_run_too_large_to_be_kept_is_where_the_past_ends(db: sqlite3.Connection) -> None:
    history = History(db, MEMBER, bulk_rows=0, packed_rows=0)
    history.run(C, 100.0, {(1,): member(1)})
    history.run(C, 200.0, {(1,): member(2)})

    with pytest.raises(TooEarlyError) as refused:
        load_past(db, MEMBER, 150.0, "member")
    assert refused.value.until == 200.0
    load_past(db, MEMBER, 200.0, "member")
    assert history.rows(C, "temp") == {(1,): member(2)}


def test_what_was_trimmed_is_where_the_past_ends(db: sqlite3.Connection) -> None:
    history = History(db, MEMBER)
    history.run(C, 100.0, {})
    for n in range(TRIM_ROWS):
        history.run(C, 101.0, {(1,): member(n + 1)})
    history.run(C, 300.0, {})
    trim(db, 200.0)

    with pytest.raises(TooEarlyError) as refused:
        load_past(db, MEMBER, 100.5, "member")
    assert refused.value.until == 101.0


def test_the_past_of_one_corporation_reaches_behind_anothers_first_load(
    db: sqlite3.Connection,
) -> None:
    history = History(db, MEMBER)
    history.run(C, 100.0, {(1,): member(7)})
    history.run(C, 200.0, {(1,): member(8)})
    history.run(CORPORATIONS[1], 300.0, {(2,): member(9)})

    with pytest.raises(TooEarlyError):
        show_past(db, [MEMBER], 150.0)
    show_past(db, [MEMBER], 150.0, C)
    assert db.execute("SELECT base_id FROM member").fetchall() == [(7,)]
    hide_past(db, MEMBER)
    difference = compare(db, MEMBER, 150.0, corporation_id=C)
    ((before, after),) = difference.changed
    assert (before["base_id"], after["base_id"]) == (7, 8)
    assert (difference.added, difference.removed) == ([], [])


def test_statements_without_a_schema_read_the_past(db: sqlite3.Connection) -> None:
    history = History(db, MEMBER)
    db.execute("INSERT INTO eve_name VALUES (7, 'Jita', 'station', 0)")
    history.run(C, 100.0, {(1,): member(7)})
    history.run(C, 200.0, {(1,): member(8)})
    show_past(db, [MEMBER], 150.0)

    assert db.execute("SELECT base_id FROM member").fetchall() == [(7,)]
    assert db.execute("SELECT base_name FROM member_named").fetchall() == [("Jita",)]
    assert db.execute("SELECT base_id FROM main.member").fetchall() == [(8,)]
