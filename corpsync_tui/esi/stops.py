"""The stop after a 420 or 429: nobody goes until the time given, then one probe goes first."""

from __future__ import annotations

import math

from corpsync_tui.errors import LimitError

LONGEST_STOP = 900.0
"""Seconds to which a stop is cut: no window of ESI is longer."""
FIRST_GUESS = 5.0
"""Seconds of a stop for which ESI named no time, doubled at each."""
LONGEST_GUESS = 60.0
PATIENCE = 3
"""Stops that a request waits out; after that it gives up."""


class Passage:
    """One request's memory of the stops it met, over all its tries."""

    def __init__(self) -> None:
        self._hits = 0
        self._met: dict[Stop, int] = {}
        self._round: dict[Stop, int] = {}

    def enter(self, stop: Stop) -> None:
        """The request goes past the stop."""
        self._round[stop] = stop.round

    def hit(self, stop: Stop) -> bool:
        """Whether this refusal is the first one of those that were under way together."""
        self._hits += 1
        return self._round.get(stop) == stop.round

    def wait(self, stop: Stop) -> None:
        """The request has to wait at the stop.

        Raises:
            LimitError: it outlasted its wait three times.
        """
        met = min(self._met.get(stop, stop.strikes), stop.strikes)
        self._met[stop] = met
        if self._hits > PATIENCE or stop.strikes - met >= PATIENCE:
            raise LimitError(f"ESI's limit outlasted its wait {PATIENCE} times")


class Stop:
    """Where the requests of one bucket, or all of them, are held."""

    def __init__(self, until: float = 0.0) -> None:
        self.until = until
        """Unix seconds."""
        self.strikes = 1 if until else 0
        """Refusals in a row."""
        self.round = 0
        self._probe: Passage | None = None

    def delay(self, passage: Passage, now: float) -> float:
        """Seconds that the request has to wait; infinite while a probe is under way."""
        if not self.strikes:
            return 0.0
        wait = self.until - now
        if wait > LONGEST_STOP:  # the clock was set back
            wait = 0.0
        if wait <= 0.0 and self._probe in (None, passage):
            return 0.0
        passage.wait(self)
        return wait if wait > 0.0 else math.inf

    def enter(self, passage: Passage) -> None:
        """The request goes; the first one after a stop is the probe."""
        passage.enter(self)
        if self.strikes:
            self._probe = passage

    def refuse(self, passage: Passage, named: float | None, now: float) -> None:
        """ESI refused the request, and named the seconds to wait or did not."""
        if not passage.hit(self):
            return
        self.round += 1
        self.strikes += 1
        guess = min(LONGEST_GUESS, FIRST_GUESS * 2 ** (self.strikes - 1))
        self.until = now + min(LONGEST_STOP, guess if named is None else named)

    def leave(self, passage: Passage, *, answered: bool) -> None:
        """The request is back; an answered probe lifts the stop, unless it was refused anew."""
        if self._probe is not passage:
            return
        self._probe = None
        if answered:
            self.strikes = 0
            self.until = 0.0
