"""The rows that the database's tables should hold after a sync, in its own words."""

from collections import Counter
from typing import Any

from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import Corporation, Unit, World
from corpsync_tui.simulator.world.table import TABLES, Table

_NO_COLUMN = "market_order_history"
"""A table of the world that is none of the database: its rows come into `market_order`."""


def truth(world: World, corporation: Corporation, table: str, *, forgotten: bool) -> list[Row]:
    """All rows of a table of the contract, every column present, booleans as 0 and 1.

    With `forgotten` the ledgers and logs hold also what ESI no longer tells, as a database does
    that has been synced all along.
    """
    if table == "eve_name":
        return _names(world)
    if table not in TABLES or table == _NO_COLUMN:
        raise ValueError(f"no table {table}")
    rows = _rows(world, corporation, TABLES[table], forgotten=forgotten)
    if table == "market_order":
        rows += _rows(world, corporation, TABLES[_NO_COLUMN], forgotten=forgotten)
    if table == "asset":
        rows = [row | {"name": corporation.asset_names.get(row["item_id"])} for row in rows]
    if table == "container_log":
        _number_repeats(rows)
    return rows


def _rows(world: World, corporation: Corporation, table: Table, *, forgotten: bool) -> list[Row]:
    units = corporation.tables[table.name].items()
    told: list[tuple[Unit, Row, float | None]] = [
        (unit, row, None) for unit, rows in units for row in rows
    ]
    if forgotten:
        told += [(gone.unit, gone.row, gone.since) for gone in corporation.forgotten[table.name]]
    stored: list[Row] = []
    for unit, row, since in told:
        whole = row if table.tell is None else table.tell(world, corporation, row)
        if table.state is not None:
            whole = whole | {"state": table.state(row, since)}
        if table.unit is not None:
            whole = whole | {table.unit: unit}
        columns = dict.fromkeys((*table.columns, *([table.unit] if table.unit else [])))
        stored.append({column: _value(whole.get(column)) for column in columns})
    return stored


def _value(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _number_repeats(rows: list[Row]) -> None:
    seen: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        key = tuple(row.values())
        row["ordinal"] = seen[key]
        seen[key] += 1


def _names(world: World) -> list[Row]:
    """Every name that could be looked up; a database holds those that it met."""
    known = [(key, name, category) for key, (name, category) in world.names.items()]
    known += [
        (place.structure_id, place.name, "structure")
        for place in world.structures.values()
        if place.docking
    ]
    return [{"id": key, "name": name, "category": category} for key, name, category in known]
