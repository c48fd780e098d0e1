"""The log of audited containers, which has no ids and may repeat itself to the letter."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_ACTIONS = (
    "add",
    "lock",
    "unlock",
    "move",
    "configure",
    "set_name",
    "enter_password",
    "set_password",
)
_REPEAT_EVERY = 20


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """A week of entries, newest first, now and then two that are the same."""
    ages = [world.rng.uniform(0.01, 6.5) * DAY for _ in range(scale.container_logs)]
    rows: list[Row] = []
    for number, age in enumerate(sorted(ages)):
        if number % _REPEAT_EVERY == _REPEAT_EVERY - 1:
            rows.append(dict(rows[-1]))
        else:
            rows.append(_entry(world, corporation, world.clock.now() - age))
    corporation.tables["container_log"] = {ONLY: rows}


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """Somebody handles a container right now."""
    return _entry(world, corporation, world.clock.now())


def _entry(world: World, corporation: Corporation, when: float) -> Row:
    rng = world.rng
    action = rng.choice(_ACTIONS)
    row: Row = {
        "action": action,
        "character_id": rng.choice(world.members(corporation)),
        "container_id": rng.choice(_container_ids(world, corporation)),
        "container_type_id": types.CONTAINERS[3],
        "location_flag": f"CorpSAG{rng.randint(1, 7)}",
        "location_id": places.JITA_STATION,
        "logged_at": iso(when),
    }
    if action in ("add", "lock", "unlock", "move"):
        row |= {"quantity": rng.randint(1, 9_000), "type_id": rng.choice(types.STACKABLE)}
    elif action == "configure":
        row |= {"new_config_bitmask": rng.randint(0, 31), "old_config_bitmask": rng.randint(0, 31)}
    elif action.endswith("password"):
        row["password_type"] = rng.choice(("config", "general"))
    return row


def _container_ids(world: World, corporation: Corporation) -> list[int]:
    named = list(corporation.asset_names)
    return named or [world.counters.get("item", 1_041_700_000_000)]


def _handle(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "container_log").add(world.rng.randint(1, 3))


DATA_SET = DataSet(
    tables=(
        Table(
            "container_log",
            "/corporations/{corporation_id}/containers/logs",
            "log",
            key=(),
            make=new,
            newest_first=True,
            kept=2_000,
        ),
    ),
    events=(Event(_handle, 6),),
    fill=fill,
)
