"""What became of something, movement by movement, each with how sure one can be of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Source = Literal[
    "change log", "container log", "wallet", "market", "contracts", "industry", "member log"
]
Certainty = Literal["proven", "likely", "cannot be proven"]

Place = tuple[int, str]
"""What something lies in, and under which flag; locked and unlocked things lie together."""

FOLLOWED = ("asset", "container_log", "structure")
"""The tables whose rows have a story: of a thing, of its container, of its fuel bay."""
WINDOW = 7_200.0
"""Seconds before a change in which it may have happened, where the copy before it is not known:
an hour from copy to copy, and a copy an hour old."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which something happened: between two copies, in Unix seconds."""

    since: float | None
    """None where nothing is known of the copy before."""
    until: float

    @property
    def start(self) -> float:
        """From when on one may look for what happened."""
        return self.until - WINDOW if self.since is None else self.since


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that happened, with all that is known of it. Its texts bear names from outside."""

    time: float
    """Unix seconds: when it happened or, where the change log tells it, when that was seen."""
    source: Source
    sentence: str
    certainty: Certainty
    reason: str = ""
    """What proves it, makes it likely, or is missing."""
    who: str = ""
    """Empty where nobody knows."""
    window: Window | None = None
    """Between which copies it happened, where no log says when."""
    table: str = ""
    """The table of what tells it."""
    row_key: Mapping[str, Any] | None = None
    """The row that tells it, if one does."""
    run_id: int | None = None
    """The run whose changes tell it, if they do."""


@dataclass(frozen=True, slots=True)
class Story:
    """All movements that are known of one thing or place, the oldest first."""

    title: str
    corporation_id: int
    movements: Sequence[Movement]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """That things went, and nothing tells who took them."""

    time: float
    window: Window
    place: Place


@dataclass(slots=True)
class Draft:
    """A story while it is found out."""

    movements: list[Movement] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """The characters that are named."""
    suspicions: list[Suspicion] = field(default_factory=list)

    def add(self, movement: Movement, people: Collection[int] = ()) -> None:
        """One movement more, and whom it names."""
        self.movements.append(movement)
        self.people.update(people)

    def story(self, title: str, corporation_id: int) -> Story:
        """All of it in order; of one moment, what explains stands before what it explains."""
        ranks = {"change log": 1, "member log": 2}
        ordered = sorted(self.movements, key=lambda m: (m.time, ranks.get(m.source, 0)))
        return Story(title, corporation_id, tuple(ordered))
