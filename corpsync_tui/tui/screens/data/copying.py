"""Rows as text for the clipboard: as they read, as CSV, and as the game's multibuy takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from corpsync_tui.queries.browse_types import BrowseColumn, BrowseRow, BrowseTable
from corpsync_tui.store.views import name_column
from corpsync_tui.tui.screens.data.values import value_text

TYPES = ("type_id", "product_type_id", "blueprint_type_id", "ship_type_id")
"""The columns that a thing to buy is found in, best first."""
QUANTITIES = ("volume_remain", "quantity", "runs")
"""The columns that say how many of it."""
SPREADSHEETS_RUN = ("=", "+", "-", "@")


def multibuy_columns(table: BrowseTable) -> tuple[str, str] | None:
    """The columns of type and quantity; None where a table has no such things."""
    names = {column.name for column in table.columns}
    type_ = next((name for name in TYPES if name in names), None)
    quantity = next((name for name in QUANTITIES if name in names), None)
    return (type_, quantity) if type_ and quantity else None


def as_multibuy(rows: Iterable[BrowseRow]) -> str:
    """`Tritanium<TAB>1000` a line, each type once; rows bear type and quantity.

    The game knows types by name alone, so those without a name are left out.
    """
    wanted: dict[str, int] = {}
    for row in rows:
        name, quantity = row.names[0], row.values[1]
        if name is not None and isinstance(quantity, int) and quantity > 0:
            line = value_text("text", name, None, _NEVER)
            wanted[line] = wanted.get(line, 0) + quantity
    return "\n".join(f"{name}\t{quantity}" for name, quantity in wanted.items())


def as_csv(columns: Sequence[BrowseColumn], rows: Iterable[BrowseRow]) -> str:
    """A header and the rows: each value, and behind an id its name."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for column in columns for name in _headings(column)])
    for row in rows:
        cells = []
        for column, value, name in zip(columns, row.values, row.names, strict=True):
            cells.append(_harmless(value))
            if column.text is not None:
                cells.append(_harmless(name))
        writer.writerow(cells)
    return out.getvalue().rstrip("\n")


def as_lines(columns: Sequence[BrowseColumn], rows: Iterable[BrowseRow], now: datetime) -> str:
    """The rows as they read on the screen, times as ESI wrote them, their cells apart by tabs."""
    return "\n".join("\t".join(copied_texts(columns, row, now)) for row in rows)


def copied_texts(columns: Sequence[BrowseColumn], row: BrowseRow, now: datetime) -> list[str]:
    """The cells of a row as they are copied: times as ESI wrote them."""
    shown = cell_texts(columns, row, now)
    return [
        value_text("text", value, None, now) if column.kind in ("when", "day") else text
        for column, value, text in zip(columns, row.values, shown, strict=False)
    ]


def cell_texts(columns: Sequence[BrowseColumn], row: BrowseRow, now: datetime) -> list[str]:
    """The cells of a row as they read on the screen."""
    return [
        value_text(column.kind, value, name, now)
        for column, value, name in zip(columns, row.values, row.names, strict=False)
    ]


def _headings(column: BrowseColumn) -> list[str]:
    return [column.name] if column.text is None else [column.name, name_column(column.name)]


def _harmless(value: object) -> object:
    """Text on one line that no spreadsheet runs; numbers stay as they are."""
    if not isinstance(value, str):
        return value
    text = value_text("text", value, None, _NEVER)
    return f"'{text}" if text.startswith(SPREADSHEETS_RUN) else text


_NEVER = datetime.min
"""Text needs no time to be told."""
