"""The keys in order of use: as many as the width has room for, each whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from corpsync_tui.tui.supervised import Supervised

ROOMY = 100
"""Cells from which on the way out is always shown beside help."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key of the footer and where it stands."""

    display: str
    binding: Binding
    start: int
    end: int


class KeyFooter(Supervised, Widget):
    """The bindings in force that ask to be shown; a click presses the key."""

    DEFAULT_CSS = "KeyFooter { dock: bottom; height: 1; }"

    def __init__(self, idle: Callable[[], Collection[str]] = tuple) -> None:
        """`idle` says which actions would do nothing now: their keys are not shown."""
        super().__init__()
        self._idle = idle

    def on_mount(self) -> None:
        """Follow the bindings in force."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        self.look_again()

    def look_again(self) -> None:
        """Show what is in force now."""
        if self.shown_keys() != getattr(self, "_painted", None):
            self.refresh()

    def shown_keys(self) -> list[ShownKey]:
        """The keys that fit, help always among them."""
        idle = self._idle()
        shown = [
            (self.app.get_key_display(active.binding), active.binding)
            for active in self.screen.active_bindings.values()
            if active.binding.show and active.enabled and active.binding.action not in idle
        ]
        shortest: dict[str, tuple[str, Binding]] = {}
        for display, binding in shown:
            known = shortest.setdefault(binding.action, (display, binding))
            if len(display) < len(known[0]):
                shortest[binding.action] = (display, binding)
        wanted = list(shortest.values())
        kept = ("help",) if self.size.width < ROOMY else ("help", "quit")
        tail = [entry for entry in wanted if entry[1].id in kept]
        head = [entry for entry in wanted if entry[1].id not in kept]
        room = self.size.width - sum(_width(*entry) for entry in tail) - 1
        chosen = []
        for entry in head:
            room -= _width(*entry)
            if room < 0:
                break
            chosen.append(entry)
        return _placed([*chosen, *tail])

    def render(self) -> Content:
        """The line of keys."""
        self._painted = self.shown_keys()
        parts: list[tuple[str, str]] = []
        for key in self._painted:
            parts.append((f" {key.display}", "bold $footer-key-foreground"))
            parts.append((f" {key.binding.description}", "$footer-description-foreground"))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        for key in self.shown_keys():
            if key.start <= event.x < key.end:
                self.app.simulate_key(key.binding.key)
                return


def _width(display: str, binding: Binding) -> int:
    return cell_len(display) + cell_len(binding.description) + 2


def _placed(entries: list[tuple[str, Binding]]) -> list[ShownKey]:
    placed: list[ShownKey] = []
    at = 0
    for display, binding in entries:
        end = at + _width(display, binding)
        placed.append(ShownKey(display, binding, at, end))
        at = end
    return placed
