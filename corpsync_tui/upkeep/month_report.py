"""A month's report beside the one before, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.ref_types import TITLES
from corpsync_tui.format.amounts import isk
from corpsync_tui.format.markdown import escape_markdown
from corpsync_tui.format.months import month_after, month_name
from corpsync_tui.store.naming import Naming
from corpsync_tui.upkeep.report import Basis, Report, make_report

AMOUNTS = ("mined", "built", "sold", "lost")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A figure beside that of the month before."""

    name: str
    now: float
    before: float
    kind: Literal["isk", "count"] = "isk"
    side: str = ""
    """`Income` or `Cost` where it is a part of their sum."""

    def write(self, figure: float) -> str:
        """A figure of this line as it reads."""
        return isk(figure) if self.kind == "isk" else f"{figure:,.0f}"

    @property
    def texts(self) -> tuple[str, str]:
        """Both figures as they read."""
        return self.write(self.now), self.write(self.before)


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month beside the one before."""

    corporation: str
    """Its name; text from outside."""
    month: Report
    before: Report

    @property
    def title(self) -> str:
        """`Hedion Freight Union: November 2026`; has text from outside."""
        return f"{self.corporation}: {month_name(self.month.month)}"

    @property
    def lines(self) -> list[ReportLine]:
        """Every figure, in the order of reading."""
        month, before = self.month, self.before
        return [
            *_side("Income", month.income, before.income),
            *_side("Cost", month.cost, before.cost),
            ReportLine("Net", month.net, before.net),
            *(
                ReportLine(name.capitalize(), getattr(month, name), getattr(before, name))
                for name in AMOUNTS
            ),
            ReportLine("Members joined", month.joined, before.joined, "count"),
            ReportLine("Members left", month.left, before.left, "count"),
        ]

    @property
    def notes(self) -> list[str]:
        """What makes the figures doubtful; what makes only those of the month before, last."""
        known = self.month.notes
        earlier = [note for note in self.before.notes if note not in known]
        return [*known, *(f"{self.before.month}: {note}" for note in earlier)]

    def document(self) -> dict[str, Any]:
        """As `corpsync report month --format json` prints it."""
        return {**self.month.document(), "previous": self.before.document()}

    def as_text(self) -> list[str]:
        """Plain text, line by line."""
        rows = [("", self.month.month, self.before.month)]
        rows += [(f"{'  ' * bool(line.side)}{line.name}", *line.texts) for line in self.lines]
        width = max(len(name) for name, *_ in rows)
        lines = [f"{name:<{width}} {now:>12} {before:>12}" for name, now, before in rows]
        return [*lines, *self.notes]

    def as_markdown(self) -> list[str]:
        """Markdown, line by line: a heading, a table, and what is doubtful."""
        rows = [("", self.month.month, self.before.month)]
        for line in self.lines:
            name = f"{line.side}: {line.name}" if line.side else line.name
            rows.append((name, *line.texts))
        table = [f"| {' | '.join(row)} |" for row in rows]
        table.insert(1, "| --- | ---: | ---: |")
        notes = ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return [f"## {escape_markdown(self.title)}", "", *table, *notes]


def _side(
    title: str, now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> Iterator[ReportLine]:
    """The sum of income or cost, then its parts."""
    new = {part["kind"]: part["amount"] for part in now}
    old = {part["kind"]: part["amount"] for part in before}
    yield ReportLine(title, sum(new.values()), sum(old.values()))
    for kind in dict.fromkeys([*new, *old]):
        name = TITLES[kind]
        yield ReportLine(name, new.get(kind, 0.0), old.get(kind, 0.0), side=title)


def read_month(context: BoardContext, month: str, basis: Basis | None = None) -> MonthReport:
    """A month of the corporation, and the one before. Raises `sqlite3.Error`."""
    basis = basis or Basis.of(context)
    own = context.one("SELECT name FROM corporation WHERE corporation_id = :c")
    return MonthReport(
        own.get("name") or Naming(context.db).of(context.corporation_id, "Corporation"),
        make_report(basis, month),
        make_report(basis, month_after(month, -1)),
    )
