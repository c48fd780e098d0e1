"""CSV as the csv module writes it, but harmless."""

import csv
import io
import sqlite3
from contextlib import closing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corpsync_tui.upkeep import csv_text

cells = (
    st.none()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.text('=+-@\t\r\n", a', max_size=4)
)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)
)


def harmless(value: Any) -> Any:
    runs = isinstance(value, str) and value.startswith(csv_text.RUNNABLE)
    return f"'{value}" if runs else value


@given(tables)
def test_it_is_what_the_csv_module_writes(rows: list[list[Any]]) -> None:
    expected = io.StringIO(newline="")
    csv.writer(expected).writerows([[harmless(cell) for cell in row] for row in rows])

    assert csv_text.lines(rows) == expected.getvalue()


words = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from(["a", "", "=1", "b,", '"', "é\n"])
)


@given(st.lists(st.tuples(words, words, words), min_size=1))
def test_what_sqlite_puts_together_reads_the_same(rows: list[tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (a, b, c)")
        db.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        select = f"SELECT {csv_text.json_array(['a', 'b', 'c'])} FROM t"
        found = [text for (text,) in db.execute(select)]

    assert csv_text.from_json(found, 3) == csv_text.lines(rows)


def test_a_header_is_quoted_where_it_must_be() -> None:
    assert csv_text.header(["id", 'a "b", c']) == 'id,"a ""b"", c"\r\n'
