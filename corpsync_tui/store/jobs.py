"""Threads that own a connection each, and the jobs they are given.

A cancelled job either never ran, or was rolled back, or had committed by then, and whoever
waits for it learns which.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from traceback import clear_frames
from typing import Any, Generic, TypeVar

from corpsync_tui.errors import ClosedError, DatabaseError
from corpsync_tui.store.failures import FAILURES, translate
from corpsync_tui.waiting import outlasting

T = TypeVar("T")

STEPS_BETWEEN_CHECKS = 1_000_000
"""SQLite's virtual machine steps between two looks at a job's flag: about 30 ms of a merge."""

ROLLBACK_PATIENCE = 2.0
"""Seconds that a job may take to stop when it is asked to."""


class JobCancelledError(DatabaseError):
    """The job was stopped before it had committed; it left nothing behind."""

    def __init__(self) -> None:
        super().__init__("The work was stopped before it was stored; nothing was changed.")


class Job(Generic[T]):
    """A piece of work for a database thread."""

    def __init__(self, work: Callable[[sqlite3.Connection], T], *, transaction: bool) -> None:
        self.work = work
        self.transaction = transaction
        self.future: Future[T] = Future()
        self._lock = threading.Lock()
        self._cancelled = False
        self._sealed = False

    def cancel(self) -> None:
        """Stop the work at its next check, unless it is committing already."""
        with self._lock:
            self._cancelled = not self._sealed

    @property
    def cancelled(self) -> bool:
        """Whether the work is to stop: long work asks between its steps."""
        return self._cancelled

    def check(self) -> None:
        """Raise JobCancelledError where the work is to stop."""
        if self._cancelled:
            raise JobCancelledError

    def seal(self) -> None:
        """From here on it is too late to cancel: the commit follows."""
        with self._lock:
            self.check()
            self._sealed = True

    async def outcome(self) -> T:
        """Wait for the work's result.

        A task cancelled meanwhile waits until the work was rolled back, and then is cancelled.
        Where the commit came first, the result is returned as if nothing had been, and the
        cancellation strikes at the task's next wait: what was written is never denied.
        """
        waiter = asyncio.wrap_future(self.future)
        try:
            return await outlasting(waiter)
        except asyncio.CancelledError:
            self.cancel()
            await _settled(waiter)
            if waiter.exception() is not None:
                raise
        cancel_later()
        return waiter.result()

    async def answer(self) -> T:
        """Wait for the result of work that changes nothing; a cancelled task does not linger."""
        try:
            return await asyncio.wrap_future(self.future)
        except asyncio.CancelledError:
            self.cancel()
            raise


def _settle(future: Future[Any], result: object = None, error: BaseException | None = None) -> None:
    """Give the outcome to whoever still waits."""
    if not future.set_running_or_notify_cancel():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


async def _settled(waiter: asyncio.Future[Any]) -> None:
    while not waiter.done():
        try:
            await asyncio.wait({waiter})
        except asyncio.CancelledError:
            continue


def cancel_later() -> None:
    """Put a cancellation that was caught back, to strike at the task's next wait."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
        task.cancel()


Jobs = SimpleQueue[Job[Any] | None]
"""Jobs that wait; None ends the thread that takes it."""


class ConnectionThread:
    """A daemon thread that opens a connection, works off jobs in order, and closes it.

    Threads that share their `jobs` take the next one as soon as they are idle.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        connect: Callable[[], sqlite3.Connection],
        *,
        jobs: Jobs | None = None,
    ) -> None:
        self._path = path
        self._connect = connect
        self._jobs: Jobs = SimpleQueue() if jobs is None else jobs
        self._current: Job[Any] | None = None
        self._connection: sqlite3.Connection | None = None
        self._stopped = False
        self._hurried = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job[T]) -> Job[T]:
        """Queue a job.

        Raises:
            ClosedError: The thread was stopped.
        """
        with self._gate:
            if self._stopped:
                raise ClosedError("The database is closed.")
            self._jobs.put(job)
        return job

    def stop(self) -> None:
        """End the thread after the jobs queued so far."""
        with self._gate:
            if not self._stopped:
                self._stopped = True
                self._jobs.put(None)

    def join(self, patience: float) -> bool:
        """Wait for the end; after `patience` seconds the jobs that are left are stopped.

        Returns:
            Whether the thread has ended.
        """
        self._thread.join(patience)
        self._hurried = True
        current = self._current
        if current is not None:
            current.cancel()
        self._thread.join(ROLLBACK_PATIENCE)
        return not self._thread.is_alive()

    def run(self, connection: sqlite3.Connection, job: Job[T]) -> T:
        """Do one job's work; subclasses put a transaction around it."""
        raise NotImplementedError

    def finish(self, connection: sqlite3.Connection) -> None:
        """What is left to do when the last job is done; closes the connection."""
        connection.close()

    def explain(self, error: BaseException, _: Job[Any], /) -> BaseException:
        """The error that the one who waits shall see: SQLite's and peewee's become sentences."""
        return translate(error, self._path) if isinstance(error, FAILURES) else error

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._current = job
            if self._hurried:
                job.cancel()
            self._attempt(job)
            self._current = None
            del job
        if self._connection is not None:
            self.finish(self._connection)

    def _attempt(self, job: Job[Any]) -> None:
        try:
            job.check()
            result = self.run(self._open(), job)
        except BaseException as error:
            clear_frames(error.__traceback__)  # a cursor in them would hold the WAL
            cause = JobCancelledError() if job.cancelled else self.explain(error, job)
            if cause is not error:
                cause.__cause__ = error
            _settle(job.future, error=cause)
        else:
            _settle(job.future, result)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
            self._connection.set_progress_handler(self._interrupted, STEPS_BETWEEN_CHECKS)
        return self._connection

    def _interrupted(self) -> bool:
        return self._current is not None and self._current.cancelled
