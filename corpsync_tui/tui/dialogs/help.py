"""Help: the keys that are in force on the screen below, each with what it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.format.signs import STATE_SIGNS
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import Line, content
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One action: its keys, its name, and what it does."""

    keys: str
    name: str
    does: str


class HelpDialog(Dialog[None]):
    """The keys in force, generated from the bindings themselves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "leave", "Back", show=False, tooltip="Close the help"),
    ]

    def __init__(self, lines: list[HelpLine]) -> None:
        super().__init__()
        self._help = lines

    def compose(self) -> ComposeResult:
        """Keys, then the signs."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content("Help")
            box.border_subtitle = Content("esc closes")
            yield Static(content(self._text(), between=""))

    def _text(self) -> list[Line]:
        parts: list[Line] = []
        for line in self._help:
            parts.append((fit(line.keys, 12), "title"))
            parts.append((fit(line.name, 12), "strong"))
            parts.append((f"{line.does}\n", ""))
        parts.append(("\nSigns\n", "title"))
        for state, sign in STATE_SIGNS.items():
            parts.append((fit(f"{sign} {state}", 12), state))
            parts.append((f"{_STATES[state]}\n", ""))
        return parts


_STATES = {
    "running": "syncing at this moment",
    "off": "switched off: space switches it on",
    "blocked": "cannot succeed without you: its row says what it needs",
    "waiting": "queued: for a free place, a limit, or the end of downtime",
    "error": "the last run failed: it tries again at its next time",
    "due": "its time has come, or it never ran",
    "current": "as fresh as you asked for",
}


def help_lines(active: Iterable[ActiveBinding], display: dict[str, str]) -> list[HelpLine]:
    """One line per action in force, with all keys that do it, the footer's actions first.

    `display` holds how each key is written.
    """
    keys: dict[tuple[str, str], list[str]] = {}
    texts: dict[tuple[str, str], tuple[str, str]] = {}
    bindings = [entry.binding for entry in active if entry.binding.tooltip]
    for binding in sorted(bindings, key=lambda binding: not binding.show):
        place = (binding.action, binding.description)
        keys.setdefault(place, []).append(display[binding.key])
        texts[place] = (binding.description, binding.tooltip)
    return [HelpLine(" ".join(keys[place]), *texts[place]) for place in keys]
