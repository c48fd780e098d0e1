"""What a table gained, changed and lost between two moments: sums above, the rows below."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from corpsync_tui.format.amounts import changes, count, plural
from corpsync_tui.format.signs import KIND_SIGNS
from corpsync_tui.queries.difference import DifferenceList
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.screens.changes.text import KIND_TONES
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.line_list import LineList, Row
from corpsync_tui.tui.widgets.lines import Lines


class DifferenceDialog(Dialog[None]):
    """Two moments of a table beside each other; enter goes to the row under the cursor."""

    DEFAULT_CSS = """
    DifferenceDialog .box { height: 90%; max-width: 160; padding: 0 1; }
    DifferenceDialog #sums { height: auto; max-height: 8; margin: 0 0 1 0; }
    DifferenceDialog LineList { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy all of it"),
    ]

    def __init__(self, table: str, title: str, found: DifferenceList) -> None:
        super().__init__()
        self._table = table
        self._box_title = title
        self._found = found

    def compose(self) -> ComposeResult:
        """The sums, then a line a row."""
        with Vertical(classes="box") as box:
            box.border_title = Content(self._box_title)
            box.border_subtitle = Content("enter goes to the row, y copies, esc closes")
            yield Lines(id="sums")
            yield LineList(id="differences")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show both."""
        self.query_one("#sums", Lines).show(self._sums())
        rows = [
            Row(
                number,
                [
                    (f"{KIND_SIGNS[line.kind]} ", KIND_TONES[line.kind]),
                    (printable(line.sentence), ""),
                ],
            )
            for number, line in enumerate(self._found.lines)
        ]
        self.query_one(LineList).show(rows)
        self.query_one(LineList).focus()

    def _sums(self) -> list[Line]:
        found = self._found
        total = found.added + found.changed + found.removed
        if not total:
            return [("Nothing differs", "muted")]
        lines: list[Line] = [(changes(found.added, found.changed, found.removed), "strong")]
        lines += [(column.text, "") for column in found.sums]
        if total > len(found.lines):
            shown = f"The first {count(len(found.lines))} of {plural(total, 'row')}"
            lines.append((f"{shown}: `corpsync diff` prints all", "muted"))
        return lines

    @on(LineList.Opened)
    def _open(self) -> None:
        number = self.query_one(LineList).current
        if isinstance(number, int):
            line = self._found.lines[number]
            self.leave_for(self.corpsync.show_row, self._table, line.corporation_id, line.row_key)

    def action_copy(self) -> None:
        """Copy sums and rows."""
        sums, rows = self.query_one("#sums", Lines).text, self.query_one(LineList).text
        self.corpsync.copy(f"{self._box_title}\n{sums}\n{rows}".rstrip())
