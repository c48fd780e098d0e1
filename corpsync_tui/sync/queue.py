"""Who runs, who waits, and who is next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpsync_tui.queries.records import Trigger


@dataclass(frozen=True, slots=True)
class Request:
    """A run that somebody wants: the director, or the schedule."""

    process_id: str
    trigger: Trigger

    @property
    def manual(self) -> bool:
        """Whether the director asked for it."""
        return self.trigger == "manual"


class RunQueue:
    """Requests in the order they will run: manual ones first, each kind as it came.

    A process is queued once at most. `slots` run at the same time.
    """

    def __init__(self, slots: int) -> None:
        self.slots = max(1, slots)
        self.running: set[str] = set()
        self._waiting: list[Request] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        """The process ids that wait, the next one first."""
        return tuple(request.process_id for request in self._waiting)

    def add(self, request: Request) -> None:
        """Queue a request; a manual one takes the place of the schedule's for that process."""
        known = next((r for r in self._waiting if r.process_id == request.process_id), None)
        if known is not None:
            if known.manual or not request.manual:
                return
            self._waiting.remove(known)
        place = len(self._waiting)
        if request.manual:
            place = sum(r.manual for r in self._waiting)
        self._waiting.insert(place, request)

    def take(self) -> Request | None:
        """The next request to run, which from now on counts as running; None if none may."""
        if not self._waiting or len(self.running) >= self.slots:
            return None
        request = self._waiting.pop(0)
        self.running.add(request.process_id)
        return request

    def release(self, process_id: str) -> None:
        """Free the slot of a run that has ended."""
        self.running.discard(process_id)

    def remove(self, which: Callable[[Request], bool]) -> list[str]:
        """Take requests out of the queue; returns their process ids."""
        removed = [r.process_id for r in self._waiting if which(r)]
        self._waiting = [r for r in self._waiting if not which(r)]
        return removed


def ordinal(place: int) -> str:
    """1 as `1st`, 12 as `12th`."""
    if place % 100 in (11, 12, 13):
        return f"{place}th"
    return f"{place}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th') }"
