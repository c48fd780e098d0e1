"""What each route tells: the rows of its table, or what a data set or this file says of it."""

from typing import Any

from corpsync_tui.simulator import universe
from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask, Feed
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.routes import Route
from corpsync_tui.simulator.world import places
from corpsync_tui.simulator.world.lazy import Row, Rows
from corpsync_tui.simulator.world.model import ONLY, ORDER
from corpsync_tui.simulator.world.table import Table
from corpsync_tui.simulator.world.tables import FEEDS as OF_DATA_SETS
from corpsync_tui.simulator.world.tables import TABLES

_STARTED = 1_784_631_600.0
"""When the cluster came up, in Unix seconds."""


def feed_of(route: Route) -> Feed:
    """What answers a route.

    Raises:
        LookupError: nothing does.
    """
    for feeds in (_FEEDS, universe.FEEDS, OF_DATA_SETS):
        if route.path in feeds:
            return feeds[route.path]
    table = next(table for table in TABLES.values() if table.route == route.path)
    return lambda ask: _told(ask, route, table)


def _told(ask: Ask, route: Route, table: Table) -> Any:
    """The rows of a table in the shape that the route has."""
    corporation = ask.corporation
    units = corporation.tables[table.name]
    unit = ask.unit(route.parameters[-1], units) if table.unit else ONLY
    rows: Rows = units[unit]
    if table.tell is not None:
        rows = [table.tell(ask.world, corporation, row) for row in rows]
    if route.shape == "list":
        return rows
    if not len(rows):
        raise EsiError(404, "Not found")
    if route.shape == "ids":
        return [row[table.key[0]] for row in rows]
    if route.shape == "scalar":
        return rows[0]["value"]
    return {name: value for name, value in rows[0].items() if name != ORDER}


def _status(ask: Ask) -> Row:
    status: Row = {
        "players": 23_118,
        "server_version": "3120451",
        "start_time": iso(_STARTED),
    }
    return status | ({"vip": True} if ask.vip else {})


def _affiliation(ask: Ask) -> list[Row]:
    known = ask.world.characters
    if any(number not in known for number in ask.ids):
        raise EsiError(400, "Invalid character ID")
    return [
        {"character_id": number, "corporation_id": known[number].corporation_id}
        for number in ask.ids
    ]


def _character(ask: Ask) -> Row:
    character = ask.world.characters.get(ask.number("character_id"))
    if character is None:
        raise EsiError(404, "Character not found")
    return {
        "achievement_score": character.character_id % 997,
        "birthday": iso(character.birthday),
        "bloodline_id": 1,
        "corporation_id": character.corporation_id,
        "description": "",
        "gender": "female" if character.character_id % 2 else "male",
        "name": character.name,
        "race_id": 1,
        "security_status": 1.4,
    }


def _roles(ask: Ask) -> Row:
    character = ask.world.characters[ask.number("character_id")]
    return {
        "roles": list(character.roles),
        **{
            name: character.other_roles.get(name, [])
            for name in ("roles_at_base", "roles_at_hq", "roles_at_other")
        },
    }


def _names(ask: Ask) -> list[Row]:
    known = ask.world.names
    if any(number not in known for number in ask.ids):
        raise EsiError(404, "Ensure all IDs are valid before resolving.")
    return [
        {"category": known[number][1], "id": number, "name": known[number][0]} for number in ask.ids
    ]


def _structure(ask: Ask) -> Row:
    place = ask.world.structures.get(ask.number("structure_id"))
    if place is None:
        raise EsiError(404, "Structure not found")
    if not place.docking:
        raise EsiError(403, "Forbidden")
    return {
        "name": place.name,
        "owner_id": place.owner_id,
        "position": places.position(place.structure_id),
        "solar_system_id": place.solar_system_id,
        "type_id": place.type_id,
    }


_FEEDS: dict[str, Feed] = {
    "/status": _status,
    "/characters/affiliation": _affiliation,
    "/characters/{character_id}": _character,
    "/characters/{character_id}/roles": _roles,
    "/universe/names": _names,
    "/universe/structures/{structure_id}": _structure,
}
"""By route template."""
