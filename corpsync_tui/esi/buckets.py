"""One token bucket of ESI: what it holds, and when the next request may go."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from corpsync_tui.esi.headers import RateLimit

RESERVE_SHARE = 0.15
"""Share of a bucket that is kept for "sync now"."""
SLOW_SHARE = 0.3
"""Below this share, scheduled requests keep the pace at which tokens come back."""
UNLEARNED = 5
"""Requests side by side into a bucket whose first answer has not said what it holds."""
MARGIN = 1.0
"""Seconds by which tokens are believed to come back later than reckoned."""
USUAL_COST = 2
"""Tokens of a 2xx answer, and of one that never came."""


def cost(status: int) -> int:
    """Tokens that an answer costs (ESI, *Rate Limiting*)."""
    if status == 429 or status >= 500:
        return 0
    if status >= 400:
        return 5
    return 1 if status >= 300 else USUAL_COST


@dataclass(frozen=True, slots=True)
class BucketState:
    """What outlasts a restart of one bucket, or of the cooldown of everything (group `*`)."""

    group: str
    character_id: int | None
    """None: asked without a token."""
    limit: int
    window: int
    """Seconds."""
    remaining: int
    heard: float
    """When `remaining` was true, in Unix seconds."""
    stopped_until: float
    """No request before that, in Unix seconds; 0 where ESI named none."""


class LimitStore(Protocol):
    """Where the buckets are kept over a restart."""

    async def load(self) -> Sequence[BucketState]:
        """All buckets as they were saved last."""

    async def save(self, states: Sequence[BucketState]) -> None:
        """Keep these in place of all that were saved before."""


@dataclass(slots=True)
class Bucket:
    """A sliding window: what is spent comes back one window later."""

    limit: int
    window: int
    open: int = 0
    """Requests under way."""
    learned: bool = False
    """Whether an answer to this process has said what the bucket holds."""
    heard: float = -math.inf
    _elsewhere: int = 0
    """Tokens spent by others with the same application, or before this start."""
    _spent: deque[tuple[float, int]] = field(default_factory=deque)
    _own: int = 0
    """The sum of what `_spent` holds."""
    _admitted: float = -math.inf

    def delay(self, now: float, *, reserve: bool) -> float:
        """Seconds until a request may go; infinite while that depends on those under way.

        `reserve`: the request may use what is kept for "sync now".
        """
        self._forget(now)
        if not self.learned and self.open >= UNLEARNED:
            return math.inf
        free = self.limit - self._used() - USUAL_COST * self.open
        need = USUAL_COST if reserve else USUAL_COST + int(self.limit * RESERVE_SHARE)
        if free < need and self._used() + self.open:
            return self._refilled(need - free, now)
        if reserve or free >= self.limit * SLOW_SHARE:
            return 0.0
        pace = self.window * USUAL_COST / self.limit
        return min(pace, max(0.0, self._admitted + pace - now))

    def admit(self, now: float) -> None:
        """A request goes."""
        self._admitted = now
        self.open += 1

    def charge(self, tokens: int, now: float) -> None:
        """A request came back, or will not."""
        self.open -= 1
        if tokens:
            self._spent.append((now, tokens))
            self._own += tokens

    def update(self, limit: RateLimit, now: float) -> None:
        """Take the headers for the truth."""
        self.limit = limit.limit or self.limit
        self.window = limit.window or self.window
        if limit.remaining is None:
            return
        self._forget(now)
        self._elsewhere = max(0, self.limit - limit.remaining - self._own)
        self.heard = now
        self.learned = True

    def refused(self) -> None:
        """ESI found the bucket empty and says itself when to ask: start again from then on."""
        self._spent.clear()
        self._own = 0
        self._elsewhere = 0
        self.learned = False

    def remaining(self, now: float) -> int:
        """Tokens left, as far as known."""
        self._forget(now)
        return max(0, self.limit - self._used())

    def _used(self) -> int:
        return self._elsewhere + self._own

    def _forget(self, now: float) -> None:
        """Drop what has come back, and what a clock set back would keep for ever."""
        gone = now - self.window - MARGIN
        while self._spent and not gone < self._spent[0][0] <= now + MARGIN:
            self._own -= self._spent.popleft()[1]
        if not gone < self.heard <= now + MARGIN:
            self._elsewhere = 0
            self.learned = False

    def _refilled(self, missing: int, now: float) -> float:
        """Seconds until enough has come back; infinite while only open requests can show."""
        returns = [*self._spent, (self.heard, self._elsewhere)]
        for spent, tokens in sorted(returns):
            missing -= tokens
            if missing <= 0:
                return spent + self.window + MARGIN - now
        return math.inf
