"""The main screens: the one table that modes, digits, tabs, palette and help follow from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """A main screen. It lies in `screens/<id>/screen.py`, imported when it is first shown."""

    key: str
    """The digit that shows it, or the keys that lead to it."""
    id: str
    """Its folder, its mode, and what the settings remember it by."""
    title: str
    tooltip: str
    class_name: str

    @property
    def screen_class(self) -> type[Screen[Any]]:
        """The class of the screen."""
        module = import_module(f"{__name__}.{self.id}.screen")
        screen: type[Screen[Any]] = getattr(module, self.class_name)
        return screen

    def make(self) -> Screen[Any]:
        """A new screen."""
        return self.screen_class()


SCREENS = (
    ScreenSpec("1", "sync", "Sync", "The processes: is everything current?", "SyncScreen"),
    ScreenSpec("2", "data", "Data", "Every table", "DataScreen"),
    ScreenSpec("3", "history", "History", "All runs over 90 days", "HistoryScreen"),
    ScreenSpec("4", "esi", "ESI", "Limits, requests, and who may read what", "EsiScreen"),
    ScreenSpec("5", "changes", "Changes", "What happened since you looked", "ChangesScreen"),
    ScreenSpec("6", "attention", "Attention", "What needs attention now", "AttentionScreen"),
    ScreenSpec("7", "boards", "Boards", "What a director asks, answered", "BoardsScreen"),
)
"""In the order of their digits; the first is the one that the app opens with."""

REPORT = ScreenSpec(
    "7 m", "report", "Report", "What a month brought, beside the one before", "ReportScreen"
)
"""A screen without a tab of its own: it belongs to Boards."""
ALL_SCREENS = (*SCREENS, REPORT)
