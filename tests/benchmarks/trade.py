"""What a corporation of some years owns, pays, sells, moves and loses."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks.years import DAY, MEMBERS, Rows, Years, esi, owned
from tests.support.database import CORPORATION

BOXES = range(1_000_000_000, 1_000_000_400)
STATION = 60_003_760
KILLER = {"character_id": 7, "damage_done": 9, "final_blow": True, "security_status": 0.1}


def trade(years: Years) -> dict[str, Rows]:
    """Rows by table."""
    tables = {
        "member": (
            {"character_id": i, "logon_date": esi(years.now - i % 140 * DAY)} for i in MEMBERS
        ),
        "asset": _assets(years),
        "wallet_journal": _journal(years),
        "wallet_transaction": _transactions(years),
        "market_order": _orders(years),
        "container_log": _container_log(years),
        "killmail": _killmails(years),
    }
    return {table: owned(rows) for table, rows in tables.items()}


def _assets(years: Years) -> Rows:
    for n in years.numbers(500_000):
        yield {
            "is_singleton": 0,
            "item_id": 1_000_000_000 + n,
            "location_flag": "CorpSAG1",
            "location_id": STATION,
            "location_type": "item",
            "quantity": n,
            "type_id": years.type_id(),
        }


def _journal(years: Years) -> Rows:
    for n, when in years.moments(200_000):
        yield {
            "division": 1 + n % 7,
            "amount": years.dice.gauss(0, 2e8),
            "date": esi(when),
            "description": "A payment of somebody to somebody else for something",
            "first_party_id": CORPORATION,
            "id": n,
            "ref_type": "player_donation",
            "second_party_id": years.member_id(),
        }


def _transactions(years: Years) -> Rows:
    for n, when in years.moments(100_000):
        yield {
            "division": 1,
            "client_id": 7,
            "date": esi(when),
            "is_buy": n % 2,
            "journal_ref_id": n,
            "location_id": STATION,
            "quantity": 5,
            "transaction_id": n,
            "type_id": years.type_id(),
            "unit_price": years.dice.random() * 1e7,
        }


def _orders(years: Years) -> Rows:
    for n, when in years.moments(20_000):
        yield {
            "duration": 90,
            "is_buy_order": 0,
            "issued": esi(when),
            "location_id": STATION,
            "order_id": n,
            "price": 5.0,
            "range": "region",
            "region_id": 10_000_002,
            "state": "open" if n > 19_700 * years.scale else "expired",
            "type_id": years.type_id(),
            "volume_remain": 5,
            "volume_total": 9,
            "wallet_division": 1,
        }


def _container_log(years: Years) -> Rows:
    for _, when in years.moments(100_000):
        yield {
            "action": "add",
            "character_id": years.member_id(),
            "container_id": years.dice.choice(BOXES),
            "container_type_id": 17_366,
            "location_flag": "CorpSAG1",
            "location_id": STATION,
            "logged_at": esi(when),
            "quantity": 5,
            "type_id": years.type_id(),
            "row_hash": years.dice.getrandbits(62),
            "ordinal": 0,
        }


def _killmails(years: Years) -> Rows:
    for n, when in years.moments(50_000):
        yield {
            "attackers": json.dumps([KILLER] * 8),
            "killmail_id": n,
            "killmail_time": esi(when),
            "solar_system_id": 30_000_142,
            "victim": json.dumps(_victim(years, n)),
            "killmail_hash": "x" * 40,
        }


def _victim(years: Years, n: int) -> dict[str, Any]:
    item = {"flag": 5, "quantity_destroyed": 1, "singleton": 0}
    return {
        "character_id": years.member_id(),
        "corporation_id": CORPORATION if n % 5 == 0 else 98_000_099,
        "damage_taken": 900,
        "items": [{**item, "item_type_id": years.type_id()} for _ in range(60)],
        "ship_type_id": years.type_id(),
    }
