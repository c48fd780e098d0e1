"""Staying inside ESI's limits: token buckets, the error limit, and the cooldowns after 420 and 429.

The headers are the truth; the document's numbers are only where each bucket starts.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from corpsync_tui.clock import Clock
from corpsync_tui.esi import headers as read
from corpsync_tui.esi.buckets import USUAL_COST, Bucket, BucketState, LimitStore, cost
from corpsync_tui.esi.cooldowns import Cooldown, RetryState
from corpsync_tui.esi.http import Reply
from corpsync_tui.esi.routes import Route

ERRORS_LEFT = 20
"""Below this many errors left, requests wait for the error limit's reset."""
ERROR_WINDOW = 60
"""Seconds of the error limit's fixed window: no reset is further away."""
SAVED_EVERY = 10.0
"""Seconds between two savings of the buckets."""
EVERYTHING = "*"
"""The group under which the cooldown of all requests is kept."""
_SHOWN_FROM = 0.5
"""Seconds from which a wait is worth telling."""

_log = logging.getLogger(__name__)

BucketKey = tuple[str, int | None]
"""Group and character; routes of the error limit share the group `""`."""


@dataclass(slots=True)
class ErrorLimit:
    """The fixed minute in which ESI counts answers that are no success."""

    remaining: int = 100
    until: float = 0.0
    """When the count starts again, in Unix seconds."""

    def update(self, reply: Reply) -> None:
        """Take the count from an answer's headers."""
        remaining = read.whole(reply.headers.get("x-esi-error-limit-remain"))
        reset = read.whole(reply.headers.get("x-esi-error-limit-reset"))
        if remaining is not None and reset is not None:
            self.remaining = remaining
            self.until = reply.heard + min(reset, ERROR_WINDOW)

    def delay(self, now: float) -> float:
        """Seconds until requests may go."""
        left = self.until - now
        return left if self.remaining < ERRORS_LEFT and 0 < left <= ERROR_WINDOW else 0.0


class Limits:
    """All limits of ESI, for every request of this process."""

    def __init__(self, clock: Clock, store: LimitStore | None = None) -> None:
        self.errors = ErrorLimit()
        self._clock = clock
        self._store = store
        self._buckets: dict[BucketKey, Bucket] = {}
        self._cooldowns: dict[BucketKey, Cooldown] = {}
        self._groups: dict[str, str] = {}
        self._wakers: set[asyncio.Future[None]] = set()
        self._changed = False
        self._saved = -math.inf
        self._saving: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Take up the buckets where the last process left them."""
        for state in await self._store.load() if self._store else ():
            key = (state.group, state.character_id)
            if state.stopped_until > self._clock.time():
                self._cooldowns[key] = Cooldown(state.stopped_until)
            if state.limit > 0 and state.window > 0:
                bucket = self._buckets[key] = Bucket(state.limit, state.window)
                limit = read.RateLimit(state.group, None, None, state.remaining)
                bucket.update(limit, state.heard)
                bucket.learned = False

    def permit(
        self,
        route: Route,
        character_id: int | None,
        *,
        reserve: bool,
        on_wait: Callable[[str], None],
    ) -> Permit:
        """One request's way past the limits, to be entered again for each of its tries."""
        return Permit(self, route, character_id if route.scope else None, on_wait, reserve=reserve)

    def states(self) -> list[BucketState]:
        """Every bucket as it stands: for the store and for the screen."""
        now = self._clock.time()
        stopped = {key for key, cooldown in self._cooldowns.items() if cooldown.until > now}
        keys = sorted(self._buckets.keys() | stopped, key=lambda key: (key[0], key[1] or 0))
        return [self._state(key, now) for key in keys]

    def _state(self, key: BucketKey, now: float) -> BucketState:
        bucket = self._buckets.get(key) or Bucket(0, 0)
        cooldown = self._cooldowns.get(key) or Cooldown()
        heard = bucket.heard if math.isfinite(bucket.heard) else 0.0
        left = bucket.remaining(now)
        # Tokens that came back meanwhile count as known now: the next start need not wait.
        return BucketState(*key, bucket.limit, bucket.window, left, heard and now, cooldown.until)

    def group(self, route: Route) -> str:
        """The route's group, as its answers say, else as the document says."""
        return self._groups.get(route.path, route.group or "")

    def bucket(self, key: BucketKey, route: Route) -> Bucket | None:
        """The bucket of that key; None where the error limit counts instead."""
        if key not in self._buckets and key[0] and route.tokens:
            self._buckets[key] = Bucket(route.tokens, route.window)
        return self._buckets.get(key)

    def cooldown(self, key: BucketKey) -> Cooldown:
        """Where requests of that key are held."""
        return self._cooldowns.setdefault(key, Cooldown())

    def rename(self, route: Route, limit: read.RateLimit, character_id: int | None) -> BucketKey:
        """Believe an answer that names another group than the document."""
        if limit.group:
            self._groups[route.path] = limit.group
        key = (self.group(route), character_id)
        if key not in self._buckets and limit.limit and limit.window:
            self._buckets[key] = Bucket(limit.limit, limit.window)
        return key

    def now(self) -> float:
        """Unix seconds."""
        return self._clock.time()

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until a request came back."""
        waker = asyncio.get_running_loop().create_future()
        self._wakers.add(waker)
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds)) if seconds < math.inf else None
        try:
            await asyncio.wait(
                {waker, sleeper} if sleeper else {waker}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._wakers.discard(waker)
            waker.cancel()
            if sleeper:
                sleeper.cancel()

    def wake(self) -> None:
        """Something came back: those who wait look again."""
        for waker in self._wakers:
            if not waker.done():
                waker.set_result(None)

    def touched(self, *, at_once: bool) -> None:
        """Save soon; at once after a cooldown."""
        self._changed = True
        now = self._clock.monotonic()
        idle = self._saving is None or self._saving.done()
        if self._store and idle and (at_once or now - self._saved >= SAVED_EVERY):
            self._saved = now
            self._saving = asyncio.create_task(self._save(self._store), name="save ESI's limits")

    async def _save(self, store: LimitStore) -> None:
        self._changed = False
        try:
            await store.save(self.states())
        except Exception:  # the limits are learned again; nothing else may fail for that
            _log.warning("ESI's limits were not saved", exc_info=True)

    async def aclose(self) -> None:
        """Save the buckets a last time, if anything was asked."""
        if self._saving is not None:
            await asyncio.wait({self._saving})
        if self._store and self._changed:
            await self._save(self._store)


class Permit:
    """One request's way past the limits: `async with` waits until it may go."""

    def __init__(
        self,
        limits: Limits,
        route: Route,
        character_id: int | None,
        on_wait: Callable[[str], None],
        *,
        reserve: bool,
    ) -> None:
        self._limits = limits
        self._route = route
        self._character_id = character_id
        self._reserve = reserve
        self._on_wait = on_wait
        self._state = RetryState()
        self._bucket: Bucket | None = None
        self._cooldowns: tuple[Cooldown, ...] = ()
        self._reply: Reply | None = None
        self._cost = USUAL_COST

    async def __aenter__(self) -> Self:
        """Wait for all limits.

        Raises:
            LimitError: a limit is still in force after three waits.
        """
        announced = False
        try:
            while (delay := self._delay()) > 0:
                if _SHOWN_FROM <= delay < math.inf:
                    self._on_wait(f"waiting for ESI's limit, {math.ceil(delay)} s")
                    announced = True
                step = 10.0 if 60 < delay < math.inf else 1.0
                await self._limits.pause(min(delay, step) if delay < math.inf else delay)
        finally:
            if announced:
                self._on_wait("")
        self._admit()
        return self

    def _key(self) -> BucketKey:
        return (self._limits.group(self._route), self._character_id)

    def _delay(self) -> float:
        limits, now, key = self._limits, self._limits.now(), self._key()
        delays = [
            limits.cooldown((EVERYTHING, None)).delay(self._state, now),
            limits.cooldown(key).delay(self._state, now),
            limits.errors.delay(now),
        ]
        if bucket := limits.bucket(key, self._route):
            delays.append(bucket.delay(now, reserve=self._reserve))
        return max(delays)

    def _admit(self) -> None:
        limits, key = self._limits, self._key()
        self._reply = None
        self._cost = USUAL_COST
        self._cooldowns = (limits.cooldown((EVERYTHING, None)), limits.cooldown(key))
        for cooldown in self._cooldowns:
            cooldown.enter(self._state)
        self._bucket = limits.bucket(key, self._route)
        if self._bucket:
            self._bucket.admit(limits.now())

    def answered(self, reply: Reply) -> None:
        """The answer to this try."""
        self._reply = reply
        self._cost = cost(reply.status)

    def unsent(self) -> None:
        """This try reached nobody, so it cost nothing."""
        self._cost = 0

    async def __aexit__(self, *_: object) -> None:
        now, reply = self._limits.now(), self._reply
        if self._bucket:
            self._bucket.charge(self._cost, now)
        if reply:
            self._learn(reply, now)
        refused = reply is not None and reply.status in (420, 429)
        for cooldown in self._cooldowns:
            cooldown.leave(self._state, answered=reply is not None and not refused)
        self._limits.wake()
        self._limits.touched(at_once=refused)

    def _learn(self, reply: Reply, now: float) -> None:
        limit = read.RateLimit.of(reply.headers)
        key = self._limits.rename(self._route, limit, self._character_id)
        if bucket := self._limits.bucket(key, self._route):
            if reply.status == 429:
                bucket.refused()
            else:
                bucket.update(limit, now)
        self._limits.errors.update(reply)
        everything, group = self._cooldowns
        named = read.retry_after(reply.headers, reply.heard)
        if reply.status == 420:
            reset = read.whole(reply.headers.get("x-esi-error-limit-reset"))
            if named is None and reset is not None:
                named = float(min(reset, ERROR_WINDOW))
            everything.refuse(self._state, named, now)
        elif reply.status == 429:
            group.refuse(self._state, named, now)
