"""The notices of this session, to be read later than they appeared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from corpsync_tui.format.times import day_and_hour
from corpsync_tui.tui.screens.base import Dialog
from corpsync_tui.tui.shell import Notice
from corpsync_tui.tui.tones import Line, content
from corpsync_tui.tui.widgets.scroll_box import ScrollBox


class NoticesDialog(Dialog[None]):
    """The messages, newest first."""

    def __init__(self, notices: Sequence[Notice], now: datetime) -> None:
        super().__init__()
        self._notices = notices
        self._now = now

    def compose(self) -> ComposeResult:
        """One line a notice."""
        with ScrollBox(classes="box") as box:
            box.border_title = Content("Messages so far")
            box.border_subtitle = Content("esc closes")
            yield Static(content(self._text(), between=""))

    def _text(self) -> list[Line]:
        if not self._notices:
            return [("No messages yet: what keys do is kept here", "muted")]
        parts: list[Line] = []
        for notice in self._notices:
            parts.append((f"{day_and_hour(notice.when, self._now)}  ", "muted"))
            parts.append((f"{notice.sentence}\n", notice.tone))
        return parts
