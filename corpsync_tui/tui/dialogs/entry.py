"""A box to type into, with a line that says what can be typed, and one for what is wrong."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Answer, Dialog
from corpsync_tui.tui.widgets.lines import Lines


class EntryDialog(Dialog[Answer]):
    """Asks for texts; enter goes from field to field, and takes them in the last."""

    def __init__(self, title: str, hint: str, *, small: bool = True) -> None:
        super().__init__()
        self._box_title = title
        self._hint = hint
        self._small = small

    @abstractmethod
    def fields(self) -> ComposeResult:
        """The inputs and their labels."""

    @abstractmethod
    def take(self, texts: Sequence[str]) -> None:
        """Work with the texts of the fields, in their order, without blanks around them.

        Raises ValueError with a sentence where they make no sense.
        """

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box small" if self._small else "box") as box:
            box.border_title = Content(self._box_title)
            yield from self.fields()
            yield Lines(id="entry-hint")

    def on_mount(self) -> None:
        """Say what can be typed."""
        self.complain("")

    def complain(self, wrong: str, tone: str = "error") -> None:
        """Show what is wrong, or under way."""
        lines = [(self._hint, "muted"), (printable(wrong), tone)]
        self.query_one("#entry-hint", Lines).show(lines)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.complain("")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        fields = list(self.query(Input))
        if event.input is not fields[-1]:
            self.focus_next()
            return
        try:
            self.take([field.value.strip() for field in fields])
        except ValueError as error:
            self.complain(str(error))
