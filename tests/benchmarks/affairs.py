"""What a corporation of some years has besides: structures, contracts, projects, roles, notices."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.support.database import CORPORATION

DAY = 86_400.0
STRUCTURES, SKYHOOKS, HUBS, TOWERS = 60, 300, 30, 10
CONTRACTS, NOTICES, ROLE_CHANGES, PROJECTS = 200_000, 50_000, 5_000, 500
KINDS = (
    "StructureUnderAttack",
    "CorpAllBillMsg",
    "CorpAppNewMsg",
    "WarDeclared",
    "CharLeftCorpMsg",
)

Row = dict[str, Any]


def affairs(
    dice: random.Random, now: float, scale: float, members: range
) -> dict[str, Iterator[Row]]:
    """Rows by table: two years of them, a hundredth of the last two days."""

    def esi(seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def moments(full: int) -> Iterator[tuple[int, float]]:
        count = max(2, int(full * scale))
        for n in range(count):
            old = n / count < 0.99
            yield n, now - (2 + 728 * (1 - n / count) if old else dice.random() * 2) * DAY

    tables: dict[str, Iterator[Row]] = {
        "structure": (
            _structure(n, esi(now + dice.random() * 40 * DAY)) for n in range(STRUCTURES)
        ),
        "asset": (
            {
                "is_singleton": 0,
                "item_id": 2_000_000_000 + n,
                "location_flag": "StructureFuel",
                "location_id": 10**12 + n % STRUCTURES,
                "location_type": "item",
                "quantity": 5_000,
                "type_id": (4051, 16273, 81143)[n % 3],
            }
            for n in range(3 * STRUCTURES)
        ),
        "starbase": (
            {"starbase_id": n, "system_id": 30_000_142, "state": "online", "type_id": 16213}
            for n in range(TOWERS)
        ),
        "skyhook": ({"id": n, "planet_id": 40_000_000 + n} for n in range(SKYHOOKS)),
        "skyhook_detail": (
            {
                "id": n,
                "is_active": 1,
                "planet_id": 40_000_000 + n,
                "state": "ShieldVulnerable",
                "reinforcement_timer": json.dumps({"end": esi(now + n * 3_600)}),
            }
            for n in range(SKYHOOKS)
        ),
        "sovereignty_hub": ({"id": n, "solar_system_id": 30_000_142 + n} for n in range(HUBS)),
        "contract": (_contract(n, esi, when, now) for n, when in moments(CONTRACTS)),
        "notification": (
            {
                "character_id": members[0],
                "notification_id": n,
                "sender_id": 1_000_125,
                "sender_type": "corporation",
                "text": f"charID: {dice.choice(members)}\namount: 1000\ndueDate: {133 * 10**15}\n"
                f"structureID: &id001 {10**12 + n % 60}\nitems:\n- showinfo\n- 35832\n- *id001\n",
                "timestamp": esi(when),
                "type": KINDS[n % len(KINDS)],
                "party_id": dice.choice(members),
            }
            for n, when in moments(NOTICES)
        ),
        "role_change": (
            {
                "changed_at": esi(when),
                "character_id": dice.choice(members),
                "issuer_id": members[0],
                "new_roles": '["Trader"]',
                "old_roles": "[]",
                "role_type": "roles",
                "row_hash": n,
            }
            for n, when in moments(ROLE_CHANGES)
        ),
        "member_role": (
            {"character_id": i, "roles": '["Director", "Trader"]'} for i in members[::3]
        ),
        "project": (
            {
                "id": f"{n:032x}",
                "last_modified": esi(when),
                "name": f"Project {n}",
                "progress": '{"current": 5, "desired": 900}',
                "reward": '{"initial": 1e9, "remaining": 5e8}',
                "state": "Active" if n % 10 == 0 else "Completed",
            }
            for n, when in moments(PROJECTS)
        ),
    }
    return {
        t: ({"corporation_id": CORPORATION, **row} for row in rows) for t, rows in tables.items()
    }


def _structure(n: int, fuel_expires: str) -> Row:
    services = [{"name": "Market", "state": "offline" if n % 9 == 0 else "online"}]
    return {
        "fuel_expires": fuel_expires,
        "name": f"Structure {n}",
        "profile_id": 1,
        "services": json.dumps(services * 3),
        "state": "shield_vulnerable",
        "structure_id": 10**12 + n,
        "system_id": 30_000_142,
        "type_id": (35832, 35841, 81826)[n % 3],
    }


def _contract(n: int, esi: Any, when: float, now: float) -> Row:
    open_ = now - when < 2 * DAY
    state = ("outstanding", "in_progress")[n % 2] if open_ else "finished"
    return {
        **dict.fromkeys(("acceptor_id", "assignee_id", "issuer_id"), 90_000_000),
        "issuer_corporation_id": CORPORATION,
        "availability": "personal",
        "contract_id": n,
        "date_accepted": esi(when + 3_600),
        "date_expired": esi(when + 14 * DAY),
        "date_issued": esi(when),
        "days_to_complete": 1 if n % 40 == 1 else 7,
        "for_corporation": 1,
        "state": state,
        "status": state,
        "type": "courier",
    }
