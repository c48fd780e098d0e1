"""The wallet's sums with months beside each other, by kind, division or word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.boards.kit.board import BoardAnswer, BoardColumn, BoardContext, Row
from corpsync_tui.boards.kit.cells import UNCOUNTED
from corpsync_tui.format.amounts import spark

SHOWN_MONTHS, WIDE_MONTHS = 5, 12
"""Months beside each other at 80 and at most at 140 columns."""
MOVED = "inside (not counted)"
"""The row of what was moved between the corporation's own divisions."""
BALANCE = "balance at the end"
"""The row of what was in the wallets at the end of each month, or is now."""

Laid = tuple[list[BoardColumn], list[Row]]


def present_month(context: BoardContext) -> str:
    """The month that is not over, in EVE time: `2026-11`."""
    return f"{datetime.fromtimestamp(context.now, UTC):%Y-%m}"


def month_title(month: str) -> str:
    """A month as it heads a column: `Nov 26`."""
    return f"{datetime.strptime(month, '%Y-%m').replace(tzinfo=UTC):%b %y}"


def lay_months(
    context: BoardContext,
    answer: BoardAnswer,
    first: BoardColumn,
    key: Callable[[Row], Hashable],
    order: Sequence[Hashable] = (),
) -> Laid:
    """A row for each value of `key`, a column for each month, the newest last.

    Those of `order` come first. Beside the months stand the row's share of all that came, or
    went, in them, their course, and the row's lines of the newest. What was moved inside, and the
    balance, stand below and are in no sum.
    """
    months = sorted({row["month"] for row in answer.rows})[-WIDE_MONTHS:]
    sums: defaultdict[tuple[Hashable, str], float] = defaultdict(float)
    counts = Counter[Hashable]()
    for row in answer.rows:
        sums[key(row), row["month"]] += row["amount"]
        counts[key(row)] += row["count"] * (row["month"] == months[-1])
    shown = {value for value, month in sums if month in months}
    total = {value: sum(sums.get((value, m), 0.0) for m in months) for value in shown}
    sides = [sum(abs(v) for v in total.values() if (v < 0) == side) for side in (False, True)]
    places = {value: place for place, value in enumerate(order)}
    laid: list[Row] = []
    for value in sorted(shown, key=lambda value: (places.get(value, len(places)), str(value))):
        amounts = {month: sums.get((value, month)) for month in months}
        whole = sides[total[value] < 0]
        laid.append(
            {
                first.name: value,
                **amounts,
                "share": 100 * abs(total[value]) / whole if total[value] else None,
                "course": spark([abs(amount or 0.0) for amount in amounts.values()]),
                "count": counts[value],
            }
        )
    laid += _beside(first, months, answer.summary["months"])
    return _columns(first, months, present_month(context)), laid


def _columns(first: BoardColumn, months: Sequence[str], present: str) -> list[BoardColumn]:
    columns = [first]
    for i, month in enumerate(months):
        back = len(months) - i - 1
        columns.append(
            BoardColumn(
                month,
                "isk",
                f"{month_title(month)}{'*' * (month == present)}",
                wide=back >= SHOWN_MONTHS,
                rank=back,
                summed=True,
            )
        )
    return [
        *columns,
        BoardColumn("share", "percent", wide=True),
        BoardColumn("course", wide=True),
        BoardColumn("count", "count", "Lines", wide=True),
    ]


def _beside(
    first: BoardColumn, months: Sequence[str], sums: Mapping[str, Mapping[str, Any]]
) -> list[Row]:
    """The rows that are in no sum, where there is anything of them."""
    laid = []
    for title, name, least in ((MOVED, "inside", 0.0), (BALANCE, "balance", None)):
        values = {month: sums[month][name] or None for month in months}
        known = [value for value in values.values() if value is not None]
        if known:
            base = least if least is not None else min(known) - (max(known) - min(known)) / 3
            course = spark([(v or 0.0) - base for v in values.values()])
            laid.append({first.name: title, **values, "course": course, UNCOUNTED: True})
    return laid
