"""Quiet hours and the day of the daily digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def is_quiet(quiet: str, zone: str, now: float) -> bool:
    """Whether a moment (Unix seconds) is within `HH:MM-HH:MM`, by the wall clock of the zone.

    The end does not belong to it. An hour that the clock repeats in autumn is quiet twice.
    """
    if not quiet:
        return False
    begin, _, end = quiet.partition("-")
    moment = datetime.fromtimestamp(now, UTC)
    wall = f"{moment if zone == 'eve' else moment.astimezone():%H:%M}"
    return begin <= wall < end if begin <= end else wall >= begin or wall < end


def digest_day(digest: str, now: float) -> str:
    """The day (EVE time) whose digest was the last to fall due at a moment in Unix seconds."""
    hours, _, minutes = digest.partition(":")
    past = timedelta(hours=int(hours), minutes=int(minutes))
    return f"{datetime.fromtimestamp(now, UTC) - past:%Y-%m-%d}"
