"""The simulator's time: the machine's, plus an offset that tests set."""

import time
from datetime import UTC, datetime
from email.utils import formatdate


class SimClock:
    """Wall-clock time in Unix seconds, shifted by `offset`."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """The simulated time, in Unix seconds."""
        return time.time() + self.offset


def http_date(moment: float) -> str:
    """A moment as HTTP headers write it; parts of a second are dropped."""
    return formatdate(int(moment), usegmt=True)


def iso(moment: float) -> str:
    """A moment as ESI writes `date-time` fields."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_day(moment: float) -> str:
    """A moment as ESI writes `date` fields."""
    return iso(moment)[:10]
