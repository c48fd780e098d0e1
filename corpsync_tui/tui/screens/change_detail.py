"""One change in full: every field before and after."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.processes.sentences import label
from corpsync_tui.text import printable
from corpsync_tui.tui.format import day_and_hour
from corpsync_tui.tui.newsroom import ChangeDetail
from corpsync_tui.tui.run_text import Field
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import content
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


class ChangeDialog(Dialog[None]):
    """What a run did to one row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy all of it"),
    ]

    def __init__(self, detail: ChangeDetail, now: datetime) -> None:
        super().__init__()
        self._fields = change_fields(detail, now)

    def compose(self) -> ComposeResult:
        """The fields: labels on the left, before and after beside them."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content("Change")
            for field in self._fields:
                with Horizontal(classes="field"):
                    yield Static(content([(field.label, "muted")]), classes="label")
                    yield Static(content([(field.value, field.tone)]), classes="value")
        yield KeyFooter()

    @property
    def text(self) -> str:
        """What `y` copies."""
        return "\n".join(f"{field.label}: {field.value}" for field in self._fields)

    def action_copy(self) -> None:
        """Copy all of it."""
        self.corpsync.copy(self.text)


def change_fields(detail: ChangeDetail, now: datetime) -> list[Field]:
    """The sentence, which row, and each value."""
    line = detail.line
    fields = [
        Field("What", printable(line.sentence), "strong"),
        Field("When", f"{day_and_hour(line.when, now)} EVE, run {line.run_id}"),
        Field("Row", printable(f"{label(line.table_name)}: {detail.key}") if detail.key else "–"),
    ]
    for field in detail.fields:
        sides = [printable(side) for side in (field.before, field.after) if side is not None]
        fields.append(Field(printable(label(field.column)), " → ".join(sides)))
    return fields
