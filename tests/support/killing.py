"""Ends a program as a power failure would: at any instant, with SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path


def kill_at_work(program: str, path: Path, seconds: float) -> None:
    """Run Python text on a path, and kill it so many seconds after it said `open`."""
    child = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"open\n"
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
