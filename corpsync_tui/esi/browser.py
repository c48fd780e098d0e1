"""Opening the user's browser, but never one that takes over the terminal."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from pathlib import PurePath

CONSOLE_BROWSERS = frozenset(
    {"w3m", "lynx", "links", "elinks", "www-browser", "browsh", "carbonyl"}
)
"""Browsers that would run inside our screen and hold it."""


def open_browser(url: str) -> bool:
    """Show an address in a browser with a window of its own; False where there is none.

    It is opened on a thread that nobody waits for: some browsers return only when closed.
    """
    if not _has_windows():
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = PurePath(str(getattr(browser, "name", ""))).name
    if name in CONSOLE_BROWSERS:
        return False
    threading.Thread(target=browser.open, args=(url,), name="browser", daemon=True).start()
    return True


def _has_windows() -> bool:
    """Whether there is a desktop to open a window on."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
