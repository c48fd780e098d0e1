"""ESI's best guest: the whole program, judged by the log of the simulator alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.simulator.config import SCALES, Scale, SimulatorConfig
from tests.support.cast import PROCESSES
from tests.support.house import House, Rows
from tests.support.openapi import DOCUMENT, operation, resolved
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

PAGES = replace(
    SCALES["small"], jobs=230, orders=120, order_history=250, journal=150, killmails=130, ledger=140
)
RECENT = "/corporations/{corporation_id}/killmails/recent"
STRUCTURE = "/universe/structures/{structure_id}"
MINUTE, HOUR = 60.0, 3_600.0
OF_SSO = ("/v2/", "/oauth", "/.well-known")


async def sync_all(house: VirtualHouse) -> set[str]:
    """Ask for all at once, and let them end; the kinds of answer."""
    scheduler = house.workspace.scheduler
    asked = [await scheduler.run_process_now(house.id_of(process.type)) for process in PROCESSES]
    await house.live(MINUTE - 1)
    for process in PROCESSES:
        status = house.status(process.type)
        assert (status.status, status.error_count) == ("success", 0), status
    return {answer.kind for answer in asked}


def of_esi(house: House) -> Rows:
    """What was asked of ESI since the log was cleared."""
    return [r for r in house.simulator.requests() if not r["path"].startswith(OF_SSO)]


def asked(house: House) -> Counter[tuple[str, int]]:
    """Path and page of what was asked for data, but of the walks through transactions."""
    return Counter(
        (request["path"], request["page"] or 1)
        for request in house.asked()
        if not request["path"].endswith("/transactions")
    )


def pages_of(house: House, scale: Scale) -> Iterator[tuple[str, int]]:
    """Every page that the corporation's data has, as the routes serve them."""
    one, many = f"/corporation/{house.corporation_id}", f"/corporations/{house.corporation_id}"
    truth = house.simulator.truth
    rows = {
        f"{many}/assets": len(truth("asset")),
        f"{many}/industry/jobs": scale.jobs,
        f"{many}/orders": scale.orders,
        f"{many}/orders/history": scale.order_history,
        f"{many}/killmails/recent": scale.killmails,
        f"{many}/containers/logs": len(truth("container_log")),
        f"{one}/mining/observers": scale.observers,
        f"{one}/mining/extractions": scale.extractions,
    }
    rows |= {f"{many}/{path}": 1 for path in ("membertracking", "members/limit", "wallets")}
    rows[f"{many}/assets/names"] = 1
    journal = Counter(row["division"] for row in truth("wallet_journal"))
    rows |= {f"{many}/wallets/{d}/journal": journal[d] for d in range(1, 8)}
    ledger = Counter(row["observer_id"] for row in truth("mining_ledger"))
    rows |= {f"{one}/mining/observers/{observer}": n for observer, n in ledger.items()}
    for path, count in rows.items():
        yield from ((path, page + 1) for page in range(max(1, math.ceil(count / scale.page_size))))
    for killmail in truth("killmail"):
        yield f"/killmails/{killmail['killmail_id']}/{killmail['killmail_hash']}", 1


def steps_through(rows: int, limit: int) -> int:
    """Answers after which a walk by `from_id` knows its end: the last brings one known row."""
    return 1 + (1 + math.ceil(max(0, rows - limit) / (limit - 1)) if rows else 0)


def walks(house: House) -> int:
    return sum(request["path"].endswith("/transactions") for request in house.asked())


def assert_well_behaved(requests: Rows) -> None:
    """Each request as CCP's document wants it, and none that it need not have been sent."""
    for request in requests:
        described = operation(request["route"])
        parameters = [_parameter(entry) for entry in described.get("parameters", ())]
        known = {entry["name"] for entry in parameters if entry["in"] == "query"}
        assert request["query"].keys() <= known, request
        assert request["authorization"] == bool(described.get("security")), request
        assert request["user_agent"].startswith("corpsync/"), request
        assert "(+" in request["user_agent"], request
        assert request["compatibility_date"] == "2026-07-21", request
        assert not request["early"], request


def _parameter(entry: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in entry:
        return dict(DOCUMENT["components"]["parameters"][entry["$ref"].rpartition("/")[2]])
    return resolved(entry)


def assert_nobody_asked_while_refused(requests: Rows) -> None:
    """Between a 429 and the end of its Retry-After, its group rests."""
    for refused in (r for r in requests if r["status"] == 429):
        until = refused["time"] + 42
        meanwhile = [
            r for r in requests if r["group"] == "corp-wallet" and refused["time"] < r["time"]
        ]
        assert meanwhile
        assert all(r["time"] >= until for r in meanwhile)


async def test_a_day_of_a_good_guest(tmp_path: Path) -> None:
    """All of them; a minute later; after all has expired; and ten times inside the cache time."""
    async with virtual_house(tmp_path / "home", SimulatorConfig(scale=PAGES)) as house:
        assert await sync_all(house) == {"started", "queued"}
        first = of_esi(house)
        assert_well_behaved(first)
        assert asked(house) == Counter(pages_of(house, PAGES))
        rows = Counter(row["division"] for row in house.simulator.truth("wallet_transaction"))
        limit = PAGES.transaction_limit
        assert walks(house) == sum(steps_through(rows[division], limit) for division in range(1, 8))
        await assert_each_name_was_asked_for_once(house, first)

        house.simulator.clear_log()
        assert await sync_all(house) == {"current"}
        assert house.simulator.requests() == []

        await house.live(HOUR)
        house.simulator.fault(
            "/corporations/{corporation_id}/wallets",
            status=429,
            headers={"Retry-After": "42"},
            count=1,
        )
        assert await sync_all(house) == {"started", "queued"}
        later = of_esi(house)
        assert_well_behaved(later)
        assert_nobody_asked_while_refused(later)
        assert {r["status"] for r in house.asked()} == {304, 429}
        beside = Counter(r["route"] for r in later if r not in house.asked())
        hourly = ("/characters/affiliation", "/characters/{character_id}/roles", "/markets/prices")
        assert beside == dict.fromkeys(hourly, 1)
        once = {place for place in pages_of(house, PAGES) if not place[0].startswith("/killmails/")}
        once -= {(f"/corporations/{house.corporation_id}/assets/names", 1)}
        again = Counter({(f"/corporations/{house.corporation_id}/wallets", 1): 1})
        assert asked(house) == Counter(once) + again
        assert walks(house) == 7

        house.simulator.clear_log()
        for _ in range(10):
            scheduler = house.workspace.scheduler
            kinds = [await scheduler.run_process_now(house.id_of(p.type)) for p in PROCESSES]
            assert {answer.kind for answer in kinds} == {"current"}
            await house.live(20)
        assert house.simulator.requests() == []


async def assert_each_name_was_asked_for_once(house: House, requests: Rows) -> None:
    names = await house.rows("eve_name")
    named = [n for n in names if n["category"] not in ("structure", "moon")]
    asked_for = sum(r["ids"] for r in requests if r["path"] == "/universe/names")
    refused = sum(r["path"] == "/universe/names" and r["status"] == 404 for r in requests)
    assert (asked_for, refused) == (len(named), 0)
    single = [r["path"] for r in requests if r["method"] == "GET" and r["path"] != "/status"]
    for places in ("/universe/structures/", "/universe/moons/"):
        asked = [path for path in single if path.startswith(places)]
        assert asked
        assert len(asked) == len(set(asked))


async def test_twenty_pages_of_killmails_out_of_thirty_tokens(tmp_path: Path) -> None:
    """A bucket of fifteen pages, a list of twenty: the whole program waits, and meets no 429."""
    scale = replace(SCALES["small"], killmails=1_000, page_size=50)
    async with virtual_house(tmp_path / "home", SimulatorConfig(scale=scale)) as house:
        said: set[str] = set()
        house.workspace.state.subscribe(
            lambda _: said.add(house.status("killmails").current_step.rpartition("(")[2])
        )
        process_id = house.id_of("killmails")
        await house.workspace.scheduler.run_process_now(process_id)
        await house.live(MINUTE)
        while house.workspace.state.is_process_running(process_id):
            await house.live(MINUTE)
        run, *older = await house.workspace.state.get_sync_history()
        assert (run.result, run.rows_added, older) == ("success", 1_000, [])
        requests = of_esi(house)
        assert_well_behaved(requests)
        assert {r["status"] for r in requests if r["route"] != STRUCTURE} == {200, 304}
        listed = {r["page"] for r in requests if r["route"] == RECENT}
        assert listed == set(range(1, 21))
        assert sum(r["route"] == RECENT for r in requests) <= 22
        assert any(step.startswith("waiting for ESI's limit, ") for step in said)
        await house.assert_true("killmail")
