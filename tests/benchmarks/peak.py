"""The most memory a command takes: `python -m tests.benchmarks.peak FILE ARGUMENT …`.

Runs `corpsync ARGUMENT …` in this process, and writes the MiB it held at most to the file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from corpsync_tui.cli import main


def peak() -> float:
    """MiB that this process held at most.

    Not `ru_maxrss`: a process inherits that of the one that started it.
    """
    text = Path("/proc/self/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    code = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(str(peak()))
    sys.exit(code)
