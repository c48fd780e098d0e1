"""Textual's terminal driver, for a terminal that may send, do or become anything at any moment.

What Textual 8.2.8 gets wrong, and is mended here:

- Its writer thread dies of the first failed write, and then whoever paints waits for ever.
- Its input thread ends the app at input it cannot read (textual#6456), and turns without rest
  when the terminal is at its end. See `terminal_input` for what it takes for keys.
- The window's size comes from `COLUMNS` and `LINES` where these are exported (textual#6153).
- SIGCONT after a SIGSTOP starts a second input thread and a second writer beside the first:
  keys come twice or not at all, and leaving hangs. Its handlers also write from inside a
  signal, where the main thread may hold the lock of the queue that they wait for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import termios
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from corpsync_tui.tui.terminal_input import TerminalInput

LOOK_SECONDS = 0.1
"""Between two looks of the input thread at whether the app ended."""
LEAVE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What gives the terminal back, as `LinuxDriver.stop_application_mode` writes it."""

log = logging.getLogger(__name__)


class LastingFile:
    """The terminal as a file: what cannot be written any more is dropped, and reported once."""

    def __init__(self, file: IO[str], gone: Callable[[], object]) -> None:
        self._file = file
        self._gone = gone
        self._reported = False

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
            if not self._reported:
                self._reported = True
                self._gone()


class LastingDriver(LinuxDriver):
    """Ends the app when the terminal is gone, and by nothing else that the terminal does."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._end_app: Callable[[None], object] = app.leave
        self._loop = asyncio.get_running_loop()
        self._file: Any = LastingFile(self._file, self._leave)
        self._suspended = False
        if self._size is None:  # else COLUMNS and LINES would count until the first resize
            self._size = self._get_terminal_size()

    # The window's size

    def _get_terminal_size(self) -> tuple[int, int]:
        for number in (self._file.fileno(), self.fileno):
            with suppress(OSError):
                width, height = os.get_terminal_size(number)
                if width > 0 and height > 0:
                    return width, height
        return 80, 24

    def _query_in_band_window_resize(self) -> None:
        """Do not ask: SIGWINCH says the same, and a report out of place could not be told."""

    # Input

    def run_input_thread(self) -> None:
        """Read keys until the app ends, or the terminal does."""
        read = TerminalInput()
        while not self.exit_event.is_set():
            try:
                ready, _, _ = select.select([self.fileno], [], [], LOOK_SECONDS)
                if ready:
                    data = os.read(self.fileno, 4096)
                    if not data:
                        break
                    self._pass_on(read.feed(data))
                self._pass_on(read.tick())
            except (OSError, RuntimeError):  # the terminal is gone, or the loop has ended
                break
        else:
            return
        self._leave()

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _leave(self) -> None:
        self._in_loop(self._end_app, None)

    def _in_loop(self, act: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has ended before the terminal
            self._loop.call_soon_threadsafe(act, *arguments)

    # Stopped and going on

    def _sigtstp_application(self, *_: object) -> None:
        self._in_loop(self._suspend)

    def _sigcont_application(self, *_: object) -> None:
        self._in_loop(self._go_on)

    def _suspend(self) -> None:
        """Give the terminal back and stop; the shell's `fg` goes on here."""
        if not self._auto_restart or self._suspended:
            return
        self._suspended = True
        self._must_signal_resume = True
        self.suspend_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self) -> None:
        """Take the terminal again: what used it meanwhile left it in modes of its own."""
        if not self._auto_restart:
            return
        if not self._suspended:
            self._must_signal_resume = True
            self.suspend_application_mode()
        self._suspended = False
        self.resume_application_mode()
        self._app.refresh(layout=True)

    # The end

    def restore_at_once(self) -> None:
        """Give the terminal back from any thread, without waiting for anybody."""
        with suppress(OSError, termios.error):
            number = self._file.fileno()
            if select.select([], [number], [], 0.0)[1]:
                os.write(number, LEAVE.encode())
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
