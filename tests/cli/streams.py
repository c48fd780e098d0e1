"""`corpsync` as a shell may start it: streams closed, full or left, and from a folder that is gone.

What a shell does before its start is done to a command that is forked, by the `main` here.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpsync_tui import cli
from tests.support.commands import Started

STREAMS = ("stdin", "stdout", "stderr")


def main(arguments: Sequence[str]) -> int:
    """Bring about what the first word says, then be `corpsync`."""
    odd = json.loads(arguments[0])
    if odd["gone"]:
        gone = Path(odd["gone"])
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
    if odd["unbuffered"]:
        sys.stdout = io.TextIOWrapper(open(1, "wb", 0, closefd=False), write_through=True)  # noqa: SIM115
    for number in odd["closed"]:
        os.close(number)
        setattr(sys, STREAMS[number], None)  # what the interpreter finds closed is None
    return cli.main(arguments[1:])


def run_oddly(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    into: str | None = None,
    closed: Sequence[int] = (),
    unbuffered: bool = False,
    gone: Path | None = None,
    leaves_after: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command; its output goes `into` a file, or to a reader that leaves after some bytes."""
    odd = {"closed": closed, "unbuffered": unbuffered, "gone": str(gone or "")}
    reading, writing = os.pipe()
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as err,
        Path(into).open("w") if into else tempfile.TemporaryFile("w+") as out,
        os.fdopen(reading, "rb", 0) as reader,
    ):
        to = out.fileno() if leaves_after is None else writing
        words = (json.dumps(odd), *arguments)
        process = Started(
            words, environment, (nothing.fileno(), to, err.fileno()), (), program=__name__
        )
        os.close(writing)
        reader.read(leaves_after or 0)
        reader.close()
        code = process.wait(60)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, None, err.read())
