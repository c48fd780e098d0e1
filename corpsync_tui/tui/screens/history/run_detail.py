"""One run in full: what started it, what it did and cost, what went wrong, what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from corpsync_tui.queries.records import RunRecord
from corpsync_tui.tui.dialogs.fields import FieldsDialog
from corpsync_tui.tui.screens.history.run_text import run_fields


class RunDetail(FieldsDialog):
    """All that is known of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "changes", "Changes", id="run_changes", tooltip="What this run changed"),
        Binding("o", "table", "Table", id="run_table", tooltip="The rows of the run's process"),
        Binding("p", "process", "Process", id="run_process", tooltip="The process, on Sync"),
    ]

    def __init__(self, run: RunRecord, corporation: str, *, needs: str | None = None) -> None:
        super().__init__("Run", run_fields(run, corporation, needs=needs))
        self._run_id = run.id
        self._process_id, self._process_type = run.process_id, run.process_type

    def action_changes(self) -> None:
        """Show what the run changed, on the Changes screen."""
        if self._run_id is None:
            self.tell("This run is not in the history yet")
            return
        from corpsync_tui.queries.changes import ChangeFilter

        which = ChangeFilter(run_id=self._run_id)
        self.leave_for(self.corpsync.show_changes, f"run {self._run_id}", which)

    def action_process(self) -> None:
        """Show the process on the Sync screen."""
        self.leave_for(self.corpsync.show_process, self._process_id)

    def action_table(self) -> None:
        """Show the rows that the process keeps."""
        self.leave_for(self.corpsync.open_table, self._process_type)
