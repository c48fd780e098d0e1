"""A board's SQL as a view that any program can open.

A view knows neither settings nor static data: it says what the board says without them.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache

from corpsync_tui.boards.kit.prices import ranked_prices
from corpsync_tui.store.reference import TABLES, create_tables

PRICE_VIEW = "type_price"
"""The view `type_price(type_id, price, source)`, in place of the table that settings go into."""

NAMED_PRICES = """
SELECT t.*, (SELECT name FROM eve_name WHERE id = t.type_id) AS type_name FROM market_price AS t
"""
"""The body of `market_price_named`."""

NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
"""The present moment as ESI writes it, in place of `:now`."""


def view_select(sql: str) -> str:
    """The body of a board's view, from the SQL that the board itself reads with."""
    body = sql.strip().replace(":now", NOW).replace("temp.price", PRICE_VIEW)
    return re.sub(r"\bref\.(\w+)", lambda found: _nothing(found[1]), body)


def price_view() -> str:
    """The body of `type_price`; the own trades are those of all corporations in the file."""
    return f"SELECT type_id, price, source FROM ({ranked_prices('true')})"


@cache
def _columns() -> dict[str, list[str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        create_tables(db)
        tables = {name: db.execute(f"PRAGMA table_info({name})").fetchall() for name in TABLES}
    return {name: [column[1] for column in columns] for name, columns in tables.items()}


def _nothing(table: str) -> str:
    """A table of the static data as it is where there are none."""
    columns = ", ".join(f"NULL AS {name}" for name in _columns()[table])
    return f"(SELECT {columns} WHERE false)"
