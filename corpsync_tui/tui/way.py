"""The way through the screens: where one came from, and what a visit altered on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 30
"""Visits that can be gone back."""

Undo = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """One step: the screen that was left, and what takes back what was shown on the next."""

    left: str
    undo: Undo | None


class Way:
    """The screens behind the present one, the last of them first to go back to."""

    def __init__(self) -> None:
        self._visits: list[Visit] = []

    def go(self, left: str, to: str) -> None:
        """Remember a step to a screen by its own key.

        One that was come through is gone back to: the way never runs in circles.
        """
        if to == left:
            return
        if any(visit.left == to for visit in self._visits):
            while self.back() != to:
                pass
        else:
            self.jump(left, None)

    def jump(self, left: str, undo: Undo | None) -> None:
        """Remember a step straight to something, which `back` takes back."""
        self._visits.append(Visit(left, undo))
        del self._visits[:-LONGEST]

    def back(self) -> str | None:
        """Take the last step back; the screen it was made from, None at the beginning."""
        if not self._visits:
            return None
        visit = self._visits.pop()
        if visit.undo is not None:
            visit.undo()
        return visit.left
