"""The line of tabs: the way through the screens, with what is new on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest

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
GAP, NARROW_GAP = 2, 1
"""Cells between two tabs, and where these have no room."""


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
        room = self.size.width - cell_len(clock) - 2
        for letters, gap in product((None, SHORT), (GAP, NARROW_GAP)):
            texts = [_text(spec, spec.title[:letters], news) for spec in SCREENS]
            if _width(texts, gap) <= room:
                break
        tabs, at = [], 1
        for spec, text in zip(SCREENS, texts, strict=True):
            tabs.append(Tab(spec, text, at))
            at += cell_len(text) + gap
        return tabs

    def render(self) -> Content:
        """One line."""
        present, news, clock = self._shown
        parts: list[tuple[str, str]] = [(" ", "")]
        tabs = self.tabs()
        used = 1
        for tab, following in zip_longest(tabs, tabs[1:]):
            style = "$text-muted"
            if tab.screen.id == present:
                style = "bold reverse"
            elif news.get(tab.screen.id):
                style = "$text-warning"
            end = tab.start + cell_len(tab.text)
            behind = min(end + GAP, self.size.width - cell_len(clock) - 1)
            used = behind if following is None else following.start
            parts += [(tab.text, style), (" " * (used - end), "")]
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


def _width(texts: Sequence[str], gap: int) -> int:
    return sum(cell_len(text) + gap for text in texts)
