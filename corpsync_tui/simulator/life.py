"""The corporation lives: people come and go, orders fill, money moves, ships are lost."""

import asyncio

from corpsync_tui.simulator.state import State
from corpsync_tui.simulator.world.model import Corporation, World
from corpsync_tui.simulator.world.tables import EVENTS, TABLES

EVENTS_A_SECOND = 1.5
"""The demo's pace: so fast that nearly every sync finds something new."""
_CATCH_UP = 60
"""Events that happened while nobody looked, at the demo's start."""


def tick(world: World, events: int) -> None:
    """Let so many things happen, spread over the corporations."""
    weights = [event.weight for event in EVENTS]
    for _ in range(events):
        corporation = world.rng.choice(list(world.corporations.values()))
        world.rng.choices(EVENTS, weights)[0].happens(world, corporation)


def forget(corporation: Corporation) -> None:
    """Drop what the demo's ESI tells no more, so that a day of it does not grow for ever."""
    for table in TABLES.values():
        if table.kept is None:
            continue
        oldest_last = table.newest_first or table.forgets_last
        for rows in corporation.tables[table.name].values():
            while len(rows) > table.kept:
                del rows[len(rows) - 1 if oldest_last else 0]


async def live(state: State) -> None:
    """Let the demo's world go on until cancelled."""
    tick(state.world, _CATCH_UP)
    while True:
        await asyncio.sleep(1 / EVENTS_A_SECOND)
        tick(state.world, 1)
        for corporation in state.world.corporations.values():
            forget(corporation)
