"""Calendar months as `2026-11`, in EVE time."""

from __future__ import annotations

from datetime import UTC, datetime


def month_of(moment: float) -> str:
    """The month of a moment in Unix seconds."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m}"


def month_after(month: str, by: int = 1) -> str:
    """The month so many months later, or earlier where that is below 0."""
    year, number = map(int, month.split("-"))
    years, rest = divmod(year * 12 + number - 1 + by, 12)
    return f"{years:04}-{rest + 1:02}"


def month_name(month: str) -> str:
    """`November 2026`."""
    return f"{_first(month):%B %Y}"


def month_bounds(month: str) -> tuple[float, float]:
    """Unix seconds of a month's first moment and of the next month's."""
    return _first(month).timestamp(), _first(month_after(month)).timestamp()


def _first(month: str) -> datetime:
    year, number = map(int, month.split("-"))
    return datetime(year, number, 1, tzinfo=UTC)
