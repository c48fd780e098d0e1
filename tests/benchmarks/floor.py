"""The floors: what httpx, json and sqlite3 do when nothing is checked, told or kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import anyio
import httpx

from tests.benchmarks import records

CONNECTIONS = 4
COLUMNS = (
    "is_blueprint_copy",
    "is_singleton",
    "item_id",
    "location_flag",
    "location_id",
    "location_type",
    "quantity",
    "type_id",
)
TABLE = """
CREATE TABLE asset (
    corporation_id INTEGER NOT NULL, is_blueprint_copy INTEGER, is_singleton INTEGER NOT NULL,
    item_id INTEGER NOT NULL, location_flag TEXT NOT NULL, location_id INTEGER NOT NULL,
    location_type TEXT NOT NULL, quantity INTEGER NOT NULL, type_id INTEGER NOT NULL,
    PRIMARY KEY (corporation_id, item_id)
) WITHOUT ROWID
"""
INSERT = f"INSERT INTO asset VALUES (1, {', '.join('?' * len(COLUMNS))})"

Rows = Sequence[Sequence[Any]]


def row(record: dict[str, Any]) -> tuple[Any, ...]:
    """A record as the floor's table has it."""
    return tuple(record.get(name) for name in COLUMNS)


def asset_url(base: str, page: int) -> str:
    """The address of a page of assets."""
    return f"{base}/corporations/1/assets" + (f"?page={page}" if page > 1 else "")


def empty_table(file: Path) -> sqlite3.Connection:
    """A new database in the mode that corpsync's own has."""
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(TABLE)
    return db


def write(db: sqlite3.Connection, rows: Rows) -> None:
    """One `executemany` in one transaction."""
    db.execute("BEGIN")
    db.executemany(INSERT, rows)
    db.execute("COMMIT")


async def read_all(
    client: httpx.AsyncClient,
    requests: Iterable[tuple[str, str | None]],
    take: Callable[[httpx.Response], None],
) -> None:
    """Ask for each address, with its ETag where one is given, over all connections."""
    waiting = iter(list(requests))

    async def reader() -> None:
        for url, etag in waiting:
            headers = {"If-None-Match": etag} if etag else {}
            take(await client.get(url, headers=headers))

    async with anyio.create_task_group() as group:
        for _ in range(CONNECTIONS):
            group.start_soon(reader)


def client() -> httpx.AsyncClient:
    """httpx as everybody would use it."""
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=CONNECTIONS), timeout=60)


async def load(base: str, pages: int, file: Path) -> float:
    """Every page of the assets into a new table; milliseconds."""
    rows: list[tuple[Any, ...]] = []

    def take(response: httpx.Response) -> None:
        rows.extend(row(record) for record in json.loads(response.content))

    async with client() as http:
        await http.get(f"{base}/status")
        with closing(empty_table(file)) as db:
            start = perf_counter()
            await read_all(http, [(asset_url(base, n), None) for n in range(1, pages + 1)], take)
            write(db, rows)
            return (perf_counter() - start) * 1e3


async def ask(base: str, requests: Iterable[tuple[str, str | None]]) -> float:
    """Bare requests whose answers nobody reads; milliseconds."""
    async with client() as http:
        await http.get(f"{base}/status")
        start = perf_counter()
        await read_all(http, requests, lambda response: None)
        return (perf_counter() - start) * 1e3


async def etags(base: str, pages: int) -> dict[int, str]:
    """The ETags that the pages have now."""
    found: dict[str, str] = {}

    def take(response: httpx.Response) -> None:
        found[str(response.url)] = response.headers["etag"]

    async with client() as http:
        await read_all(http, [(asset_url(base, n), None) for n in range(1, pages + 1)], take)
    return {n: found[asset_url(base, n)] for n in range(1, pages + 1)}


def rows_of(count: int, version: int = 0) -> list[tuple[Any, ...]]:
    """The floor's rows without the wire."""
    return [row(records.asset(n, version)) for n in range(count)]
