"""How a month's report reads: figures beside those of the month before, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import isk, signed_count, signed_isk
from corpsync_tui.format.months import month_name, month_of
from corpsync_tui.format.times import day_and_hour
from corpsync_tui.service.month_page import MonthPage
from corpsync_tui.text import printable
from corpsync_tui.tui.tones import Line

NAME, FIGURE = 32, 13
"""Cells of a name and of a figure."""
BARS_FROM = 100
"""Cells of the terminal from which on income and cost have bars."""
LONGEST_BAR = 60
GROUPS = ("Income", "Cost", "Net", "Mined", "Members joined")
"""Lines that begin something new."""


def summary_line(page: MonthPage) -> list[Line]:
    """`Report  November 2026 · net −688.3 M`."""
    month = page.report.month
    return [
        ("Report  ", "title"),
        (month_name(month.month), "strong"),
        (f" · net {isk(month.net)}", ""),
    ]


def age_line(page: MonthPage, now: datetime, whose: str) -> list[Line]:
    """As of when it is; `whose` where there are several corporations."""
    parts: list[Line] = [(f"{printable(whose)} ", "strong")] if whose else []
    if page.as_of is not None:
        parts.append((f"as of {day_and_hour(page.as_of, now)}", "muted"))
    return parts


def figure_lines(page: MonthPage, now: datetime, width: int, *, spaced: bool) -> Iterator[Line]:
    """The table; `spaced` sets its parts apart where the terminal is high."""
    if page.as_of is None and not page.report.month.net:
        yield from _nothing(page)
        return
    report, present = page.report, month_of(now.timestamp())
    months = [
        f"{month_name(m)[:3]} {m[2:4]}{'*' * (m == present)}"
        for m in (report.month.month, report.before.month)
    ]
    heading = "".join(f"{text:>{FIGURE}}" for text in (*months, "Change"))
    yield f"{'':{NAME}}{heading}\n", "muted"
    sums = [abs(line.now) for line in report.lines if line.name in ("Income", "Cost")]
    bar = min(LONGEST_BAR, width - NAME - 3 * FIGURE - 4) if width >= BARS_FROM else 0
    for line in report.lines:
        name = f"{'  ' * bool(line.side)}{line.name}"
        if spaced and line.name in GROUPS[1:]:
            yield "\n", ""
        change = line.now - line.before
        written = signed_isk(change) if line.kind == "isk" else signed_count(change)
        figures = (*line.texts, written if change else "")
        tone = "strong" if line.name in GROUPS[:3] else ""
        yield f"{name:<{NAME}}" + "".join(f"{text:>{FIGURE}}" for text in figures), tone
        if bar and max(sums) and (line.side or line.name in GROUPS[:2]):
            cells = round(abs(line.now) / max(sums) * bar)
            yield f"  {'━' * cells}", "running" if line.now > 0 else "error"
        yield "\n", ""


def _nothing(page: MonthPage) -> Iterator[Line]:
    """What to do before the first sync."""
    names = [process_title(kind) for kind in sorted(page.process_types)]
    yield "Nothing yet: press ", "muted"
    yield "1", "strong"
    yield f", go to {' or '.join(names)}, then press ", "muted"
    yield "s", "strong"


def note_lines(page: MonthPage, most: int) -> list[Line]:
    """What makes the figures doubtful, in at most so many lines."""
    notes = page.report.notes
    lines: list[Line] = [(f"! {note}", "waiting") for note in notes]
    if len(notes) > most:
        rest = len(notes) - most + 1
        lines[most - 1 :] = [(f"{rest} more: y copies them with the report", "muted")]
    return lines
