"""Chooses the processes that a login is for: each with its scopes, and what these are good for."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from corpsync_tui.catalog_index import process_title
from corpsync_tui.service.api import LoginFacts
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.choices import OptionsDialog
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


class ScopesDialog(OptionsDialog[set[str]]):
    """Answers with the process types that are marked; esc takes them as they are."""

    CSS = """
    ScopesDialog .box { max-height: 100%; height: 21; }
    ScopesDialog OptionList, ScopesDialog OptionList:focus {
        width: 20; height: 1fr; border: none; background: $surface;
    }
    ScopesDialog ScrollBox { width: 1fr; height: 1fr; padding: 0 0 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", tooltip="Log in for this process, or leave it out"),
        Binding("a", "mark_all", "All", tooltip="Log in for all processes, or for none"),
    ]

    def __init__(self, facts: LoginFacts, chosen: Collection[str]) -> None:
        super().__init__()
        self._facts = facts
        self._types = list(facts.processes)
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """The processes, and the scopes of the one under the cursor."""
        with Vertical(classes="box") as box:
            box.border_title = Content("What the login is for")
            box.border_subtitle = Content("space leaves one out, a all or none, esc closes")
            with Horizontal():
                options = (Option(self._line(process_type)) for process_type in self._types)
                yield OptionList(*options, markup=False)
                with ScrollBox():
                    yield Lines(id="scopes-of")

    def on_mount(self) -> None:
        """Begin at the first process."""
        self.query_one(OptionList).highlighted = 0

    def _line(self, process_type: str) -> Content:
        marked = process_type in self._chosen
        sign = ("✓ ", "$text-success") if marked else ("· ", "dim")
        return Content.assemble(" ", sign, process_title(process_type))

    @on(OptionList.OptionHighlighted)
    def _show_scopes(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        lines: list[Line] = []
        for use in self._facts.processes[self._types[event.option_index]]:
            lines += [(printable(use.scope), "strong"), (f"  {printable(use.good_for)}", "muted")]
        self.query_one("#scopes-of", Lines).show(lines or [("It takes no scope.", "muted")])

    @on(OptionList.OptionSelected)
    def action_mark(self) -> None:
        """Log in for the process under the cursor, or leave it out."""
        number = self.query_one(OptionList).highlighted
        if number is not None:
            self._chosen ^= {self._types[number]}
            self._repaint()

    def action_mark_all(self) -> None:
        """Log in for all of them, or where they are all marked for none."""
        everything = set(self._types)
        self._chosen = set() if self._chosen == everything else everything
        self._repaint()

    def _repaint(self) -> None:
        options = self.query_one(OptionList)
        for number, process_type in enumerate(self._types):
            options.replace_option_prompt_at_index(number, self._line(process_type))

    def action_leave(self) -> None:
        """Take what is marked."""
        self.dismiss(self._chosen)
