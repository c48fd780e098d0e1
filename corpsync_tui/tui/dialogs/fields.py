"""A box of labelled values that can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import content
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled value."""

    label: str
    value: str
    tone: str = ""


class FieldsDialog(Dialog[None]):
    """Labels on the left, values beside them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy all of it"),
    ]

    def __init__(self, title: str, fields: Sequence[Field]) -> None:
        super().__init__()
        self._box_title = title
        self._fields = fields

    def compose(self) -> ComposeResult:
        """One line a field."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content(self._box_title)
            box.border_subtitle = Content("esc closes")
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
