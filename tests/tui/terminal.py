"""A program in a pseudo-terminal of its own: keys in, bytes out, signals, how it ended."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

PATIENCE = 30.0
"""Seconds that a slow machine is given for anything."""


class Terminal:
    """The master's side of the terminal."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self.output = b""
        self._descriptor = descriptor

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._descriptor, keys)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        window = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, window)

    def forget(self) -> None:
        """Begin the output anew."""
        self.output = b""

    def until(self, wanted: bytes) -> None:
        """Read until this was written; AssertionError if it never is."""
        end = time.monotonic() + PATIENCE
        while wanted not in self.output:
            assert time.monotonic() < end, f"{wanted!r} never came: {self.output[-500:]!r}"
            self._read(0.1)

    def quiet_for(self, seconds: float) -> bool:
        """Whether nothing at all is written for so long."""
        return not self._read(seconds)

    def settle(self) -> None:
        """Read until nothing more comes for a while."""
        while not self.quiet_for(1.0):
            pass

    def end(self) -> int:
        """Read to the end; the program's exit code, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._read(0.05)
            pid, state = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                while self._read(0.1):
                    pass
                return os.waitstatus_to_exitcode(state)
        raise AssertionError(f"still running: {self.output[-500:]!r}")

    def close(self) -> None:
        """Leave nothing behind."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._descriptor)

    def _read(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # the other side is closed
            data = b""
        self.output += data
        return data


@contextmanager
def terminal(
    *arguments: str, size: tuple[int, int] = (80, 24), environ: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run a Python program in a pseudo-terminal of this size (columns, rows)."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm-256color", **(environ or {})})
        os.execv(sys.executable, [sys.executable, *arguments])
    program = Terminal(pid, descriptor)
    program.resize(*size)
    try:
        yield program
    finally:
        program.close()
