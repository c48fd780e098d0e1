"""Changes of a table that tests and the demo ask for, with exact counts of what they did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from corpsync_tui.simulator.world import market
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import Corporation, World
from corpsync_tui.simulator.world.tables import TABLES, Table

_NPC_CORPORATION = 1000006
"""Where a member goes who leaves."""


@dataclass
class Counts:
    """Rows that a change touched."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class Mutation:
    """One table of one corporation, ready to be changed.

    `unit` is a wallet division or a mining observer; None means all of them, and the first one
    for new rows.
    """

    def __init__(
        self, world: World, corporation: Corporation, table: str, unit: int | None = None
    ) -> None:
        if table not in TABLES:
            raise ValueError(f"no table {table}")
        self._world = world
        self._corporation = corporation
        self._name = table
        self._table: Table = TABLES[table]
        units = corporation.tables[table]
        self._units = list(units) if unit is None else [unit]
        self.counts = Counts()

    def change(self, amount: float, places: list[tuple[int, int]] | None = None) -> None:
        """Change a fraction (below 1) or a number of rows, of all or of these places."""
        if self._table.change is None:
            raise ValueError(f"rows of {self._name} never change")
        for unit, index in self._pick(amount, places):
            rows = self._corporation.rows(self._name, unit)
            rows[index] = self._table.change(self._world, self._corporation, rows[index])
            self.counts.changed += 1

    def change_page(self, page: int, page_size: int, amount: float = 1) -> None:
        """Change rows of one page only."""
        unit = self._units[0]
        stop = min(page * page_size, len(self._corporation.rows(self._name, unit)))
        self.change(amount, [(unit, index) for index in range((page - 1) * page_size, stop)])

    def add(self, count: int) -> None:
        """Add rows that happen now."""
        if self._table.new is None:
            raise ValueError(f"{self._name} gets no rows by itself")
        unit = self._units[0]
        for _ in range(count):
            self.append([self._table.new(self._world, self._corporation, unit)])

    def append(self, rows: Iterable[Row]) -> None:
        """Add these rows, where new ones of the table go."""
        present = self._corporation.rows(self._name, self._units[0])
        for row in rows:
            present.insert(0 if self._table.newest_first else len(present), row)
            self.counts.added += 1

    def remove(self, amount: float, places: list[tuple[int, int]] | None = None) -> None:
        """Remove a fraction (below 1) or a number of rows; ledgers and logs are but forgotten."""
        chosen = self._pick(amount, places or self._removable())
        for unit, index in sorted(chosen, reverse=True):
            rows = self._corporation.rows(self._name, unit)
            self._farewell(unit, rows[index])
            del rows[index]
            self.counts.removed += 1

    def clear(self) -> None:
        """Remove all rows."""
        places = list(self._places())
        if places:
            self.remove(len(places), places)

    def set(self, index: int, fields: Row) -> None:
        """Give one row other values; a field that is None goes."""
        rows = self._corporation.rows(self._name, self._units[0])
        merged = {**rows[index], **fields}
        rows[index] = {name: value for name, value in merged.items() if value is not None}
        self.counts.changed += 1

    def close_orders(self, count: int, state: str | None) -> None:
        """Take orders off the market: into the history, or with no state into nowhere."""
        for _, index in sorted(self._pick(count, None), reverse=True):
            open_orders = self._corporation.rows("market_order")
            row = open_orders[index]
            del open_orders[index]
            self.counts.changed += 1
            if state is None:
                self._corporation.closed_orders.append(row)
            else:
                ended = market.ending(self._world, row, state)
                self._corporation.rows("market_order_history").insert(0, ended)

    def _farewell(self, unit: int, row: Row) -> None:
        corporation = self._corporation
        if self._name == "market_order":
            corporation.closed_orders.append(row)
        elif self._table.kind != "snapshot":
            corporation.forgotten[self._name].append((unit, row))
        elif self._name == "member":
            self._world.characters[row["character_id"]].corporation_id = _NPC_CORPORATION

    def _places(self) -> Iterator[tuple[int, int]]:
        for unit in self._units:
            for index in range(len(self._corporation.rows(self._name, unit))):
                yield unit, index

    def _removable(self) -> list[tuple[int, int]]:
        """All rows but the director and the accountant, who must stay to log in."""
        kept = 2 if self._name == "member" else 0
        return [place for place in self._places() if place[1] >= kept]

    def _pick(self, amount: float, places: list[tuple[int, int]] | None) -> list[tuple[int, int]]:
        choice = list(self._places()) if places is None else places
        count = max(1, round(amount * len(choice))) if 0 < amount < 1 else int(amount)
        return self._world.rng.sample(choice, min(count, len(choice)))


def mutate(
    world: World, corporation: Corporation, page_size: int, table: str, **wanted: Any
) -> Counts:
    """Carry out what POST /_sim/mutate asks for, and say how many rows it touched."""
    unit = wanted.pop("division", wanted.pop("observer_id", None))
    mutation = Mutation(world, corporation, table, unit)
    page = wanted.pop("page", None)
    state = wanted.pop("state", None)
    for verb, value in wanted.items():
        if verb == "change" and page is not None:
            mutation.change_page(page, page_size, value)
        elif verb == "close":
            mutation.close_orders(value, state)
        elif verb == "set":
            mutation.set(value["index"], value["fields"])
        elif verb == "remove" and value == "all":
            mutation.clear()
        elif verb in ("change", "add", "remove", "append"):
            getattr(mutation, verb)(value)
        else:
            raise ValueError(f"{verb} is no change of a table")
    if not wanted and page is not None:
        mutation.change_page(page, page_size)
    return mutation.counts
