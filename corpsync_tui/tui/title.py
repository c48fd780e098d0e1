"""The terminal's title: kept while the app is open, restored after it."""

from __future__ import annotations

from typing import Any

from textual.app import App

from corpsync_tui.text import printable

_PUSH = "\x1b[22;0t"
_POP = "\x1b[23;0t"


class TerminalTitle:
    """Writes the title through the app's driver, and to a terminal only."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._shown = ""

    def show(self, title: str) -> None:
        """Set the title if it reads differently; the first time, put the old one aside."""
        if title == self._shown:
            return
        push = "" if self._shown else _PUSH
        if write_to_terminal(self._app, f"{push}\x1b]2;{printable(title)}\x07"):
            self._shown = title

    def restore(self) -> None:
        """Give the terminal its own title back."""
        if self._shown and write_to_terminal(self._app, _POP):
            self._shown = ""


def write_to_terminal(app: App[Any], data: str) -> bool:
    """Write what is no picture, through the app's driver; whether there is a terminal."""
    driver = app._driver
    if driver is None or driver.is_headless or driver.is_web or app.is_headless:
        return False
    driver.write(data)
    driver.flush()
    return True
