"""Two watches of the scheduler: over this computer's clock, and over ESI's downtime."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from corpsync_tui.clock import Clock
from corpsync_tui.sync.due import CLOCK_SLACK

ASK_EVERY = 30.0
"""Seconds between two questions whether ESI is back."""

log = logging.getLogger(__name__)

ClusterUp = Callable[[], Awaitable[bool]]


class ClockWatch:
    """Notices that the wall clock moved otherwise than time passed.

    A computer that sleeps stops its monotonic clock, one whose clock is set does not: both show
    as a leap of the wall against it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()

    def leap(self) -> float:
        """Seconds the wall leapt since the last look; 0 where it is less than a minute."""
        now = self._now()
        leap, self._offset = now - self._offset, now
        return leap if abs(leap) > CLOCK_SLACK.total_seconds() else 0.0

    def _now(self) -> float:
        return self._clock.time() - self._clock.monotonic()


class DowntimeWatch:
    """Remembers that ESI is down, and asks at most every 30 s whether it is back."""

    def __init__(self, clock: Clock, cluster_up: ClusterUp | None) -> None:
        self.since: datetime | None = None
        """When a run met the downtime; None while ESI is up."""
        self.met: set[str] = set()
        """The processes whose runs met it: they are due again when it ends."""
        self._clock = clock
        self._cluster_up = cluster_up
        self.next_question = float("-inf")
        """When to ask, on the monotonic clock."""

    def meet(self, process_id: str) -> bool:
        """A run ended because ESI is down; True where that is news."""
        self.met.add(process_id)
        if self.since is not None:
            return False
        self.since = self._clock.now()
        self.next_question = self._clock.monotonic() + ASK_EVERY
        return True

    async def is_over(self) -> bool:
        """Ask, if it is time to, whether ESI is back."""
        if self._clock.monotonic() < self.next_question:
            return False
        self.next_question = self._clock.monotonic() + ASK_EVERY
        if self._cluster_up is None:
            return True
        try:
            return await self._cluster_up()
        except Exception:
            log.exception("the question whether ESI is back failed")
            return False

    def end(self) -> set[str]:
        """ESI is back; returns the processes that are due again."""
        met, self.met, self.since = self.met, set(), None
        return met
