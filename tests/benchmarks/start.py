"""From the command to the painted Sync screen, and the memory the open app takes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from itertools import count
from time import sleep

from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.hello import GREETING
from tests.benchmarks.ours import filled
from tests.benchmarks.terminal import CORPSYNC, HELLO, shown

SETTLED = 2.0
"""Seconds after which the memory of an open app is read."""


async def measure(plan: Plan, table: Table) -> None:
    """Over a database of 500,000 assets."""
    rows = plan.rows(500_000)
    numbers, settled = count(), plan.seconds(SETTLED)
    memory: dict[str, list[float]] = {"floor": [], "ours": []}
    whole: list[float] = []
    place = await filled(plan, rows)

    async def bare() -> float:
        return _start(HELLO, {}, [GREETING], memory["floor"], settled)[0]

    async def ours() -> float:
        home = place.copy(plan.folder / f"ours-{next(numbers)}")
        texts = ["Process", "current"]
        frame, full = _start(CORPSYNC, place.environment(home), texts, memory["ours"], settled)
        whole.append(full)
        shutil.rmtree(home)
        return frame

    found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
    rounds = len(found["ours"])
    what = f"start to the painted Sync screen, {rows:,} assets"
    table.add(Row(what, found["floor"], found["ours"], goal=1.5, ambition=1.25))
    table.add(Row(f"{what}, with every process's state", found["floor"], whole[-rounds:]))
    floor, mine = memory["floor"][-rounds:], memory["ours"][-rounds:]
    table.add(Row("memory of the open app", floor, mine, goal=2.5, ambition=2.0, unit="MiB"))


def _start(
    command: Sequence[str],
    environment: Mapping[str, str],
    texts: Sequence[str],
    memory: list[float],
    settled: float,
) -> list[float]:
    """Milliseconds from the start until each text is shown."""
    with shown(command, environment) as terminal:
        moments = [terminal.wait_for(text) - terminal.started for text in texts]
        sleep(settled)
        memory.append(terminal.memory())
    return [moment * 1e3 for moment in moments]
