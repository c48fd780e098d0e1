"""Boxes to choose from: one of a list, some of a list, or a file to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, SelectionList
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.widgets.lines import Lines


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose."""

    id: str
    text: str
    beside: str = ""
    heading: bool = False


class ChoiceDialog(Dialog[str]):
    """Asks for one of some lines."""

    CSS = """
    ChoiceDialog OptionList, ChoiceDialog OptionList:focus {
        height: auto; max-height: 18; border: none; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", show=False, tooltip="To the next line"),
        Binding("k", "move(-1)", "Up", show=False, tooltip="To the line before"),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], chosen: str | None = None) -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The lines."""
        with Vertical(classes="box small") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content("enter takes it, esc leaves")
            yield OptionList(*(_option(choice) for choice in self._choices), markup=False)

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        ids = [choice.id for choice in self._choices]
        if self._chosen in ids:
            self.query_one(OptionList).highlighted = ids.index(self._chosen)

    def action_move(self, by: int) -> None:
        """Move by a line."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)


def _option(choice: Choice) -> Option:
    if choice.heading:
        return Option(Content.styled(choice.text, "bold $text-accent"), disabled=True)
    text = Content.assemble(f"  {choice.text}", (f"  {choice.beside}", "dim"))
    return Option(text, id=choice.id)


class ColumnsDialog(Dialog[list[str]]):
    """Asks which columns are shown; esc takes what is marked."""

    CSS = """
    ColumnsDialog SelectionList, ColumnsDialog SelectionList:focus {
        height: auto; max-height: 18; border: none; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", show=False, tooltip="To the next column"),
        Binding("k", "move(-1)", "Up", show=False, tooltip="To the column before"),
        Binding("0", "usual", "Usual", show=False, tooltip="The usual columns again"),
    ]

    def __init__(
        self, titles: Sequence[tuple[str, str]], shown: Sequence[str], usual: Sequence[str]
    ) -> None:
        super().__init__()
        self._titles = list(titles)
        self._shown = list(shown)
        self._usual = list(usual)

    def compose(self) -> ComposeResult:
        """All columns, those that are shown first and marked."""
        with Vertical(classes="box small") as box:
            box.border_title = Content("Columns")
            box.border_subtitle = Content("space marks, 0 the usual ones, esc closes")
            yield SelectionList[str](
                *(
                    Selection(Content(printable(title)), name, name in self._shown)
                    for name, title in self._titles
                )
            )

    def action_move(self, by: int) -> None:
        """Move by a line."""
        options = self.query_one(SelectionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_usual(self) -> None:
        """The usual columns, in their usual order."""
        self.dismiss(self._usual)

    def action_leave(self) -> None:
        """Take what is marked; the columns keep their order, new ones come last."""
        marked = set(self.query_one(SelectionList).selected)
        kept = [name for name in self._shown if name in marked]
        added = [name for name, _ in self._titles if name in marked and name not in kept]
        self.dismiss(kept + added or self._shown)


class FileDialog(Dialog[str]):
    """Asks for the file of an export."""

    def __init__(self, what: str, path: str) -> None:
        super().__init__()
        self._what = what
        self._path = path

    def compose(self) -> ComposeResult:
        """The field, and what it takes."""
        with Vertical(classes="box") as box:
            box.border_title = Content(printable(f"Export {self._what}"))
            yield Input(self._path, id="file", select_on_focus=False)
            hint = ".csv, .json or .ndjson · enter writes it · esc leaves"
            lines = Lines(id="file-hint")
            yield lines
            lines.show([(hint, "muted")])

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())
