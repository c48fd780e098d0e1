"""The end of the log file, by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from corpsync_tui.text import printable
from corpsync_tui.tui.screens.base import Dialog, following
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.scroll_box import ScrollBox

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
TONES = {"DEBUG": "muted", "INFO": "", "WARNING": "waiting", "ERROR": "error", "CRITICAL": "error"}


class LogDialog(Dialog[None]):
    """The lines, the newest below; a traceback goes with its line."""

    CSS = "LogDialog .box { max-width: 160; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "next_level", "Level", id="log_level", tooltip="From which level on"),
        Binding("y", "copy", "Copy", id="copy_log", tooltip="Copy these lines"),
    ]

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._all = list(_leveled(lines))
        self._least = LEVELS[0]

    def compose(self) -> ComposeResult:
        """The lines."""
        with ScrollBox(classes="box"):
            yield Lines(id="log-lines")
        yield KeyFooter()

    def on_mount(self) -> None:
        """The newest line is in sight."""
        self._show()

    def _show(self) -> None:
        box, lines = self.query_one(ScrollBox), self._lines()
        box.border_title = Content(f"Log, from {self._least.lower()} on")
        box.border_subtitle = Content(f"last {len(self._all)} lines, esc closes")
        self.query_one(Lines).show(lines or [("Nothing of this level", "muted")])
        box.scroll_end(animate=False)

    def _lines(self) -> list[Line]:
        wanted = (*LEVELS[LEVELS.index(self._least) :], "CRITICAL")
        return [(line, TONES[level]) for level, line in self._all if level in wanted]

    def action_next_level(self) -> None:
        """Leave out the lowest level that is shown; after the highest, show all."""
        self._least = following(LEVELS, self._least)
        self._show()

    def action_copy(self) -> None:
        """Copy these lines."""
        self.corpsync.copy("\n".join(line for line, _ in self._lines()))


def _leveled(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line with its level: of one that has none, that of the line before."""
    level = LEVELS[0]
    for line in lines:
        words = line.split(maxsplit=2)
        if len(words) > 1 and words[1] in TONES:
            level = words[1]
        yield level, printable(line)
