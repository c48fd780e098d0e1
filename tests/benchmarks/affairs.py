"""What a corporation of some years has besides: structures, contracts, projects, roles, notices."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks.years import DAY, MEMBERS, Rows, Years, esi, owned
from tests.support.database import CORPORATION

STRUCTURES, SKYHOOKS, HUBS, TOWERS = 60, 300, 30, 10
CONTRACTS, NOTICES, ROLE_CHANGES, PROJECTS = 200_000, 50_000, 5_000, 500
SYSTEM = 30_000_142
NOTICE_TYPES = (
    "StructureUnderAttack",
    "CorpAllBillMsg",
    "CorpAppNewMsg",
    "WarDeclared",
    "CharLeftCorpMsg",
)


def affairs(years: Years) -> dict[str, Rows]:
    """Rows by table."""
    tables: dict[str, Rows] = {
        "structure": (_structure(years, n) for n in range(STRUCTURES)),
        "asset": (_fuel(n) for n in range(3 * STRUCTURES)),
        "starbase": (
            {"starbase_id": n, "system_id": SYSTEM, "state": "online", "type_id": 16213}
            for n in range(TOWERS)
        ),
        "skyhook": ({"id": n, "planet_id": 40_000_000 + n} for n in range(SKYHOOKS)),
        "skyhook_detail": (_skyhook(years, n) for n in range(SKYHOOKS)),
        "sovereignty_hub": ({"id": n, "solar_system_id": SYSTEM + n} for n in range(HUBS)),
        "contract": (_contract(years, n, when) for n, when in years.moments(CONTRACTS)),
        "notification": (_notice(years, n, when) for n, when in years.moments(NOTICES)),
        "role_change": (_role_change(years, n, when) for n, when in years.moments(ROLE_CHANGES)),
        "member_role": (
            {"character_id": i, "roles": '["Director", "Trader"]'} for i in MEMBERS[::3]
        ),
        "project": (_project(n, when) for n, when in years.moments(PROJECTS)),
    }
    return {table: owned(rows) for table, rows in tables.items()}


def _structure(years: Years, n: int) -> dict[str, Any]:
    services = [{"name": "Market", "state": "offline" if n % 9 == 0 else "online"}]
    return {
        "fuel_expires": esi(years.now + years.dice.random() * 40 * DAY),
        "name": f"Structure {n}",
        "profile_id": 1,
        "services": json.dumps(services * 3),
        "state": "shield_vulnerable",
        "structure_id": 10**12 + n,
        "system_id": SYSTEM,
        "type_id": (35832, 35841, 81826)[n % 3],
    }


def _fuel(n: int) -> dict[str, Any]:
    return {
        "is_singleton": 0,
        "item_id": 2_000_000_000 + n,
        "location_flag": "StructureFuel",
        "location_id": 10**12 + n % STRUCTURES,
        "location_type": "item",
        "quantity": 5_000,
        "type_id": (4051, 16273, 81143)[n % 3],
    }


def _skyhook(years: Years, n: int) -> dict[str, Any]:
    return {
        "id": n,
        "is_active": 1,
        "planet_id": 40_000_000 + n,
        "state": "ShieldVulnerable",
        "reinforcement_timer": json.dumps({"end": esi(years.now + n * 3_600)}),
    }


def _contract(years: Years, n: int, when: float) -> dict[str, Any]:
    open_ = years.now - when < 2 * DAY
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


def _notice(years: Years, n: int, when: float) -> dict[str, Any]:
    return {
        "character_id": MEMBERS[0],
        "notification_id": n,
        "sender_id": 1_000_125,
        "sender_type": "corporation",
        "text": f"charID: {years.member_id()}\namount: 1000\ndueDate: {133 * 10**15}\n"
        f"structureID: &id001 {10**12 + n % 60}\nitems:\n- showinfo\n- 35832\n- *id001\n",
        "timestamp": esi(when),
        "type": NOTICE_TYPES[n % len(NOTICE_TYPES)],
        "party_id": years.member_id(),
    }


def _role_change(years: Years, n: int, when: float) -> dict[str, Any]:
    return {
        "changed_at": esi(when),
        "character_id": years.member_id(),
        "issuer_id": MEMBERS[0],
        "new_roles": '["Trader"]',
        "old_roles": "[]",
        "role_type": "roles",
        "row_hash": n,
    }


def _project(n: int, when: float) -> dict[str, Any]:
    return {
        "id": f"{n:032x}",
        "last_modified": esi(when),
        "name": f"Project {n}",
        "progress": '{"current": 5, "desired": 900}',
        "reward": '{"initial": 1e9, "remaining": 5e8}',
        "state": "Active" if n % 10 == 0 else "Completed",
    }
