"""Runs `corpsync` to its end, forked from one process that has everything imported already."""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

COMMANDS = """
import gc, json, os, sys
import corpsync_tui.boards, corpsync_tui.catalog, corpsync_tui.cli.sync, corpsync_tui.workspace
import corpsync_tui.upkeep.doctor, corpsync_tui.upkeep.export
import anyio._backends._asyncio, filelock, httpx, joserfc.jwt, keyring
from corpsync_tui.cli import main

gc.freeze()
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
os.chdir(order["folder"])
os.environ.clear()
os.environ.update(order["environment"])
for descriptor, file in enumerate(order["files"]):
    os.dup2(os.open(file, os.O_RDWR), descriptor)
sys.stdin = open(0, closefd=False)
code = main(order["arguments"])
sys.stderr.flush()
(sys.exit if "COVERAGE_PROCESS_START" in os.environ else os._exit)(code)
"""
"""Each order is a whole `corpsync`: its own environment, files for its streams, its own end.

To take the interpreter down costs more than most commands; what counts coverage wants it.
"""


@functools.cache
def _commands() -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CORPSYNC_")}
    process = subprocess.Popen(
        [sys.executable, "-c", COMMANDS],
        env=kept,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `corpsync` without input, as `subprocess.run` would."""
    process = _commands()
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        order = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(Path.cwd()),
            "files": [os.devnull, out.name, err.name],
        }
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        return subprocess.CompletedProcess(
            arguments, code, Path(out.name).read_text(), Path(err.name).read_text()
        )
