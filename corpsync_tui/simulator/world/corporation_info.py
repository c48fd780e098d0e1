"""The corporation itself: what everybody may know, its alliances, divisions, icon and militia."""

from corpsync_tui.simulator.answers import EsiError
from corpsync_tui.simulator.ask import Ask
from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import names, places
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import (
    DAY,
    DIVISION_NAMES,
    HANGAR_NAMES,
    ONLY,
    Corporation,
    Unit,
    World,
)
from corpsync_tui.simulator.world.table import DataSet, Event, Table


def _fill(world: World, corporation: Corporation, _scale: Scale) -> None:
    now = world.clock.now()
    first, corporation.alliance_id = world.next_id("alliance"), world.next_id("alliance")
    for alliance in (first, corporation.alliance_id):
        name = names.corporation(world.rng).rpartition(" ")[0]
        world.names[alliance] = (f"{name} Alliance", "alliance")
    tables = corporation.tables
    tables["alliance_history"][ONLY] = [
        _joined(world, now - 300 * DAY, corporation.alliance_id),
        _joined(world, now - 340 * DAY, None),
        _joined(world, now - 900 * DAY, first) | {"is_deleted": True},
        _joined(world, corporation.founded, None),
    ]
    tables["division"][ONLY] = [
        {"kind": kind, "division": number, "name": name}
        for kind, called in (("hangar", HANGAR_NAMES), ("wallet", DIVISION_NAMES))
        for number, name in enumerate(called, 1)
    ]
    icon = f"https://images.evetech.net/corporations/{corporation.corporation_id}/logo?size="
    tables["corporation_icon"][ONLY] = [{f"px{n}x{n}": f"{icon}{n}" for n in (64, 128, 256)}]
    tables["fw_stats"][ONLY] = [
        {
            "enlisted_on": iso(now - 200 * DAY),
            "faction_id": 500001,
            "kills": {"last_week": 14, "total": 2_310, "yesterday": 3},
            "pilots": 7,
            "victory_points": {"last_week": 2_400, "total": 812_000, "yesterday": 150},
        }
    ]
    tables["corporation_info"][ONLY] = [
        {
            "ceo_id": corporation.ceo_id,
            "creator_id": corporation.ceo_id,
            "date_founded": iso(corporation.founded),
            "description": "Freight, moons and a little trouble.",
            "friendly_fire": "illegal",
            "home_station_id": places.JITA_STATION,
            "palette": {"main_color": "#c8501e", "secondary_color": "#20242c"},
            "shares": 1000,
            "state": "active",
            "tax_rates": {"isk": 10.0, "loyalty_point": 5.0},
            "ticker": corporation.ticker,
            "type": "player_owned",
            "url": "http://",
            "war_eligible": True,
        }
    ]


def _info(world: World, corporation: Corporation, row: Row) -> Row:
    number = corporation.corporation_id
    return row | {
        "alliance_id": corporation.alliance_id,
        "member_count": len(world.members(corporation)),
        "name": world.names[number][0],
    }


def _retaxed(world: World, _corporation: Corporation, row: Row) -> Row:
    rates = row["tax_rates"]
    isk = (rates["isk"] + world.rng.randint(1, 9)) % 20
    return row | {"tax_rates": rates | {"isk": float(isk)}}


def _joined(world: World, when: float, alliance: int | None) -> Row:
    row: Row = {"record_id": world.next_id("row"), "start_date": iso(when)}
    return row if alliance is None else row | {"alliance_id": alliance}


def _new_alliance(world: World, corporation: Corporation, _unit: Unit) -> Row:
    """The corporation leaves, or joins again."""
    rows = corporation.rows("alliance_history")
    there = len(rows) and "alliance_id" in rows[0]
    return _joined(world, world.clock.now(), None if there else corporation.alliance_id)


def _closed(_world: World, _corporation: Corporation, row: Row) -> Row:
    """The alliance is closed, or was not after all."""
    return row | {"is_deleted": not row.get("is_deleted", False)}


def _renamed(world: World, _corporation: Corporation, row: Row) -> Row:
    return row | {"name": f"{row['name'].partition(' #')[0]} #{world.rng.random():.5f}"}


def _fought(world: World, _corporation: Corporation, row: Row) -> Row:
    kills = row["kills"]
    return row | {"kills": kills | {"total": kills["total"] + world.rng.randint(1, 9)}}


def _redrawn(world: World, _corporation: Corporation, row: Row) -> Row:
    mark = world.rng.getrandbits(32)
    return {name: f"{url.partition('&')[0]}&v={mark:08x}" for name, url in row.items()}


def _everybodys(ask: Ask) -> Row:
    """A corporation: one of the world's own, or one of which only little is made up."""
    number = ask.number("corporation_id")
    world = ask.world
    corporation = world.corporations.get(number)
    if corporation is not None:
        return _info(world, corporation, corporation.rows("corporation_info")[0])
    if world.names.get(number, ("", ""))[1] != "corporation":
        raise EsiError(404, "Corporation not found")
    return {
        "description": "",
        "friendly_fire": "illegal",
        "home_station_id": places.JITA_STATION,
        "member_count": 10,
        "name": world.names[number][0],
        "shares": 1000,
        "state": "active",
        "tax_rates": {"isk": 10.0, "loyalty_point": 5.0},
        "ticker": f"X{number % 1000}",
        "type": "player_owned" if number > 98_000_000 else "npc_owned",
        "war_eligible": True,
    }


def _divisions(ask: Ask) -> Row:
    rows = ask.corporation.rows("division")
    return {
        kind: [
            {"division": row["division"], "name": row["name"]}
            for row in rows
            if row["kind"] == kind
        ]
        for kind in ("hangar", "wallet")
    }


def _retax(world: World, corporation: Corporation) -> None:
    """Once in a long while the tax moves."""
    rows = corporation.rows("corporation_info")
    if world.rng.random() < 0.1:
        rows[0] = _retaxed(world, corporation, rows[0])


_C = "/corporations/{corporation_id}"
DATA_SET = DataSet(
    tables=(
        Table("corporation_info", _C, "snapshot", key=(), alter=_retaxed, tell=_info),
        Table(
            "alliance_history",
            f"{_C}/alliancehistory",
            "snapshot",
            key=("record_id",),
            make=_new_alliance,
            alter=_closed,
            newest_first=True,
        ),
        Table(
            "division",
            f"{_C}/divisions",
            "snapshot",
            key=("kind", "division"),
            alter=_renamed,
            columns_instead=("kind", "division", "name"),
            grows=False,
        ),
        Table("corporation_icon", f"{_C}/icons", "snapshot", key=(), alter=_redrawn),
        Table("fw_stats", f"{_C}/fw/stats", "snapshot", key=(), alter=_fought),
    ),
    events=(Event(_retax, 1),),
    feeds={_C: _everybodys, f"{_C}/divisions": _divisions},
    fill=_fill,
    order=15,
)
