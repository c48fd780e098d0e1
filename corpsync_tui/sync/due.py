"""When a process runs next: the pure rules of the schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from corpsync_tui.errors import SettingsError
from corpsync_tui.queries.records import SyncConfig, SyncStatus
from corpsync_tui.settings.keys import MAX_INTERVAL

SHORTEST_INTERVAL = 1
"""Minutes."""
LONGEST_INTERVAL = MAX_INTERVAL
"""Minutes: a year."""
LONGEST_CACHE = timedelta(hours=25)
"""ESI keeps nothing longer than a day; a copy current for longer was stamped by a wrong clock."""
FAR_AHEAD = timedelta(days=30)
"""A next run later than this, and than its interval, is due to a wrong clock."""
CLOCK_SLACK = timedelta(seconds=60)
"""Clocks are corrected by less than this all day long."""


def next_run_time(
    config: SyncConfig,
    *,
    needs: str | None,
    end: datetime,
    current_until: datetime | None,
    more_to_come: bool = False,
) -> datetime | None:
    """When the process is due after a run that ended at `end`; None while off or parked."""
    if not config.enabled or needs is not None:
        return None
    if more_to_come:
        return end
    after_interval = end + timedelta(minutes=config.interval_minutes)
    return max(after_interval, current_until) if current_until else after_interval


def after_run(config: SyncConfig, status: SyncStatus, end: datetime) -> SyncConfig:
    """The config with the next run that follows from a run that ended at `end`."""
    due = next_run_time(config, needs=status.needs, end=end, current_until=status.current_until)
    return replace(config, next_run_time=due)


def is_due(config: SyncConfig, status: SyncStatus, now: datetime) -> bool:
    """Whether the schedule wants the process to run now."""
    if not config.enabled or status.needs is not None or status.status == "running":
        return False
    return config.next_run_time is None or config.next_run_time <= now


def is_current(status: SyncStatus, now: datetime) -> bool:
    """Whether a run now could only find what is already here."""
    if status.status != "success" or status.needs is not None or status.current_until is None:
        return False
    return now < status.current_until <= now + LONGEST_CACHE


def checked_interval(minutes: float) -> float:
    """The interval, if the director may choose it. Raises `SettingsError`."""
    if SHORTEST_INTERVAL <= minutes <= LONGEST_INTERVAL:
        return float(minutes)
    raise SettingsError(
        f"An interval of {minutes:g} minutes is not possible:"
        f" it can be {SHORTEST_INTERVAL} to {LONGEST_INTERVAL:,} minutes."
    )


def ahead(statuses: Iterable[SyncStatus], now: datetime) -> timedelta:
    """How far in the future something lies that has happened; nothing for small corrections.

    Processes without a next run do not count: nothing would ever move their times again.
    """
    scheduled = (s for s in statuses if s.next_run_time is not None)
    moments = (m for s in scheduled for m in (s.last_run_time, s.last_success_time))
    latest = max((moment for moment in moments if moment is not None), default=now)
    return latest - now if latest - now > CLOCK_SLACK else timedelta()


def brought_near(config: SyncConfig, now: datetime) -> SyncConfig:
    """The config after the clock was set back: due no later than one interval from now."""
    if config.next_run_time is None:
        return config
    latest = now + timedelta(minutes=config.interval_minutes)
    return replace(config, next_run_time=min(config.next_run_time, latest))


def is_far(config: SyncConfig, now: datetime) -> bool:
    """Whether the next run lies so far ahead that only a wrong clock can have put it there."""
    if config.next_run_time is None:
        return False
    wait = config.next_run_time - now
    return wait > max(FAR_AHEAD, timedelta(minutes=config.interval_minutes) + LONGEST_CACHE)
