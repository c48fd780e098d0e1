"""A whole table as CSV."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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
    rows = plan.rows(500_000)
    place = await filled(plan, rows)
    database = place.settings(place.folder).database
    target, told = plan.folder / "asset.csv", plan.folder / "peak"

    async def bare() -> float:
        command = [shell, "-csv", "-header", f"file:{database}?mode=ro", QUERY]
        return _run(command, {}, target)

    async def ours() -> float:
        command = [*CORPSYNC, "export", "asset", "--format", "csv"]
        taken = _run(command, place.environment(place.folder), target)
        assert target.read_bytes().count(b"\n") == rows + 1
        return taken

    async def memory(name: str) -> float:
        command = [sys.executable, "-m", "tests.benchmarks.peak", str(told), "export", name]
        _run(command, place.environment(place.folder), target)
        return float(told.read_text())

    found = await interleave(
        {
            "floor": bare,
            "ours": ours,
            "memory of few": lambda: memory("member"),
            "memory of all": lambda: memory("asset"),
        },
        plan.rounds,
    )
    what = f"export of {rows:,} assets as CSV"
    table.add(Row(what, found["floor"], found["ours"], goal=2.0))
    few, many = found["memory of few"], found["memory of all"]
    table.add(Row(f"{what}: memory, to that of the members", few, many, goal=1.15, unit="MiB"))


def _run(command: Sequence[str], environment: Mapping[str, str], target: Path) -> float:
    """Milliseconds of a command."""
    start = perf_counter()
    with target.open("wb") as output:
        subprocess.run(command, env={**os.environ, **environment}, stdout=output, check=True)
    return (perf_counter() - start) * 1e3
