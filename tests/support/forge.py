"""Starts commands again and again from one process that has everything imported already."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FORGE = """
import json, os, sys
import corpsync_tui.cli.sync, corpsync_tui.catalog, corpsync_tui.workspace
import filelock, httpx, joserfc.jwt, keyring
from corpsync_tui.cli import main
from corpsync_tui.clock import Clock

for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        Clock.__init__.__defaults__ = (order["offset"],)
        os._exit(main(order["arguments"]))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""`Clock`'s default offset is the whole program's time: as if the computer's clock was set."""

AHEAD = """
import sys
from corpsync_tui.clock import Clock

Clock.__init__.__defaults__ = (float(sys.argv.pop(1)),)
from corpsync_tui.cli import main

sys.exit(main())
"""


def ahead(offset: float) -> tuple[str, ...]:
    """A command that is `corpsync` with its clock ahead by `offset` seconds."""
    return (sys.executable, "-c", AHEAD, str(offset))


class Forge:
    """A process that forks: what it starts is a `corpsync` without the second of its imports."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, arguments: Sequence[str], offset: float) -> int:
        """Start `corpsync` with its clock ahead by `offset` seconds; its pid."""
        assert self._process.stdin is not None
        import json

        order = json.dumps({"arguments": list(arguments), "offset": offset})
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def end(self) -> int:
        """Wait until it has ended; its exit code, negative for a signal."""
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def forge(environment: dict[str, str], output: Path) -> Iterator[Forge]:
    """A forge, whose commands write to a file."""
    with (
        output.open("w") as stream,
        subprocess.Popen(
            [sys.executable, "-c", FORGE],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        try:
            yield Forge(process)
        finally:
            process.stdin.close()
