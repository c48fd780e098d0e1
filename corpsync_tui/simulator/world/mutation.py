"""Changes of a table that life, tests and the demo ask for, with exact counts of what they did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpsync_tui.simulator.world.lazy import Row, Rows
from corpsync_tui.simulator.world.model import ORDER, Corporation, Gone, Unit, World
from corpsync_tui.simulator.world.table import TABLES, Table

Place = tuple[Unit, int]
"""A unit and the index of a row in it."""


@dataclass
class Counts:
    """Rows that a change touched."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class Mutation:
    """One table of one corporation, ready to be changed.

    `unit` is a wallet division, a mining observer, a contract and so on; None means all of them,
    and the first one for new rows.
    """

    def __init__(
        self, world: World, corporation: Corporation, table: str, unit: Unit | None = None
    ) -> None:
        if table not in TABLES:
            raise ValueError(f"no table {table}")
        self._world = world
        self._corporation = corporation
        self._table = TABLES[table]
        units = corporation.tables[table]
        if unit is not None and unit not in units:
            raise ValueError(f"{table} has no {self._table.unit} {unit}")
        self._units = list(units) if unit is None else [unit]
        self.counts = Counts()

    def change(self, amount: float, places: list[Place] | None = None) -> None:
        """Change a fraction (below 1) or a number of rows, of all or of these places."""
        if not self._table.can_change:
            raise ValueError(f"rows of {self._table.name} never change")
        for unit, index in self._pick(amount, places):
            rows = self._rows(unit)
            changed = self._table.changed(self._world, self._corporation, rows[index])
            rows[index] = stamped(self._world, self._table, changed)
            self.counts.changed += 1

    def change_page(self, page: int, page_size: int, amount: float = 1) -> None:
        """Change rows of one page only."""
        unit = self._units[0]
        stop = min(page * page_size, len(self._rows(unit)))
        self.change(amount, [(unit, index) for index in range((page - 1) * page_size, stop)])

    def add(self, count: int) -> None:
        """Add rows that happen now."""
        if not self._table.can_grow:
            raise ValueError(f"{self._table.name} gets no rows by itself")
        for _ in range(count):
            self.append([self._table.new(self._world, self._corporation, self._units[0])])

    def append(self, rows: Iterable[Row]) -> None:
        """Add these rows, where new ones of the table go."""
        present = self._rows(self._units[0])
        for row in rows:
            present.insert(
                0 if self._table.newest_first else len(present),
                stamped(self._world, self._table, row),
            )
            for child in children(self._table):
                bear(self._world, self._corporation, child, row)
            self.counts.added += 1

    def remove(self, amount: float, places: list[Place] | None = None) -> None:
        """Remove a fraction (below 1) or a number of rows; ledgers and logs are but forgotten."""
        if not self._table.can_shrink:
            raise ValueError(f"rows of {self._table.name} never go")
        chosen = self._pick(amount, places or self._removable())
        for unit, index in sorted(chosen, key=lambda place: place[1], reverse=True):
            rows = self._rows(unit)
            self._forget(self._table, unit, rows[index])
            self._bury(rows[index])
            del rows[index]
            self.counts.removed += 1

    def clear(self) -> None:
        """Remove all rows."""
        places = list(self._places())
        if places:
            self.remove(len(places), places)

    def set(self, index: int, fields: Row) -> None:
        """Give one row other values; a field that is None goes."""
        rows = self._rows(self._units[0])
        merged = {**rows[index], **fields}
        kept = {name: value for name, value in merged.items() if value is not None}
        rows[index] = stamped(self._world, self._table, kept)
        self.counts.changed += 1

    def _rows(self, unit: Unit) -> Rows:
        return self._corporation.rows(self._table.name, unit)

    def _forget(self, table: Table, unit: Unit, row: Row) -> None:
        """Keep what a database would keep that has been synced all along."""
        if table.kind != "snapshot":
            gone = Gone(unit, row, self._world.clock.now())
            self._corporation.forgotten[table.name].append(gone)

    def _bury(self, row: Row) -> None:
        """Take away what a row leaves: its units of other tables."""
        if self._table.on_removal is not None:
            self._table.on_removal(self._world, self._corporation, row)
        for child in children(self._table):
            unit = row[self._table.key[0]]
            for orphan in self._corporation.tables[child.name].pop(unit, []):
                self._forget(child, unit, orphan)

    def _places(self) -> Iterator[Place]:
        for unit in self._units:
            for index in range(len(self._rows(unit))):
                yield unit, index

    def _removable(self) -> list[Place]:
        """All rows but the director and the accountant, who must stay to log in."""
        kept = 2 if self._table.name == "member" else 0
        return [place for place in self._places() if place[1] >= kept]

    def _pick(self, amount: float, places: list[Place] | None) -> list[Place]:
        choice = list(self._places()) if places is None else places
        count = max(1, round(amount * len(choice))) if 0 < amount < 1 else int(amount)
        return self._world.rng.sample(choice, min(count, len(choice)))


def children(table: Table) -> list[Table]:
    """The tables that have a unit for each row of this one."""
    return [child for child in TABLES.values() if child.parent == table.name]


def bear(world: World, corporation: Corporation, child: Table, row: Row) -> None:
    """Give a parent's row its unit of a child's table."""
    assert child.parent is not None  # noqa: S101 - that is what makes it a child
    unit = row[TABLES[child.parent].key[0]]
    rows = child.born(world, corporation, row) if child.born is not None else []
    if rows is not None:
        corporation.tables[child.name][unit] = [stamped(world, child, born) for born in rows]


def stamped(world: World, table: Table, row: Row) -> Row:
    """The row as the newest of its list, where a list is in the order of its changes."""
    if table.declared.paging != "cursor":
        return row
    return row | {ORDER: world.next_id("change")}
