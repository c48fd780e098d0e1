"""What stands at planets: customs offices and skyhooks; and the hubs that hold sovereignty."""

from corpsync_tui.simulator.clock import iso
from corpsync_tui.simulator.config import Scale
from corpsync_tui.simulator.world import places, types
from corpsync_tui.simulator.world.lazy import Row
from corpsync_tui.simulator.world.model import DAY, HOUR, ONLY, Corporation, Unit, World
from corpsync_tui.simulator.world.structures import ESTATE
from corpsync_tui.simulator.world.table import DataSet, Event, Table

_MAGMATIC_GAS, _SUPERIONIC_ICE = 81143, 81144
_TAXES = ("corporation", "alliance", "excellent_standing", "good_standing", "neutral_standing")


def _office(world: World, system: str) -> Row:
    start = world.rng.randrange(24)
    row: Row = {
        "allow_access_with_standings": True,
        "allow_alliance_access": True,
        "office_id": world.next_id("item"),
        "reinforce_exit_end": (start + 2) % 24,
        "reinforce_exit_start": start,
        "standing_level": world.rng.choice(("good", "neutral")),
        "system_id": places.system_called(system),
        "type_id": 2233,
    }
    return row | {f"{who}_tax_rate": world.rng.choice((0.05, 0.1)) for who in _TAXES}


def _retaxed(world: World, _corporation: Corporation, row: Row) -> Row:
    rate = row.get("neutral_standing_tax_rate", 0.0)
    return row | {"neutral_standing_tax_rate": round(rate + world.rng.randint(1, 9) / 100, 2)}


def _free_planet(world: World, corporation: Corporation, system: int) -> int:
    taken = {row["planet_id"] for row in corporation.rows("skyhook")}
    planets = [planet for planet in places.PLANETS.values() if planet.system_id == system]
    free = [planet.planet_id for planet in planets if planet.planet_id not in taken]
    return world.rng.choice(free or [planet.planet_id for planet in planets])


def _skyhook(world: World, corporation: Corporation, system: str) -> Row:
    planet = _free_planet(world, corporation, places.system_called(system))
    return {"id": world.next_id("structure"), "planet_id": planet}


def _skyhook_detail(world: World, _corporation: Corporation, row: Row) -> list[Row]:
    """One in four is reinforced, every other can be stolen from soon."""
    now, number = world.clock.now(), row["id"]
    detail: Row = {
        "effective_workforce": 300 + number % 900,
        "id": number,
        "is_active": number % 5 != 0,
        "planet_id": row["planet_id"],
        "reagents": [
            {
                "last_cycle": iso(now - world.rng.uniform(60, 3_000)),
                "secured_stock": world.rng.randint(500, 4_000),
                "type_id": world.rng.choice((_MAGMATIC_GAS, _SUPERIONIC_ICE)),
                "unsecured_stock": world.rng.randint(100, 9_000),
            }
        ],
        "state": "ShieldVulnerable",
    }
    if number % 4 == 0:
        detail |= {
            "state": "ArmorReinforced",
            "reinforcement_timer": {"end": iso(now + world.rng.uniform(4, 40) * HOUR)},
        }
    if number % 2:
        start = now + world.rng.uniform(0.3, 60) * HOUR
        detail["theft_vulnerability"] = {"end": iso(start + HOUR), "start": iso(start)}
    return [detail]


def _cycled(world: World, _corporation: Corporation, row: Row) -> Row:
    """A cycle ends and the stock grows."""
    reagents = [
        reagent
        | {
            "last_cycle": iso(world.clock.now()),
            "unsecured_stock": reagent["unsecured_stock"] + world.rng.randint(20, 90),
        }
        for reagent in row["reagents"]
    ]
    return row | {"reagents": reagents}


def _hub(world: World, system: str) -> Row:
    return {"id": world.next_id("structure"), "solar_system_id": places.system_called(system)}


def _hub_detail(world: World, _corporation: Corporation, row: Row) -> list[Row]:
    now = world.clock.now()
    start = now + world.rng.uniform(2, 20) * HOUR
    upgrades = types.of_kind("upgrade")
    return [
        {
            "fuel_access_list_id": 4_100 + row["id"] % 90,
            "id": row["id"],
            "reagent_bay": {
                "last_updated": iso(now - world.rng.uniform(100, 3_000)),
                "reagents": [
                    {
                        "amount": world.rng.randint(1_500, 45_000),
                        "burning_per_hour": rate,
                        "type_id": reagent,
                    }
                    for reagent, rate in ((_MAGMATIC_GAS, 45), (_SUPERIONIC_ICE, 90))
                ],
            },
            "resources": {
                "power": {"allocated": 1_150, "available": 1_900},
                "workforce": {"allocated": 6_000, "available": 9_800},
            },
            "solar_system_id": row["solar_system_id"],
            "upgrades": [
                {
                    "power_state": world.rng.choice(("Online", "Online", "Low")),
                    "type_id": upgrade,
                }
                for upgrade in upgrades[: world.rng.randint(1, len(upgrades))]
            ],
            "vulnerability_window": {"end": iso(start + 3 * HOUR), "start": iso(start)},
            "workforce_transport": {
                "configuration": {
                    "export": {"amount": 500, "solar_system_id": places.system_called("1DQ1-A")}
                },
                "state": {"export": {"amount": 500}},
            },
        }
    ]


def _consumed(world: World, _corporation: Corporation, row: Row) -> Row:
    """The hub has burned an hour's reagents; an empty bay is filled."""
    bay = row["reagent_bay"]
    reagents = [
        reagent | {"amount": reagent["amount"] - reagent["burning_per_hour"]}
        if reagent["amount"] > reagent["burning_per_hour"]
        else reagent | {"amount": 30_000 + world.rng.randint(1, 9_000)}
        for reagent in bay["reagents"]
    ]
    return row | {"reagent_bay": {"last_updated": iso(world.clock.now()), "reagents": reagents}}


def _fill(world: World, corporation: Corporation, scale: Scale) -> None:
    corporation.tables["customs_office"][ONLY] = [
        _office(world, system) for system in ESTATE["customs_offices"]
    ]
    more = max(0, scale.structures - len(ESTATE["structures"])) // 4
    for system in (*ESTATE["skyhooks"], *(["UHKL-N"] * more)):
        corporation.tables["skyhook"][ONLY].append(_skyhook(world, corporation, system))
    corporation.tables["sovereignty_hub"][ONLY] = [
        _hub(world, system) for system in ESTATE["sovereignty_hubs"]
    ]


def _new_office(world: World, _corporation: Corporation, _unit: Unit) -> Row:
    return _office(world, world.rng.choice(ESTATE["customs_offices"]))


def _new_skyhook(world: World, corporation: Corporation, _unit: Unit) -> Row:
    return _skyhook(world, corporation, world.rng.choice(ESTATE["skyhooks"]))


def _new_hub(world: World, _corporation: Corporation, _unit: Unit) -> Row:
    return _hub(world, "T5ZI-S")


def _moved_skyhook(world: World, corporation: Corporation, row: Row) -> Row:
    system = places.PLANETS[row["planet_id"]].system_id
    planet = _free_planet(world, corporation, system)
    detail = corporation.rows("skyhook_detail", row["id"])
    detail[0] = detail[0] | {"planet_id": planet}
    return row | {"planet_id": planet}


def _moved_hub(world: World, corporation: Corporation, row: Row) -> Row:
    system = world.rng.choice([key for key in places.SYSTEMS if key != row["solar_system_id"]])
    detail = corporation.rows("sovereignty_hub_detail", row["id"])
    detail[0] = detail[0] | {"solar_system_id": system}
    return row | {"solar_system_id": system}


def _turn(world: World, corporation: Corporation) -> None:
    """An hour passes at one skyhook and one hub."""
    for table, change in (("skyhook_detail", _cycled), ("sovereignty_hub_detail", _consumed)):
        units = [unit for unit, rows in corporation.tables[table].items() if len(rows)]
        if units:
            rows = corporation.rows(table, world.rng.choice(units))
            rows[0] = change(world, corporation, rows[0])


def _steal(world: World, corporation: Corporation) -> None:
    """Another window opens in which a skyhook can be stolen from."""
    units = list(corporation.tables["skyhook_detail"])
    if units:
        rows = corporation.rows("skyhook_detail", world.rng.choice(units))
        start = world.clock.now() + world.rng.uniform(0.1, 2) * DAY
        window = {"end": iso(start + HOUR), "start": iso(start)}
        rows[0] = rows[0] | {"theft_vulnerability": window}


_C = "/corporations/{corporation_id}"
_SKYHOOKS = f"{_C}/structures/skyhooks"
_HUBS = f"{_C}/structures/sovereignty-hubs"
DATA_SET = DataSet(
    tables=(
        Table(
            "customs_office",
            f"{_C}/customs_offices",
            "snapshot",
            key=("office_id",),
            make=_new_office,
            alter=_retaxed,
        ),
        Table(
            "skyhook", _SKYHOOKS, "snapshot", key=("id",), make=_new_skyhook, alter=_moved_skyhook
        ),
        Table(
            "skyhook_detail",
            f"{_SKYHOOKS}/{{skyhook_id}}",
            "snapshot",
            key=(),
            unit="id",
            parent="skyhook",
            born=_skyhook_detail,
            alter=_cycled,
        ),
        Table("sovereignty_hub", _HUBS, "snapshot", key=("id",), make=_new_hub, alter=_moved_hub),
        Table(
            "sovereignty_hub_detail",
            f"{_HUBS}/{{sovereignty_hub_id}}",
            "snapshot",
            key=(),
            unit="id",
            parent="sovereignty_hub",
            born=_hub_detail,
            alter=_consumed,
        ),
    ),
    events=(Event(_turn, 2), Event(_steal, 1)),
    fill=_fill,
    order=25,
)
