"""What makes the demo look like the real service: answers take a moment, some fail for a while."""

from dataclasses import dataclass, field
from random import Random

from corpsync_tui.simulator.clock import SimClock
from corpsync_tui.simulator.routes import Route
from corpsync_tui.simulator.world.dice import dice

_DELAY = (0.2, 0.8)
_FIRST_OUTAGE_AFTER = 50.0
_BETWEEN_OUTAGES = (100.0, 180.0)
_OUTAGE_SECONDS = 22.0
"""Longer than a client's four retries take."""


@dataclass
class Demo:
    """Seeded delays, and outages of one route that pass by themselves.

    An outage waits until a corporation's route is asked and then fails that route for a while:
    so a run really ends in an error, whichever runs next.
    """

    seed: int
    clock: SimClock
    _rng: Random = field(init=False)
    _next_outage: float = field(init=False)
    _failing: str = ""
    _failing_until: float = 0.0

    def __post_init__(self) -> None:
        self._rng = dice("demo", self.seed)
        self._next_outage = self.clock.now() + _FIRST_OUTAGE_AFTER

    def delay(self) -> float:
        """Seconds that the next answer takes."""
        return self._rng.uniform(*_DELAY)

    def fails(self, route: Route) -> bool:
        """Whether the route is out of order now."""
        now = self.clock.now()
        if now < self._failing_until:
            return route.path == self._failing
        if now < self._next_outage or not route.path.startswith("/corporation") or not route.roles:
            return False
        self._failing, self._failing_until = route.path, now + _OUTAGE_SECONDS
        self._next_outage = self._failing_until + self._rng.uniform(*_BETWEEN_OUTAGES)
        return True
