"""From a key to the changed screen, while half a million assets sync."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from contextlib import closing
from itertools import count
from pathlib import Path
from time import sleep

from tests.benchmarks.harness import Plan, Row, Table, note
from tests.benchmarks.ours import Place, prepared
from tests.benchmarks.terminal import CORPSYNC, Terminal, shown

PAUSE = 0.05
"""Seconds between a changed screen and the next key."""
IDLE_WALKS = 50


async def measure(plan: Plan, table: Table) -> None:
    """Up and down the table: the pane of runs tells whose they are."""
    rows, folder, numbers = plan.rows(500_000), plan.room("keys"), count(1)
    idle: list[float] = []
    syncing: list[float] = []
    async with prepared(folder, rows) as place:
        for number in range(plan.rounds):
            one, other = _round(plan, place, folder / f"home-{next(numbers)}")
            idle.append(one)
            syncing.append(other)
            note(f"keys: round {number + 1} of {plan.rounds}")
    what = f"key to changed screen, 99th percentile, {rows:,} assets sync"
    table.add(Row(what, idle, syncing, goal=3.0, limit=100.0))


def _round(plan: Plan, place: Place, home: Path) -> tuple[float, float]:
    environment = place.environment(place.copy(home))
    database = place.settings(home).database
    with shown(CORPSYNC, environment) as terminal:
        terminal.wait_for("due")
        sleep(plan.seconds(2.0))
        terminal.press("j")
        terminal.wait_for("History of Assets")
        idle = _walk(terminal, 5 if plan.quick else IDLE_WALKS)
        terminal.press("s")
        syncing: list[float] = []
        while not _ended(database):
            syncing += _walk(terminal, 1)
    shutil.rmtree(home)
    return _percentile(idle), _percentile(syncing)


def _walk(terminal: Terminal, times: int) -> list[float]:
    """Milliseconds from each key to what it shows: from Assets to Members and back."""
    taken = []
    for key, shows in (("k", "Members"), ("j", "Assets")) * times:
        pressed = terminal.press(key)
        taken.append((terminal.wait_for(f"History of {shows}") - pressed) * 1e3)
        sleep(PAUSE)
    return taken


def _ended(database: Path) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        query = "SELECT count(*) FROM sync_history WHERE result = 'success'"
        found: int = db.execute(query).fetchone()[0]
    return found > 0


def _percentile(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0]
