"""What `POST /_sim/mutate` asks for: changes of one table."""

from typing import Any

from corpsync_tui.simulator.world import market
from corpsync_tui.simulator.world.model import Corporation, World
from corpsync_tui.simulator.world.mutation import Counts, Mutation
from corpsync_tui.simulator.world.table import TABLES


def mutate(
    world: World, corporation: Corporation, page_size: int, table: str, **wanted: Any
) -> Counts:
    """Carry out what is asked for, and say how many rows it touched.

    Raises:
        ValueError: there is no such table, unit or kind of change.
    """
    column = TABLES[table].unit if table in TABLES else None
    unit = wanted.pop(column, None) if column else None
    mutation = Mutation(world, corporation, table, unit)
    page = wanted.pop("page", None)
    state = wanted.pop("state", None)
    for verb, value in wanted.items():
        if verb == "change" and page is not None:
            mutation.change_page(page, page_size, value)
        elif verb == "close" and table == "market_order":
            mutation.counts.changed += market.close(world, corporation, value, state)
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
