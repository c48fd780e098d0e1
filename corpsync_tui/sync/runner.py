"""Runs under way and those that wait for a slot: started, watched, shown and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpsync_tui.errors import DowntimeError
from corpsync_tui.queries.records import RunRecord, Trigger
from corpsync_tui.sync.queue import Request, RunQueue, ordinal
from corpsync_tui.sync.state import AlreadyRunningError, SyncStateManager

log = logging.getLogger(__name__)

Run = Callable[[str, Trigger], Awaitable[RunRecord | None]]
"""Runs one process from fetch to stored and records the run.

Raises `CancelledError` when it was cancelled, and `DowntimeError` (recorded too) where ESI is
down. Whatever else it raises is recorded by the runner.
"""


class Handle(Protocol):
    """What `spawn` gives back: a Textual worker, an asyncio task."""

    def cancel(self) -> object:
        """Ask the coroutine to end."""


Spawn = Callable[[Coroutine[Any, Any, None], str], Handle]
"""Starts a coroutine under a name, on the running loop."""

_tasks: set[asyncio.Task[None]] = set()


def spawn_task(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start a coroutine as a plain task, held until it ends."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


@dataclass(eq=False)
class Job:
    """One run under way."""

    request: Request
    before: RunRecord | None
    """The process's last run when this one was spawned."""
    handle: Handle | None = None
    began: bool = False
    """A coroutine cancelled before its first step never hears of it."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Runner:
    """Runs what is requested, in as many slots as there are, and never a process twice.

    An exception out of a run is logged and recorded, and harms nobody else. `on_end` is called
    after each run, `on_downtime` with the process whose run met one.
    """

    def __init__(
        self,
        state: SyncStateManager,
        *,
        run: Run,
        spawn: Spawn,
        slots: int,
        on_end: Callable[[], None],
        on_downtime: Callable[[str], None],
    ) -> None:
        self.held = False
        """While true, nothing that waits is started."""
        self.is_closed = False
        """While true, nothing that is requested is taken."""
        self._state = state
        self._run = run
        self._spawn = spawn
        self._queue = RunQueue(slots)
        self._jobs: dict[str, Job] = {}
        self._finished: dict[str, list[asyncio.Future[RunRecord | None]]] = {}
        self._on_end = on_end
        self._on_downtime = on_downtime

    def is_running(self, process_id: str) -> bool:
        """Whether a run of the process has its slot."""
        return process_id in self._jobs

    @property
    def running(self) -> tuple[str, ...]:
        """The processes whose runs have their slots."""
        return tuple(self._jobs)

    def is_queued(self, process_id: str) -> bool:
        """Whether a run of the process waits."""
        return process_id in self._queue.waiting

    def request(self, process_id: str, trigger: Trigger) -> None:
        """Run a process as soon as there is a slot."""
        if process_id not in self._jobs and not self.is_closed:
            self._queue.add(Request(process_id, trigger))
            self.pump()

    def pump(self) -> None:
        """Start what may start."""
        while not self.held and (request := self._queue.take()) is not None:
            self._start(request)
        self.show()

    def show(self, others: Mapping[str, str] | None = None) -> None:
        """Show who waits; `others` are processes that wait without being queued here."""
        places = enumerate(self._queue.waiting, 1)
        queued = {process_id: f"Queued ({ordinal(n)})" for n, process_id in places}
        starting = {i: "Starting…" for i, job in self._jobs.items() if self._is_starting(job)}
        self._state.set_waiting({**(others or {}), **starting, **queued})

    def _is_starting(self, job: Job) -> bool:
        """Whether a run has its slot, and its start is not yet written: the file may be locked."""
        process_id = job.request.process_id
        if self._state.is_process_running(process_id):
            return False
        return self._state.last_run(process_id) is job.before

    def drop(self, which: Callable[[Request], bool]) -> list[str]:
        """Take waiting requests back; returns their process ids."""
        dropped = self._queue.remove(which)
        for process_id in dropped:
            self._resolve(process_id, None)
        self.show()
        return dropped

    async def cancel(self, process_id: str) -> None:
        """End the run of a process, and wait until it has ended."""
        job = self._jobs.get(process_id)
        if job is not None:
            self._cancel(job)
            await job.ended.wait()

    async def stop(self, patience: float) -> None:
        """End every run and drop what waits; give up waiting after `patience` seconds.

        What is requested from now on is not run, until `is_closed` is false again.
        """
        self.is_closed = True
        self.drop(lambda _: True)
        ends = [asyncio.ensure_future(job.ended.wait()) for job in self._jobs.values()]
        for job in tuple(self._jobs.values()):
            self._cancel(job)
        if ends:
            _, late = await asyncio.wait(ends, timeout=patience)
            for end in late:
                end.cancel()
            if late:
                log.warning("runs that did not end: %s", ", ".join(self._jobs))

    async def finished(self, process_id: str) -> RunRecord | None:
        """Wait for the end of the run that is queued or under way; returns its record.

        None where there is none, or it was dropped before it began.
        """
        if process_id not in self._jobs and not self.is_queued(process_id):
            return None
        future: asyncio.Future[RunRecord | None] = asyncio.get_running_loop().create_future()
        self._finished.setdefault(process_id, []).append(future)
        return await future

    def _start(self, request: Request) -> None:
        job = Job(request, self._state.last_run(request.process_id))
        self._jobs[request.process_id] = job
        job.handle = self._spawn(self._execute(job), f"sync {request.process_id}")

    async def _execute(self, job: Job) -> None:
        process_id = job.request.process_id
        if job.ended.is_set():
            return
        job.began = True
        record: RunRecord | None = None
        try:
            record = await self._run(process_id, job.request.trigger)
        except asyncio.CancelledError:
            await self._state.cancel_sync(process_id)
            raise
        except AlreadyRunningError:
            log.exception("%s was started twice", process_id)
        except DowntimeError as error:
            await self._record(job, error)
            self._on_downtime(process_id)
        except Exception as error:
            log.exception("the run of %s failed", process_id)
            await self._record(job, error)
        finally:
            self._end(job, record)

    async def _record(self, job: Job, error: Exception) -> None:
        """Record a failure, unless the run did so itself."""
        process_id = job.request.process_id
        running = self._state.is_process_running(process_id)
        if running or self._state.last_run(process_id) is job.before:
            await self._state.fail_sync(process_id, error, trigger=job.request.trigger)

    def _cancel(self, job: Job) -> None:
        if job.handle is not None:
            job.handle.cancel()
        if not job.began:
            self._end(job, None)

    def _end(self, job: Job, record: RunRecord | None) -> None:
        if job.ended.is_set():
            return
        process_id = job.request.process_id
        last = self._state.last_run(process_id)
        job.ended.set()
        del self._jobs[process_id]
        self._queue.release(process_id)
        self._resolve(process_id, record or (None if last is job.before else last))
        self.pump()
        self._on_end()

    def _resolve(self, process_id: str, record: RunRecord | None) -> None:
        for future in self._finished.pop(process_id, ()):
            if not future.done():
                future.set_result(record)
