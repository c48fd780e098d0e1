"""The processor time of an open app in which nothing happens."""

from __future__ import annotations

import asyncio

from tests.benchmarks.harness import Plan, Row, Table
from tests.benchmarks.hello import GREETING
from tests.benchmarks.ours import filled
from tests.benchmarks.terminal import CORPSYNC, HELLO, shown

SETTLED = 5.0
"""Seconds after which a started app is taken to be idle."""


async def measure(plan: Plan, table: Table) -> None:
    """A minute beside hello-world: both at once, since neither keeps the other from anything."""
    seconds = plan.seconds(60.0)
    floor: list[float] = []
    ours: list[float] = []
    place = await filled(plan, plan.rows(500_000))
    environment = place.environment(place.copy(plan.folder / "idle"))
    with shown(HELLO) as hello, shown(CORPSYNC, environment) as corpsync:
        hello.wait_for(GREETING)
        corpsync.wait_for("current")
        await asyncio.sleep(plan.seconds(SETTLED))
        for _ in range(plan.rounds):
            before = hello.cpu(), corpsync.cpu()
            await asyncio.sleep(seconds)
            floor.append(hello.cpu() - before[0])
            ours.append(corpsync.cpu() - before[1])
    what = f"idle for {seconds:g} s, all processes waiting: processor time"
    table.add(Row(what, floor, ours, goal=4.0, ambition=2.0))
