"""One row in full: every field, a killmail's attackers and items, where a thing lies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.queries.browse_types import Detail
from corpsync_tui.queries.changes import ChangeFilter
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.movements import show_movements
from corpsync_tui.tui.screens.base import CorpsyncScreen, Dialog
from corpsync_tui.tui.screens.changes.text import row_words
from corpsync_tui.tui.screens.data.detail_text import detail_lines, detail_text
from corpsync_tui.tui.tones import content
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

LINES_SHOWN = 400
"""Lines that are made of one row; `y` copies all of them."""


class RowDetail(Dialog[int]):
    """All that is known of a row; its answer is the character whose page is wanted."""

    CSS = """
    RowDetail .field .label { width: 26; }
    RowDetail .field .value { width: 1fr; }
    RowDetail .wide { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy all of it"),
        Binding("d", "changes", "Changes", id="row_changes", tooltip="What happened to this row"),
        Binding("m", "member", "Member", id="row_member",
                tooltip="All that is known of the first character that the row names"),
        Binding("M", "movements", "Movements", id="row_movements",
                tooltip="What became of this thing, container or fuel bay, and who did it"),
        Binding("enter", "leave", "Back", show=False, tooltip="Close this box"),
    ]  # fmt: skip

    def __init__(self, detail: Detail, now: datetime) -> None:
        super().__init__()
        self._detail = detail
        self._now = now

    def compose(self) -> ComposeResult:
        """Labels on the left, values beside them; lists take the whole width."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content(printable(self._detail.title))
            box.border_subtitle = Content("esc closes, y copies")
            lines = detail_lines(self._detail, self._now)
            for label, value in lines[:LINES_SHOWN]:
                if label and value:
                    with Horizontal(classes="field"):
                        yield Static(content([(label, "muted")]), classes="label")
                        yield Static(content(value, between=""), classes="value")
                else:
                    line = value or [(f"\n{label}", "title")]
                    yield Static(content(line, between=""), classes="wide")
            if len(lines) > LINES_SHOWN:
                more = f"and {len(lines) - LINES_SHOWN:,} lines more: y copies them all"
                yield Static(content([(more, "muted")]), classes="wide")
        yield KeyFooter()

    @property
    def text(self) -> str:
        """What `y` copies."""
        return detail_text(self._detail, self._now)

    def action_changes(self) -> None:
        """Show this row's own history on the Changes screen."""
        table, corporation_id = self._detail.table, int(self._detail.key[0])
        which = ChangeFilter((table,), corporation_id=corporation_id, row_key=self._row_key)
        self.leave_for(self.corpsync.show_changes, row_words(table), which)

    @property
    def _row_key(self) -> dict[str, Any]:
        return dict(zip(self._detail.identity, self._detail.key[1:], strict=True))

    def action_movements(self) -> None:
        """Show what became of what the row stands for, in place of this box."""
        table, corporation_id = self._detail.table, int(self._detail.key[0])

        def show() -> None:
            screen = self.corpsync.screen
            if isinstance(screen, CorpsyncScreen):
                work = show_movements(screen, table, corporation_id, self._row_key)
                screen.work(work, "detail")

        self.leave_for(show)

    def action_member(self) -> None:
        """Show the page of the first character that the row names."""
        named = (f.value for f in self._detail.fields if f.kind == "character" and f.value)
        if (character_id := next(named, None)) is not None:
            self.dismiss(character_id)
        else:
            self.tell("This row names no character")

    def action_copy(self) -> None:
        """Copy all of it."""
        self.corpsync.copy(self.text)
