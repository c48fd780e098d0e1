"""Screen 1: is everything current, is anything wrong, what do I do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget

from corpsync_tui.catalog_index import entries, process_title
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.amounts import title_of
from corpsync_tui.queries.daily import DailyFigures
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.tui.screens.filtered import FilteredScreen
from corpsync_tui.tui.screens.history.run_list import RunList
from corpsync_tui.tui.screens.history.run_text import cost, daily_series, run_series, standing
from corpsync_tui.tui.screens.sync.panes import DetailsPane, HistoryPane
from corpsync_tui.tui.screens.sync.process_table import ProcessTable
from corpsync_tui.tui.screens.sync.text import meanwhile
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.sync_state import NO_CORPORATION, RunRecorded, SyncStatusChanged
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.chart import Chart, chart_lines
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.lines import Lines

EVERY_PROCESS = "history_of_all"
"""The setting that remembers whether the pane shows the runs of all processes."""
OPENING = "corpsync is still opening its database"
LEFT_BY_TABLE = 22
"""Lines that header, panes, charts and footer need beside the rows of the table."""
LOG_IN_FIRST = "No character is logged in yet: press l"


class SyncScreen(FilteredScreen):
    """The processes live, the runs of the one under the cursor, and where it stands."""

    AUTO_FOCUS = "ProcessTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sync", "Sync", id="sync", tooltip="Sync the process under the cursor now"),
        Binding(
            "a", "sync_all", "Sync all", id="sync_all", tooltip="Sync every process that is on"
        ),
        Binding("r", "retry", "Retry", id="retry", tooltip="Retry all that failed or is blocked"),
        Binding(
            "space",
            "on_off",
            "On/off",
            id="toggle",
            tooltip="Switch this process on or off",
        ),
        Binding("i", "interval", "Interval", id="interval", tooltip="How often this process syncs"),
        Binding("x", "cancel", "Cancel", id="cancel", tooltip="End the run of this process"),
        Binding("p", "pause", "Pause", id="pause", tooltip="Pause the schedule, or resume it"),
        Binding(
            "h",
            "history",
            "History",
            id="history",
            tooltip="Runs of this process, or of all",
        ),
        Binding("slash", "filter", "Filter", id="filter", tooltip="Show only matching processes"),
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy what the pane in focus says"),
        Binding(
            "c", "corporation", "Corporation", id="corporation", tooltip="Narrow to one corporation"
        ),
        Binding("tab", "pane(1)", "Next pane", show=False, tooltip="To the next pane"),
        Binding("shift+tab", "pane(-1)", "Previous pane", show=False, tooltip="To the pane before"),
        Binding("escape", "back", "Back", show=False, tooltip="Clear the filter, then go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._every_process = False
        self._drawn: tuple[str | None, int | None] = (None, None)
        """The process whose figures were read, and its last run then."""
        self._figures: Sequence[DailyFigures] = ()

    def body(self) -> ComposeResult:
        """Table and panes."""
        self.set_class(self._has_room(self.app.size.height), "-roomy", update=False)
        yield Lines(id="meanwhile", classes="-hidden")
        yield ProcessTable(self.sync_state, id="processes")
        yield FilterBar("name or state of a process")
        with Horizontal(id="panes"):
            yield HistoryPane(self.sync_state, id="history")
            yield DetailsPane(id="details")
        with Container(id="process-charts", classes="charts"):
            yield Chart(id="durations")
            yield Chart(id="rows")
            yield Chart(id="requests")

    def on_mount(self) -> None:
        """Paint what is known already; the panes are painted together with the cursor."""
        self.watch(self.table, "cursor", self._show_panes, init=False)
        self.repaint()

    @property
    def table(self) -> ProcessTable:
        """The table of processes."""
        return self.query_one(ProcessTable)

    @property
    def history(self) -> HistoryPane:
        """The pane of runs."""
        return self.query_one(HistoryPane)

    # Painting

    @on(SyncStatusChanged)
    @on(RunRecorded)
    @on(Tick)
    def repaint(self) -> None:
        """Bring every part up to date; each touches only what reads differently."""
        if not self.is_current:
            return
        self.table.show_processes([pid for pid in self._wanted() if self._matches(pid)])
        self.on_resize()

    def on_resize(self) -> None:
        """Charts are drawn where the table leaves room for them, else a line tells of them."""
        self.set_class(self._has_room(self.size.height), "-roomy")
        self._show_panes()

    def _has_room(self, height: int) -> bool:
        """Whether charts fit; before a row is read, below those of one corporation."""
        loaded = self.sync_state.loaded
        rows = self.table.line_count() if loaded else len(entries())
        return height - rows >= LEFT_BY_TABLE

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self.repaint()

    def _wanted(self) -> list[str]:
        return self.sync_state.process_ids(self.corpsync.corporation_id)

    def _matches(self, process_id: str) -> bool:
        if not self._filter:
            return True
        status = self.sync_state.status(process_id)
        state = self.sync_state.shown_state(process_id, self.now)
        corporation = self.sync_state.corporation(status.corporation_id)
        words = f"{process_title(status.process_type)} {state} {corporation.name}"
        return self._filter.casefold() in words.casefold()

    def restore_settings(self, settings: Mapping[str, object]) -> None:
        """Look as the last time."""
        self._every_process = settings.get(EVERY_PROCESS) is True

    def show_meanwhile(self) -> None:
        """Tell once, after a start, what happened since the last time."""
        text = meanwhile(self.sync_state, self.now)
        line = self.query_one("#meanwhile", Lines)
        line.show([(text, "waiting")] if text else [])
        line.set_class(not text, "-hidden")
        if text:
            self.corpsync.keep_notice(text)

    def _show_panes(self) -> None:
        process_id = self.table.current
        narrowed = self.corpsync.corporation_id
        if process_id is None:
            self.history.follow(None, narrowed)
            self.query_one(DetailsPane).show(self._nothing_to_show())
            return
        self.history.follow(None if self._every_process else process_id, narrowed)
        self.query_one(DetailsPane).show(self._details(process_id))
        self._show_charts(process_id)

    def _show_charts(self, process_id: str) -> None:
        """Draw what the process declares day by day, then its runs; as much as has room."""
        runs = self.sync_state.runs(process_id)
        known = (process_id, runs[0].id if runs else None)
        if self.has_class("-roomy") and known != self._drawn:
            if self._drawn[0] != process_id:
                self._figures = ()
            self._drawn = known
            self._read_figures(process_id)
        drawn = [*map(daily_series, self._figures), *run_series(runs, self.now)]
        charts = self.query_one("#process-charts").query_children(Chart)
        for chart, series in zip(charts, drawn, strict=False):
            chart.show(series)

    @work(group="daily", exclusive=True, exit_on_error=False)
    async def _read_figures(self, process_id: str) -> None:
        service = await self.corpsync.opened()
        try:
            self._figures = await service.daily(process_id)
        except CorpsyncError as error:
            self.tell(error.message)
        else:
            self._show_charts(process_id)

    def _nothing_to_show(self) -> list[Line]:
        if not self.sync_state.loaded:
            return [("opening…", "muted")]
        return [(f"No process matches “{self._filter}”: esc shows all", "muted")]

    def _details(self, process_id: str) -> list[Line]:
        status, config = self.sync_state.status(process_id), self.sync_state.config(process_id)
        state = self.sync_state.shown_state(process_id, self.now)
        lines = standing(state, status, config, self.sync_state.schedule, self.now)
        runs = self.sync_state.runs(process_id)
        if runs:
            lines += [
                ("", ""),
                (f"last run {runs[0].start_time:%H:%M}, {runs[0].trigger}", "strong"),
            ]
            lines += cost(runs[0])
            if not self.has_class("-roomy"):
                room = self.query_one(DetailsPane).content_size.width
                (line,) = chart_lines(run_series(runs, self.now)[0], room, 1)
                lines.append(("".join(text for text, _ in line), "muted"))
        return lines

    def place(self) -> str | None:
        """The process under the cursor."""
        return self.table.current

    def restore(self, place: str | None) -> None:
        """Back to a process."""
        if place is not None:
            self.table.go_to(place)

    def show_process(self, process_id: str) -> None:
        """Put the cursor on a process."""
        self.query_one(FilterBar).clear()
        self._filter = ""
        self.repaint()
        self.table.go_to(process_id)

    # Filter

    def narrow_rows(self) -> None:
        """Show the processes whose name or state says this."""
        self.repaint()

    def action_back(self) -> None:
        """Leave what is passing: the filter, the message, the pane; then the screen."""
        line = self.query_one("#meanwhile", Lines)
        if self._filter:
            self.query_one(FilterBar).clear()
        elif not line.has_class("-hidden"):
            line.add_class("-hidden")
        elif self.focused is self.table:
            super().action_back()
        self.table.focus()

    # Actions on the process under the cursor

    def _process(self) -> str | None:
        """The process to act on; None after saying why there is none."""
        if not self.sync_state.loaded:
            self.tell(OPENING)
            return None
        process_id = self.table.current
        if process_id is None:
            self.tell("No process is shown: esc clears the filter")
            return None
        if self.sync_state.status(process_id).corporation_id == NO_CORPORATION:
            self.tell(LOG_IN_FIRST)
            return None
        return process_id

    def _called(self, process_id: str) -> str:
        return process_title(self.sync_state.status(process_id).process_type)

    def action_sync(self) -> None:
        """Sync the process now."""
        if (process_id := self._process()) is not None:
            self.ask(lambda service: service.sync_now(process_id))

    def action_on_off(self) -> None:
        """Switch the process on or off."""
        if (process_id := self._process()) is not None:
            self.ask(lambda service: service.toggle(process_id))

    def action_cancel(self) -> None:
        """End the process's run."""
        if (process_id := self._process()) is None:
            return
        if self.sync_state.shown_state(process_id, self.now) not in ("running", "waiting"):
            self.tell(f"{self._called(process_id)} is not running: there is nothing to cancel")
            return
        self.ask(lambda service: service.cancel(process_id))

    def action_interval(self) -> None:
        """Ask for another interval."""
        from corpsync_tui.tui.screens.sync.interval import IntervalDialog

        if (process_id := self._process()) is None:
            return

        def take(minutes: int | None) -> None:
            if minutes is not None:
                self.ask(lambda service: service.set_interval(process_id, minutes))

        every = self.sync_state.config(process_id).interval_minutes
        self.show_box(IntervalDialog(self._called(process_id), every), take)

    # Actions on all

    def action_sync_all(self) -> None:
        """Sync every process that is on."""
        if self._process() is not None:
            corporation_id = self.corpsync.corporation_id
            self.ask(lambda service: service.sync_all(corporation_id))

    def action_retry(self) -> None:
        """Retry every process that is on and has failed or is blocked."""
        if self._process() is not None:
            corporation_id = self.corpsync.corporation_id
            self.ask(lambda service: service.retry(corporation_id))

    def action_pause(self) -> None:
        """Hold the schedule, or let it go on."""
        if not self.sync_state.loaded:
            self.tell(OPENING)
        elif self.sync_state.schedule.paused:
            self.ask(lambda service: service.resume())
        else:
            self.ask(lambda service: service.pause())

    # Panes

    def action_pane(self, by: int) -> None:
        """Go round table, runs and details; where only one pane fits, show that one."""
        ring: list[Widget] = [self.table, self.history, self.query_one(DetailsPane)]
        place = ring.index(self.focused) if self.focused in ring else 0
        target = ring[(place + by) % len(ring)]
        self.query_one("#panes").set_class(target is ring[2], "-details")
        self.call_after_refresh(target.focus)

    def action_history(self) -> None:
        """Runs of the process under the cursor, or of all."""
        self._every_process = not self._every_process
        self.corpsync.save(EVERY_PROCESS, self._every_process)
        self._show_panes()

    @on(ProcessTable.Opened)
    def _open_table(self) -> None:
        if (process_id := self._process()) is not None:
            self.corpsync.open_table(self.sync_state.status(process_id).process_type)

    @on(RunList.Opened)
    def _open_chosen(self, event: RunList.Opened) -> None:
        self._open_run(event.run)

    def _open_run(self, run: RunRecord) -> None:
        from corpsync_tui.tui.screens.history.run_detail import RunDetail

        corporation = self.sync_state.corporation(run.corporation_id)
        needs = self.sync_state.status(run.process_id).needs
        whose = title_of(corporation.name, corporation.ticker)
        self.show_box(RunDetail(run, whose, needs=needs))

    def action_copy(self) -> None:
        """Copy the run under the cursor, or the details."""
        from corpsync_tui.tui.screens.history.run_detail import RunDetail

        if self.focused is self.history and self.history.current is not None:
            run = self.history.current
            corporation = self.sync_state.corporation(run.corporation_id)
            self.corpsync.copy(RunDetail(run, corporation.name).text)
            return
        if (process_id := self._process()) is not None:
            name, text = self._called(process_id), self.query_one(DetailsPane).text
            self.corpsync.copy(f"{name}\n{text}")

    def action_corporation(self) -> None:
        """Narrow to the next corporation, and after the last one to all."""
        if self.narrow_to_next():
            self.repaint()
