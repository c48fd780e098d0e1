"""How often a process syncs: whole minutes, from one to those of a year."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from corpsync_tui.sync.due import LONGEST_INTERVAL, SHORTEST_INTERVAL
from corpsync_tui.tui.dialogs.entry import EntryDialog
from corpsync_tui.tui.widgets.text_field import TextField


class IntervalDialog(EntryDialog[int]):
    """Asks for an interval; esc leaves it as it is."""

    def __init__(self, name: str, minutes: float) -> None:
        super().__init__(f"Sync {name} every", "minutes · enter saves · esc cancels")
        self._minutes = minutes

    def fields(self) -> ComposeResult:
        """The minutes."""
        yield TextField(f"{self._minutes:g}", type="text", max_length=6, id="minutes")

    def take(self, texts: Sequence[str]) -> None:
        """Answer with the minutes."""
        (text,) = texts
        if not (text.isascii() and text.isdigit()):
            raise ValueError("Whole minutes only.")
        if not SHORTEST_INTERVAL <= int(text) <= LONGEST_INTERVAL:
            between = f"Between {SHORTEST_INTERVAL} and {LONGEST_INTERVAL:,}"
            raise ValueError(f"{between} minutes (a year).")
        self.dismiss(int(text))
