"""Screen 3: all runs of all processes over 90 days, narrowed as the director likes."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import plural, title_of
from corpsync_tui.format.signs import RESULT_SIGNS
from corpsync_tui.queries.records import RunFilter, RunRecord
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import following
from corpsync_tui.tui.screens.history.run_detail import RunDetail
from corpsync_tui.tui.screens.history.run_list import RunList
from corpsync_tui.tui.screens.history.run_text import run_series
from corpsync_tui.tui.screens.log_screen import LogScreen
from corpsync_tui.tui.sync_state import RunRecorded
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.chart import Chart
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.pages import PAGE, Pages

SPANS: dict[str, timedelta | None] = {
    "90 days": None,
    "30 days": timedelta(days=30),
    "7 days": timedelta(days=7),
    "24 hours": timedelta(hours=24),
}
RESULTS: tuple[str | None, ...] = (None, "error", "success", "cancelled", "interrupted", "running")
ROOMY = 34
"""Lines from which on charts have an axis."""
DRAWN_RUNS = 120
"""Runs that are drawn over time."""
FIRST_RUNS = 2 * PAGE
"""Runs that are read at once, whole pages."""


class HistoryScreen(LogScreen):
    """The history as one long list."""

    AUTO_FOCUS = "RunList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "next_process", "Process", id="next_process", tooltip="Runs of one process"),
        Binding("e", "next_result", "Result", id="next_result", tooltip="Runs with one result"),
        Binding("t", "next_span", "Time", id="next_span", tooltip="How far back the list goes"),
        Binding("slash", "filter", "Text", id="find", tooltip="Runs whose error or note says this"),
        Binding("y", "copy", "Copy", id="copy_run", tooltip="Copy the run under the cursor"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all runs, then go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._which = RunFilter()
        self._span = next(iter(SPANS))
        self._listed: RunFilter | None = None
        """What the list is narrowed to, but for the time."""
        self._total = 0
        self._drawn: list[RunRecord] = []

    def body(self) -> ComposeResult:
        """What is shown, what it looks like over time, the runs."""
        yield Lines(between="", id="narrowing")
        with Container(id="drawn", classes="charts"):
            yield Chart(id="durations")
            yield Chart(id="rows")
            yield Chart(id="requests")
        yield FilterBar("part of an error or a note")
        yield RunList(self.sync_state, with_process=True, id="all-runs")

    def on_mount(self) -> None:
        """The title never changes."""
        self.runs.border_title = " Runs "

    def on_resize(self) -> None:
        """A tall window has room for whole charts."""
        self.set_class(self.size.height >= ROOMY, "-roomy")

    @property
    def runs(self) -> RunList:
        """The list."""
        return self.query_one(RunList)

    # Painting

    @on(RunRecorded)
    def _runs_changed(self) -> None:
        """The list follows while its beginning is in sight; else it stays as it is being read."""
        if self.runs.cursor == 0:
            self.reload(keep=True)

    async def _load(self, generation: int, *, keep: bool) -> None:
        which = replace(self._which, text=self._filter, corporation_id=self.corpsync.corporation_id)
        narrowed = which
        if (span := SPANS[self._span]) is not None:
            which = replace(which, since=self.now - span)
        service = await self.corpsync.opened()
        try:
            total = await service.count_runs(which)
            first = list(await service.runs(which, 0, FIRST_RUNS))
        except CorpsyncError as error:
            self.corpsync.tell(error.message, severity="error")
            return
        if generation != self._generation:
            return

        source = Pages(total, partial(service.runs, which), self._read_page, self._landed)
        source.put(first)
        self._total, self._drawn = total, first[:DRAWN_RUNS]
        keep = keep and narrowed == self._listed  # it may be another corporation's by now
        self._listed = narrowed
        self.runs.show(source, empty=self._empty(), keep=keep)
        self._show_narrowing()

    def _read_page(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.work(coroutine, "history")

    def _landed(self, _first: int, _number: int) -> None:
        self.runs.refresh()

    def _empty(self) -> list[Line]:
        if not self._narrowed:
            return [("Nothing synced yet: 1, then a syncs all", "muted")]
        return [("No matching runs (esc: all)", "muted")]

    def _show_narrowing(self) -> None:
        which = self._which
        process = process_title(which.process_type) if which.process_type else "all processes"
        result = which.result or "all results"
        sign = f"{RESULT_SIGNS[which.result]} " if which.result else ""
        lines: list[Line] = [
            (f"{plural(self._total, 'run')}: ", "strong"),
            (process, "title" if which.process_type else ""),
            (" · ", "muted"),
            (f"{sign}{result}", which.result or ""),
            (" · ", "muted"),
            (self._span, "title" if SPANS[self._span] else ""),
        ]
        if self._filter:
            lines.append((f" · “{printable(self._filter)}”", "title"))
        self.query_one("#narrowing", Lines).show(lines)
        durations, rows, requests = run_series(self._drawn, self.now)
        self.query_one("#durations", Chart).show(durations)
        self.query_one("#rows", Chart).show(rows)
        self.query_one("#rows").display = which.process_type is not None  # else they do not compare
        self.query_one("#requests", Chart).show(requests)

    # Narrowing

    @property
    def _narrowed(self) -> bool:
        span = SPANS[self._span]
        return self._which != RunFilter() or span is not None or bool(self._filter)

    def _narrow(self, which: RunFilter) -> None:
        self._which = which
        self.reload()

    def action_next_process(self) -> None:
        """Go through the processes, then all of them."""
        types = (None, *self.sync_state.process_types)
        self._narrow(replace(self._which, process_type=following(types, self._which.process_type)))

    def action_next_result(self) -> None:
        """Go through the results, then all of them."""
        self._narrow(replace(self._which, result=following(RESULTS, self._which.result)))

    def action_next_span(self) -> None:
        """Go through the spans of time."""
        self._span = following(tuple(SPANS), self._span)
        self.reload()

    def action_back(self) -> None:
        """Show all runs again, and after that the screen that one came from."""
        if not self._narrowed:
            super().action_back()
            return
        self.query_one(FilterBar).clear()
        self._filter = ""
        self._span = next(iter(SPANS))
        self._narrow(RunFilter())

    # Runs

    @on(RunList.Opened)
    def _open_run(self, event: RunList.Opened) -> None:
        self.show_box(self._detail(event.run))

    def _detail(self, run: RunRecord) -> RunDetail:
        corporation = self.sync_state.corporation(run.corporation_id)
        return RunDetail(run, title_of(corporation.name, corporation.ticker))

    def action_copy(self) -> None:
        """Copy the run under the cursor."""
        if (run := self.runs.current) is None:
            self.tell("There is no run to copy")
        else:
            self.corpsync.copy(self._detail(run).text)
