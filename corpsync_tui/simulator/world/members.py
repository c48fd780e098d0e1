"""Who is in the corporation, where they are and what they fly (membertracking)."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import names, places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, ONLY, Character, Corporation, Unit, World
from corpsync_tui.simulator.world.mutation import Mutation
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_NPC_CORPORATION = 1000006
"""Where a member goes who leaves."""


def fill(world: World, corporation: Corporation, scale: Scale) -> None:
    """Recruit the members; the first is the director, the second the accountant."""
    rows: list[Row] = []
    corporation.tables["member"] = {ONLY: rows}
    for number in range(scale.members):
        row = new(world, corporation, ONLY)
        character = world.characters[row["character_id"]]
        if number == 0:
            character.roles = ["Director"]
            corporation.ceo_id = character.character_id
        elif number == 1:
            character.roles = ["Accountant", "Trader"]
        elif number % 5 == 0:
            row = {"character_id": row["character_id"], "start_date": row["start_date"]}
        rows.append(row)
    if scale.members > 3:
        rows[-1] = {"character_id": rows[-1]["character_id"]}


def new_character(world: World, corporation_id: int) -> Character:
    """A capsuleer the world has not seen before."""
    character = Character(
        character_id=world.next_id("character"),
        name=names.person(world.rng),
        corporation_id=corporation_id,
        owner=f"{world.rng.getrandbits(160):040x}",
        birthday=world.clock.now() - world.rng.uniform(30, 4000) * DAY,
    )
    world.characters[character.character_id] = character
    world.names[character.character_id] = (character.name, "character")
    return character


def new(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """A recruit."""
    rng, now = world.rng, world.clock.now()
    character = new_character(world, corporation.corporation_id)
    logon = now - rng.expovariate(1 / (4 * DAY))
    return {
        "base_id": places.JITA_STATION,
        "character_id": character.character_id,
        "location_id": _somewhere(world),
        "logoff_date": iso(min(now, logon + rng.uniform(600, 14_400))),
        "logon_date": iso(logon),
        "ship_type_id": rng.choice((*types.SHIPS, types.CAPSULE)),
        "start_date": iso(now - rng.uniform(0.2, 900) * DAY),
    }


def change(world: World, _corporation: Corporation, row: Row) -> Row:
    """The member logs in, elsewhere, in another ship."""
    return row | {
        "location_id": _somewhere(world),
        "logon_date": _later(world, row.get("logon_date")),
        "ship_type_id": world.rng.choice(types.SHIPS),
    }


def _later(world: World, before: str | None) -> str:
    moment = iso(world.clock.now())
    return moment if moment != before else iso(world.clock.now() + 1)


def _somewhere(world: World) -> int:
    """A place, now and then a structure that does not let the director in."""
    return world.rng.choice([*places.STATIONS, *places.SYSTEMS, *world.structures])


def _join(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("member")) < 90:
        Mutation(world, corporation, "member").add(1)


def _leave(world: World, corporation: Corporation) -> None:
    if len(corporation.rows("member")) > 40:
        Mutation(world, corporation, "member").remove(1)


def _log_in(world: World, corporation: Corporation) -> None:
    Mutation(world, corporation, "member").change(1)


def _gone(world: World, _corporation: Corporation, row: Row) -> None:
    world.characters[row["character_id"]].corporation_id = _NPC_CORPORATION
    world.characters[row["character_id"]].roles = []


_C = "/corporations/{corporation_id}"
DATA_SET = DataSet(
    tables=(
        Table(
            "member",
            f"{_C}/membertracking",
            "snapshot",
            key=("character_id",),
            make=new,
            alter=change,
            on_removal=_gone,
        ),
        Table(
            "member_limit",
            f"{_C}/members/limit",
            "snapshot",
            key=(),
            columns_instead=("value",),
            make=lambda _world, _corporation, _unit: {"value": 199},
            alter=lambda _world, _corporation, row: {"value": row["value"] + 50},
            count=lambda _scale: 1,
        ),
        Table(
            "corporation_member",
            f"{_C}/members",
            "snapshot",
            key=("character_id",),
            source="member",
            columns_instead=("character_id",),
            fixed=True,
        ),
    ),
    events=(Event(_join, 2), Event(_leave, 1), Event(_log_in, 8)),
    fill=fill,
    order=10,
)
