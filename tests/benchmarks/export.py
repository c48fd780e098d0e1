"""A whole table as CSV."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.ours import filled
from tests.benchmarks.terminal import CORPSYNC

QUERY = "SELECT * FROM asset ORDER BY corporation_id, item_id"


async def measure(plan: Plan, table: Table) -> None:
    """500,000 assets, beside SQLite's own shell; nothing where it is not installed."""
    shell = shutil.which("sqlite3")
    if shell is None:
        print("export: needs SQLite's shell, sqlite3")
        return
    memory: list[float] = []
    rows = plan.rows(500_000)
    place = await filled(plan, rows)
    database = place.settings(place.folder).database
    target = plan.folder / "asset.csv"

    async def bare() -> float:
        command = [shell, "-csv", "-header", f"file:{database}?mode=ro", QUERY]
        return _run(command, {}, target)[0]

    async def ours() -> float:
        command = [*CORPSYNC, "export", "asset", "--format", "csv"]
        taken, most = _run(command, place.environment(place.folder), target)
        assert target.read_bytes().count(b"\n") == rows + 1
        memory.append(most)
        return taken

    found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
    what = f"export of {rows:,} assets as CSV"
    table.add(Row(what, found["floor"], found["ours"], goal=2.0))


def _run(
    command: Sequence[str], environment: Mapping[str, str], target: Path
) -> tuple[float, float]:
    """Milliseconds, and the MiB that the command held at most."""
    start = perf_counter()
    with target.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output)
        _, state, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(state)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return (perf_counter() - start) * 1e3, _mebibytes(usage)


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024
