"""The event loop's lag while half a million assets sync, and the memory that takes."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from itertools import count
from typing import Any

from tests.benchmarks.harness import Plan, Row, Table, note
from tests.benchmarks.ours import Place, prepared
from tests.benchmarks.terminal import shown

STALL = 100.0
"""Milliseconds of lag that a director would notice."""


async def measure(plan: Plan, table: Table) -> None:
    """Beside the idle app with the same repaint, and the one that never repaints."""
    rows, folder, numbers = plan.rows(500_000), plan.room("lag"), count(1)
    async with prepared(folder, rows) as place:
        found = []
        for number in range(plan.rounds):
            found.append(_round(plan, place, next(numbers)))
            note(f"lag: round {number + 1} of {plan.rounds}")
    lags = {name: [each[name] for each in found] for name in ("idle", "played", "syncing")}
    last = {name: [_percentile(each) for each in some] for name, some in lags.items()}
    what = f"loop lag, 99th percentile, while {rows:,} assets sync"
    table.add(Row(f"{what}: to a played run", last["played"], last["syncing"], 2.0, 1.3))
    table.add(Row(f"{what}: to no repaint", last["idle"], last["syncing"]))
    stalls = {n: [float(sum(lag > STALL for lag in s)) for s in some] for n, some in lags.items()}
    table.add(
        Row(
            f"stalls over {STALL:g} ms while {rows:,} assets sync",
            stalls["played"],
            stalls["syncing"],
            goal=0.0,
            unit="",
            difference=True,
        )
    )
    before, peak, after = ([each[name] for each in found] for name in ("before", "peak", "after"))
    what = f"peak memory of the app that loads {rows:,} assets"
    table.add(Row(what, before, peak, goal=120.0, unit="MiB", difference=True))
    what = f"memory of the app that has loaded {rows:,} assets"
    table.add(Row(what, before, after, goal=30.0, unit="MiB", difference=True))


def _round(plan: Plan, place: Place, number: int) -> dict[str, Any]:
    home = place.copy(place.folder.with_name(f"home-{number}"))
    result = place.folder.with_name(f"lags-{number}.json")
    seconds = plan.seconds(5.0)
    command = [sys.executable, "-m", "tests.benchmarks.watched", str(result), str(seconds)]
    with shown(command, place.environment(home)) as terminal:
        terminal.wait()
    shutil.rmtree(home)
    found: dict[str, Any] = json.loads(result.read_text())
    return found


def _percentile(lags: list[float]) -> float:
    return statistics.quantiles(lags, n=100)[98]
