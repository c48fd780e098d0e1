"""The corporation that is measured: plausible assets and killmails, the same every time."""

from __future__ import annotations

from typing import Any

ROWS_A_PAGE = 1_000
"""As ESI's assets come."""
CHANGED_EVERY = 100
"""In a changed page, one row of so many differs."""

FIRST_ITEM = 1_037_000_000_000
FIRST_KILLMAIL = 120_000_000
_FLAGS = ("CorpSAG1", "CorpSAG2", "CorpSAG3", "CorpSAG4", "Unlocked", "Unlocked", "Unlocked")


def asset(number: int, version: int = 0) -> dict[str, Any]:
    """The asset at a place of the list; in version 1 every hundredth has another quantity."""
    mixed = number * 2_654_435_761 % 4_294_967_296
    changed = version and number % CHANGED_EVERY == 7
    single = mixed % 10 == 0
    record = {
        "is_singleton": single,
        "item_id": FIRST_ITEM + number * 37 + mixed % 31,
        "location_flag": _FLAGS[mixed % 7] if not single else f"HiSlot{mixed % 8}",
        "location_id": FIRST_ITEM + mixed % 5_000 * 37,
        "location_type": "item" if mixed % 3 else "station",
        "quantity": 1 if single else mixed % 99_991 + 1 + bool(changed),
        "type_id": 18 + mixed % 40_000,
    }
    if mixed % 100 == 50:
        record["is_blueprint_copy"] = True
    return record


def page(number: int, rows: int, version: int = 0) -> list[dict[str, Any]]:
    """A page of a list of so many assets, counted from 1."""
    start = (number - 1) * ROWS_A_PAGE
    return [asset(n, version) for n in range(start, min(start + ROWS_A_PAGE, rows))]


def pages(rows: int) -> int:
    """How many pages so many assets fill."""
    return max(1, -(-rows // ROWS_A_PAGE))


def killmail_ref(number: int) -> dict[str, Any]:
    """An entry of the list of recent killmails."""
    return {"killmail_hash": f"{number:040x}", "killmail_id": FIRST_KILLMAIL + number}


def killmail(number: int) -> dict[str, Any]:
    """A killmail of usual size: five attackers, a dozen items."""
    return {
        "attackers": [
            {
                "alliance_id": 99_000_000 + a,
                "character_id": 2_110_000_000 + number * 7 + a,
                "corporation_id": 98_000_000 + a,
                "damage_done": 1_000 * a,
                "final_blow": a == 0,
                "security_status": 0.5 * a - 1,
                "ship_type_id": 600 + a,
                "weapon_type_id": 2_400 + a,
            }
            for a in range(5)
        ],
        "killmail_id": FIRST_KILLMAIL + number,
        "killmail_time": "2026-07-20T12:34:56Z",
        "solar_system_id": 30_000_142,
        "victim": {
            "character_id": 2_100_000_000 + number,
            "corporation_id": 98_000_001,
            "damage_taken": 10_000,
            "items": [
                {
                    "flag": 11 + i,
                    "item_type_id": 2_000 + i,
                    "quantity_destroyed": 1,
                    "singleton": 0,
                }
                for i in range(12)
            ],
            "position": {"x": 1.5e11, "y": -2.25e10, "z": 3.0e11},
            "ship_type_id": 587,
        },
    }
