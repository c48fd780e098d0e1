"""The rows that the database's tables should hold after a sync, in its own words."""

from collections import Counter
from typing import Any

from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import Corporation, World
from corpsync_tui.simulator.world.tables import TABLES


def truth(world: World, corporation: Corporation, table: str, *, forgotten: bool) -> list[Row]:
    """All rows of a table of the contract, every column present, booleans as 0 and 1.

    With `forgotten` the ledgers and logs hold also what ESI no longer tells, as a database does
    that has been synced all along.
    """
    if table == "eve_name":
        return _names(world)
    if table == "market_order":
        rows = _orders(corporation, forgotten=forgotten)
    elif table in TABLES and table != "market_order_history":
        rows = _rows(corporation, table, forgotten=forgotten)
    else:
        raise ValueError(f"no table {table}")
    if table == "asset":
        rows = [row | {"name": corporation.asset_names.get(row["item_id"])} for row in rows]
    if table == "container_log":
        _number_repeats(rows)
    return rows


def _rows(corporation: Corporation, table: str, *, forgotten: bool) -> list[Row]:
    definition = TABLES[table]
    told = [(unit, row) for unit, rows in corporation.tables[table].items() for row in rows]
    if forgotten:
        told += corporation.forgotten[table]
    extra = definition.unit
    return [
        {**_stored(row, definition.columns), **({extra: unit} if extra else {})}
        for unit, row in told
    ]


def _orders(corporation: Corporation, *, forgotten: bool) -> list[Row]:
    columns = TABLES["market_order"].columns
    told = [row | {"state": "open"} for row in corporation.rows("market_order")]
    told += list(corporation.rows("market_order_history"))
    if forgotten:
        told += [row for _, row in corporation.forgotten["market_order_history"]]
        told += [row | {"state": "closed"} for row in corporation.closed_orders]
    return [_stored(row, columns) for row in told]


def _stored(row: Row, columns: tuple[str, ...]) -> Row:
    return {column: _value(row.get(column)) for column in columns}


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
