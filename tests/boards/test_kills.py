"""Kills and losses: values, weeks, and what was paid back."""

import json

import pytest

from corpsync_tui.boards import kills
from tests.boards.support import C, empty_database, put, read

NOW = "2026-11-28T12:00"
PRICES = ({"type_id": 587, "average_price": 1_000.0}, {"type_id": 34, "average_price": 5.0})


def mail(id_: int, at: str, *, lost: bool = True, **victim: object) -> dict[str, object]:
    of = {"character_id": 1, "corporation_id": C} if lost else {"corporation_id": 5}
    return {
        "killmail_id": id_,
        "killmail_time": f"{at}:00Z",
        "victim": json.dumps({"ship_type_id": 587, "damage_taken": 1, **of, **victim}),
        "attackers": json.dumps([{"final_blow": True, "corporation_id": 5 if lost else C}]),
    }


def test_a_loss_is_hull_and_cargo_boxes_once_and_copies_a_hundredth() -> None:
    items = [
        {"item_type_id": 34, "quantity_destroyed": 10, "quantity_dropped": 2, "flag": 5},
        {
            "item_type_id": 34,
            "quantity_destroyed": 1,
            "flag": 5,
            "items": [{"item_type_id": 587, "quantity_dropped": 1, "singleton": 2, "flag": 5}],
        },
        {"item_type_id": 587, "quantity_dropped": 1, "flag": 179},
    ]
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-27T10:00", items=items))
        (row,) = read(db, "kills", NOW, "losses").rows

    assert row["value"] == pytest.approx(1_000 + 60 + 5 + 10)
    assert (row["victim_id"], row["ship_type_id"], row["srp"]) == (1, 587, "open")


def test_weeks_begin_on_monday_and_kills_are_own_final_blows() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(
            db,
            "killmail",
            mail(1, "2026-11-22T23:59"),  # a Sunday
            mail(2, "2026-11-23T00:00"),
            mail(3, "2026-11-24T00:00", lost=False),
            {**mail(4, "2026-11-24T00:00", lost=False), "attackers": '[{"final_blow": true}]'},
        )
        rows = read(db, "kills", NOW).rows

    assert [
        (r["week"], r["losses"], r["lost_isk"], r["final_blows"], r["destroyed_isk"]) for r in rows
    ] == [("2026-48", 1, 1_000.0, 1, 1_000.0), ("2026-47", 1, 1_000.0, 0, 0.0)]


def test_only_the_newest_killmails_are_reckoned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "MOST", 2)
    with empty_database() as db:
        mails = [mail(n, f"2026-11-2{n}T10:00") for n in (4, 5, 6)]
        put(db, "killmail", *mails)
        rows = read(db, "kills", NOW, "losses").rows

    assert [row["killmail_id"] for row in rows] == [6, 5]


def test_a_payment_that_fits_pays_one_loss() -> None:
    payment = {
        "id": 1,
        "division": 1,
        "date": "2026-11-25T00:00:00Z",
        "amount": -900.0,
        "first_party_id": C,
        "second_party_id": 1,
    }
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-24T10:00"), mail(2, "2026-11-24T11:00"))
        put(db, "killmail", mail(3, "2026-11-01T11:00"))
        put(db, "wallet_journal", payment)
        rows = read(db, "kills", NOW, "losses").rows

    assert [(r["killmail_id"], r["srp"]) for r in rows] == [(2, "open"), (1, "paid"), (3, "open")]
