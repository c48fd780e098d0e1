"""Help: the keys in force on the screen below, in groups, each with what it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from corpsync_tui.format.signs import STATE_SIGNS
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

HERE, MOVE, SCREENS, APP, SIGNS = "This screen", "Move", "Screens", "Everywhere", "Signs"
KEYS, NAME = 13, 15
"""Cells of keys and names."""
COLUMN = 58
"""Cells from which on a column is wide enough to have another beside it."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One action: its keys, its name, and what it does."""

    keys: str
    name: str
    does: str
    tone: str = "title"

    @property
    def words(self) -> str:
        """All that can be read of it."""
        return f"{self.keys} {self.name} {self.does}"


Groups = Mapping[str, Sequence[HelpLine]]


class HelpDialog(Dialog[None]):
    """The keys in force, generated from the bindings themselves."""

    AUTO_FOCUS = "ScrollBox"
    CSS = """
    HelpDialog .box { max-width: 150; }
    HelpDialog ScrollBox { height: auto; max-height: 100%; scrollbar-gutter: stable; }
    HelpDialog Horizontal, HelpDialog Lines { height: auto; }
    HelpDialog Lines { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", tooltip="Only actions that say this"),
        Binding("question_mark", "leave", "Back", show=False, tooltip="Close the help"),
    ]

    def __init__(self, groups: Groups) -> None:
        super().__init__()
        self._groups = {**groups, SIGNS: _SIGNS}
        self._text = ""

    def compose(self) -> ComposeResult:
        """The groups in two columns, and below each other where there is no room."""
        with Vertical(classes="box") as box:
            box.border_title = Content("Keys on this screen")
            box.border_subtitle = Content("/ finds, esc closes")
            yield FilterBar("a key, a name, what it does")
            with ScrollBox(), Horizontal():
                yield Lines(between="", id="help-left")
                yield Lines(between="", id="help-right")

    def on_resize(self) -> None:
        """Columns are as wide as there is room, once what is around them is laid out."""
        self.call_after_refresh(self._show_columns)

    def _show_columns(self) -> None:
        room = self.query_one(ScrollBox).scrollable_content_region.width
        if room:
            columns = _columns(self._groups, self._text, room)
            for static, lines in zip(self.query(Lines), columns, strict=True):
                static.set_class(not lines, "-hidden")
                static.show(lines)

    @on(FilterBar.Changed)
    def _take_text(self, event: FilterBar.Changed) -> None:
        self._text = event.text
        self._show_columns()

    @on(FilterBar.Left)
    def _leave_text(self) -> None:
        self.query_one(ScrollBox).focus()

    def action_filter(self) -> None:
        """Type what is looked for."""
        self.query_one(FilterBar).open()


def _columns(groups: Groups, text: str, room: int) -> tuple[list[Line], list[Line]]:
    """The groups in two columns of about the same length, the second empty if there is no room."""
    two = room >= 2 * COLUMN
    width = room // 2 - 2 if two else room - 1
    blocks = []
    for title, lines in groups.items():
        found = [entry for entry in lines if text.casefold() in f"{title} {entry.words}".casefold()]
        if found:
            blocks.append([(f"{title}\n", "strong"), *_lines(found, width), ("\n", "")])
    left: list[Line] = []
    right: list[Line] = []
    half = sum(_height(block) for block in blocks) / 2
    for block in blocks:
        side = left if not two or _height(left) + _height(block) / 2 <= half else right
        side += block
    return left or [("No matching keys (esc: all)", "muted")], right


def _height(lines: Sequence[Line]) -> int:
    return sum(text.count("\n") for text, _ in lines)


def _lines(entries: Iterable[HelpLine], width: int) -> list[Line]:
    parts: list[Line] = []
    for entry in entries:
        first, *more = wrap(entry.does, max(20, width - KEYS - NAME))
        parts.append((fit(entry.keys, KEYS - 1) + " ", entry.tone))
        parts.append((fit(entry.name, NAME - 1) + " ", "strong"))
        parts += [(f"{first}\n", ""), *((f"{'':{KEYS + NAME}}{line}\n", "") for line in more)]
    return parts


_SIGNS = [
    HelpLine(f"{STATE_SIGNS[state]} {state}", "", words, state)
    for state, words in {
        "running": "syncing at this moment",
        "off": "switched off: space switches it on",
        "blocked": "cannot succeed without you: its row says what it needs",
        "waiting": "queued: for a free place, a limit, or the end of downtime",
        "error": "the last run failed: it tries again at its next time",
        "due": "its time has come, or it never ran",
        "current": "as fresh as you asked for",
    }.items()
]


def help_groups(active: Iterable[ActiveBinding], display: Mapping[str, str]) -> Groups:
    """One line per action in force, with all keys that do it, the footer's actions first.

    `display` holds how each key is written.
    """
    groups: dict[str, dict[tuple[str, str], list[str]]] = {
        group: {} for group in (HERE, MOVE, SCREENS, APP)
    }
    texts: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in sorted(active, key=lambda entry: not entry.binding.show):
        binding = entry.binding
        if binding.tooltip:
            place = (binding.action, binding.description)
            groups[_group_of(entry)].setdefault(place, []).append(display[binding.key])
            texts[place] = (binding.description, binding.tooltip)
    return {
        group: [HelpLine(" ".join(keys), *texts[place]) for place, keys in found.items()]
        for group, found in groups.items()
        if found
    }


def _group_of(entry: ActiveBinding) -> str:
    if entry.binding.action.startswith("show("):
        return SCREENS
    if isinstance(entry.node, App):
        return APP
    return HERE if entry.binding.show else MOVE
