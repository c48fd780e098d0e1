"""Asks whether a character is to be logged out; only a new login brings it back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from corpsync_tui.format.amounts import plural
from corpsync_tui.service.esi_status import CharacterStatus
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.lines import Lines


class RemoveDialog(Dialog[int]):
    """Answers with the character's id; esc leaves it logged in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Remove", id="take_removal", tooltip="Log the character out"),
    ]

    def __init__(self, character: CharacterStatus) -> None:
        super().__init__()
        self._character = character

    def compose(self) -> ComposeResult:
        """What happens, what stays, and the two keys."""
        character = self._character
        serves = sum(p.ability == "serves" for p in character.processes)
        with Vertical(classes="box small") as box:
            box.border_title = Content(printable(f"Remove {character.name}"))
            box.border_subtitle = Content("enter removes, esc keeps")
            lines = Lines(id="removal")
            yield lines
            text: list[Line] = [("Its login is revoked at CCP and forgotten here.", "")]
            if serves:
                used = plural(serves, "process uses it", "processes use it")
                text.append((f"{used}; others take over if they can.", ""))
            text.append(("All rows and the whole history stay.", "current"))
            lines.show(text)

    def action_take(self) -> None:
        """Log it out."""
        self.dismiss(self._character.character_id)
