"""The past of a table, from the change log: exact, or refused with the moment that it reaches."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpsync_tui.catalog import ALL
from corpsync_tui.queries.as_of import TooEarlyError, load_past, show_past
from corpsync_tui.store.changelog import TRIM_ROWS, ChangeLog, trim
from corpsync_tui.store.creation import create_schema
from corpsync_tui.store.schema import Table, listed, quoted

TABLES = {Table.of(d.model): d.merge for process in ALL for d in process.datasets if d.counted}
CORPORATIONS = (98_000_001, 98_000_002)
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(database()) as found:
        yield found


def database() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:", isolation_level=None)
    create_schema(found, [table.model for table in TABLES])
    return found


class History:
    """A table's life: what it held after each run, and when that was."""

    def __init__(self, db: sqlite3.Connection, table: Table, **limits: int) -> None:
        self.db, self.table, self.limits = db, table, limits
        self.runs = 0
        self.logs = (table.name,) if TABLES[table] == "log" else ()

    def run(self, corporation_id: int, now: float, rows: Rows) -> None:
        """Make the corporation's table equal to `rows`, as one run does."""
        self.runs += 1
        log = ChangeLog([self.table], corporation_id, self.runs, logs=self.logs, **self.limits)
        held = self.rows(corporation_id)
        names = ("corporation_id", *self.table.row_columns)
        is_it = " AND ".join(f"{quoted(n)} = ?" for n in ("corporation_id", *self.table.identity))
        self.db.execute("BEGIN")
        with log.listening(self.db, now, begins=True):
            for key in held.keys() - rows.keys():
                self.db.execute(
                    f"DELETE FROM {quoted(self.table.name)} WHERE {is_it}", (corporation_id, *key)
                )
            for key, row in rows.items():
                if key not in held:
                    self.db.execute(
                        f"INSERT INTO {quoted(self.table.name)} ({listed(names)}) "
                        f"VALUES ({', '.join('?' * len(names))})",
                        (corporation_id, *row),
                    )
                elif row != held[key]:
                    sets = ", ".join(f"{quoted(n)} = ?" for n in self.table.row_columns)
                    self.db.execute(
                        f"UPDATE {quoted(self.table.name)} SET {sets} WHERE {is_it}",
                        (*row, corporation_id, *key),
                    )
        self.db.execute("COMMIT")

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
        moving = [i for i, c in enumerate(self.table.columns[1:]) if c.moving]
        return {
            key: tuple(None if i in moving else v for i, v in enumerate(row))
            for key, row in rows.items()
        }


def value(kind: str, rng: random.Random) -> Any:
    if kind in ("text", "word", "when", "day"):
        return rng.choice(["", "a", "Hangar 3", "株式会社", "2026-11-28T12:00:00Z"])
    if kind == "json":
        return rng.choice(['[{"a":1}]', "{}", '"x"'])
    return rng.choice([0.5, 1e12 / 3]) if kind in ("isk", "number") else rng.randint(0, 5)


def next_rows(table: Table, held: Rows, rng: random.Random, *, is_log: bool) -> Rows:
    columns = table.columns[1:]
    names = [c.name for c in columns]
    rows: Rows = {}
    for key, row in held.items():
        fate = 1.0 if is_log else rng.random()
        if fate < 0.25:
            continue
        changed = [
            value(c.kind, rng) if fate < 0.6 and c.name not in table.identity else v
            for c, v in zip(columns, row, strict=True)
        ]
        rows[key] = tuple(changed)
    for _ in range(rng.randint(0, 4)):
        row = tuple(value(c.kind, rng) for c in columns)
        rows.setdefault(tuple(row[names.index(n)] for n in table.identity), row)
    return rows


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), bulk=st.sampled_from([10_000, 3]))
def test_any_moment_since_the_first_load_is_exact(table: Table, seed: int, bulk: int) -> None:
    rng = random.Random(seed)
    with closing(database()) as db:
        history = History(db, table, bulk_rows=bulk)
        states: list[tuple[float, dict[int, Rows]]] = []
        for now in range(100, 112):
            corporation_id = CORPORATIONS[now % 2]
            held = history.rows(corporation_id)
            rows = next_rows(table, held, rng, is_log=TABLES[table] == "log")
            history.run(corporation_id, now, rows)
            states.append((now, {c: history.shown(history.rows(c)) for c in CORPORATIONS}))
        moment, then = rng.choice(states[1:])
        load_past(db, table, moment + rng.choice([0.0, 0.5]), table.name)
        for corporation_id in CORPORATIONS:
            past = history.shown(history.rows(corporation_id, "temp"))
            now_ = history.rows(corporation_id)
            assert past.keys() == then[corporation_id].keys()
            moving = {c.name for c in table.columns if c.moving}
            assert moving or past == then[corporation_id], now_


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


def test_statements_without_a_schema_read_the_past(db: sqlite3.Connection) -> None:
    history = History(db, MEMBER)
    db.execute("INSERT INTO eve_name VALUES (7, 'Jita', 'station', 0)")
    history.run(C, 100.0, {(1,): member(7)})
    history.run(C, 200.0, {(1,): member(8)})
    show_past(db, [MEMBER], 150.0)

    assert db.execute("SELECT base_id FROM member").fetchall() == [(7,)]
    assert db.execute("SELECT base_name FROM member_named").fetchall() == [("Jita",)]
    assert db.execute("SELECT base_id FROM main.member").fetchall() == [(8,)]
