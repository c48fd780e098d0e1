"""Rows as CSV: what the csv module writes (RFC 4180, quoted where needed), but sooner.

No spreadsheet runs a cell of it as a formula.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from corpsync_tui.store.schema import quoted

LINE_END = "\r\n"
RUNNABLE = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet run a cell."""

_QUOTED = re.compile('[",\r\n]')
"""What a cell must be quoted for."""
_CARE = re.compile('^[=+\\-@\t]|[",\r]', re.MULTILINE)
"""What a column of texts, one a line, must be looked at cell by cell for."""
_RUNS = re.compile('"[=+\\-@]')
"""A JSON text that a spreadsheet would run; tab and CR are escaped there."""


def header(columns: Sequence[str]) -> str:
    """The first line."""
    return ",".join(map(_cell, columns)) + LINE_END


def lines(rows: Sequence[Sequence[Any]]) -> str:
    """One or more rows, all of one length."""
    columns = [_cells(column) for column in zip(*rows, strict=True)]
    if len(columns) == 1:  # an empty line would be no row at all
        columns = [[cell or '""' for cell in columns[0]]]
    return LINE_END.join(map(",".join, zip(*columns, strict=True))) + LINE_END


def json_array(columns: Sequence[str]) -> str:
    """SQL for a row of whole numbers and texts as JSON, which is nearly CSV; no NULL is left."""
    cells = ", ".join(f"ifnull({quoted(column)}, '')" for column in columns)
    return f"json_array({cells})"


def from_json(rows: Sequence[str], width: int) -> str:
    """One or more rows of so many columns, two at least, that `json_array` wrote.

    Where no text holds a comma, an escape or a formula, only quotes and brackets are too many.
    """
    together = LINE_END.join(rows)
    commas = together.count(",") - (width - 1) * len(rows)
    if commas or "\\" in together or _RUNS.search(together):
        return lines([json.loads(row) for row in rows])
    return together.replace('"', "").replace("]\r\n[", LINE_END)[1:-1] + LINE_END


def _cells(column: Sequence[Any]) -> Iterable[str]:
    """A column's cells; nothing is made of texts that can stay as they are."""
    kinds = set(map(type, column))
    if kinds == {int}:
        return map(str, column)
    if kinds == {str} and _is_plain(column):
        return column
    return map(_cell, column)


def _is_plain(texts: Sequence[str]) -> bool:
    together = "\n".join(texts)
    return together.count("\n") == len(texts) - 1 and not _CARE.search(together)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = f"'{value}" if value.startswith(RUNNABLE) else value
    if not _QUOTED.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
