"""How everything here is measured: variants side by side, their order rotated, medians."""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Work = Callable[[], Awaitable[float]]
"""One round of one variant; it returns what it measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    folder: Path
    """Room for databases; it goes when the run ends."""
    rounds: int = 9
    quick: bool = False
    """Each once and small: shows that everything still runs, and nothing else."""
    rows_asked: int | None = None
    """In place of every subject's own number of rows."""
    open_until_end: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What subjects share stays open until the last has ended."""
    shared: dict[str, Any] = field(default_factory=dict)

    def rows(self, full: int) -> int:
        """Rows to work on where a full measurement has `full` of them."""
        if self.rows_asked is not None:
            return self.rows_asked
        return min(full, 2_000) if self.quick else full

    def room(self, name: str) -> Path:
        """A new folder."""
        folder = self.folder / name
        folder.mkdir()
        return folder

    def seconds(self, full: float) -> float:
        """Seconds to watch for where a full measurement watches for `full`."""
        return min(full, 0.5) if self.quick else full


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was measured, beside its floor."""

    what: str
    floor: Sequence[float]
    ours: Sequence[float]
    goal: float | None = None
    """The ratio to stay below, or None where none is set."""
    ambition: float | None = None
    unit: str = "ms"
    limit: float | None = None
    """A bound on the median itself, in the line's unit."""
    difference: bool = False
    """Whether floor and ours are subtracted instead of divided: for memory."""

    @property
    def ratio(self) -> float:
        """Median over median, or the difference of the medians."""
        floor, ours = statistics.median(self.floor), statistics.median(self.ours)
        return ours - floor if self.difference else ours / floor

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest of the rounds' own ratios."""
        pairs = list(zip(self.floor, self.ours, strict=True))
        each = [o - f if self.difference else o / f for f, o in pairs]
        return min(each), max(each)

    @property
    def met(self) -> bool:
        """Whether the goal, where there is one, is met."""
        within = self.limit is None or statistics.median(self.ours) <= self.limit
        return within and (self.goal is None or self.ratio <= self.goal)


@dataclass(slots=True)
class Table:
    """The lines so far, printed as they come."""

    judged: bool = True
    """Whether lines say if their goal is met: one small round says nothing."""
    rows: list[Row] = field(default_factory=list)

    def heading(self) -> None:
        """Name the columns."""
        _print(("what", "floor", "ours", "ratio", "range", "goal", ""))

    def add(self, row: Row) -> None:
        """Keep a line and print it."""
        self.rows.append(row)
        _print(_cells(row) if self.judged else (*_cells(row)[:-1], ""))


_WIDTHS = (58, 22, 22, 8, 13, 14, 6)


def _print(cells: Sequence[str]) -> None:
    line = "  ".join(
        cell.ljust(width) if number == 0 else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    print(line.rstrip(), flush=True)


def _cells(row: Row) -> tuple[str, ...]:
    low, high = row.spread
    goals = [f"≤ {row.goal:g}"] if row.goal is not None else []
    goals += [f"({row.ambition:g})"] if row.ambition is not None else []
    goals += [f"≤ {row.limit:g} {row.unit}"] if row.limit is not None else []
    known = row.goal is not None or row.limit is not None
    return (
        row.what,
        _figures(row.floor, row.unit),
        _figures(row.ours, row.unit),
        f"{row.ratio:+.0f}" if row.difference else f"{row.ratio:.2f}",
        f"{low:+.0f}…{high:+.0f}" if row.difference else f"{low:.2f}…{high:.2f}",
        " ".join(goals) or "–",
        ("ok" if row.met else "MISSED") if known else "",
    )


def _figures(values: Sequence[float], unit: str) -> str:
    """`412 ms (390…455)`."""
    middle, low, high = statistics.median(values), min(values), max(values)
    form = ".2f" if middle < 10 else ",.0f"
    return f"{middle:{form}} {unit} ({low:{form}}…{high:{form}})"


async def interleave(variants: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Measure all variants once a round, each round in another order.

    A first round warms caches and is not counted, unless it is the only one.
    """
    found: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds + (rounds > 1)):
        for name in _rotated(list(variants), number):
            gc.collect()
            figure = await variants[name]()
            if number or rounds == 1:
                found[name].append(figure)
            note(f"{name}: round {number} of {rounds}")
    note("")
    return found


def _rotated(names: list[str], by: int) -> Iterator[str]:
    by %= len(names)
    return iter([*names[by:], *names[:by]])


def note(text: str) -> None:
    """Say on a terminal how far the measuring is."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
