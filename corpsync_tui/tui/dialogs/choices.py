"""Boxes to choose from: one of a list, some of a list; or to give a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.entry import EntryDialog
from corpsync_tui.tui.screens.base import Answer, Dialog
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.text_field import TextField


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose."""

    id: str
    text: str
    beside: str = ""
    heading: bool = False


class OptionsDialog(Dialog[Answer]):
    """A box with a list of options, where `j`, `k`, `g` and `G` move as in every list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down", show=False, tooltip="To the next line"),
        Binding("k", "move(-1)", "Up", show=False, tooltip="To the line before"),
        Binding("g", "edge(0)", "First", show=False, tooltip="To the first line"),
        Binding("G", "edge(1)", "Last", show=False, tooltip="To the last line"),
    ]

    def action_move(self, by: int) -> None:
        """Move by a line."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_edge(self, last: int) -> None:
        """Move to the first line, or to the last."""
        options = self.query_one(OptionList)
        (options.action_last if last else options.action_first)()


class ChoiceDialog(OptionsDialog[str]):
    """Asks for one of some lines."""

    AUTO_FOCUS = "OptionList"
    CSS = """
    ChoiceDialog OptionList, ChoiceDialog OptionList:focus {
        height: auto; max-height: 75vh; border: none; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, tooltip="Show only matching lines"),
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
            box.border_subtitle = Content("/ filters · enter chooses · esc cancels")
            yield FilterBar("a name")
            yield OptionList(*(_option(choice) for choice in self._choices), markup=False)

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        ids = [choice.id for choice in self._choices]
        if self._chosen in ids:
            self.query_one(OptionList).highlighted = ids.index(self._chosen)

    def action_filter(self) -> None:
        """Type what the lines are narrowed to."""
        self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def _narrow(self, event: FilterBar.Changed) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(map(_option, _matching(self._choices, event.text.casefold())))
        options.action_first()

    @on(FilterBar.Left)
    def _leave_filter(self) -> None:
        self.query_one(OptionList).focus()

    @property
    def chosen(self) -> str | None:
        """The id of the line under the cursor."""
        options = self.query_one(OptionList)
        place = options.highlighted
        return None if place is None else options.get_option_at_index(place).id

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)


class ThemeDialog(ChoiceDialog):
    """Asks for a theme, and shows each as the cursor comes to it."""

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id is not None:
            self.app.theme = event.option.id


def _matching(choices: Sequence[Choice], text: str) -> Iterator[Choice]:
    """The lines that say this, each below its heading, which may say it for all of them."""
    heading: Choice | None = None
    whole = False
    for choice in choices:
        found = text in f"{choice.text} {choice.beside}".casefold()
        if choice.heading:
            heading, whole = choice, found
        elif found or whole:
            if heading is not None:
                yield heading
                heading = None
            yield choice


def _option(choice: Choice) -> Option:
    if choice.heading:
        return Option(Content.styled(choice.text, "bold $text-accent"), disabled=True)
    text = Content.assemble(f"  {choice.text}", (f"  {choice.beside}", "dim"))
    return Option(text, id=choice.id)


class ColumnsDialog(OptionsDialog[list[str]]):
    """Asks which columns are shown; esc takes what is marked."""

    CSS = """
    ColumnsDialog OptionList, ColumnsDialog OptionList:focus {
        height: auto; max-height: 18; border: none; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", tooltip="Show this column, or do not"),
        Binding("0", "usual", "Usual", tooltip="The usual columns again"),
    ]

    def __init__(
        self, titles: Sequence[tuple[str, str]], shown: Sequence[str], usual: Sequence[str]
    ) -> None:
        super().__init__()
        self._titles = list(titles)
        self._shown = list(shown)
        self._before = list(shown)
        self._usual = list(usual)

    def compose(self) -> ComposeResult:
        """All columns, those that are shown first and marked."""
        with Vertical(classes="box small") as box:
            box.border_title = Content("Columns")
            box.border_subtitle = Content("space marks, 0 the usual ones, esc closes")
            options = (Option(self._line(n), id=name) for n, (name, _) in enumerate(self._titles))
            yield OptionList(*options, markup=False)

    def on_mount(self) -> None:
        """Begin at the first column."""
        self.query_one(OptionList).highlighted = 0

    def _line(self, number: int) -> Content:
        name, title = self._titles[number]
        sign = ("✓ ", "$text-success") if name in self._shown else ("· ", "dim")
        return Content.assemble(" ", sign, printable(title))

    @on(OptionList.OptionSelected)
    def action_mark(self) -> None:
        """Show the column under the cursor behind the others, or do not show it."""
        options = self.query_one(OptionList)
        number = options.highlighted
        if number is None:
            return
        name = self._titles[number][0]
        if name in self._shown:
            self._shown.remove(name)
        else:
            self._shown.append(name)
        options.replace_option_prompt_at_index(number, self._line(number))

    def action_usual(self) -> None:
        """The usual columns, in their usual order."""
        self.dismiss(self._usual)

    def action_leave(self) -> None:
        """Take what is marked; at least one column there must be."""
        self.dismiss(self._shown or self._before)


class NameDialog(EntryDialog[str]):
    """Asks for a name."""

    def __init__(self, title: str) -> None:
        super().__init__(title, "enter saves · esc cancels")

    def fields(self) -> ComposeResult:
        """The name."""
        yield TextField(max_length=40)

    def take(self, texts: Sequence[str]) -> None:
        """Answer with it, if there is any."""
        if name := printable(texts[0]):
            self.dismiss(name)
