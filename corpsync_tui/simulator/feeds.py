"""What each route tells: from the world and the request to rows or a document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.archive import planet_type
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.world import industry, places, types
from corpsync_tui.simulator.world.lazy import LazyRows, Row, Rows, window
from corpsync_tui.simulator.world.model import (
    DIVISION_NAMES,
    HANGAR_NAMES,
    Corporation,
    World,
)

NAMES_AT_MOST = 1000
"""Ids that one POST may bring."""
_STARTED = 1_784_631_600.0
"""When the cluster came up, in Unix seconds."""


@dataclass(frozen=True)
class Ask:
    """What a feed is asked: the path's parameters, the query, the ids of a POST."""

    world: World
    config: SimulatorConfig
    params: dict[str, str]
    query: dict[str, str]
    ids: tuple[int, ...] = ()
    vip: bool = False

    def number(self, name: str) -> int:
        """A path parameter that is an id."""
        try:
            return int(self.params[name])
        except ValueError:
            raise EsiError(400, f"{name}: {self.params[name]!r} is not an integer") from None

    @property
    def corporation(self) -> Corporation:
        """The corporation that the path names."""
        found = self.world.corporations.get(self.number("corporation_id"))
        if found is None:
            raise EsiError(404, "Corporation not found")
        return found


def _table(table: str, unit: str | None = None) -> Callable[[Ask], Rows]:
    def feed(ask: Ask) -> Rows:
        units = ask.corporation.tables[table]
        key = ask.number(unit) if unit else 0
        if key not in units:
            raise EsiError(404, f"No such {unit}")
        return units[key]

    return feed


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
        "roles_at_base": [],
        "roles_at_hq": [],
        "roles_at_other": [],
    }


def _corporation(ask: Ask) -> Row:
    number = ask.number("corporation_id")
    world = ask.world
    corporation = world.corporations.get(number)
    if corporation is None and world.names.get(number, ("", ""))[1] != "corporation":
        raise EsiError(404, "Corporation not found")
    return {
        "description": "Freight, moons and a little trouble." if corporation else "",
        "friendly_fire": "illegal",
        "home_station_id": places.JITA_STATION,
        "member_count": len(world.members(corporation)) if corporation else 10,
        "name": world.names[number][0],
        "shares": 1000,
        "state": "active",
        "tax_rates": {"isk": 10.0, "loyalty_point": 5.0},
        "ticker": corporation.ticker if corporation else f"X{number % 1000}",
        "type": "player_owned" if number > 98_000_000 else "npc_owned",
        "war_eligible": True,
        **(
            {"ceo_id": corporation.ceo_id, "date_founded": iso(corporation.founded)}
            if corporation
            else {}
        ),
    }


def _divisions(ask: Ask) -> Row:
    _ = ask.corporation
    return {
        "hangar": [{"division": n, "name": name} for n, name in enumerate(HANGAR_NAMES, 1)],
        "wallet": [{"division": n, "name": name} for n, name in enumerate(DIVISION_NAMES, 1)],
    }


def _asset_names(ask: Ask) -> list[Row]:
    corporation = ask.corporation
    rows = corporation.rows("asset")
    held = rows.held() if isinstance(rows, LazyRows) else rows
    singles = {row["item_id"] for row in held if row["is_singleton"]}
    if any(number not in singles for number in ask.ids):
        raise EsiError(404, "Invalid IDs in the request")
    named = corporation.asset_names
    return [{"item_id": number, "name": named.get(number, "None")} for number in ask.ids]


def _jobs(ask: Ask) -> Rows:
    rows = ask.corporation.rows("industry_job")
    if ask.query.get("include_completed") == "true":
        return rows
    return [row for row in rows if row["status"] not in industry.COMPLETED]


def _transactions(ask: Ask) -> list[Row]:
    rows = _table("wallet_transaction", "division")(ask)
    start = 0
    if "from_id" in ask.query:
        wanted = int(ask.query["from_id"])
        newer = (row["transaction_id"] > wanted for row in rows)
        start = next((place for place, later in enumerate(newer) if not later), len(rows))
    return window(rows, start, start + ask.config.scale.transaction_limit)


def _killmail_list(ask: Ask) -> list[Row]:
    return [
        {"killmail_hash": row["killmail_hash"], "killmail_id": row["killmail_id"]}
        for row in ask.corporation.rows("killmail")
    ]


def _killmail(ask: Ask) -> Row:
    wanted = ask.number("killmail_id")
    for corporation in ask.world.corporations.values():
        gone = (row for _, row in corporation.forgotten["killmail"])
        for row in (*corporation.rows("killmail"), *gone):
            if row["killmail_id"] == wanted and row["killmail_hash"] == ask.params["killmail_hash"]:
                return {key: value for key, value in row.items() if key != "killmail_hash"}
    raise EsiError(422, "Invalid killmail_id and/or killmail_hash")


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
        "position": {"x": 1.0e11, "y": -2.5e10, "z": 3.25e11},
        "solar_system_id": place.solar_system_id,
        "type_id": place.type_id,
    }


def _moon(ask: Ask) -> Row:
    moon = places.MOONS.get(ask.number("moon_id"))
    if moon is None:
        raise EsiError(404, "Moon not found")
    return {
        "moon_id": moon.moon_id,
        "name": moon.name,
        "position": {"x": 1.0e11, "y": -2.5e10, "z": 3.25e11},
        "system_id": moon.planet.system_id,
    }


def _planet(ask: Ask) -> Row:
    planet = places.PLANETS.get(ask.number("planet_id"))
    if planet is None:
        raise EsiError(404, "Planet not found")
    return {
        "name": planet.name,
        "planet_id": planet.planet_id,
        "position": {"x": 1.0e11, "y": -2.5e10, "z": 3.25e11},
        "system_id": planet.system_id,
        "type_id": planet_type(planet),
    }


def _prices(_: Ask) -> list[Row]:
    """A price of every type but some, as in the true list; a few without their average."""
    return [
        {
            "type_id": number,
            "adjusted_price": round(types.rough_price(number) * 0.97, 4),
            **({} if number % 17 == 0 else {"average_price": types.rough_price(number)}),
        }
        for number in types.TYPES
        if number % 13
    ]


_C = "/corporations/{corporation_id}"
_M = "/corporation/{corporation_id}/mining"

FEEDS: dict[str, Callable[[Ask], Any]] = {
    "/status": _status,
    "/characters/affiliation": _affiliation,
    "/characters/{character_id}": _character,
    "/characters/{character_id}/roles": _roles,
    _C: _corporation,
    f"{_C}/divisions": _divisions,
    f"{_C}/membertracking": _table("member"),
    f"{_C}/assets": _table("asset"),
    f"{_C}/assets/names": _asset_names,
    f"{_C}/industry/jobs": _jobs,
    f"{_C}/orders": _table("market_order"),
    f"{_C}/orders/history": _table("market_order_history"),
    f"{_C}/wallets": _table("wallet_balance"),
    f"{_C}/wallets/{{division}}/journal": _table("wallet_journal", "division"),
    f"{_C}/wallets/{{division}}/transactions": _transactions,
    f"{_M}/observers": _table("mining_observer"),
    f"{_M}/observers/{{observer_id}}": _table("mining_ledger", "observer_id"),
    f"{_M}/extractions": _table("mining_extraction"),
    f"{_C}/killmails/recent": _killmail_list,
    "/killmails/{killmail_id}/{killmail_hash}": _killmail,
    f"{_C}/containers/logs": _table("container_log"),
    "/markets/prices": _prices,
    "/universe/moons/{moon_id}": _moon,
    "/universe/planets/{planet_id}": _planet,
    "/universe/names": _names,
    "/universe/structures/{structure_id}": _structure,
}
"""By route template; a paged route's feed gives all its rows."""
