"""The report of a month that has ended, queued once for each corporation."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any

from corpsync_tui.alerts.queue import add_report, read_reported
from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.read import corporations
from corpsync_tui.clock import Clock
from corpsync_tui.format.months import month_after, month_bounds, month_name, month_of
from corpsync_tui.store.database import Store
from corpsync_tui.upkeep.month_report import MonthReport, read_month
from corpsync_tui.upkeep.report import read_copies

PATIENCE = 6 * 3_600.0
"""Seconds for which a report waits until all that it stands on was read after the month's end."""
ASLEEP = 1_800.0
"""Seconds between two looks above which this computer slept, or corpsync was closed."""
AGAIN = 3_600.0
"""Seconds after which a report that failed is tried again."""

AWAITED = """
SELECT substr(process_id, instr(process_id, '/') + 1) AS type FROM sync_schedule
LEFT JOIN sync_status USING (process_id)
WHERE enabled AND needs IS NULL AND process_id LIKE :c || '/%'
"""
"""The processes that will be read again by themselves."""

BEGUN = "SELECT MIN(time) AS time FROM change_start WHERE corporation_id = :c"

log = logging.getLogger(__name__)


class MonthlyReports:
    """Knows which month was dealt with, and since when corpsync has been looking."""

    def __init__(self, store: Store, clock: Clock, boards: Mapping[str, Any]) -> None:
        """`boards`: the tables of settings.toml that boards read."""
        self._store = store
        self._clock = clock
        self._boards = boards
        self._settled = ""
        """The last month of which nothing is to be sent any more."""
        self._awake = self._looked = -math.inf
        self._next_try = -math.inf

    async def queue_due(self, sink: str, since: float) -> bool:
        """Queue what is due for a sink that is there `since` (Unix seconds); whether any was.

        What was over before the sink, or before the corporation's first load, is no news. Nothing
        is raised: alerts go on.
        """
        now = self._clock.time()
        if now - self._looked > ASLEEP:
            self._awake = now
        self._looked = now
        month = month_after(month_of(now), -1)
        if month <= self._settled or self._clock.monotonic() < self._next_try:
            return False
        try:
            return await self._queue(sink, since, month, now)
        except Exception:
            self._next_try = self._clock.monotonic() + AGAIN
            log.exception("the report of %s could not be made", month)
            return False

    async def _queue(self, sink: str, since: float, month: str, now: float) -> bool:
        if since >= month_bounds(month)[1]:
            self._settled = month
            return False

        def read(db: Any) -> tuple[list[tuple[int, MonthReport]], bool]:
            reported = read_reported(db, sink)
            left = [c for c in corporations(db) if reported.get(c, "") < month]
            contexts = [BoardContext(db, c, now, self._boards) for c in left]
            waiting = [c for c in contexts if self._waits(c, month)]
            due = [c for c in contexts if c not in waiting and _is_known(c, month)]
            return [(c.corporation_id, read_month(c, month)) for c in due], bool(waiting)

        due, waits = await self._store.read(read)

        def write(db: Any) -> None:
            for corporation_id, report in due:
                text = "\n".join(report_lines(report)).strip()
                add_report(db, sink, corporation_id, month, report.title, text, now)

        if due:
            await self._store.write(write)
        if not waits:
            self._settled = month
        return bool(due)

    def _waits(self, context: BoardContext, month: str) -> bool:
        """Whether something will soon be read for the first time after the month's end."""
        end = month_bounds(month)[1]
        if context.now >= max(end, self._awake) + PATIENCE:
            return False
        awaited = {row["type"] for row in context.rows(AWAITED)}
        copies = read_copies(context)
        return any((copies.get(type_) or end) < end for type_ in awaited)


def _is_known(context: BoardContext, month: str) -> bool:
    """Whether anything was read in the month or later, and the corporation was here by its end."""
    start, end = month_bounds(month)
    begun = context.one(BEGUN)["time"]
    newest = max((at for at in read_copies(context).values() if at is not None), default=0.0)
    return begun is not None and begun < end and newest >= start


def report_lines(report: MonthReport) -> Iterator[str]:
    """A report as Discord's Markdown, which has no tables; the month before stands in brackets."""
    for line in report.lines:
        now, before = line.texts
        if line.name in ("Income", "Cost", "Net"):
            yield ""
            yield f"**{line.name} {now}** ({before})"
        else:
            yield f"{line.name} {now} ({before})"
    yield ""
    yield from report.notes
    yield f"In brackets: {month_name(report.before.month)}"
