"""A member in one view: what passed through their hands in 30 days, and nothing older."""

from __future__ import annotations

import json
import sqlite3

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.service.member_page import MemberPage, read_member
from corpsync_tui.settings.boards import check_boards
from tests.boards.support import C, empty_database, put, seconds

NOW = "2026-11-28T12:00"


def page(db: sqlite3.Connection, character_id: int = 1) -> MemberPage:
    return read_member(BoardContext(db, C, seconds(NOW), check_boards({})), character_id)


def mail(id_: int, day: str, victim: int, killer: int) -> dict[str, object]:
    lost = {"character_id": victim, "corporation_id": C, "ship_type_id": 587}
    blows = [{"character_id": 9}, {"character_id": killer, "final_blow": True}]
    return {
        "killmail_id": id_,
        "killmail_time": f"2026-{day}T10:00:00Z",
        "victim": json.dumps(lost),
        "attackers": json.dumps(blows),
    }


def test_sums_are_of_thirty_days_and_of_this_member() -> None:
    with empty_database() as db:
        put(db, "eve_name", {"id": 1, "name": "Aldra Vex", "category": "character"})
        put(db, "market_price", {"type_id": 34, "average_price": 5.0})
        put(db, "market_price", {"type_id": 587, "average_price": 1_000.0})
        put(db, "member", {"character_id": 1, "logoff_date": "2026-11-20T12:00:00Z",
            "ship_type_id": 587, "start_date": "2024-05-06T10:00:00Z"})  # fmt: skip
        put(db, "member_role", {"character_id": 1, "roles": json.dumps(["Hangar_Take_3"])})
        for day, pilot in (("2026-11-20", 1), ("2026-10-01", 1), ("2026-11-21", 2)):
            put(db, "mining_ledger", {"observer_id": 7, "character_id": pilot, "quantity": 100,
                "recorded_corporation_id": C, "type_id": 34, "last_updated": day})  # fmt: skip
        made = {"job_id": 1, "installer_id": 1, "activity_id": 1, "runs": 3, "status": "delivered"}
        put(db, "industry_job", {**made, "product_type_id": 587,
            "end_date": "2026-11-20T00:00:00Z"})  # fmt: skip
        put(db, "killmail", mail(1, "11-20", 1, 5), mail(2, "11-21", 6, 1), mail(3, "11-21", 6, 9))
        put(db, "killmail", mail(4, "10-01", 1, 5))
        put(db, "container_log", {"row_hash": 1, "ordinal": 0, "container_id": 5, "quantity": 10,
            "character_id": 1, "action": "move", "type_id": 34,
            "logged_at": "2026-11-20T10:00:00Z"})  # fmt: skip
        for id_, amount, first, second, word in (
            (1, -900.0, C, 1, "corporation_account_withdrawal"),
            (2, 50.0, 1, C, "player_donation"),
            (3, -1.0, C, 2, "corporation_account_withdrawal"),
            (4, -70_000.0, C, 1, "market_escrow"),  # no pay, but what was bought of them
        ):
            put(db, "wallet_journal", {"id": id_, "division": 1, "amount": amount,
                "ref_type": word,
                "date": "2026-11-20T10:00:00Z", "first_party_id": first,
                "second_party_id": second})  # fmt: skip
        found = page(db)

    assert (found.name, found.is_member) == ("Aldra Vex", True)
    assert dict(found.facts) == {
        "Member since": "2024-05-06",
        "Last seen": "8 days ago",
        "Ship": "–",
        "Place": "–",
        "Roles": "Hangar Take 3",
        "Titles": "–",
        "Mined, 30 days": "500.00",
        "Made": "1 job, 3.0 k",
        "Killed": "1 final blow, 1.0 k",
        "Lost": "1 ship, 1.0 k",
        "Took": "1 move, 50.00",
        "Paid to member": "900.00",
        "Paid by member": "50.00",
    }


def test_who_left_and_did_nothing_has_dashes() -> None:
    with empty_database() as db:
        found = page(db, 7)

    assert (found.name, found.is_member) == ("7", False)
    assert {text for _, text in found.facts[1:]} == {"–"}
