"""The corporation lives: people come and go, orders fill, money moves, ships are lost."""

import asyncio
from collections.abc import Callable

from corpsync_tui.simulator.mutate import Mutation
from corpsync_tui.simulator.state import State
from corpsync_tui.simulator.world import mining
from corpsync_tui.simulator.world.model import DIVISIONS, ONLY, Corporation, World
from corpsync_tui.simulator.world.tables import TABLES

EVENTS_A_SECOND = 1.2
"""The demo's pace: so fast that nearly every sync finds something new."""
_CATCH_UP = 60
"""Events that happened while nobody looked, at the demo's start."""


_KEPT = {
    "wallet_journal": 2_600,
    "wallet_transaction": 2_600,
    "market_order_history": 400,
    "killmail": 300,
    "container_log": 2_000,
    "industry_job": 400,
    "mining_ledger": 600,
}
"""Rows of a unit that ESI goes on to tell; the oldest go, as after thirty or ninety days."""


def _join(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("member")) < 90:
        Mutation(world, corporation, "member").add(1)


def _leave(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("member")) > 40:
        Mutation(world, corporation, "member").remove(1)


def _log_in(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "member").change(1)


def _move_assets(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "asset").change(world.rng.randint(1, 4))


def _haul(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("asset")) < 6_000:
        Mutation(world, corporation, "asset").add(world.rng.randint(1, 3))


def _consume(world: World, corporation: Corporation) -> None:
    rows = corporation.rows("asset")
    index = world.rng.randrange(len(rows))
    if not rows[index]["is_singleton"] and len(rows) > 1000:
        Mutation(world, corporation, "asset").remove(1, [(ONLY, index)])


def _trade(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_order").change(1)
    _pay(world, corporation, 1)
    Mutation(world, corporation, "wallet_transaction", 1).add(1)


def _place_order(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "market_order").add(1)


def _end_order(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("market_order")) > 40:
        state = world.rng.choice(("expired", "expired", "cancelled", None))
        Mutation(world, corporation, "market_order").close_orders(1, state)


def _pay(world: World, corporation: Corporation, division: int | None = None) -> None:
    division = division or world.rng.choice(DIVISIONS)
    Mutation(world, corporation, "wallet_journal", division).add(1)
    balance = corporation.rows("wallet_journal", division)[0]["balance"]
    corporation.rows("wallet_balance")[division - 1] = {"division": division, "balance": balance}


def _run_job(world: World, corporation: Corporation) -> None:
    jobs = corporation.rows("industry_job")
    running = [n for n, row in enumerate(jobs) if row["status"] in ("active", "ready")]
    if running:
        place = (ONLY, world.rng.choice(running))
        Mutation(world, corporation, "industry_job").change(1, [place])


def _install_job(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "industry_job").add(1)


def _mine(world: World, corporation: Corporation) -> None:
    unit = world.rng.choice(list(corporation.tables["mining_ledger"]))
    rows = corporation.rows("mining_ledger", unit)
    recent = [(unit, n) for n in range(max(0, len(rows) - 12), len(rows))]
    Mutation(world, corporation, "mining_ledger", unit).change(1, recent)


def _new_miner(world: World, corporation: Corporation) -> None:
    unit = world.rng.choice(list(corporation.tables["mining_ledger"]))
    Mutation(world, corporation, "mining_ledger", unit).add(1)


def _fight(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "killmail").add(1)


def _drill(world: World, corporation: Corporation) -> None:
    drills = len(mining.refineries_of(world, corporation))
    if len(corporation.rows("mining_extraction")) < drills - 1:
        Mutation(world, corporation, "mining_extraction").add(1)


def _fracture(world: World, corporation: Corporation) -> None:
    for index in mining.arrived(world, corporation)[:1]:
        Mutation(world, corporation, "mining_extraction").remove(1, [(ONLY, index)])


def _cancel_drill(world: World, corporation: Corporation) -> None:
    waiting = len(mining.arrived(world, corporation))
    if len(corporation.rows("mining_extraction")) > waiting + 3:
        Mutation(world, corporation, "mining_extraction").remove(1)


def _open_container(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "container_log").add(world.rng.randint(1, 3))


_EVENTS: tuple[tuple[Callable[[World, Corporation], None], int], ...] = (
    (_join, 2),
    (_leave, 1),
    (_log_in, 8),
    (_move_assets, 8),
    (_haul, 3),
    (_consume, 4),
    (_trade, 8),
    (_place_order, 3),
    (_end_order, 2),
    (_pay, 8),
    (_run_job, 5),
    (_install_job, 3),
    (_mine, 6),
    (_new_miner, 2),
    (_fight, 2),
    (_drill, 2),
    (_fracture, 1),
    (_cancel_drill, 1),
    (_open_container, 6),
)


def tick(world: World, events: int) -> None:
    """Let so many things happen, spread over the corporations."""
    happenings, weights = zip(*_EVENTS, strict=True)
    for _ in range(events):
        corporation = world.rng.choice(list(world.corporations.values()))
        world.rng.choices(happenings, weights)[0](world, corporation)


def forget(corporation: Corporation) -> None:
    """Drop what the demo's ESI tells no more, so that a day of it does not grow for ever."""
    for table, kept in _KEPT.items():
        for rows in corporation.tables[table].values():
            oldest_last = TABLES[table].newest_first or table == "market_order_history"
            while len(rows) > kept:
                del rows[len(rows) - 1 if oldest_last else 0]


async def live(state: State) -> None:
    """Let the demo's world go on until cancelled."""
    tick(state.world, _CATCH_UP)
    while True:
        await asyncio.sleep(1 / EVENTS_A_SECOND)
        tick(state.world, 1)
        for corporation in state.world.corporations.values():
            forget(corporation)
