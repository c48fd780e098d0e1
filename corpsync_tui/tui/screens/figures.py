"""What screens share that show one corporation's figures, and charts of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import inf

from textual import on

from corpsync_tui.boards.kit.board import BoardChart
from corpsync_tui.tui.screens.base import MainScreen
from corpsync_tui.tui.screens.boards.text import chart_series
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.sync_state import NO_CORPORATION, RunRecorded
from corpsync_tui.tui.widgets.chart import Chart

HIGH = 36
"""Lines of a terminal from which on the first chart shows by itself."""
READ_EVERY = 60.0
"""Seconds after which figures are read again though no run changed them: time goes by."""
SHARE_OF_TIME = 200
"""What takes long is read again so seldom that this takes a two-hundredth of the time."""


class FiguresScreen(MainScreen):
    """A screen of figures."""

    DEFAULT_CSS = """
    FiguresScreen Chart { display: none; height: 7; padding: 0 1; margin: 1 0 0 0; }
    FiguresScreen Chart.-shown { display: block; }
    FiguresScreen.-low Chart.-shown { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._chart: int | None = None
        """Which of the charts is shown; None: the first, if the screen is high."""
        self._generation = 0
        """Counts up, so that what was read too late is dropped."""
        self._next_read = 0.0
        """When, on the monotonic clock, all is read again though no run changed it."""

    # Reading

    def on_screen_resume(self) -> None:
        """What changed behind another screen shows now."""
        self.reload()

    def reload(self, *, keep: bool = True) -> None:
        """Read what is shown; the place in it stays."""
        del keep
        self._generation += 1
        self._next_read = inf
        self.work(self._load(self._generation), "figures")

    async def _load(self, generation: int) -> None:
        """Read and show it, unless another reading has begun since this one."""
        raise NotImplementedError

    def _read_again(self, began: float) -> None:
        """A reading that began then, on the monotonic clock, has ended: when the next begins."""
        took = self.sync_state.clock.monotonic() - began
        self._next_read = began + max(READ_EVERY, took * SHARE_OF_TIME)

    @on(Tick)
    def _tick(self) -> None:
        if self.sync_state.clock.monotonic() >= self._next_read:
            self.reload()

    def start_over(self) -> None:
        """Read what is shown, now of another corporation."""
        self.reload()

    # Whose figures

    @property
    def corporation(self) -> int:
        """The corporation whose figures these are."""
        ids = self.corporations()
        chosen = self.corpsync.corporation_id
        return chosen if chosen in ids and chosen is not None else next(iter(ids), NO_CORPORATION)

    @property
    def whose(self) -> str:
        """The corporation's ticker, where there are several."""
        several = len(self.corporations()) > 1
        return self.sync_state.corporation(self.corporation).ticker if several else ""

    def action_corporation(self) -> None:
        """Show the figures of the next corporation."""
        if self.narrow_to_next(one_by_one=True):
            self.show_header()
            self.start_over()

    def has_news(
        self, event: RunRecorded, process_types: frozenset[str], as_of: datetime | None
    ) -> bool:
        """Whether one of these processes changed this corporation's rows, or ran at last."""
        return any(
            run.process_type in process_types
            and run.corporation_id == self.corporation
            and (run.rows_added or run.rows_changed or run.rows_removed or as_of is None)
            for run in event.runs
        )

    # Charts

    @property
    def charts(self) -> Sequence[BoardChart]:
        """What can be drawn."""
        raise NotImplementedError

    def action_next_chart(self) -> None:
        """Show the next chart, and after the last one none."""
        number = len(self.charts)
        if not number:
            self.tell("There is no chart here, or nothing to draw yet")
            return
        shown = self.query_one(Chart).has_class("-shown")
        now = (self._chart or 0) if shown else number
        self._chart = (now + 1) % (number + 1)
        self.show_chart()

    def show_chart(self) -> None:
        """Draw the chart that was asked for; on a high screen the first one by itself."""
        charts, chosen = self.charts, self._chart
        if chosen is None:
            chosen = 0 if self.size.height >= HIGH else len(charts)
        widget = self.query_one(Chart)
        widget.set_class(chosen < len(charts), "-shown")
        if chosen < len(charts):
            widget.show(chart_series(charts[chosen]))
