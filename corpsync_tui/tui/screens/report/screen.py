"""The report of a month, beside the month before; it belongs to the Boards screen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content

from corpsync_tui.boards.kit.board import BoardChart
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.format.months import month_name
from corpsync_tui.service.month_page import FORMATS, MonthPage
from corpsync_tui.tui.dialogs.choices import Choice, ChoiceDialog
from corpsync_tui.tui.dialogs.file import FileDialog
from corpsync_tui.tui.screens.figures import HIGH, FiguresScreen
from corpsync_tui.tui.screens.report.text import (
    age_line,
    figure_lines,
    note_lines,
    summary_line,
)
from corpsync_tui.tui.sync_state import RunRecorded
from corpsync_tui.tui.widgets.chart import Chart
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

FEW_NOTES, MOST_NOTES = 4, 10
"""Lines of notes on a low and on a high terminal."""


class ReportScreen(FiguresScreen):
    """One month at a time."""

    DEFAULT_CSS = """
    ReportScreen #report-state { height: 1; padding: 0 1; }
    ReportScreen #report-summary { width: 1fr; }
    ReportScreen #report-age { width: auto; padding: 0 0 0 2; }
    ReportScreen #report-state Lines { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ReportScreen ScrollBox { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ReportScreen #report-figures { height: auto; text-wrap: nowrap; }
    ReportScreen #report-notes {
        display: none; height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
        border-top: solid $border; border-title-color: $foreground;
    }
    ReportScreen #report-notes.-shown { display: block; }
    ReportScreen.-low #report-notes.-shown { display: none; }
    """
    AUTO_FOCUS = "ScrollBox"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,left_square_bracket", "turn(-1)", "Month", key_display="← →",
                id="month_before", tooltip="The month before"),
        Binding("right,right_square_bracket", "turn(1)", "Next month", show=False,
                id="month_next", tooltip="The month after"),
        Binding("t", "pick_month", "Months", id="pick_month", tooltip="Choose a month"),
        Binding("h", "next_chart", "Chart", id="report_chart",
                tooltip="The next chart, after the last one none"),
        Binding("y", "copy", "Copy", id="report_copy", tooltip="Copy the report as Markdown"),
        Binding("e", "export", "Export", id="report_export",
                tooltip="Write the report to a file: Markdown, text or JSON"),
        Binding("c", "corporation", "Corporation", id="report_corporation",
                tooltip="The report of the next corporation"),
    ]  # fmt: skip
    tab = "boards"

    def __init__(self) -> None:
        super().__init__()
        self._month = ""
        """The month that is shown: `2026-11`; empty for the present one."""
        self._page: MonthPage | None = None

    def body(self) -> ComposeResult:
        """The answer in one line, the figures, a chart, and what is doubtful."""
        with Horizontal(id="report-state"):
            yield Lines(between="", id="report-summary")
            yield Lines(between="", id="report-age")
        with ScrollBox():
            yield Lines(between="", id="report-figures")
        yield Chart()
        notes = Lines(id="report-notes")
        notes.border_title = Content("Notes")
        yield notes

    @property
    def page(self) -> MonthPage | None:
        """The report on screen; None before it is read."""
        return self._page

    @property
    def charts(self) -> Sequence[BoardChart]:
        """What came and went month by month."""
        return self._page.charts if self._page is not None else ()

    # What is shown

    async def _load(self, generation: int) -> None:
        service = await self.corpsync.opened()
        began = self.sync_state.clock.monotonic()
        try:
            page = await service.read_month(self._month, self.corporation)
        except CorpsyncError as error:
            if generation == self._generation:
                self.tell(error.message)
            return
        finally:
            self._read_again(began)
        if generation == self._generation:
            self._page = page
            self._show()

    def _show(self) -> None:
        page = self._page
        if page is None:
            return
        self.query_one("#report-summary", Lines).show(summary_line(page))
        self.query_one("#report-age", Lines).show(age_line(page, self.now, self.whose))
        spaced = self.size.height >= HIGH
        figures = figure_lines(page, self.now, self.size.width, spaced=spaced)
        self.query_one("#report-figures", Lines).show(list(figures))
        notes = note_lines(page, MOST_NOTES if spaced else FEW_NOTES)
        pane = self.query_one("#report-notes", Lines)
        pane.show(notes)
        pane.set_class(bool(notes), "-shown")
        self.show_chart()

    def on_resize(self) -> None:
        """Bars are as long as the screen lets them."""
        self._show()

    @on(RunRecorded)
    def _take_run(self, event: RunRecorded) -> None:
        """A run that changed what is added up shows at once."""
        page = self._page
        if page is not None and self.has_news(event, page.process_types, page.as_of):
            self.reload()

    # Which month

    def action_turn(self, by: int) -> None:
        """Show the month before, or the one after."""
        page = self._page
        if page is None:
            return
        # the month on screen may be one of which only the corporation before knows something
        now = page.report.month.month
        place = bisect_right(page.months, now) if by > 0 else bisect_left(page.months, now) - 1
        if place < 0:
            self.tell(f"Nothing is known of the time before {month_name(page.months[0])}")
        elif place == len(page.months):
            self.tell("The month after this one has not begun")
        else:
            self._show_month(page.months[place])

    def _show_month(self, month: str) -> None:
        is_present = self._page is not None and month == self._page.months[-1]
        self._month = "" if is_present else month
        self.reload()

    def action_pick_month(self) -> None:
        """Choose a month."""
        page = self._page
        if page is None:
            return
        choices = [Choice(month, month_name(month)) for month in reversed(page.months)]

        def take(month: str | None) -> None:
            if month is not None:
                self._show_month(month)

        self.show_box(ChoiceDialog("Month", choices, page.report.month.month), take)

    # Copy and export

    def action_copy(self) -> None:
        """Copy the report as Markdown."""
        if self._page is None:
            self.tell("Nothing is shown yet")
        else:
            self.corpsync.copy("\n".join(self._page.report.as_markdown()))

    def action_export(self) -> None:
        """Ask for a file, and write the report into it."""
        page = self._page
        if page is None:
            self.tell("Nothing is shown yet")
            return
        month = page.report.month.month

        async def write(file: Path) -> int:
            service = await self.corpsync.opened()
            return await service.export_month(page, file)

        path = Path.home() / f"corpsync-report-{month}.md"
        self.show_box(FileDialog(f"Report of {month_name(month)}", str(path), write, FORMATS))
