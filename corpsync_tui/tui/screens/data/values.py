"""How the values of a table look: text, width and side of each kind of column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len

from corpsync_tui.format.amounts import count, plural
from corpsync_tui.format.times import here, span
from corpsync_tui.queries.browse_types import BrowseColumn, BrowseRow
from corpsync_tui.store.presentation import title_of_column
from corpsync_tui.text import printable
from corpsync_tui.tui.widgets.virtual_table import GAP, ShownColumn

WIDTHS = {
    "isk": (12, 22),
    "count": (5, 16),
    "number": (5, 12),
    "seconds": (6, 8),
    "days": (4, 6),
    "flag": (3, 3),
    "side": (4, 8),
    "when": (23, 26),
    "day": (10, 10),
    "place": (24, 72),
    "text": (10, 40),
    "word": (6, 24),
    "json": (8, 14),
}
"""The least and the most cells of a column, by kind."""
ID_WIDTH = (10, 34)
"""The same for ids, with or without names."""
RIGHT = frozenset({"isk", "count", "number", "seconds", "days"})
"""Kinds whose values stand on the right."""
TEXT_LIMIT = 300
"""Cells of one value that a screen makes at the most."""


def value_text(kind: str, value: Any, name: str | None, now: datetime) -> str:
    """A value as a director reads it; never anything that could steer a terminal.

    What is not as its kind should be is shown raw.
    """
    if name is not None:
        return printable(name[:TEXT_LIMIT])
    if value is None:
        return ""
    try:
        return _text(kind, value, now) if isinstance(value, str) else _number(kind, value)
    except (ValueError, OverflowError, TypeError):  # a date at the edge of time, a list
        return printable(str(value)[:TEXT_LIMIT])


def _number(kind: str, value: Any) -> str:
    if kind == "flag":
        return "yes" if value else "no"
    if kind == "isk":
        return f"{value:,.2f}"
    if kind == "seconds":
        return span(float(value))
    if kind in ("count", "days"):
        return count(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(kind: str, value: str, now: datetime) -> str:
    if kind == "when":
        return moment_text(value, now)
    if kind == "json":
        return "[…]" if value.startswith("[") else "{…}"
    text = printable(value[:TEXT_LIMIT])
    return text[:1].upper() + text[1:].replace("_", " ") if kind == "word" else text


def moment_text(value: str, now: datetime, *, full: bool = False) -> str:
    """A time of ESI's in EVE time with its age: `2026-11-24 14:05  3h12`, `… in 48m`.

    In `full` also by this computer's clock.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return printable(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (now - moment).total_seconds()
    age = f"in {span(-seconds)}" if seconds < 0 else span(seconds)
    local = here(moment) if full else ""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}{local}  {age}"


def shown_columns(
    columns: Iterable[BrowseColumn],
    rows: Iterable[BrowseRow],
    now: datetime,
    room: int = 80,
    chosen: Mapping[str, int] | None = None,
) -> list[ShownColumn]:
    """Columns as wide as these rows need, within the bounds of their kind.

    A place among the first columns takes no more than the `room` that they leave it. What all of
    them leave goes to those that are cut. `chosen` are the widths that the director gave.
    """
    held = list(rows)
    chosen = chosen or {}
    shown: list[ShownColumn] = []
    needed: list[int] = []
    left = room
    for index, column in enumerate(columns):
        least, most = WIDTHS.get(column.kind, ID_WIDTH)
        title = title_of_column(column.name)
        texts = [value_text(column.kind, r.values[index], r.names[index], now) for r in held]
        widest = max(map(cell_len, texts), default=0)
        if column.kind == "when" and any("  in " in text for text in texts):
            widest = most  # what is in 27d now is in 9d23h later, and other rows are already
        if column.kind == "place" and left > least:
            most = min(most, left)
        width = max(cell_len(title) + 2, min(max(widest, least if held else 0), most))
        width = chosen.get(column.name, width)
        left -= width + GAP
        middle = column.kind == "place"
        shown.append(ShownColumn(column.name, title, width, column.kind in RIGHT, middle))
        needed.append(width if column.name in chosen else max(width, widest))
    return _widened(shown, needed, left + GAP)


def _widened(shown: list[ShownColumn], needed: list[int], spare: int) -> list[ShownColumn]:
    """The columns, those that are cut as much wider as there is room to spare."""
    widened = []
    for column, wanted in zip(shown, needed, strict=True):
        more = min(max(0, spare), wanted - column.width)
        spare -= more
        widened.append(replace(column, width=column.width + more))
    return widened


def rows_text(rows: int, *, complete: bool) -> str:
    """`4,300 rows`, or `>100 rows` while the rest is being looked for."""
    return plural(rows, "row") if complete else f">{count(rows)} rows"
