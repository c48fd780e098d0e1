"""Opening a browser that has a window of its own."""

from __future__ import annotations

import os
import sys
import webbrowser
from threading import Thread

CONSOLE = ("www-browser", "links", "elinks", "lynx", "w3m", "links2", "browsh")
"""Browsers that would take this terminal."""


def open_browser(url: str) -> bool:
    """Open the address; False where there is no browser with a window."""
    desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not desktop and not os.environ.get("BROWSER"):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if os.path.basename(getattr(browser, "name", "")) in CONSOLE:  # noqa: PTH119 - a command line
        return False
    Thread(target=browser.open, args=(url,), daemon=True).start()  # some block until closed
    return True
