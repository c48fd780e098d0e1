"""The two panes below the table: the runs of a process, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content

from corpsync_tui.catalog_index import process_title
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.tui.screens.history.run_list import HeldRuns, RunList
from corpsync_tui.tui.sync_state import SyncState
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

NEVER_RUN: list[Line] = [
    ("Nothing synced yet: press ", "muted"),
    ("s", "strong"),
    (", or ", "muted"),
    ("a", "strong"),
    (" for all", "muted"),
]


class HistoryPane(RunList):
    """The last runs of the process under the cursor, or of all."""

    def __init__(self, sync_state: SyncState, *, id: str | None = None) -> None:
        super().__init__(sync_state, id=id)
        self._whose: tuple[str | None, int | None] | None = None
        """The process and the corporation whose runs are shown; None before any are."""
        self._runs: list[RunRecord] = []

    def follow(self, process_id: str | None, corporation_id: int | None = None) -> None:
        """Show the runs of this process; None shows those of all, or of one corporation's."""
        wanted = process_id, corporation_id
        runs = self._sync_state.runs(process_id)
        if corporation_id is not None:
            runs = [run for run in runs if run.corporation_id == corporation_id]
        same = wanted == self._whose
        if same and runs == self._runs:
            return
        self._whose, self._runs = wanted, runs
        self.with_process = process_id is None
        whose = "all processes"
        if process_id is not None:
            whose = process_title(self._sync_state.status(process_id).process_type)
        self.border_title = Content(f" History of {whose} ")
        self.show(HeldRuns(runs), empty=NEVER_RUN, keep=same)


class DetailsPane(ScrollBox):
    """Where the process under the cursor stands, and what its last run did and cost."""

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Lines(id="details-lines")

    def on_mount(self) -> None:
        """The title never changes."""
        self.border_title = Content(" Details ")

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines, repainting only if they read differently."""
        self.query_one("#details-lines", Lines).show(lines)

    @property
    def text(self) -> str:
        """What can be read here."""
        return self.query_one("#details-lines", Lines).text
