"""A whole file is called whole, by every SQLite that may read it."""

import sqlite3
from contextlib import closing

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.creation import create_schema

MODELS = [model for process in ALL for model in process.models]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.table_name)
def test_a_row_does_not_look_like_damage(model: type[CorporationTable]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        create_schema(db, MODELS)
        name = model._meta.table_name
        columns = db.execute(f"PRAGMA table_info({name})").fetchall()
        values = ["x" if column[2] == "TEXT" else 1 for column in columns]
        db.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)

        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
