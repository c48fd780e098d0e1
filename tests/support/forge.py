"""Starts commands again and again from one process that has everything imported already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FORGE = """
import json, os, sys
from importlib import import_module

for name in sys.argv[1:]:
    import_module(name)
from corpsync_tui.alerts import outbox
from corpsync_tui.cli import main
from corpsync_tui.clock import Clock
from corpsync_tui.sync import stagger

stagger.STAGGER, outbox.PACE, outbox.FIRST_WAIT = 0.05, 0.1, 0.2
for line in sys.stdin:
    order = json.loads(line)
    if "end_of" in order:
        print(os.waitstatus_to_exitcode(os.waitpid(order["end_of"], 0)[1]), flush=True)
        continue
    child = os.fork()
    if child == 0:
        os.setsid()
        terminal = os.open(order["terminal"], os.O_RDWR)  # it is the session's from now on
        os.dup2(terminal, 0)
        os.dup2(terminal if os.isatty(terminal) else 2, 1)
        os.dup2(1, 2)
        sys.stdin = open(0, closefd=False)  # the old one has read ahead in a pipe
        sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))
        os.environ.update(order["variables"])
        Clock.__init__.__defaults__ = (order["offset"],)
        os._exit(main(order["arguments"]))
    print(child, flush=True)
"""
"""`Clock`'s default offset is the whole program's time: as if the computer's clock was set.

What fell due starts at almost the same time, and messages follow each other quickly, so that a
death finds much under way.
"""
SYNC: tuple[str, ...] = (
    *("corpsync_tui.cli.sync", "corpsync_tui.catalog", "corpsync_tui.workspace"),
    *("filelock", "httpx", "joserfc.jwt", "keyring"),
)
"""What a sync imports."""
RUN = (*SYNC, "corpsync_tui.cli.run")
"""What `run` imports."""
EVERYTHING = (
    *(*RUN, "corpsync_tui.cli.app", "corpsync_tui.cli.steer"),
    *("corpsync_tui.tui.app", "corpsync_tui.service.holder", "corpsync_tui.service.remote"),
)
"""What the app and `run` import."""


class Forge:
    """A process that forks: what it starts is a `corpsync` without the second of its imports."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._last = 0

    def start(
        self,
        arguments: Sequence[str],
        offset: float,
        terminal: str = os.devnull,
        **variables: str,
    ) -> int:
        """Start `corpsync` with its clock ahead by `offset` seconds; its pid.

        It may have a terminal, and `variables` are put into its environment.
        """
        self._last = self._order(
            arguments=list(arguments), offset=offset, terminal=terminal, variables=variables
        )
        return self._last

    def end(self, pid: int | None = None) -> int:
        """Wait until one, or the last, has ended; its exit code, negative for a signal."""
        return self._order(end_of=pid or self._last)

    def _order(self, **order: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forge(
    environment: dict[str, str], output: Path, modules: Sequence[str] = SYNC
) -> Iterator[Forge]:
    """A forge, whose commands write to a file; `modules` are imported once for all of them."""
    with (
        output.open("w") as stream,
        subprocess.Popen(
            [sys.executable, "-c", FORGE, *modules],
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
