"""Figures over time as bars, with an axis and their unit: a whole chart, or one line of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from corpsync_tui.format.amounts import EIGHTHS
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.tones import Line, content

AXIS_LINES = 4
"""Lines that title, axis and two rows of bars take; below that there is no axis."""
WIDEST_BAR = 6
FEWEST_BARS = 4
"""Columns without which there is nothing to be seen."""


@dataclass(frozen=True, slots=True)
class Series:
    """Figures at steps of time, oldest first; None where a step has none."""

    title: str
    values: Sequence[float | None]
    write: Callable[[float], str]
    """A figure with its unit: `1.2 B ISK`."""
    first: str = ""
    """When the first step was."""
    last: str = ""
    level: bool = False
    """A level is drawn from a little below its lowest figure, an amount from zero."""


class Chart(Supervised, Widget):
    """A series in whatever room there is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._series: Series | None = None

    def show(self, series: Series | None) -> None:
        """Draw this series, or nothing."""
        if series != self._series:
            self._series = series
            self.refresh()

    def render(self) -> Content:
        """The lines that fit."""
        if self._series is None:
            return Content()
        lines = chart_lines(self._series, self.size.width, self.size.height)
        return Content("\n").join(content(line, between="") for line in lines)


def chart_lines(series: Series, width: int, height: int) -> list[list[Line]]:
    """The chart in at most `height` lines of `width` cells; one line where no axis has room."""
    known = [value for value in series.values if value is not None]
    if len(known) < 2:
        return [[(fit(f"{series.title}: too few figures yet", width), "muted")]]
    if height < AXIS_LINES:
        return [_one_line(series, known, width)]
    low, high = _ends(series, known)
    rows = height - 2
    above = _rows_above(low, high, rows)
    step = max((high - max(low, 0.0)) / above, -low / max(1, rows - above))
    base = max(low, 0.0)
    names = {0: series.write(base + above * step), above - 1: series.write(base)}
    if above < rows:
        names[rows - 1] = series.write((above - rows) * step)
    beside = max(cell_len(name) for name in names.values())
    room = width - beside - 2
    if room < FEWEST_BARS:
        return [_one_line(series, known, width)]
    bars = _bars(series.values, room)
    lines: list[list[Line]] = [_heading(series, known[-1], width)]
    for row in range(rows):
        axis = f"{names.get(row, ''):>{beside}} {'┤' if row in names else '│'}"
        lines.append([(axis, "muted"), _row(bars, base, step, above - 1 - row)])
    lines.append([(" " * (beside + 1) + _foot(series, len(bars), room), "muted")])
    return lines


def _heading(series: Series, newest: float, width: int) -> list[Line]:
    """What is drawn, and the newest figure where it has room."""
    figure = f"  {series.write(newest)}"
    if cell_len(series.title + figure) > width:
        return [(fit(series.title, width), "title")]
    return [(series.title, "title"), (figure, "strong")]


def _one_line(series: Series, known: list[float], width: int) -> list[Line]:
    """`Rows ▁▂▃▅█ 4,100 – 4,300`."""
    low, high = _ends(series, known)
    ends = " " + " – ".join(dict.fromkeys(series.write(end(known)) for end in (min, max)))
    room = width - cell_len(series.title) - cell_len(ends) - 1
    bars = _bars(series.values, room, widest=1)
    if room < FEWEST_BARS:
        return [(fit(f"{series.title}{ends}", width), "")]
    return [(f"{series.title} ", "muted"), _row(bars, low, high - low, 0), (ends, "muted")]


def _ends(series: Series, known: list[float]) -> tuple[float, float]:
    """Between which figures the bars stand."""
    low, high = min(known), max(known)
    if series.level and low > 0 and high > low:
        return max(0.0, low - (high - low) / 3), high
    low, high = min(0.0, low), max(0.0, high)
    return (low, high) if high > low else (0.0, 1.0)


def _rows_above(low: float, high: float, rows: int) -> int:
    """How many of the rows stand above zero."""
    if low >= 0:
        return rows
    return max(1, min(rows - 1, round(rows * high / (high - low))))


def _bars(
    values: Sequence[float | None], room: int, *, widest: int = WIDEST_BAR
) -> list[float | None]:
    """One figure for each cell: a value as wide as it can be, or the mean of some."""
    number = len(values)
    room = max(1, min(room, number * widest))
    fewer, more = min(number, room), max(number, room)
    edges = [round(place * more / fewer) for place in range(fewer + 1)]
    if number > room:
        return [_mean(values[start:end]) for start, end in pairwise(edges)]
    gap = 1 if room >= number * 3 else 0
    return [
        cell
        for value, (start, end) in zip(values, pairwise(edges), strict=True)
        for cell in [value] * (end - start - gap) + [None] * gap
    ]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _row(bars: Sequence[float | None], base: float, step: float, row: int) -> Line:
    """The cells of one row, counted from the one that stands on the base; those below are < 0."""
    text = "".join(_cell(bar, base, step, row) for bar in bars)
    return text, "running" if row >= 0 else "error"


def _cell(bar: float | None, base: float, step: float, row: int) -> str:
    if bar is None:
        return " "
    filled = (bar - base) / step
    if row < 0:  # hangs from the base: there are halves alone
        halves = round((-filled - (-row - 1)) * 2)
        return " ▀█"[max(0, min(2, halves))]
    eighths = round((filled - row) * 8)
    if row == 0 and filled >= 0:
        eighths = max(1, eighths)
    return EIGHTHS[max(0, min(8, eighths))]


def _foot(series: Series, wide: int, room: int) -> str:
    """The axis of time below bars that are so `wide`: `└ 14 Feb ─────── 14 Mar`."""
    first, last = (f" {text}" if text else "" for text in (series.first, series.last))
    first += " " if first else ""
    wide = min(room, max(wide, cell_len(first + last) + 1))
    line = "─" * (wide - cell_len(first + last))
    return f"└{fit(first + line + last, wide)}"
