"""Two years of a made-up corporation, a hundredth of all that happened in the last two days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.support.database import CORPORATION

DAY = 86_400.0
TYPES = range(30, 3_030)
MEMBERS = range(90_000_000, 90_000_180)
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Years:
    """Makes rows up, as of `now`, at a fraction `scale` of the full number."""

    dice: random.Random
    now: float
    scale: float = 1.0

    def numbers(self, full: int) -> range:
        """One for each row of which there are `full`."""
        return range(max(2, int(full * self.scale)))

    def moment(self, share: float) -> float:
        """When that share of everything had happened, in Unix seconds."""
        ago = self.dice.random() * 2 if share > 0.99 else 2 + 728 * (1 - share)
        return self.now - ago * DAY

    def moments(self, full: int) -> Iterator[tuple[int, float]]:
        """The number of each row, and when it came about."""
        count = len(self.numbers(full))
        return ((n, self.moment(n / count)) for n in range(count))

    def type_id(self) -> int:
        """Any type."""
        return self.dice.choice(TYPES)

    def member_id(self) -> int:
        """Any member."""
        return self.dice.choice(MEMBERS)


def esi(seconds: float) -> str:
    """A moment as ESI writes it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def owned(rows: Rows) -> Rows:
    """Rows of the corporation."""
    return ({"corporation_id": CORPORATION, **row} for row in rows)
