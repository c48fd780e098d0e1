"""A list of runs of any length: only the lines on screen are made."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.message import Message
from textual.strip import Strip

from corpsync_tui.queries.records import RunRecord
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.history.run_line import run_line
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.cursor_list import CursorList
from corpsync_tui.tui.widgets.pages import PAGE

NEW = 2 * PAGE
"""Runs that may have come in front of the one under the cursor for it to be found again."""


class RunSource(Protocol):
    """Where the list takes its runs from."""

    def __len__(self) -> int:
        """How many runs there are."""

    def get(self, place: int) -> RunRecord | None:
        """The run at this place, newest first; None while it is being fetched."""

    def held(self, first: int, count: int) -> list[RunRecord]:
        """Those runs from a place on that are at hand."""


class HeldRuns:
    """Runs that are at hand."""

    def __init__(self, runs: list[RunRecord]) -> None:
        self._runs = runs

    def __len__(self) -> int:
        return len(self._runs)

    def get(self, place: int) -> RunRecord | None:
        """The run at this place."""
        return self._runs[place] if 0 <= place < len(self._runs) else None

    def held(self, first: int, count: int) -> list[RunRecord]:
        """Those runs from a place on, all of which are at hand."""
        return self._runs[first : first + count]


class RunList(CursorList):
    """Runs, newest first, one line each."""

    CURSOR = "run-list--cursor"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"run-list--cursor", "run-list--cursor-blurred"}

    class Opened(Message):
        """A run was chosen."""

        def __init__(self, run: RunRecord) -> None:
            super().__init__()
            self.run = run

    def __init__(
        self, sync_state: SyncState, *, with_process: bool = False, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._sync_state = sync_state
        self.with_process = with_process
        self._source: RunSource = HeldRuns([])
        self._empty: list[Line] = []

    @property
    def current(self) -> RunRecord | None:
        """The run under the cursor."""
        return self._source.get(self.cursor)

    def show(self, source: RunSource, *, empty: list[Line], keep: bool = True) -> None:
        """Show these runs.

        With `keep` the cursor stays on the run it was on where that is at hand, else on its line;
        on the first line it stays there, with the newest run.
        """
        here = self.current if keep else None
        self._source = source
        self._empty = empty
        self.measure()
        place = self._place_of(here) if keep and self.cursor else 0
        if not keep:
            self.scroll_to(y=0, animate=False)
        self.cursor = max(0, min(place, len(source) - 1))
        self.refresh()

    def _place_of(self, run: RunRecord | None) -> int:
        if run is not None:
            for place, known in enumerate(self._source.held(0, self.cursor + NEW)):
                if (known.process_id, known.start_time) == (run.process_id, run.start_time):
                    return place
        return self.cursor

    def line_count(self) -> int:
        """How many runs there are."""
        return len(self._source)

    def render_line(self, y: int) -> Strip:
        """One run, or the word for an empty list."""
        place = self.place_at(y)
        if not len(self._source):
            return self.strip_of(self._empty if y == 0 else [], place)
        if place >= len(self._source):
            return Strip.blank(self.room, self.rich_style)
        run = self._source.get(place)
        line: list[Line] = [("…", "muted")]
        if run is not None:
            line = self._line(run, self.room)
        return self.strip_of(line, place)

    def _line(self, run: RunRecord, width: int) -> list[Line]:
        ticker = ""
        if self.with_process and len(self._sync_state.corporations) > 1:
            ticker = printable(self._sync_state.corporation(run.corporation_id).ticker)
        now = self._sync_state.clock.now()
        return run_line(run, now, width, with_process=self.with_process, ticker=ticker)

    def action_open(self) -> None:
        """Tell of the chosen run."""
        if (run := self.current) is not None:
            self.post_message(self.Opened(run))
