"""How a board's values read: for the screen and for `corpsync board` alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.boards.kit.board import BoardColumn, BoardContext, Row
from corpsync_tui.format.amounts import bar_with_percent, isk
from corpsync_tui.store.naming import Naming, short_place

NOTHING = "–"
"""What is unknown; never 0."""

STALE = "stale"
"""In place of a countdown from copies that are too old for one."""

ABOUT = "~"
"""Before what is estimated."""

UNCOUNTED = "uncounted"
"""What a row has that stands beside the others and is in no sum of theirs."""

MONTH_DAYS, YEAR_DAYS = 30.44, 365.25
"""Their mean lengths."""

RIGHT = frozenset({"isk", "count", "number", "hours", "days", "span", "percent", "bar"})
"""Kinds that stand right-aligned."""


def hours(value: float) -> str:
    """A length of time in hours: `38d 09h`, `5h 15m`, `0h 00m`."""
    minutes = max(0, round(value * 60))
    days, rest = divmod(minutes, 24 * 60)
    if days:
        return f"{days:,}d {rest // 60:02}h"
    return f"{rest // 60}h {rest % 60:02}m"


def span_of_days(value: float) -> str:
    """How long somebody has been there: `3 d`, `9 mo`, `4 y`."""
    if value < MONTH_DAYS:
        return f"{value:.0f} d"
    return f"{value / MONTH_DAYS:.0f} mo" if value < YEAR_DAYS else f"{value / YEAR_DAYS:.0f} y"


def moment_of(value: float) -> str:
    """A moment in Unix seconds, in EVE time: `28 Nov 23:10`."""
    return f"{datetime.fromtimestamp(value, UTC):%d %b %H:%M}"


TYPE_NAME = "SELECT name FROM ref.type WHERE type_id = ?"

Known = Callable[[str, int], str | None]
"""The name of an id of a kind; None where it has none."""


def known_names(context: BoardContext) -> Known:
    """What is known to the database; the corporation's own things bear names of their own."""
    names = Naming(context.db)

    def known(kind: str, id_: int) -> str | None:
        if kind == "wallet":
            return names.division(context.corporation_id, "wallet", id_)
        name = names.known(id_)
        if kind == "location" and name is not None:
            return short_place(name)
        if name is None and kind in ("item", "location"):
            return names.item(context.corporation_id, id_)
        if name is None and kind == "type":
            row = context.db.execute(TYPE_NAME, (id_,)).fetchone()
            return None if row is None else str(row[0])
        return name

    return known


_FORMATS: Mapping[str, Callable[[Any], str]] = {
    "isk": isk,
    "count": lambda value: f"{value:,.0f}",
    "number": lambda value: f"{value:,.1f}",
    "percent": lambda value: f"{value:.0f} %",
    "bar": bar_with_percent,
    "days": lambda value: f"{value:,.0f} d" if value >= 1 else f"{value * 24:.0f} h",
    "hours": hours,
    "span": span_of_days,
    "when": moment_of,
    "day": lambda value: f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d}",
    "flag": lambda value: "yes" if value else "",
    "list": lambda value: ", ".join(str(part).replace("_", " ") for part in value),
    "word": lambda value: str(value).replace("_", " "),
}
"""How values of a kind read; all others are text, or ids with a name."""


def format_cell(column: BoardColumn, value: Any, known: Known) -> str:
    """One value as a reader wants it; an id by its name where it has one."""
    if value is None:
        return NOTHING
    form = _FORMATS.get(column.kind)
    if form is not None:
        return form(value)
    if is_named(column, value):
        return known(column.kind, value) or (str(value) if value else NOTHING)
    return str(value)


def is_named(column: BoardColumn, value: Any) -> bool:
    """Whether a value is an id that may have a name."""
    return type(value) is int and column.kind not in _FORMATS and column.kind not in ("text", "id")


def heading(column: BoardColumn) -> str:
    """A column's title: its own, or its name in plain words."""
    return column.title or column.name.removesuffix("_id").replace("_", " ").capitalize()


def format_sums(columns: Sequence[BoardColumn], rows: Sequence[Row]) -> list[str]:
    """What stands under the rows: the sums of the columns of which one means anything."""
    sums = []
    for column in columns:
        known = [
            row[column.name]
            for row in rows
            if row.get(column.name) is not None and not row.get(UNCOUNTED)
        ]
        sums.append(_FORMATS[column.kind](sum(known)) if column.summed and known else "")
    return sums


def format_rows(
    columns: Sequence[BoardColumn], rows: Sequence[Row], known: Known, *, stale: bool = False
) -> list[list[str]]:
    """The cells of rows, column by column as given; no countdowns from copies that are `stale`."""
    return [format_row(columns, row, known, stale=stale) for row in rows]


def format_row(
    columns: Sequence[BoardColumn], row: Row, known: Known, *, stale: bool = False
) -> list[str]:
    """The cells of one row."""
    cells = []
    for column in columns:
        value = row.get(column.name)
        if stale and column.kind == "hours" and value is not None:
            cells.append(STALE)
        else:
            about = ABOUT if value is not None and row.get(column.estimated_by) else ""
            cells.append(about + format_cell(column, value, known))
    return cells
