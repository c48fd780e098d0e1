"""A month's report as the screens show it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpsync_tui.boards.kit.board import BoardChart, BoardContext
from corpsync_tui.format.months import month_after, month_of
from corpsync_tui.upkeep.export import Stream, export_to, format_of_new
from corpsync_tui.upkeep.month_report import MonthReport, read_month
from corpsync_tui.upkeep.report import Basis

SHOWN_MONTHS = 12
"""Months that a chart shows, the last of them that of the report."""
FORMATS = ("md", "txt", "json")


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month beside the one before, and what there is to choose from."""

    report: MonthReport
    months: Sequence[str]
    """From the first month of which anything is known to the present one."""
    charts: Sequence[BoardChart]
    as_of: datetime | None
    """When the oldest copy was made that it stands on; None before the first sync."""
    process_types: frozenset[str]
    """The processes whose tables it adds up."""

    def export(self, database: Path, file: Path) -> int:
        """Write it to a new file in the format that its name says; the number of its figures.

        Raises:
            DatabaseError: The file exists, cannot be written, or its suffix names no format.
        """
        return export_to(_Export(database, self.report, format_of_new(file, FORMATS)), file)


@dataclass(frozen=True, slots=True)
class _Export:
    """A report on its way to a file."""

    database: Path
    report: MonthReport
    format: str

    def write(self, stream: Stream) -> int:
        """Write all of it."""
        if self.format == "json":
            stream.write(f"{json.dumps(self.report.document(), ensure_ascii=False, indent=2)}\n")
        else:
            is_markdown = self.format == "md"
            lines = self.report.as_markdown() if is_markdown else self.report.as_text()
            stream.write("".join(f"{line}\n" for line in lines))
        return len(self.report.lines)


def read_month_page(context: BoardContext, month: str) -> MonthPage:
    """The report of a month, empty for the present one. Raises `sqlite3.Error`."""
    basis, present = Basis.of(context), month_of(context.now)
    months = [min(basis.sides, default=present)]
    while months[-1] < present:
        months.append(month_after(months[-1]))
    shown = month or present
    made = [at for at in basis.copies.values() if at is not None]
    return MonthPage(
        read_month(context, shown, basis),
        months,
        _charts(basis.sides, [m for m in months if m <= shown][-SHOWN_MONTHS:]),
        datetime.fromtimestamp(min(made), UTC) if made else None,
        frozenset(basis.copies),
    )


def _charts(
    sides: Mapping[str, Mapping[tuple[str, bool], float]], months: Sequence[str]
) -> list[BoardChart]:
    """Net, income and cost by month, where there are several."""
    net: list[tuple[str, float]] = []
    income: list[tuple[str, float]] = []
    cost: list[tuple[str, float]] = []
    for month in months:
        amounts = sides.get(month, {}).values()
        net.append((month, sum(amounts)))
        income.append((month, sum(amount for amount in amounts if amount > 0)))
        cost.append((month, -sum(amount for amount in amounts if amount < 0)))
    named = {"Net by month": net, "Income by month": income, "Cost by month": cost}
    return [BoardChart(title, "isk", steps) for title, steps in named.items() if len(steps) > 1]
