"""Textual's terminal driver, for a terminal that may be closed at any moment.

Its own writer thread dies of the first failed write, and then whoever paints waits for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver


class LastingFile:
    """The terminal as a file: what cannot be written any more is dropped, and told once."""

    def __init__(self, file: IO[str], gone: Callable[[], object]) -> None:
        self._file = file
        self._gone = gone
        self._told = False

    def write(self, text: str) -> None:
        """Write, if there is still a terminal."""
        self._attempt(self._file.write, text)

    def flush(self) -> None:
        """Flush, if there is still a terminal."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """The file's number."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it was a terminal."""
        return self._file.isatty()

    def _attempt(self, act: Callable[..., object], *arguments: str) -> None:
        try:
            act(*arguments)
        except (OSError, ValueError):
            if not self._told:
                self._told = True
                self._gone()


class LastingDriver(LinuxDriver):
    """Ends the app when the terminal is gone, with or without a SIGHUP."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._end_app: Callable[[None], object] = app.leave
        self._loop = asyncio.get_running_loop()
        self._file: Any = LastingFile(self._file, self._leave)

    def run_input_thread(self) -> None:
        """Read keys until the app ends, or the terminal does."""
        try:
            super().run_input_thread()
        except OSError:
            self._leave()

    def _leave(self) -> None:
        with suppress(RuntimeError):  # the loop has ended before the terminal
            self._loop.call_soon_threadsafe(self._end_app, None)
