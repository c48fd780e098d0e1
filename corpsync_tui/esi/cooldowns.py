"""The cooldown after a 420 or 429: nobody goes until the time given, then one probe goes first."""

from __future__ import annotations

import math

from corpsync_tui.errors import LimitError

LONGEST_COOLDOWN = 900.0
"""Seconds to which a cooldown is cut: no window of ESI is longer."""
FIRST_GUESS = 5.0
"""Seconds of a cooldown for which ESI named no time, doubled at each."""
LONGEST_GUESS = 60.0
PATIENCE = 3
"""Cooldowns that a request waits out; after that it gives up."""


class RetryState:
    """One request's memory of the cooldowns it met, over all its tries."""

    def __init__(self) -> None:
        self._hits = 0
        self._met: dict[Cooldown, int] = {}
        self._round: dict[Cooldown, int] = {}

    def enter(self, cooldown: Cooldown) -> None:
        """The request goes past the cooldown."""
        self._round[cooldown] = cooldown.round

    def hit(self, cooldown: Cooldown) -> bool:
        """Whether this refusal is the first one of those that were under way together."""
        self._hits += 1
        return self._round.get(cooldown) == cooldown.round

    def wait(self, cooldown: Cooldown) -> None:
        """The request has to wait at the cooldown.

        Raises:
            LimitError: it is still in force after three waits.
        """
        met = min(self._met.get(cooldown, cooldown.strikes), cooldown.strikes)
        self._met[cooldown] = met
        if self._hits > PATIENCE or cooldown.strikes - met >= PATIENCE:
            raise LimitError(f"Still rate limited by ESI after {PATIENCE} waits")


class Cooldown:
    """Where the requests of one bucket, or all of them, are held."""

    def __init__(self, until: float = 0.0) -> None:
        self.until = until
        """Unix seconds."""
        self.strikes = 1 if until else 0
        """Refusals in a row."""
        self.round = 0
        self._probe: RetryState | None = None

    def delay(self, state: RetryState, now: float) -> float:
        """Seconds that the request has to wait; infinite while a probe is under way."""
        if not self.strikes:
            return 0.0
        wait = self.until - now
        if wait > LONGEST_COOLDOWN:  # the clock was set back
            wait = 0.0
        if wait <= 0.0 and self._probe in (None, state):
            return 0.0
        state.wait(self)
        return wait if wait > 0.0 else math.inf

    def enter(self, state: RetryState) -> None:
        """The request goes; the first one after a cooldown is the probe."""
        state.enter(self)
        if self.strikes:
            self._probe = state

    def refuse(self, state: RetryState, named: float | None, now: float) -> None:
        """ESI refused the request, and named the seconds to wait or did not."""
        if not state.hit(self):
            return
        self.round += 1
        self.strikes += 1
        guess = min(LONGEST_GUESS, FIRST_GUESS * 2 ** (self.strikes - 1))
        self.until = now + min(LONGEST_COOLDOWN, guess if named is None else named)

    def leave(self, state: RetryState, *, answered: bool) -> None:
        """The request is back; an answered probe ends the cooldown, unless it was refused too."""
        if self._probe is not state:
            return
        self._probe = None
        if answered:
            self.strikes = 0
            self.until = 0.0
