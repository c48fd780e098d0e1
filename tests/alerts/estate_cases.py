"""What in space needs attention, and what does not."""

from __future__ import annotations

from typing import Any

from tests.alerts.support import DAY, HOUR, Act, Case, Home, esi, later
from tests.support.database import CORPORATION, NOW

ASTRAHUS, ANSIBLEX, METENOX, TOWER = 35832, 35841, 81826, 16213
BLOCK, OZONE, GAS, STRONTIUM, MATERIAL = 4246, 16273, 81143, 16275, 16633


def structure(home: Home, **values: Any) -> None:
    told = {"structure_id": 9, "name": "Keep", "profile_id": 1, "state": "shield_vulnerable"}
    home.put("structure", **{**told, "system_id": 30, "type_id": ASTRAHUS, **values})


def burning(home: Home, hours: float) -> None:
    structure(home, fuel_expires=esi(NOW + hours * HOUR))


def moved(home: Home, hours: float) -> None:
    home.sql("UPDATE structure SET fuel_expires = ?", esi(home.now + hours * HOUR))


def copied(home: Home, process: str, table: str) -> None:
    """ESI made the copy of a table just now."""
    process_id = f"{CORPORATION}/{process}"
    copy = {"process_id": process_id, "dataset": table, "url": "/", "keys": b""}
    home.put_any("validator", **copy, expires=NOW, pages=1, rows=1)
    home.sql("UPDATE sync_status SET last_success_time = ? WHERE process_id = ?", NOW, process_id)


def bay(home: Home, type_id: int, quantity: int, flag: str = "StructureFuel") -> None:
    item = {"is_singleton": 0, "item_id": type_id, "location_type": "item", "type_id": type_id}
    home.put("asset", **item, location_flag=flag, location_id=9, quantity=quantity)


def ansiblex(home: Home, ozone: int) -> None:
    copied(home, "assets", "asset")
    structure(home, type_id=ANSIBLEX)
    bay(home, OZONE, ozone)


def metenox(home: Home, filled: int, *, known: bool = False) -> None:
    """One with so many units in its bay; static data may know how large they are."""
    copied(home, "assets", "asset")
    structure(home, type_id=METENOX)
    bay(home, MATERIAL, filled, "MoonMaterialBay")
    if known:
        home.reference.append(
            "INSERT INTO ref.type (type_id, name, group_id, volume, portion_size, published) "
            f"VALUES ({MATERIAL}, 'Hydrocarbons', 427, 0.05, 1, 1)"
        )


def tower(home: Home, blocks: int | None, strontium: int = 30_000) -> None:
    """A large tower, whose fuel nobody may see where `blocks` is None."""
    copied(home, "structures", "starbase_detail")
    home.put("starbase", starbase_id=5, type_id=TOWER, system_id=30, state="online")
    fuels = [
        {"type_id": BLOCK, "quantity": blocks},
        {"type_id": STRONTIUM, "quantity": strontium},
    ]
    words = ("anchor", "fuel_bay_take", "fuel_bay_view", "offline", "online", "unanchor")
    flags = (
        "allow_alliance_members",
        "allow_corporation_members",
        "attack_if_at_war",
        "attack_if_other_security_status_dropping",
        "use_alliance_standings",
    )
    rights = {**dict.fromkeys(words, "x"), **dict.fromkeys(flags, 0)}
    home.put("starbase_detail", starbase_id=5, **rights, fuels=None if blocks is None else fuels)


def services(home: Home, state: str, **values: Any) -> None:
    found = [{"name": "Clone Bay", "state": state}, {"name": "Market", "state": "online"}]
    structure(home, **{"fuel_expires": esi(NOW + 90 * DAY), "services": found, **values})


def reinforced(home: Home, state: str, hours: float, type_id: int = 35833) -> None:
    structure(home, state=state, state_timer_end=esi(NOW + hours * HOUR), type_id=type_id)


def fuel_lost(home: Home, ago: float) -> None:
    structure(home)
    home.change(
        "structure",
        "changed",
        {"structure_id": 9},
        {"fuel_expires": None},
        before={"fuel_expires": esi(NOW - ago)},
    )


def hub(home: Home, amount: int) -> None:
    reagents = [{"type_id": GAS, "amount": amount, "burning_per_hour": 10}]
    home.put("sovereignty_hub", id=7, solar_system_id=30)
    home.put(
        "sovereignty_hub_detail",
        id=7,
        solar_system_id=30,
        reagent_bay={"last_updated": esi(NOW), "reagents": reagents},
        **dict.fromkeys(("resources", "upgrades", "workforce_transport"), "{}"),
    )


def skyhook(home: Home, **values: Any) -> None:
    home.put("skyhook", id=3, planet_id=40)
    told = {"id": 3, "planet_id": 40, "is_active": 1, "state": "ArmorReinforced"}
    home.put("skyhook_detail", **told, **values)


def refuelled(hours: float) -> Act:
    return lambda home: moved(home, hours)


CASES = [
    Case(
        "fuel",
        lambda h: burning(h, 30),
        "Keep runs out of fuel in 1 day",
        lambda h: burning(h, 15 * 24),
        refuelled(30 * 24),
    ),
    Case(
        "low_power",
        lambda h: burning(h, -1),
        "Keep has low power; it is abandoned in 6 days",
        structure,
        refuelled(20),
    ),
    Case(
        "services",
        lambda h: services(h, "offline"),
        "Keep has services offline: Clone Bay",
        lambda h: services(h, "online"),
        lambda h: h.sql("UPDATE structure SET services = NULL"),
    ),
    Case(
        "unanchoring",
        lambda h: structure(h, unanchors_at=esi(NOW + 76 * HOUR)),
        "Keep unanchors in 3 days",
        structure,
        lambda h: h.sql("UPDATE structure SET unanchors_at = NULL"),
    ),
    Case(
        "bay_full",
        lambda h: metenox(h, 8_600_000, known=True),
        "Keep has its material bay filled to 86 %",
        lambda h: metenox(h, 8_600_000),
        lambda h: h.sql("UPDATE asset SET quantity = 1"),
    ),
    Case(
        "timer",
        lambda h: reinforced(h, "armor_reinforce", 23),
        "Keep: its armor timer ends in 23 hours",
        lambda h: reinforced(h, "armor_reinforce", 25),
        later(24 * HOUR),
    ),
    Case(
        "last_timer",
        lambda h: reinforced(h, "hull_reinforce", 60),
        "Keep can be destroyed in 2 days",
        lambda h: reinforced(h, "armor_reinforce", 60),
        lambda h: h.sql("UPDATE structure SET state = 'shield_vulnerable', state_timer_end = NULL"),
    ),
]
