"""Lets what falls due together start one after the other."""

from __future__ import annotations

from collections.abc import Iterable

STAGGER = 1.5
"""Seconds between two starts."""
LATEST_START = 14.0
"""Seconds that a start may come late."""


class Stagger:
    """Gives each process that is due its moment, on the monotonic clock."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._last = float("-inf")

    def release(self, due: Iterable[str], now: float) -> list[str]:
        """Of the processes that are due, in their order, those whose moment has come.

        What is no longer due loses its moment.
        """
        due = list(due)
        self._moments = {p: moment for p, moment in self._moments.items() if p in due}
        for process_id in due:
            if process_id not in self._moments:
                self._last = max(now, min(self._last + STAGGER, now + LATEST_START))
                self._moments[process_id] = self._last
        released = [p for p in due if self._moments[p] <= now]
        for process_id in released:
            del self._moments[process_id]
        return released

    def moments(self) -> list[float]:
        """When the others will have theirs."""
        return list(self._moments.values())
