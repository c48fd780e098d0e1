"""The processor time of a holder in which nothing happens: alone, and with an app that watches."""

from __future__ import annotations

import asyncio

from tests.benchmarks.harness import Plan, Row, Table
from tests.benchmarks.ours import filled
from tests.benchmarks.terminal import CORPSYNC, Terminal, shown

SETTLED = 20.0
"""Seconds after which what a start brings is done, and after which nobody counts as watching."""
SHARE = 0.01
"""Of a core, that a holder may take which is watched."""


async def measure(plan: Plan, table: Table) -> None:
    """`corpsync run` for a minute with a watcher, then for one without."""
    seconds = plan.seconds(60.0)
    alone: list[float] = []
    watched: list[float] = []
    place = await filled(plan, plan.rows(500_000))
    environment = place.environment(place.copy(plan.folder / "watching"))
    for _ in range(plan.rounds):
        with shown((*CORPSYNC, "run"), environment) as run:
            run.wait_for("following the schedule")
            with shown(CORPSYNC, environment) as app:
                app.wait_for("watching corpsync run")
                watched.append(await _taken(plan, run, seconds))
            alone.append(await _taken(plan, run, seconds))
    what = f"`corpsync run`, idle, watched for {seconds:g} s: processor time"
    table.add(Row(what, alone, watched, limit=1_000 * SHARE * seconds))


async def _taken(plan: Plan, run: Terminal, seconds: float) -> float:
    """Milliseconds of processor time that it takes from now on, once it has settled."""
    await asyncio.sleep(plan.seconds(SETTLED))
    before = run.cpu()
    await asyncio.sleep(seconds)
    return run.cpu() - before
