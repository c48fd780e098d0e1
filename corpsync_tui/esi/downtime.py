"""Knowing when the cluster is down, so that nothing storms against it.

`/status` is asked only after a request failed with 5xx or found nobody, or around the daily
restart at 11:00 UTC; never more often than every 30 seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, time

import msgspec

from corpsync_tui.clock import Clock, to_datetime
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.errors import CorpsyncError, DowntimeError
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.http import Reply
from corpsync_tui.esi.routes import RequestStats, Route

STATUS = Route("/status", cache_seconds=30, group="status", tokens=600)
ASKED_EVERY = 30.0
"""Seconds between two questions."""
RESTART_BEGINS = time(11, 0)
RESTART_ENDS = time(11, 15)


class _Status(msgspec.Struct):
    """The part of `/status` that says whether players may log in, and how many did."""

    vip: bool = False
    players: Int64 = 0


class Downtime:
    """Whether ESI is up, as far as it was asked."""

    def __init__(self, clock: Clock, ask: Callable[[RequestStats], Awaitable[Reply]]) -> None:
        self.down_since: float | None = None
        """Unix seconds at which `/status` first said so; None while ESI is up."""
        self.asked: float | None = None
        """When `/status` last answered, in Unix seconds."""
        self.players: int | None = None
        """How many were online then; None where it did not say."""
        self._clock = clock
        self._ask = ask
        self._next = 0.0
        self._asking = asyncio.Lock()

    async def check(self, traffic: RequestStats) -> None:
        """Before a request: nothing, unless ESI is down or this is the time of its restart.

        Raises:
            DowntimeError: the cluster is down.
        """
        if self.down_since is not None or self._is_restart_time(self._clock.now()):
            await self.suspect(traffic)

    async def suspect(self, traffic: RequestStats) -> None:
        """After a failure: ask whether the cluster is down.

        Raises:
            DowntimeError: it is.
        """
        if not await self.is_up(traffic):
            since = to_datetime(self.down_since)
            raise DowntimeError(f"ESI is in downtime since {since:%H:%M} EVE time")

    async def is_up(self, traffic: RequestStats) -> bool:
        """Whether ESI is up; asks unless it was asked within the last 30 seconds."""
        async with self._asking:
            now = self._clock.time()
            if not self._next - 2 * ASKED_EVERY <= now < self._next:
                self._next = now + ASKED_EVERY
                await self._look(traffic)
        return self.down_since is None

    async def _look(self, traffic: RequestStats) -> None:
        try:
            reply = await self._ask(traffic)
        except CorpsyncError:
            return  # nobody there: the network's fault as likely as the cluster's
        status = _decode_status(reply)
        self.asked, self.players = reply.heard, status.players if status else None
        if reply.status >= 500 or (status is not None and status.vip):
            self.down_since = self.down_since or reply.heard
        elif reply.status < 400:
            self.down_since = None
            expires = read.expiry(reply.headers, reply.heard, STATUS.cache_seconds)
            self._next = min(max(self._next, expires), reply.heard + 2 * ASKED_EVERY)

    @staticmethod
    def _is_restart_time(now: datetime) -> bool:
        return RESTART_BEGINS <= now.time() < RESTART_ENDS


def _decode_status(reply: Reply) -> _Status | None:
    try:
        return msgspec.json.decode(reply.body, type=_Status) if reply.status == 200 else None
    except UNREADABLE:
        return None
