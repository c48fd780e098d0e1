"""The Data screen on half a million rows: opening, the last row, a filter, a sort, memory."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from time import sleep

from tests.benchmarks.harness import Plan, Row, Table, note
from tests.benchmarks.hello import GREETING
from tests.benchmarks.ours import Place, filled
from tests.benchmarks.terminal import CORPSYNC, HELLO, Terminal, shown

GOALS = {
    "first rows on screen": (1.4, None),
    "all rows reachable": (2.0, None),
    "G to the last row": (0.15, 0.08),
    "first rows after a filter's key": (0.6, 0.3),
    "first rows after a sort": (1.0, 0.6),
}
"""Goal and ambition of each step, in hello-world's first paint."""
SETTLED = 1.5


async def measure(plan: Plan, table: Table) -> None:
    """Each step beside hello-world's first paint."""
    rows, numbers = plan.rows(500_000), count()
    floor: list[float] = []
    bare: list[float] = []
    memory: list[float] = []
    steps: dict[str, list[float]] = {name: [] for name in GOALS}
    place = await filled(plan, rows)
    for number in range(plan.rounds):
        paint, least = _hello(plan)
        floor.append(paint)
        bare.append(least)
        taken, held = _round(plan, place, plan.folder / f"data-{next(numbers)}", rows)
        memory.append(held)
        for name, figure in zip(GOALS, taken, strict=True):
            steps[name].append(figure)
        note(f"data_screen: round {number + 1} of {plan.rounds}")
    for name, (goal, ambition) in GOALS.items():
        what = f"Data screen, {rows:,} rows: {name}"
        table.add(Row(what, floor, steps[name], goal, ambition))
    what = f"Data screen, {rows:,} rows: memory"
    table.add(Row(what, bare, memory, goal=3.5, ambition=2.5, unit="MiB"))


def _hello(plan: Plan) -> tuple[float, float]:
    with shown(HELLO) as hello:
        paint = (hello.wait_for(GREETING) - hello.started) * 1e3
        sleep(plan.seconds(SETTLED))
        return paint, hello.memory()


def _round(plan: Plan, place: Place, home: Path, rows: int) -> tuple[list[float], float]:
    with shown(CORPSYNC, place.environment(place.copy(home))) as terminal:
        terminal.wait_for("current")
        sleep(plan.seconds(SETTLED))
        terminal.press("j")
        terminal.wait_for("History of Assets")
        taken = _after(terminal, "\r", "Location 10", f"1/{rows:,}")
        sleep(plan.seconds(SETTLED))
        taken += _after(terminal, "G", f"{rows:,}/{rows:,}")
        terminal.press("g")
        sleep(plan.seconds(SETTLED))
        terminal.press("/")
        sleep(plan.seconds(SETTLED))
        taken += _after(terminal, "3", "with “3”")
        terminal.press("\x1b")
        sleep(plan.seconds(SETTLED))
        taken += _after(terminal, "o", "Type ↑  ")
        memory = terminal.memory()
    shutil.rmtree(home)
    return taken, memory


def _after(terminal: Terminal, key: str, *texts: str) -> list[float]:
    """Milliseconds from a key until each text is shown."""
    pressed = terminal.press(key)
    return [(terminal.wait_for(text) - pressed) * 1e3 for text in texts]
