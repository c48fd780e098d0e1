"""How far back a table goes: a condition of its filter that one key turns through."""

from __future__ import annotations

import re

from corpsync_tui.queries.browse_types import BrowseColumn, BrowseTable
from corpsync_tui.tui.screens.base import following

PERIODS = (None, "7d", "24h", "30d")
TIMES = ("when", "day")
"""Kinds of columns that bear a time."""


def time_column(table: BrowseTable, under_cursor: BrowseColumn) -> str | None:
    """The time that is meant: under the cursor, else by which the newest rows come first."""
    if under_cursor.kind in TIMES:
        return under_cursor.name
    newest = table.presentation.newest
    return newest if newest is not None and table.column(newest).kind in TIMES else None


def turn_period(filter_: str, column: str) -> str:
    """The filter with the next period of a time: the last 7 days, 24 hours, 30 days, then all."""
    found = re.search(rf"(?:^|(?<=\s)){re.escape(column)}>(\d+[hd])(?:\s|$)", filter_)
    rest, now = filter_.strip(), None
    if found is not None:
        rest = (filter_[: found.start()] + filter_[found.end() :]).strip()
        now = found[1] if found[1] in PERIODS else None
    period = following(PERIODS, now)
    return rest if period is None else f"{rest} {column}>{period}".strip()
