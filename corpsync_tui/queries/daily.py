"""Figures of each day over the last weeks: a wallet's balance, what was mined, who was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

DAYS = 30


@dataclass(frozen=True, slots=True)
class Daily:
    """A figure of each day (EVE time) that a process declares."""

    title: str
    kind: Literal["isk", "count"]
    sql: str
    """Selects day and figure of the corporation `:corporation`, from the day `:since` on."""
    level: bool = False
    """Whether it is a level, which stays where a day has no figure, and not an amount."""


@dataclass(frozen=True, slots=True)
class DailyFigures:
    """What a process declared, day by day up to today; the first day is one that has a figure."""

    title: str
    kind: Literal["isk", "count"]
    first: date
    values: Sequence[float]
    level: bool = False


def read_daily(
    db: Any, wanted: Sequence[Daily], corporation_id: int, today: date
) -> list[DailyFigures]:
    """The figures of the last 30 days; those that have none are left out."""
    since = today - timedelta(days=DAYS - 1)
    bound = {"corporation": corporation_id, "since": since.isoformat()}
    found = []
    for daily in wanted:
        figures = {date.fromisoformat(day): value for day, value in db.execute(daily.sql, bound)}
        if figures:
            first, values = min(figures), list[float]()
            for number in range((today - first).days + 1):
                missing = values[-1] if daily.level and values else 0.0
                values.append(figures.get(first + timedelta(days=number), missing))
            found.append(DailyFigures(daily.title, daily.kind, first, values, daily.level))
    return found
