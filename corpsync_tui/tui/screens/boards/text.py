"""How a board reads: the columns that fit, the lines above and below its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len

from corpsync_tui.boards.kit.board import BoardChart, BoardColumn, Row
from corpsync_tui.boards.kit.cells import NOTHING, RIGHT, heading
from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import isk
from corpsync_tui.format.signs import LEVEL_SIGNS
from corpsync_tui.format.times import day_and_hour
from corpsync_tui.service.boards import BoardPage
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.changes.text import LEVEL_TONES
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.chart import Series
from corpsync_tui.tui.widgets.virtual_table import GAP, MARGIN, ShownColumn, ShownRow

WIDE = 140
"""Cells of the terminal from which on those columns show that need room."""
SAMPLE = 200
"""Rows that say how wide a column must be."""
LEAST = 5
"""Cells that a column of text keeps while others need room."""
MOST = 40
"""Cells that a column of text takes at most."""


class BoardRows:
    """The rows of a page, as arranged, for the table."""

    def __init__(self, page: BoardPage, places: Sequence[int], columns: Sequence[int]) -> None:
        self._page = page
        self._places = places
        self._columns = columns

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._places)

    def row(self, place: int) -> ShownRow | None:
        """A row with the sign of its urgency."""
        if not 0 <= place < len(self._places):
            return None
        row = self._page.rows[self._places[place]]
        cells = self._page.cells(row)
        texts = [printable(cells[n]) for n in self._columns]
        tone = self._page.tone(row)
        sign = ("", "") if tone is None else (LEVEL_SIGNS[tone], LEVEL_TONES[tone])
        return ShownRow(texts, "", sign)


def fit_columns(
    page: BoardPage, rows: Sequence[Row], sorted_by: str | None, width: int
) -> dict[int, ShownColumn]:
    """The columns that a terminal of this width shows, by their places on the page.

    As wide as these rows need: further ones come where there is room for them, texts give way
    where there is none, and after them the last columns. All others stand below, of the row under
    the cursor.
    """
    cells = [page.cells(row) for row in rows[:SAMPLE]] + [page.sums(rows)]
    widths: dict[int, int] = {}
    room = width - MARGIN - 2
    for n, column in enumerate(page.columns):
        title = cell_len(heading(column)) + (2 if column.name == sorted_by else 0)
        widest = max(cell_len(printable(line[n])) for line in cells)
        widths[n] = max(title, min(widest, MOST))
    shown = {n: w for n, w in widths.items() if not page.columns[n].wide}
    for n in sorted(widths, key=lambda n: page.columns[n].rank):
        if width >= WIDE and n not in shown and _total(shown) + GAP + widths[n] <= room:
            shown[n] = widths[n]
    _shrink([n for n in shown if _can_shrink(page.columns[n])], shown, room)
    while _total(shown) > room and len(shown) > 1:
        del shown[max(shown)]
    return {n: _shown_column(page.columns[n], shown[n]) for n in sorted(shown)}


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _shrink(texts: Sequence[int], widths: dict[int, int], room: int) -> None:
    """Take from the widest text first; the first column, which names the row, gives way last."""
    while _total(widths) > room and texts:
        widest = max(texts, key=lambda n: widths[n] - (0 if n else 2 * LEAST))
        if widths[widest] <= LEAST:
            return
        widths[widest] -= 1


def _shown_column(column: BoardColumn, width: int) -> ShownColumn:
    is_place = column.kind == "location"
    return ShownColumn(column.name, heading(column), width, column.kind in RIGHT, is_place)


def _can_shrink(column: BoardColumn) -> bool:
    return column.kind not in RIGHT and column.kind not in ("when", "flag")


def summary_line(page: BoardPage) -> list[Line]:
    """The question's answer in one line."""
    return [(f"{page.board.title}  ", "title"), (printable(page.summary), "")]


def age_line(page: BoardPage, now: datetime, whose: str) -> list[Line]:
    """As of when it is; `whose` where there are several corporations."""
    parts: list[Line] = [(f"{printable(whose)} ", "strong")] if whose else []
    if page.as_of is not None:
        word, tone = ("stale, as of", "waiting") if page.result.stale else ("as of", "muted")
        parts.append((f"{word} {day_and_hour(page.as_of, now)}", tone))
    return parts


def chart_series(chart: BoardChart) -> Series:
    """A chart as the widget draws it."""
    values = [value for _, value in chart.steps]
    first, last = (chart.steps[0][0], chart.steps[-1][0]) if chart.steps else ("", "")
    write = _write_isk if chart.kind == "isk" else _write_count
    return Series(chart.title, values, write, first, last, chart.level)


def _write_isk(amount: float) -> str:
    return f"{isk(amount)} ISK"


def _write_count(number: float) -> str:
    return f"{number:.0f}"


def nothing_line(page: BoardPage, words: str) -> list[Line]:
    """What to do where there is no row."""
    if words:
        found: list[Line] = [(" No row shows ", "muted"), (f"“{printable(words)}”", "")]
        return [*found, (": esc shows all", "muted")]
    if page.as_of is not None:
        return [(f" Nothing to show: there was none at {page.as_of:%H:%M}", "muted")]
    names = [process_title(kind) for kind in sorted(page.process_types)]
    return [
        (" Nothing yet: press ", "muted"),
        ("1", "strong"),
        (f", go to {' or '.join(names)}, then press ", "muted"),
        ("s", "strong"),
    ]


def detail_lines(page: BoardPage, place: int, shown: Collection[int]) -> list[Line]:
    """What there is to say of a row, and its columns that have no room."""
    lines: list[Line] = [(printable(text), "") for text in page.details[place]]
    beside = " · ".join(_beside(page, page.rows[place], shown))
    return [*lines, (printable(beside), "muted")] if beside else lines


def _beside(page: BoardPage, row: Row, shown: Collection[int]) -> Iterator[str]:
    for n, (column, cell) in enumerate(zip(page.columns, page.cells(row), strict=True)):
        if n not in shown and row.get(column.name) and cell not in ("", NOTHING):
            yield f"{heading(column)} {cell}"
