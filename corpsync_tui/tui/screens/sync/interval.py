"""How often a process syncs: whole minutes, from one to a week."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from corpsync_tui.sync.due import LONGEST_INTERVAL, SHORTEST_INTERVAL
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.widgets.lines import Lines


class IntervalDialog(Dialog[int]):
    """Asks for an interval; esc leaves it as it is."""

    def __init__(self, name: str, minutes: float) -> None:
        super().__init__()
        self._process_name = name
        self._minutes = minutes

    def compose(self) -> ComposeResult:
        """The question, the field, and room for what is wrong with the answer."""
        with Vertical(classes="box small") as box:
            box.border_title = Content(f"Sync {self._process_name} every")
            yield Input(f"{self._minutes:g}", type="text", max_length=6, id="minutes")
            yield Lines(id="interval-hint")

    def on_mount(self) -> None:
        """Say what can be typed."""
        self._hint("")

    @on(Input.Changed)
    def _typed(self) -> None:
        self._hint("")

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not (text.isascii() and text.isdigit()):
            self._hint("Whole minutes only.")
        elif not SHORTEST_INTERVAL <= int(text) <= LONGEST_INTERVAL:
            self._hint(f"Between {SHORTEST_INTERVAL} and {LONGEST_INTERVAL:,} minutes (a week).")
        else:
            self.dismiss(int(text))

    def _hint(self, wrong: str) -> None:
        lines = [("minutes · enter saves · esc cancels", "muted")]
        self.query_one("#interval-hint", Lines).show([*lines, (wrong, "error")])
