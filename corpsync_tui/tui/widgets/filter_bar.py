"""The line to type a filter into: hidden until `/`, kept by enter, cleared by esc."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from corpsync_tui.text import printable
from corpsync_tui.tui.supervised import Supervised
from corpsync_tui.tui.widgets.text_field import TextField


class FilterBar(Supervised, Horizontal):
    """A filter as it is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear", id="clear_filter", tooltip="Show everything again"),
    ]

    class Changed(Message):
        """The filter reads differently."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Keys go to the rows again."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._placeholder = placeholder
        self.add_class("-hidden")

    def compose(self) -> ComposeResult:
        """A sign and a field."""
        yield Label(" / ", markup=False)
        yield TextField(placeholder=self._placeholder, compact=True)

    @property
    def field(self) -> Input:
        """Where the filter is typed."""
        return self.query_one(Input)

    def open(self) -> None:
        """Show the field and give it the keys."""
        self.remove_class("-hidden")
        self.field.focus()

    def show_text(self, text: str) -> None:
        """Show a filter that is in force already."""
        self.field.value = text
        self.set_class(not text, "-hidden")

    def clear(self) -> None:
        """Take the filter away."""
        self.field.value = ""
        self.add_class("-hidden")

    def action_clear(self) -> None:
        """Take the filter away and go back to the rows."""
        self.clear()
        self.post_message(self.Left())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != (text := printable(event.value)):  # pasted
            self.field.value = text
        else:
            self.post_message(self.Changed(text))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(not event.value, "-hidden")
        self.post_message(self.Left())
