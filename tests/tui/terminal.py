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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.support.commands import Program, Started, start_fresh

PATIENCE = 30.0
"""Seconds that a slow machine is given for anything."""


class Terminal:
    """The master's side of the terminal."""

    def __init__(self, process: Program, descriptor: int) -> None:
        self.pid = process.pid
        self.output = b""
        self._process = process
        self._descriptor = descriptor

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._descriptor, keys)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        _resize(self._descriptor, columns, rows)

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
        while (code := self._process.poll()) is None:
            assert time.monotonic() < end, f"still running: {self.output[-500:]!r}"
            self._read(0.05)
        while self._read(0.1):
            pass
        return code

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.wait()
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
def terminal(scene: str, environ: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Show a scene of `on_a_pty`, which has everything imported already, in a pseudo-terminal."""
    environment = _environment({"PYTHONPATH": "", **(environ or {})})
    with _terminal(
        lambda end: Started([scene], environment, (end, end, end), program="tests.tui.on_a_pty")
    ) as program:
        yield program


@contextmanager
def fresh_terminal(*arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Run a Python program from its first import to the interpreter's end in a pseudo-terminal.

    It is a child of this process.
    """
    environment = _environment(environ or {})
    with _terminal(
        lambda end: start_fresh([sys.executable, *arguments], environment, end)
    ) as program:
        yield program


def _resize(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "TERM": "xterm-256color", **changes}


@contextmanager
def _terminal(start: Callable[[int], Program]) -> Iterator[Terminal]:
    """A terminal of 80 columns and 24 rows, and what is started in it."""
    descriptor, end = pty.openpty()
    _resize(descriptor, 80, 24)
    try:
        program = Terminal(start(end), descriptor)
    finally:
        os.close(end)
    try:
        yield program
    finally:
        program.close()
