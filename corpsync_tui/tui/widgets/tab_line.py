"""The line of tabs: the way through the screens, with what is new on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from corpsync_tui.format.amounts import count
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.screens import SCREENS, ScreenSpec
from corpsync_tui.tui.supervised import Supervised

SHORT = 3
"""Letters of a title where there is no room for all."""
GAP = 2
"""Cells between two tabs."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab and where it stands."""

    screen: ScreenSpec
    text: str
    start: int


class TabLine(Supervised, Widget):
    """`1 Sync  2 Data  …  5 Changes·12  6 Attention·3      14:05`; a click goes there."""

    DEFAULT_CSS = "TabLine { height: 1; background: $panel; }"

    class Clicked(Message):
        """A tab was clicked."""

        def __init__(self, screen: ScreenSpec) -> None:
            super().__init__()
            self.screen_id = screen.id

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, dict[str, int], str] = ("", {}, "")

    def show(self, present: str, news: Mapping[str, int], clock: str) -> None:
        """Mark the present screen, say how much is new on each, and the time."""
        wanted = (present, dict(news), clock)
        if wanted != self._shown:
            self._shown = wanted
            self.refresh()

    def tabs(self) -> list[Tab]:
        """The tabs as they stand: with whole titles where these have room beside the time."""
        _, news, clock = self._shown
        texts = [_text(spec, spec.title, news) for spec in SCREENS]
        room = self.size.width - cell_len(clock) - 2
        if _width(texts) > room:
            texts = [_text(spec, spec.title[:SHORT], news) for spec in SCREENS]
        tabs, at = [], 1
        for spec, text in zip(SCREENS, texts, strict=True):
            tabs.append(Tab(spec, text, at))
            at += cell_len(text) + GAP
        return tabs

    def render(self) -> Content:
        """One line."""
        present, news, clock = self._shown
        parts: list[tuple[str, str]] = [(" ", "")]
        for tab in self.tabs():
            style = "$text-muted"
            if tab.screen.id == present:
                style = "bold reverse"
            elif news.get(tab.screen.id):
                style = "$text-warning"
            parts += [(tab.text, style), (" " * GAP, "")]
        used = sum(cell_len(text) for text, _ in parts)
        parts.append((fit(clock, self.size.width - used - 1, right=True), "$text-muted"))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Go to the screen that was clicked."""
        for tab in self.tabs():
            if tab.start <= event.x < tab.start + cell_len(tab.text):
                self.post_message(self.Clicked(tab.screen))


def _text(spec: ScreenSpec, title: str, news: Mapping[str, int]) -> str:
    new = news.get(spec.id)
    return f"{spec.key} {title}" + (f"·{count(new)}" if new else "")


def _width(texts: Sequence[str]) -> int:
    return sum(cell_len(text) + GAP for text in texts)
