"""How a board's values read: for the screen and for `corpsync board` alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.boards.kit.board import BoardColumn, Row
from corpsync_tui.format.amounts import isk
from corpsync_tui.store.naming import Naming

NOTHING = "–"
"""What is unknown; never 0."""

RIGHT = frozenset({"isk", "count", "number", "hours", "days", "percent"})
"""Kinds that stand right-aligned."""


def hours(value: float) -> str:
    """A length of time in hours: `38d 09h`, `5h 15m`, `0h 00m`."""
    minutes = max(0, round(value * 60))
    days, rest = divmod(minutes, 24 * 60)
    if days:
        return f"{days:,}d {rest // 60:02}h"
    return f"{rest // 60}h {rest % 60:02}m"


def moment_of(value: float) -> str:
    """A moment in Unix seconds, in EVE time: `28 Nov 23:10`."""
    return f"{datetime.fromtimestamp(value, UTC):%d %b %H:%M}"


_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "isk": isk,
    "count": lambda value: f"{value:,.0f}",
    "number": lambda value: f"{value:,.1f}",
    "percent": lambda value: f"{value:.0f} %",
    "days": lambda value: f"{value:,.0f} d" if value >= 1 else f"{value * 24:.0f} h",
    "hours": hours,
    "when": moment_of,
    "flag": lambda value: "yes" if value else "",
    "list": lambda value: ", ".join(str(part).replace("_", " ") for part in value),
    "word": lambda value: str(value).replace("_", " "),
}
"""How values of a kind read; all others are text, or ids with a name."""


def format_cell(column: BoardColumn, value: Any, names: Naming) -> str:
    """One value as a reader wants it; an id by its name where it has one."""
    if value is None:
        return NOTHING
    form = _FORMATS.get(column.kind)
    if form is not None:
        return form(value)
    if isinstance(value, int) and not isinstance(value, bool) and column.kind not in ("text", "id"):
        return names.known(value) or str(value)
    return str(value)


def heading(column: BoardColumn) -> str:
    """A column's title: its own, or its name in plain words."""
    return column.title or column.name.removesuffix("_id").replace("_", " ").capitalize()


def format_sums(columns: Sequence[BoardColumn], rows: Sequence[Row], names: Naming) -> list[str]:
    """What stands under the rows: the sums of the columns of which one means anything."""
    sums = []
    for column in columns:
        known = [row[column.name] for row in rows if row.get(column.name) is not None]
        sums.append(format_cell(column, sum(known), names) if column.summed and known else "")
    return sums


def format_rows(
    columns: Sequence[BoardColumn], rows: Sequence[Row], names: Naming
) -> list[list[str]]:
    """The cells of rows, column by column as given."""
    return [[format_cell(c, row.get(c.name), names) for c in columns] for row in rows]
