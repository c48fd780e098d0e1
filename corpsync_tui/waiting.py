"""Waiting for what goes on where nobody waits for it any more, or where several do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def outlasting(work: Awaitable[T]) -> T:
    """The result of work that goes on where who waits for it is cancelled.

    From Python 3.14 on `asyncio.shield` reports each failure of which its waiter did not hear.
    """
    future = asyncio.ensure_future(work)
    try:
        await asyncio.wait({future})
    except asyncio.CancelledError:
        future.add_done_callback(_consume_exception)
        raise
    return future.result()


class Shared(Generic[T]):
    """Work done once for all who want it while it is under way; they share a failure, too."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None

    async def result(self) -> T:
        """What the work under way comes to; it begins where there is none."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await outlasting(self._task)


def _consume_exception(future: asyncio.Future[T]) -> None:
    """Nobody may be left who wants the failure; asyncio would complain."""
    if not future.cancelled():
        future.exception()
