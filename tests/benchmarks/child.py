"""One load and two renewals in a process of its own, whose peak memory tells what they took.

`python -m tests.benchmarks.child PLACE HOME`, where PLACE is a `Place` as JSON; prints a `Cost`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.ours import Place, opened
from tests.benchmarks.peak import peak
from tests.benchmarks.server import renewed

LEAST = 0.1
"""MiB: what is less is not seen, for the interpreter has room to spare."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a size costs."""

    load: float
    """Milliseconds."""
    unchanged: float
    """Milliseconds of a renewal in which every page is as it was."""
    changed: float
    """Milliseconds of one in which every page has another row."""
    memory: float
    """MiB at the peak beyond those before the load."""


def cost(place: Place, home: Path) -> Cost:
    """The cost of the size that a place's server has."""
    fields = json.dumps({**asdict(place), "folder": str(place.folder)})
    command = [sys.executable, "-m", "tests.benchmarks.child", fields, str(home)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Cost(**json.loads(told))


async def _measure(place: Place, home: Path) -> Cost:
    async with opened(place, home) as corpsync:
        await corpsync.warm()
        before = peak()
        load, _ = await corpsync.timed()
        taken = {}
        for changed in ("none", "all"):
            await renewed(place.esi_url, changed)
            corpsync.advance()
            taken[changed], _ = await corpsync.timed()
    grown = max(peak() - before, LEAST)
    return Cost(load, taken["none"], taken["all"], grown)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    there = Place(**{**told, "folder": Path(told["folder"])})
    print(json.dumps(asdict(asyncio.run(_measure(there, Path(sys.argv[2]))))))
