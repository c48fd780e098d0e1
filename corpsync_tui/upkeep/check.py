"""What a check of the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    """What was found; where it is not well, what to do."""


UNITS = ("bytes", "kB", "MB", "GB", "TB")


def size(count: int) -> str:
    """A number of bytes for a reader."""
    amount, power = float(count), 0
    while amount >= 1000 and power < len(UNITS) - 1:
        amount /= 1000
        power += 1
    return f"{amount:,.{0 if power == 0 or amount >= 10 else 1}f} {UNITS[power]}"
