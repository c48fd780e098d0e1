"""Threads that read, each with a connection that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from corpsync_tui.store.binding import database
from corpsync_tui.store.jobs import ConnectionThread, Job, Jobs
from corpsync_tui.store.reference import Attached

T = TypeVar("T")


class Reader(ConnectionThread):
    """Runs each job inside one read transaction that ends with it, so that no WAL is held."""

    def __init__(
        self,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        name: str,
        *,
        jobs: Jobs,
        reference: Path | None = None,
    ) -> None:
        self._open_file = connect
        self._reference = Attached(reference)
        super().__init__(name, path, self._connect_and_adopt, jobs=jobs)

    def run(self, connection: sqlite3.Connection, job: Job[T]) -> T:
        """The job's work, on one consistent state of the file."""
        self._reference.renew(connection)
        connection.execute("BEGIN")
        database.enter_transaction()
        try:
            result = job.work(connection)
            if isinstance(result, Iterator):
                raise TypeError("rows are fetched where they are read: a cursor holds the WAL")
            return result
        finally:
            database.leave_transaction()
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def finish(self, connection: sqlite3.Connection) -> None:
        """Close the connection, and let peewee forget it."""
        database.release()
        super().finish(connection)

    def _connect_and_adopt(self) -> sqlite3.Connection:
        connection = self._open_file()
        database.adopt(connection)
        return connection
