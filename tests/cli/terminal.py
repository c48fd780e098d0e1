"""A pseudo-terminal, and a command that believes in it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Callable, Sequence

from tests.support.commands import COMMAND, Program, Started, start_fresh


class Terminal:
    """Runs one command in a terminal of its own; what it paints is kept as it came."""

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        size: tuple[int, int] = (80, 24),
        *,
        offset: float = 0.0,
        program: str = "corpsync_tui.cli",
    ) -> None:
        self.painted = b""
        self.left_modes: list[object] = []
        """The terminal's modes when the command had ended."""
        self._end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.first_modes = self.modes()
        """The terminal's modes before the command began."""
        self.process = _start(
            tuple(command), environment | {"TERM": "xterm-256color"}, other, offset, program
        )
        os.close(other)

    def wait_for(self, words: str, seconds: float = 30.0) -> None:
        """Read until these words were painted."""
        deadline = time.monotonic() + seconds
        while words.encode() not in self.painted:
            assert self._read(deadline), f"{words!r} was not painted: {self.painted[-2000:]!r}"

    def wait_until(self, done: Callable[[], object], seconds: float = 30.0) -> None:
        """Read what is painted until something has happened elsewhere."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, f"in vain: {self.painted[-2000:]!r}"
            self._read(time.monotonic() + 0.02)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._end, keys.encode())

    def modes(self) -> list[object]:
        """How the terminal treats what is typed: what a shell would find."""
        return list(termios.tcgetattr(self._end))

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._end)

    def end(self, seconds: float = 10.0) -> int:
        """Wait until the command has ended; its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        code = self.process.wait(timeout=seconds)
        self.left_modes = self.modes()
        os.close(self._end)
        return code

    def _read(self, deadline: float) -> bool:
        """Read some; False where the command has ended or the time is over."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._end], [], [], left)[0]:
            return False
        try:
            read = os.read(self._end, 65536)
        except OSError:  # Linux says so when nobody holds the other end
            return False
        self.painted += read
        return bool(read)


def _start(
    command: tuple[str, ...], environment: dict[str, str], end: int, offset: float, program: str
) -> Program:
    if command[: len(COMMAND)] == COMMAND:
        words, files = command[len(COMMAND) :], (end, end, end)
        return Started(words, environment, files, offset=offset, program=program)
    return start_fresh(command, environment, end)
