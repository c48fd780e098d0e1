"""`corpsync status`, which scripts and prompts call often."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter

from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.ours import filled
from tests.benchmarks.terminal import CORPSYNC

FLOOR = (sys.executable, "-c", "import sqlite3, argparse")


async def measure(plan: Plan, table: Table) -> None:
    """Beside the imports that it cannot do without."""
    place = await filled(plan, plan.rows(500_000))
    environment = place.environment(place.folder)

    async def bare() -> float:
        return _run(FLOOR, {})

    async def ours() -> float:
        return _run([*CORPSYNC, "status"], environment)

    found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
    table.add(Row("corpsync status", found["floor"], found["ours"], goal=4.0))


def _run(command: Sequence[str], environment: Mapping[str, str]) -> float:
    start = perf_counter()
    subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True
    )
    return (perf_counter() - start) * 1e3
