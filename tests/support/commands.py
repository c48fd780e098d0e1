"""Starts `corpsync`, forked from one process that has everything imported already."""

from __future__ import annotations

import atexit
import fcntl
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

COMMAND = (sys.executable, "-m", "corpsync_tui")
"""How a `corpsync` is started that imports all by itself."""
COMMANDS = """
import fcntl, gc, json, os, socket, sys, termios
from importlib import import_module
import corpsync_tui.catalog, corpsync_tui.cli.parser, corpsync_tui.cli.sync, corpsync_tui.cli.run
import corpsync_tui.cli.steer, corpsync_tui.service.holder, corpsync_tui.service.remote
import corpsync_tui.format.moments, corpsync_tui.upkeep.doctor, corpsync_tui.upkeep.export
import corpsync_tui.esi.verification, ctypes, tomllib
import anyio._backends._asyncio, certifi, filelock, httpcore, httpx, joserfc.jwt, keyring
from corpsync_tui.boards import board_views
from corpsync_tui.clock import Clock

board_views()

gc.freeze()
channel = socket.socket(fileno=int(sys.argv[1]))
for line in sys.stdin:
    order = json.loads(line)
    if "end_of" in order:
        pid, status = os.waitpid(order["end_of"], 0 if order["wait"] else os.WNOHANG)
        print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), flush=True)
        continue
    if any(name not in sys.modules for name in order["modules"]):
        for name in order["modules"]:
            import_module(name)
        gc.freeze()
    files = socket.recv_fds(channel, 1, 4)[1]
    child = os.fork()
    if child == 0:
        break
    for file in files:
        os.close(file)
    print(child, flush=True)
else:
    sys.exit()
channel.close()
if os.isatty(files[0]):
    os.setsid()
    fcntl.ioctl(files[0], termios.TIOCSCTTY, 0)
os.chdir(order["folder"])
Clock.__init__.__defaults__ = (order["offset"],)  # as if the computer's clock was set
os.environ.clear()
os.environ.update(order["environment"])
for descriptor, file in enumerate(files[:3]):  # the fourth is closed by the end alone
    os.dup2(file, descriptor)
    os.close(file)
sys.stdin = open(0, closefd=False)  # the old one has read ahead in a pipe
sys.stdout = open(1, "w", closefd=False)
sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)
try:
    code = sys.modules[order["program"]].main(order["arguments"])
except SystemExit as ended:
    code = ended.code
for stream in filter(None, (sys.stdout, sys.stderr)):
    stream.flush()
(sys.exit if "COVERAGE_PROCESS_START" in os.environ else os._exit)(code)
"""
"""Each order is a whole program: its own environment, files for its streams, its own end.

To take the interpreter down costs more than most commands; what counts coverage wants it.
"""
LASTING = (
    *("corpsync_tui.cli.app", "corpsync_tui.tui.app", "corpsync_tui.tui.driver"),
    *("corpsync_tui.tui.opening", "corpsync_tui.tui.terminal_input", "textual.layouts.factory"),
    *("textual.drivers.linux_driver", "rich._unicode_data.unicode17-0-0"),
)
"""What the app imports beside that."""
READ_AT_IMPORT = ("CORPSYNC_", "TEXTUAL_")
"""How variables begin that a program may read while it imports: those of the developer's shell."""


class _Commands:
    """The process that forks; where a `path` is given, it imports from there first.

    It may be started `under` another program, which takes away what all of its commands lack.
    """

    def __init__(self, path: str, under: tuple[str, ...]) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(READ_AT_IMPORT)}
        options = []
        if path:
            kept["PYTHONPATH"], options = path, ["-P"]
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*under, sys.executable, *options, "-c", COMMANDS, str(theirs.fileno())],
                env=kept,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=[theirs.fileno()],
            )
        self._alone = threading.Lock()
        atexit.register(self._process.kill)

    def start(self, files: Sequence[int], **order: object) -> int:
        """Start a command with these files as its streams, and one that it holds; its pid."""
        with self._alone:
            socket.send_fds(self._channel, [b"\0"], files)
            return int(self._ask(order))

    def end_of(self, pid: int, *, wait: bool = True) -> int | None:
        """The exit code of a command, negative for a signal; None where it has not ended."""
        with self._alone:
            code: int | None = json.loads(self._ask({"end_of": pid, "wait": wait}))
        return code

    def _ask(self, order: Mapping[str, object]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@functools.cache
def _commands(path: str, under: tuple[str, ...]) -> _Commands:
    return _Commands(path, under)


class Started:
    """A `corpsync` that was started: a process of its own, to be used as one of `subprocess`.

    Its clock is ahead by `offset` seconds. Another `program` may be named: a module with a `main`
    that takes the arguments and returns the exit code. It is started `under` another one, such as
    `setpriv`.
    """

    stdout: TextIO
    stderr: TextIO

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        files: Sequence[int],
        modules: Sequence[str] = LASTING,
        *,
        offset: float = 0.0,
        program: str = "corpsync_tui.cli",
        under: tuple[str, ...] = (),
    ) -> None:
        self.args = tuple(arguments)
        self.returncode: int | None = None
        self._commands = _commands(environment.get("PYTHONPATH", ""), under)
        self._life, held = os.pipe()
        try:
            self.pid = self._commands.start(
                [*files, held],
                arguments=self.args,
                environment=dict(environment),
                folder=str(Path.cwd()),
                modules=[*modules, program],
                program=program,
                offset=offset,
            )
        finally:
            os.close(held)

    @classmethod
    def piped(
        cls, arguments: Sequence[str], environment: Mapping[str, str], *, offset: float = 0.0
    ) -> Started:
        """One without input, whose output and errors are read from pipes."""
        (out, to_out), (err, to_err) = os.pipe(), os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        started = cls(arguments, environment, (nothing, to_out, to_err), offset=offset)
        for file in (nothing, to_out, to_err):
            os.close(file)
        started.stdout, started.stderr = os.fdopen(out), os.fdopen(err)
        return started

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        if self.returncode is None:
            self.returncode = self._commands.end_of(self.pid, wait=False)
            if self.returncode is not None:
                os.close(self._life)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        if self.returncode is None:
            if not select.select([self._life], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            os.close(self._life)
            self.returncode = self._commands.end_of(self.pid)
        assert self.returncode is not None
        return self.returncode

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """Wait for the end; what it wrote that was not read yet."""
        deadline, told = time.monotonic() + timeout, ["", ""]

        def read(number: int, stream: TextIO) -> None:
            with stream:
                told[number] = stream.read()

        streams = enumerate((self.stdout, self.stderr))
        readers = [threading.Thread(target=read, args=each, daemon=True) for each in streams]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(max(0.0, deadline - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout)
        self.wait(max(0.0, deadline - time.monotonic()))
        return told[0], told[1]

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless its end is known."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


Program = subprocess.Popen[str] | Started
"""Whichever way it was started."""


def start_fresh(
    command: Sequence[str], environment: Mapping[str, str], terminal: int
) -> subprocess.Popen[str]:
    """Start a program that imports all by itself, in a session with this terminal."""
    return subprocess.Popen(
        command,
        env=environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        text=True,
        start_new_session=True,
        preexec_fn=_control,
    )


def _control() -> None:
    """Make standard input the controlling terminal, in the child: it is told when it closes."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def run_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    offset: float = 0.0,
    under: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run `corpsync` without input, as `subprocess.run` would."""
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        files = [file.fileno() for file in (nothing, out, err)]
        code = Started(arguments, environment, files, (), offset=offset, under=under).wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())
