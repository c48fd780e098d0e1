"""What makes sense in `sync_schedule`, whose columns may be edited by hand.

Pure, and quick to import for commands that only look.
"""

from __future__ import annotations

from datetime import UTC, datetime

from corpsync_tui.settings.keys import MAX_INTERVAL

LAST_SECOND = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()
"""The last moment that a calendar knows, in Unix seconds."""


def is_switch(value: object) -> bool:
    """Whether a value may stand in `enabled`."""
    return value in (0, 1)


def is_interval(value: object) -> bool:
    """Whether a value may stand in `interval_minutes`: a fraction of a minute, too."""
    return isinstance(value, int | float) and 0 < value <= MAX_INTERVAL


def is_moment(value: object) -> bool:
    """Whether a value may stand in `next_run_time`: Unix seconds, or nothing."""
    return value is None or (isinstance(value, int | float) and 0 <= value <= LAST_SECOND)
