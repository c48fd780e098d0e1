"""Waiting for what goes on where nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

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


def _consume_exception(future: asyncio.Future[T]) -> None:
    """Nobody may be left who wants the failure; asyncio would complain."""
    if not future.cancelled():
        future.exception()
