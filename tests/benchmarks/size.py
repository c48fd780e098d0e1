"""How the cost grows with the size: no worse than linearly, from 1,000 to 1,000,000 rows."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Mapping, Sequence
from itertools import count, pairwise

from tests.benchmarks.child import Cost, cost
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.ours import Place, prepared

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PARTS = {
    "load": "first load",
    "changed": "renewal, every page changed",
    "unchanged": "renewal, nothing changed",
    "memory": "memory",
}
BAR = 50


async def measure(plan: Plan, table: Table) -> None:
    """Each size beside ten times the cost of a tenth of it, and the plot."""
    sizes = SIZES[:2] if plan.quick else SIZES
    costs = {size: await _costs(plan, size) for size in sizes}
    for name, what in PARTS.items():
        series = {size: [getattr(each, name) for each in costs[size]] for size in sizes}
        unit = "MiB" if name == "memory" else "ms"
        for small, large in pairwise(sizes):
            tenfold = [figure * large / small for figure in series[small]]
            told = f"{what}: {large:,} rows to ten times {small:,}"
            # At a few rows memory is what the interpreter happens to hold.
            goal = None if name == "memory" and small < 100_000 else 1.1
            table.add(Row(told, tenfold, series[large], goal=goal, unit=unit))
        _plot(what, unit, series)


async def _costs(plan: Plan, size: int) -> list[Cost]:
    folder, numbers = plan.room(f"size-{size}"), count()
    found: list[Cost] = []
    async with prepared(folder, size) as place:

        async def once() -> float:
            found.append(_cost(place, next(numbers)))
            return found[-1].load

        await interleave({f"{size:,} rows": once}, plan.rounds)
    shutil.rmtree(folder)
    return found[-plan.rounds :]


def _cost(place: Place, number: int) -> Cost:
    home = place.folder.with_name(f"home-{number}")
    found = cost(place, home)
    shutil.rmtree(home)
    return found


def _plot(what: str, unit: str, series: Mapping[int, Sequence[float]]) -> None:
    """Bars of the cost of a thousand rows: where growth is linear, they are equally long."""
    each = {size: statistics.median(figures) / size * 1_000 for size, figures in series.items()}
    longest = max(each.values()) or 1.0
    print(f"    {what}, {unit} for each 1,000 rows")
    for size, figure in each.items():
        print(f"    {size:>9,} {'█' * round(figure / longest * BAR)} {figure:.2f}")
