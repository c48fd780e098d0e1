"""One run in full: what started it, what it did and cost, what went wrong, what to do."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.sync.status import RunRecord
from corpsync_tui.tui.run_text import run_fields
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import content
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


class RunDetail(Dialog[None]):
    """All that is known of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy all of it"),
        Binding("d", "changes", "Changes", id="run_changes", tooltip="What this run changed"),
    ]

    def __init__(
        self, run: RunRecord, corporation: str, now: datetime, *, needs: str | None = None
    ) -> None:
        super().__init__()
        self._run_id = run.id
        self._fields = run_fields(run, corporation, now, needs=needs)

    def compose(self) -> ComposeResult:
        """The fields: labels on the left, values beside them."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content("Run")
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Static(content([(field.label, "muted")]), classes="label")
                    yield Static(content([(field.value, field.tone)]), classes="value")
        yield KeyFooter()

    @property
    def text(self) -> str:
        """What `y` copies."""
        return "\n".join(f"{field.label}: {field.value}" for field in self._fields)

    def action_changes(self) -> None:
        """Show what the run changed, on the Changes screen."""
        if self._run_id is None:
            self.tell("This run is not in the history yet")
            return
        from corpsync_tui.store.changes import ChangeFilter

        which = ChangeFilter(run_id=self._run_id)
        self.dismiss(None)
        self.app.call_later(self.corpsync.show_changes, f"run {self._run_id}", which)

    def action_copy(self) -> None:
        """Copy all of it."""
        self.corpsync.copy(self.text)
