"""One open database file: who may write it, and how its contents are read and written."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.connections import connect_reader, is_there
from corpsync_tui.store.creation import NO_VIEWS, Views, create_schema
from corpsync_tui.store.interrupted import mask_interrupted_runs
from corpsync_tui.store.jobs import Job, Jobs
from corpsync_tui.store.lock import holder
from corpsync_tui.store.opening import check_readable, prepare
from corpsync_tui.store.reader import Reader
from corpsync_tui.store.schema import Table
from corpsync_tui.store.writer import Writer

T = TypeVar("T")

log = logging.getLogger(__name__)

READERS = 2
"""Threads that read: the screens', and one for an export or a check beside them."""

CLOSING_PATIENCE = 2.0
"""Seconds that a write may take to end when the store closes; then it is rolled back."""


class Store:
    """The database of one data folder."""

    def __init__(
        self,
        path: Path,
        models: Sequence[type[CorporationTable]],
        *,
        writer: Writer | None,
        connect: Callable[[], sqlite3.Connection],
        reference: Path | None = None,
    ) -> None:
        self.path = path
        self.tables = tuple(Table.of(model) for model in models)
        self._writer = writer
        jobs: Jobs = SimpleQueue()
        self._readers = [
            Reader(path, connect, f"corpsync-reader-{n}", jobs=jobs, reference=reference)
            for n in range(READERS)
        ]

    @classmethod
    def open(
        cls,
        path: Path,
        models: Sequence[type[CorporationTable]],
        *,
        clock: Clock,
        readonly: bool = False,
        owner: bool = False,
        reference: Path | None = None,
        views: Views = NO_VIEWS,
    ) -> Store:
        """Open the file, and make it where it is missing. Blocks: call it in a thread.

        Args:
            path: The database file.
            models: The data tables that it must have.
            clock: Dates a damaged file that is moved aside, and backups.
            readonly: Read only; a missing file then reads as an empty one and is not made.
            owner: The caller holds the folder's `OwnerLock`. Without it, an upgrade or a
                damaged file is left alone while another process holds the folder.
            reference: CCP's static data; readers have it as `ref`, empty where there is none.
            views: Further views that the file must have, beside each table's own.

        Raises:
            DatabaseError: The file is damaged (then it was moved aside and the message says
                what to do), of a newer corpsync, or cannot be read or written.
        """
        if readonly:
            return cls._open_readonly(path, models, reference)
        prepare(path, models, clock, owner=owner, views=views)
        truth = not owner
        return cls(
            path,
            models,
            writer=Writer(path),
            connect=lambda: _reader(path, truth=truth),
            reference=reference,
        )

    @classmethod
    def _open_readonly(
        cls, path: Path, models: Sequence[type[CorporationTable]], reference: Path | None
    ) -> Store:
        def connect() -> sqlite3.Connection:
            return _reader(path, truth=True) if exists else _nothing_yet(models)

        exists = is_there(path)
        if exists:
            check_readable(path)
        return cls(path, models, writer=None, connect=connect, reference=reference)

    async def write(
        self, work: Callable[[sqlite3.Connection], T], *, transaction: bool = True
    ) -> T:
        """Do work on the writer's thread, inside BEGIN IMMEDIATE … COMMIT.

        A cancelled caller is cancelled only when nothing was committed; see `Job.outcome`.
        `transaction=False` is for temporary tables, and for one query of what the writer wrote.

        Raises:
            DatabaseError: With the true cause; nothing was changed then.
        """
        if self._writer is None:
            raise DatabaseError(f"{self.path.name} was opened for reading only.")
        return await self._writer.submit(Job(work, transaction=transaction)).outcome()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work on the first idle reader's thread, on a state of the file that stays meanwhile.

        Raises:
            DatabaseError: With the true cause.
        """
        return await self._readers[0].submit(Job(work, transaction=True)).answer()

    def hurry(self) -> None:
        """The store closes soon: wait for other programs' locks no longer than it may take."""
        if self._writer is not None:
            self._writer.hurry(CLOSING_PATIENCE)

    def close(self) -> None:
        """End reading, let the write at work end, or roll it back after `CLOSING_PATIENCE`.

        Blocks. The writer's connection closes last: it leaves one tidy file.
        """
        for reader in self._readers:
            reader.stop()
        ended = [reader.join(0.0) for reader in self._readers]
        if self._writer is not None:
            self._writer.stop()
            ended.append(self._writer.join(CLOSING_PATIENCE))
        if not all(ended):
            log.warning("a database thread did not end in time")

    async def aclose(self) -> None:
        """`close`, without standing in the event loop's way."""
        await asyncio.to_thread(self.close)


def _reader(path: Path, *, truth: bool) -> sqlite3.Connection:
    """A reader's connection; where nobody holds the folder, what is called running is not."""
    connection = connect_reader(path)
    if truth and holder(path.parent) is None:
        mask_interrupted_runs(connection)
    return connection


def _nothing_yet(models: Sequence[type[CorporationTable]]) -> sqlite3.Connection:
    """An empty database in memory, for reading where there is no file."""
    connection = sqlite3.connect(":memory:", uri=True, isolation_level=None)
    create_schema(connection, models)
    connection.execute("PRAGMA query_only = ON")
    return connection
