"""SQL of strangers reads, and does nothing else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.queries.guarded import QueryRefusedError, run_query


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as found:
        found.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
        found.executemany("INSERT INTO thing (name) VALUES (?)", [("a",), ("b",), ("c",)])
        yield found


def test_a_select_is_answered(db: sqlite3.Connection) -> None:
    found = run_query(db, "SELECT name FROM thing ORDER BY id", most_rows=2)

    assert (found.columns, found.rows, found.more) == (["name"], [("a",), ("b",)], True)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO thing (name) VALUES ('x')",
        "DELETE FROM thing",
        "CREATE TEMP TABLE t (x)",
        "DROP TABLE thing",
        "ATTACH ':memory:' AS other",
        "PRAGMA user_version = 7",
        "PRAGMA table_info(thing)",
        "VACUUM INTO '/tmp/stolen.db'",
        "SELECT 1; DELETE FROM thing",
        "SELECT load_extension('x')",
        "BEGIN",
        "",
        "nonsense",
        "SELECT zeroblob(100000000)",
        "SELECT ?",
        "SELECT 1 \x00",
        "SELECT * FROM pragma_table_info('thing')",
        "WITH t AS (SELECT 1) DELETE FROM thing",
        "EXPLAIN DELETE FROM thing; DELETE FROM thing",
        "REPLACE INTO thing VALUES (1, 'x')",
        "SELECT 1 FROM thing WHERE name LIKE '%" + "a%" * 500 + "'",
    ],
)
def test_anything_else_is_refused(db: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(QueryRefusedError):
        run_query(db, sql)
    assert db.execute("SELECT COUNT(*) FROM thing").fetchone() == (3,)


def test_endless_recursion_ends(db: sqlite3.Connection) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n"

    with pytest.raises(QueryRefusedError):
        run_query(db, endless, seconds=0.05)


def test_the_connection_is_as_before(db: sqlite3.Connection) -> None:
    run_query(db, "SELECT 1")
    db.execute("INSERT INTO thing (name) VALUES ('d')")

    assert db.execute("SELECT COUNT(*) FROM thing").fetchone() == (4,)


def test_a_flood_of_bytes_ends_early_and_is_text(db: sqlite3.Connection) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) "
    found = run_query(db, many + "SELECT randomblob(900000) FROM n")

    assert found.more
    assert len(found.rows) < 20
    assert run_query(db, "SELECT x'00ff'").rows == [("00ff",)]
