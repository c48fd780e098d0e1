"""The one thread that writes."""

from __future__ import annotations

import logging
import math
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, TypeVar

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.binding import database
from corpsync_tui.store.connections import WAL_LIMIT, connect_writer
from corpsync_tui.store.failures import FAILURES, translate
from corpsync_tui.store.files import FileIdentity, bytes_in
from corpsync_tui.store.jobs import ConnectionThread, Job
from corpsync_tui.store.writable import FailureMark

T = TypeVar("T")

LOCK_PATIENCE = 15.0
"""Seconds to wait while another program holds the write lock."""

LOCK_RETRY = 0.05
"""Seconds between two tries for the write lock."""

log = logging.getLogger(__name__)


class Writer(ConnectionThread):
    """Runs each job inside BEGIN IMMEDIATE … COMMIT, or rolls it back as a whole."""

    def __init__(self, path: Path, *, patience: float = LOCK_PATIENCE) -> None:
        self._patience = patience
        self._latest = math.inf
        self._identity = FileIdentity.of(path)
        self._pause = threading.Event()
        self._mark = FailureMark(path)
        super().__init__("corpsync-writer", path, self._connect_and_adopt)

    def hurry(self, seconds: float) -> None:
        """From then on, wait no more for other programs' locks: the store is about to close."""
        self._latest = time.monotonic() + seconds

    def run(self, connection: sqlite3.Connection, job: Job[T]) -> T:
        """The job's work, in a transaction unless it wants none."""
        if not job.transaction:
            return job.work(connection)
        self._identity.check()
        self._begin(connection, job)
        database.enter_transaction()
        try:
            result = job.work(connection)
            _commit(connection, job)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            database.leave_transaction()
        self._mark.clear()
        self._trim(connection)
        return result

    def finish(self, connection: sqlite3.Connection) -> None:
        """Leave one tidy file behind, if nobody else reads."""
        _checkpoint(connection)
        database.release()
        super().finish(connection)

    def explain(self, error: BaseException, job: Job[Any], /) -> BaseException:
        """SQLite's and peewee's errors become sentences, all others stay as they are."""
        if type(error) is DatabaseError:  # the file is another, or SQLite rolled back unseen
            self._mark.set(error.message)
        if not isinstance(error, FAILURES):
            return error
        if not job.transaction:
            return translate(error, Path(tempfile.gettempdir()) / self._path.name)
        failure = translate(error, self._path)
        if isinstance(failure, DatabaseError):
            self._mark.set(failure.message)
        return failure

    def _connect_and_adopt(self) -> sqlite3.Connection:
        connection = connect_writer(self._path)
        connection.execute("PRAGMA busy_timeout = 0")  # waiting of our own can be cancelled
        database.adopt(connection)
        return connection

    def _begin(self, connection: sqlite3.Connection, job: Job[T]) -> None:
        patient_until = time.monotonic() + self._patience
        while True:
            job.check()
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _busy(error) or time.monotonic() >= min(patient_until, self._latest):
                    raise
                self._pause.wait(LOCK_RETRY)
            else:
                return

    def _trim(self, connection: sqlite3.Connection) -> None:
        wal = self._path.with_name(self._path.name + "-wal")
        if bytes_in(wal) > WAL_LIMIT:
            _checkpoint(connection)


def _commit(connection: sqlite3.Connection, job: Job[T]) -> None:
    """Commit, unless SQLite has rolled back on its own behind an error that was swallowed."""
    if not connection.in_transaction:
        raise DatabaseError(
            "A statement failed unseen and SQLite rolled back; nothing was changed."
        )
    job.seal()
    connection.execute("COMMIT")


def _busy(error: sqlite3.OperationalError) -> bool:
    return (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _checkpoint(connection: sqlite3.Connection) -> None:
    """Move the WAL into the file and make it small; a reader that is in the way may stay."""
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        log.info("WAL not emptied: %s", error)
