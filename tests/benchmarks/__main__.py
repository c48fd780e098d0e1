"""`python -m tests.benchmarks [--quick] [NAME …]`: measure, and print the table."""

from __future__ import annotations

import argparse
import asyncio
import compileall
import platform
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import corpsync_tui
import tests.benchmarks
from tests.benchmarks.harness import Plan, Table, note

SUBJECTS = (
    "first_load",
    "renewal",
    "merge",
    "changelog",
    "past",
    "killmails",
    "start",
    "data_screen",
    "status",
    "idle",
    "watching",
    "export",
    "reference",
    "lag",
    "keys",
    "size",
    "size_of_use",
    "hours",
)
"""The files beside this one that measure something, in the order of the table."""

Measure = Callable[[Plan, Table], Coroutine[Any, Any, None]]


def main() -> int:
    """Measure what was named, or everything; 1 where a full measurement missed its goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--quick", action="store_true", help="each once, at a small size")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, help="in place of each subject's own number")
    options = parser.parse_args()
    unknown = set(options.names) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    table = Table(judged=not options.quick)
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, Python {platform.python_version()}"
    )
    table.heading()
    for package in (corpsync_tui, tests.benchmarks):  # as an installation does
        compileall.compile_dir(package.__path__[0], quiet=1)
    names = [name for name in SUBJECTS if not options.names or name in options.names]
    with tempfile.TemporaryDirectory(prefix="corpsync-benchmark-") as folder:
        rounds = 1 if options.quick else options.rounds
        plan = Plan(Path(folder), rounds, quick=options.quick, rows_asked=options.rows)
        asyncio.run(_measure(plan, table, names))
    return int(not options.quick and not all(row.met for row in table.rows))


async def _measure(plan: Plan, table: Table, names: Sequence[str]) -> None:
    async with plan.open_until_end:
        for name in names:
            start = time.perf_counter()
            measure: Measure = import_module(f"tests.benchmarks.{name}").measure
            await measure(plan, table)
            note(f"{name}: {time.perf_counter() - start:.1f} s\n")
    note("")


if __name__ == "__main__":
    raise SystemExit(main())
