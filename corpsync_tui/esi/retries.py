"""Trying again: exponential, jittered, at most four times, and said aloud."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from corpsync_tui.clock import Clock
from corpsync_tui.errors import CorpsyncError

RETRIES = 4
"""Tries after the first one."""
FIRST_WAIT = 0.5
"""Seconds before the first retry, doubled before each further one."""
JITTER = 0.5
"""Share by which a wait may be longer, so that requests do not return together."""
LONGEST_WAIT = 30.0
"""Seconds between two tries, unless the server names its own."""
LONGEST_NAMED = 300.0
"""Seconds to which a wait that a failing server names is cut."""


class Retries:
    """The retries of one request."""

    def __init__(self, clock: Clock, on_wait: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_wait = on_wait
        self._done = 0

    async def pause(self, error: CorpsyncError, named: float | None = None) -> None:
        """Wait before the next try; raise `error` when all tries were in vain.

        `named`: seconds that the server asked to be left alone.
        """
        if self._done == RETRIES:
            raise error
        longer = 1 + random.random() * JITTER  # noqa: S311 - spreads load, hides nothing
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**self._done * longer)
        wait = max(wait, min(named or 0.0, LONGEST_NAMED))
        self._done += 1
        self._on_wait(f"retry {self._done} of {RETRIES} in {math.ceil(wait)} s")
        try:
            await self._clock.sleep(wait)
        finally:
            self._on_wait("")
