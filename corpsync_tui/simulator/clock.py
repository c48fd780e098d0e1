"""The simulator's time: the machine's, plus an offset that tests set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate


class SimClock:
    """Wall-clock time in Unix seconds, shifted by `offset`."""

    def __init__(self, offset: float = 0.0, machine: Callable[[], float] = time.time) -> None:
        self.offset = offset
        self._machine = machine

    def now(self) -> float:
        """The simulated time, in Unix seconds."""
        return self._machine() + self.offset


class StoppedClock(SimClock):
    """Always the same moment: a world built by it is the same to the second."""

    def __init__(self, moment: float) -> None:
        super().__init__()
        self._moment = moment

    def now(self) -> float:
        """The moment."""
        return self._moment


def http_date(moment: float) -> str:
    """A moment as HTTP headers write it; parts of a second are dropped."""
    return formatdate(int(moment), usegmt=True)


def iso(moment: float) -> str:
    """A moment as ESI writes `date-time` fields."""
    return f"{datetime.fromtimestamp(int(moment), UTC).isoformat()[:19]}Z"


def iso_day(moment: float) -> str:
    """A moment as ESI writes `date` fields."""
    return iso(moment)[:10]
