"""A command in a terminal of its own: what it shows and when, what it takes of the machine."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

COLUMNS, LINES = 120, 40
PATIENCE = 30.0
"""Seconds to wait for something to be shown."""
HELLO = (sys.executable, "-m", "tests.benchmarks.hello")
CORPSYNC = (sys.executable, "-m", "corpsync_tui")


class Terminal:
    """The terminal, read all the time so that the command never waits for it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._shown = bytearray()
        self._from = 0
        self._news = threading.Condition()
        self.started = perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
            | dict(environment),
        )
        os.close(child)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._parent, 65_536)
            except OSError:  # the other end is closed
                piece = b""
            with self._news:
                self._shown += piece
                self._news.notify_all()
            if not piece:
                return

    def press(self, keys: str) -> float:
        """Press keys; only what is shown from now on is looked at. Tells the moment."""
        with self._news:
            self._from = len(self._shown)
        now = perf_counter()
        os.write(self._parent, keys.encode())
        return now

    def wait_for(self, text: str, patience: float = PATIENCE) -> float:
        """Wait until a text is shown; the moment."""
        end, wanted = perf_counter() + patience, text.encode()
        with self._news:
            while self._shown.find(wanted, self._from) < 0:
                left = end - perf_counter()
                if left <= 0 or not self._news.wait(left):
                    raise TimeoutError(f"{text!r} was not shown: {bytes(self._shown[-2000:])!r}")
            return perf_counter()

    def wait(self) -> None:
        """Wait until the command ends by itself.

        Raises RuntimeError with the end of what it showed where it fails.
        """
        if self.process.wait(PATIENCE):
            raise RuntimeError(bytes(self._shown[-4000:]).decode(errors="replace"))

    def memory(self) -> float:
        """MiB that the process holds now."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """MiB that the process held at most."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1024

    def cpu(self) -> float:
        """Milliseconds of processor time that all its threads took so far."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        times = [int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()]
        return sum(times) / 1e6

    def close(self) -> None:
        """End the command."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        os.close(self._parent)


@contextmanager
def shown(command: Sequence[str], environment: Mapping[str, str] = {}) -> Iterator[Terminal]:
    """A command in a terminal, until the block ends."""
    terminal = Terminal(command, environment)
    try:
        yield terminal
    finally:
        terminal.close()
