"""The file in the hands of other programs, while corpsync writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from corpsync_tui.boards import all_boards, view_name
from corpsync_tui.catalog import ALL
from corpsync_tui.clock import Clock
from corpsync_tui.store.connections import connect_writer
from corpsync_tui.store.database import Store
from tests.boards.simulated import simulated
from tests.support.database import CORPORATION, insert, make_database

pytestmark = pytest.mark.anyio

MODELS = [model for process in ALL for model in process.models]
ROWS = 2_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path)
    insert(path, "eve_name", id=34, name="Tritanium", category="inventory_type", fetched_at=0)
    insert(path, "eve_name", id=60003760, name="Jita IV", category="station", fetched_at=0)
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            "INSERT INTO asset (corporation_id, item_id, type_id, location_id, location_flag, "
            "location_type, quantity, is_singleton) VALUES (?, ?, 34, 60003760, 'CorpSAG2', "
            "'station', 1, 0)",
            ((CORPORATION, n) for n in range(ROWS)),
        )
    return path


@asynccontextmanager
async def written(database: Path) -> AsyncIterator[Store]:
    """A store that changes every row, over and over: readers see all of a write or nothing."""
    store = Store.open(database, MODELS, clock=Clock(), owner=True)

    async def write() -> None:
        while True:
            await store.write(lambda db: db.execute("UPDATE asset SET quantity = quantity + 1"))

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            yield store
            tasks.cancel_scope.cancel()
    finally:
        await store.aclose()


async def test_sqlite_reads_whole_writes_only(database: Path) -> None:
    def read() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            return db.execute(
                "SELECT COUNT(*), COUNT(DISTINCT quantity), MIN(type_name), MAX(place) "
                "FROM asset_named"
            ).fetchall()

    async with written(database):
        for _ in range(10):
            assert await anyio.to_thread.run_sync(read) == [
                (ROWS, 1, "Tritanium", "Jita IV › Division 2")
            ]


def test_the_writer_opens_as_soon_as_another_program_lets_it(database: Path) -> None:
    holder = sqlite3.connect(database)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("UPDATE asset SET quantity = 2")
    holder.commit()
    with ThreadPoolExecutor() as threads:
        opening = threads.submit(lambda: connect_writer(database).close())
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.3)
        holder.close()

        assert opening.result(timeout=10) is None


def datasette_of(database: Path) -> Any:
    from datasette.app import Datasette  # type: ignore[import-untyped]  # slow, and without types

    return Datasette([str(database)])


async def test_datasette_shows_tables_and_views(database: Path) -> None:
    async with written(database):
        datasette = datasette_of(database)
        page = await datasette.client.get("/corpsync/asset_named.json?_shape=array&_size=3")
        assert page.status_code == 200
        assert [row["place"] for row in page.json()] == ["Jita IV › Division 2"] * 3
        whole = await datasette.client.get(
            "/corpsync.json?_shape=array&sql=select+count(distinct+quantity)+n,count(*)+m+from+asset"
        )
        assert whole.json() == [{"n": 1, "m": ROWS}]


async def test_sqlite_and_datasette_open_the_view_of_every_board(tmp_path: Path) -> None:
    path = tmp_path / "corpsync.db"
    with simulated() as (world, _), closing(sqlite3.connect(path)) as copy:
        world.backup(copy)
    uri = f"{path.as_uri()}?mode=ro"
    views = [view_name(board.name) for board in all_boards()]
    datasette = datasette_of(path)
    with closing(sqlite3.connect(uri, uri=True)) as db:
        for view in views:
            count = db.execute(f"SELECT COUNT(*) FROM {view}").fetchone()[0]
            page = await datasette.client.get(f"/corpsync/{view}.json?_shape=objects&_size=2")
            assert page.status_code == 200, page.text
            assert len(page.json()["rows"]) == min(count, 2)
            assert count


def test_views_survive_the_way_duckdb_reads_them(database: Path) -> None:
    """Its SQLite reader parses a view, writes it anew in its own words, and has SQLite run that.

    The reader itself is an extension that DuckDB loads from the network: not here. What DuckDB
    makes of a board's UNION is no SQLite any more; a board is written as a file for it.
    """
    import duckdb  # slow to import: not by every worker

    with closing(sqlite3.connect(database)) as db, closing(duckdb.connect()) as duck:
        views = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'view' AND name LIKE '%_named'"
        ).fetchall()
        assert len(views) == len(set(MODELS)) + 1, "each table has one, and the prices"
        for name, sql in views:
            select = sql.partition(" AS ")[2]
            found = duck.execute(
                "SELECT json_deserialize_sql(json_serialize_sql(?::VARCHAR))", [select]
            ).fetchone()
            assert found is not None
            rewritten = db.execute(str(found[0]))
            own = db.execute(f'SELECT * FROM "{name}"')
            assert [c[0] for c in rewritten.description] == [c[0] for c in own.description], name
            assert rewritten.fetchmany(5) == own.fetchmany(5), name
