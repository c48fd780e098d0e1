"""Finds the data sets of the world: every module of this package that declares a `DATA_SET`."""

import importlib
import pkgutil

from corpsync_tui.simulator import world as package
from corpsync_tui.simulator.ask import Feed
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world.model import ONLY, Corporation, World
from corpsync_tui.simulator.world.mutation import bear, children, stamped
from corpsync_tui.simulator.world.table import TABLES, DataSet, Event, Table

__all__ = ["EVENTS", "FEEDS", "TABLES", "add", "fill", "remove"]

_DATA_SETS: list[DataSet] = []
EVENTS: list[Event] = []
"""All that happens in a corporation."""
FEEDS: dict[str, Feed] = {}
"""How the routes answer that tell something else than the rows of a table, by path."""


def add(data_set: DataSet) -> None:
    """Take a data set in."""
    _DATA_SETS.append(data_set)
    _DATA_SETS.sort(key=lambda found: found.order)
    TABLES.update({table.name: table for table in data_set.tables})
    EVENTS.extend(data_set.events)
    FEEDS.update(data_set.feeds)


def remove(data_set: DataSet) -> None:
    """Let a data set be as if it had never been found."""
    _DATA_SETS.remove(data_set)
    for table in data_set.tables:
        del TABLES[table.name]
    for event in data_set.events:
        EVENTS.remove(event)
    for path in data_set.feeds:
        del FEEDS[path]


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Give the corporation all its tables."""
    for data_set in _DATA_SETS:
        for table in data_set.tables:
            corporation.tables[table.name] = {} if table.unit else {ONLY: []}
        if data_set.fill is not None:
            data_set.fill(world, corporation, scale)
        for table in data_set.tables:
            if table.source is not None:
                corporation.tables[table.name] = corporation.tables[table.source]
            if table.count is not None:
                _multiply(world, corporation, table, table.count(scale))
            for child in children(table):
                for row in corporation.rows(table.name):
                    bear(world, corporation, child, row)


def _multiply(world: World, corporation: Corporation, table: Table, count: int) -> None:
    rows = corporation.rows(table.name)
    for _ in range(count):
        row = stamped(world, table, table.new(world, corporation, ONLY))
        rows.insert(0 if table.newest_first else len(rows), row)


for _found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
    if _found.name != __name__.rpartition(".")[2]:
        _module = importlib.import_module(f"{package.__name__}.{_found.name}")
        if hasattr(_module, "DATA_SET"):
            add(_module.DATA_SET)
