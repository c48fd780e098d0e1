"""Kills and losses: values, weeks, and what was paid back."""

import json
import sqlite3

import pytest

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit import killmails
from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.boards.kit.read import BoardResult, read_board
from tests.boards.support import C, empty_database, put, read, seconds

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
        {"item_type_id": 34, "quantity_destroyed": 10, "quantity_dropped": 1_213, "flag": 5},
        {
            "item_type_id": 34,
            "quantity_destroyed": 1,
            "flag": 5,
            "items": [{"item_type_id": 587, "quantity_dropped": 1, "singleton": 2, "flag": 5}],
        },
        {"item_type_id": 587, "quantity_dropped": 1, "flag": 179},
    ]
    with empty_database() as db:
        put(db, "market_price", {**PRICES[0], "average_price": 500_000.0}, PRICES[1])
        put(db, "killmail", mail(1, "2026-11-27T10:00", items=items))
        (row,) = read(db, "kills", NOW, "losses").rows

    by_hand = 500_000 + (10 + 1_213) * 5 + 5 + 500_000 / 100
    assert row["value"] == pytest.approx(by_hand) == 511_120
    assert (row["victim_id"], row["ship_type_id"], row["srp"]) == (1, 587, "open")


def test_a_loss_stays_worth_what_it_was_on_its_day() -> None:
    items = [{"item_type_id": 34, "quantity_destroyed": 2, "flag": 5}]
    kept = {"day": "2026-11-27", "type_id": 587}
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-27T10:00", items=items), mail(2, "2026-11-28T10:00"))
        put(db, "price_day", {**kept, "average_price": 700.0})
        put(db, "price_day", {**kept, "type_id": 34, "average_price": 3.0})
        losses = read(db, "kills", NOW, "losses").rows
        weeks = read(db, "kills", NOW).rows
        view = db.execute("SELECT lost_isk FROM board_kills").fetchall()
        fixed = read(db, "kills", NOW, "losses", prices={"587": 10.0}).rows

    assert [(row["hull"], row["cargo"]) for row in losses] == [(1_000.0, 0.0), (700.0, 6.0)]
    assert ([row["lost_isk"] for row in weeks], view) == ([1_706.0], [(1_706.0,)])
    assert [(row["hull"], row["cargo"]) for row in fixed] == [(10.0, 0.0), (10.0, 6.0)]


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
    monkeypatch.setattr(killmails, "MOST", 2)
    with empty_database() as db:
        mails = [mail(n, f"2026-11-2{n}T10:00") for n in (4, 5, 6)]
        put(db, "killmail", *mails)
        rows = read(db, "kills", NOW, "losses").rows

    assert [row["killmail_id"] for row in rows] == [6, 5]


def payment(id_: int, amount: float, at: str = "2026-11-25T00:00", pilot: int = 1) -> Row:
    return {
        "id": id_,
        "division": 4,
        "date": f"{at}:00Z",
        "amount": -amount,
        "ref_type": "corporation_account_withdrawal",
        "first_party_id": C,
        "second_party_id": pilot,
    }


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("corporation_account_withdrawal", "paid"),
        ("player_donation", "paid"),
        ("market_transaction", "open"),
        ("contract_price_payment_corp", "open"),
        ("project_payouts", "open"),
    ],
)
def test_what_a_pilot_earned_or_sold_pays_no_loss(word: str, state: str) -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-24T10:00"))
        put(db, "wallet_journal", payment(1, 900.0) | {"ref_type": word})
        (loss,) = read(db, "kills", NOW, "losses").rows

    assert loss["srp"] == state


def test_a_payment_that_fits_pays_one_loss() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-24T10:00"), mail(2, "2026-11-24T11:00"))
        put(db, "killmail", mail(3, "2026-11-01T11:00"))
        put(db, "wallet_journal", payment(1, 900.0))
        rows = read(db, "kills", NOW, "losses").rows

    assert [(r["killmail_id"], r["srp"]) for r in rows] == [(2, "open"), (1, "paid"), (3, "open")]
    assert [(r["payout"], r["paid_from"]) for r in rows] == [(None, None), (900.0, 4), (None, None)]
    assert rows[1]["paid_at"] == seconds("2026-11-25T00:00")


@pytest.mark.parametrize(
    ("amount", "at", "pilot", "srp"),
    [
        (500.0, "2026-11-24T10:00", 1, "paid"),
        (1_200.0, "2026-12-08T10:00", 1, "paid"),
        (499.0, "2026-11-25T00:00", 1, "open"),
        (1_201.0, "2026-11-25T00:00", 1, "open"),
        (900.0, "2026-11-24T09:59", 1, "open"),
        (900.0, "2026-12-08T10:01", 1, "open"),
        (900.0, "2026-11-25T00:00", 2, "open"),
    ],
)
def test_a_payment_fits_by_amount_pilot_and_fourteen_days(
    amount: float, at: str, pilot: int, srp: str
) -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-24T10:00"))
        put(db, "wallet_journal", payment(1, amount, at, pilot))
        (row,) = read(db, "kills", "2026-12-10T12:00", "losses").rows

    assert row["srp"] == srp


def test_a_loss_names_its_killer_its_parts_and_its_insurance() -> None:
    killer = [{"character_id": 8}, {"character_id": 9, "final_blow": True}]
    cargo = [{"item_type_id": 34, "quantity_destroyed": 10, "flag": 5}]
    loss = {**mail(1, "2026-11-24T10:00", items=cargo), "attackers": json.dumps(killer)}
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "insurance_price", {"type_id": 587, "cost": 90.0, "payout": 300.0})
        put(db, "killmail", loss)
        (row,) = read(db, "kills", NOW, "losses").rows

    assert (row["killer_id"], row["hull"], row["cargo"]) == (9, 1_000.0, 50.0)
    assert (row["value"], row["insurance"], row["owed"]) == (1_050.0, 300.0, 750.0)
    assert row["link"] == "https://zkillboard.com/kill/1/"


def test_what_is_owed_to_whom_is_what_is_open_of_thirty_days_less_insurance() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "insurance_price", {"type_id": 587, "cost": 90.0, "payout": 300.0})
        put(
            db,
            "killmail",
            mail(1, "2026-11-20T10:00"),
            mail(2, "2026-11-24T11:00"),
            mail(3, "2026-10-01T11:00"),
            mail(4, "2026-11-24T11:00", character_id=2),
            mail(5, "2026-11-24T11:00", character_id=None),  # a structure
            mail(6, "2026-11-24T11:00", lost=False),
        )
        put(db, "wallet_journal", payment(1, 700.0, "2026-11-21T00:00"))
        put(db, "wallet_journal", payment(2, 800.0, pilot=2))
        result = read(db, "kills", NOW, "srp")

    assert [
        (r["victim_id"], r["losses"], r["open"], r["value"], r["paid"], r["owed"])
        for r in result.rows
    ] == [(1, 2, 1, 2_000.0, 700.0, 700.0), (2, 1, 0, 1_000.0, 800.0, 0.0)]
    assert result.summary == {"losses": 3, "open": 1, "to_pay": 0, "refused": 0, "value": 3_000.0,
        "paid": 1_500.0, "owed": 700.0}  # fmt: skip


def decided(id_: int, state: str, paid: float | None = None, at: str = "2026-11-25T00:00") -> Row:
    mark = {"killmail_id": id_, "state": state, "paid": paid, "time": seconds(at)}
    return {**mark, "by": "Aldra Vex", "note": "fleet"}


def test_what_is_decided_by_hand_holds_the_newest_of_it_and_in_the_past_what_held_then() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-24T10:00"), mail(2, "2026-11-24T11:00"))
        put(db, "killmail", mail(3, "2026-11-24T12:00"), mail(4, "2026-11-24T13:00"))
        put(db, "srp_mark", decided(1, "to_pay", 800.0), decided(2, "refused"))
        put(db, "srp_mark", decided(3, "paid", 640.0), decided(4, "refused"))
        put(db, "srp_mark", decided(1, "paid", 810.0, "2026-11-27T00:00"))
        put(db, "srp_mark", decided(4, "open", None, "2026-11-27T00:00"))
        rows = {row["killmail_id"]: row for row in read(db, "kills", NOW, "losses").rows}
        (pilot,) = read(db, "kills", NOW, "srp").rows
        then = {r["killmail_id"]: r for r in read_past(db, "2026-11-26T00:00").rows}
        held = db.execute('SELECT killmail_id, state, paid, "by" FROM srp ORDER BY 1').fetchall()

    assert [rows[n]["srp"] for n in (1, 2, 3, 4)] == ["paid", "refused", "paid", "open"]
    assert [rows[n]["owed"] for n in (1, 2, 3, 4)] == [0.0, 0.0, 0.0, 1_000.0]
    assert [rows[n]["payout"] for n in (1, 2, 3, 4)] == [810.0, None, 640.0, None]
    assert [rows[n]["paid_by"] for n in (1, 2)] == ["Aldra Vex", None]
    assert (rows[2]["marked_by"], rows[2]["note"]) == ("Aldra Vex", "fleet")
    assert (pilot["open"], pilot["refused"], pilot["paid"], pilot["owed"]) == (1, 1, 1_450, 1_000)
    assert pilot["claims"] == [{"killmail_id": 4, "owed": 1_000.0}]
    assert [(then[n]["srp"], then[n]["owed"]) for n in (1, 4)] == [
        ("to_pay", 800.0),
        ("refused", 0.0),
    ]
    assert held == [
        (1, "paid", 810.0, "Aldra Vex"),
        (2, "refused", None, "Aldra Vex"),
        (3, "paid", 640.0, "Aldra Vex"),
    ]


def read_past(db: sqlite3.Connection, at: str) -> BoardResult:
    board = find_board("kills")
    context = BoardContext(db, C, seconds(at), is_past=True)
    return read_board(board, context, board.by_variant["losses"])


@pytest.mark.parametrize(
    ("amount", "at", "srp"),
    [
        (300.0, "2026-11-25T00:00", "paid"),  # just what was promised
        (900.0, "2026-11-25T00:00", "to_pay"),  # what the ship is worth, not what was promised
        (300.0, "2026-12-09T00:00", "paid"),  # fourteen days from the promise
        (300.0, "2026-12-09T00:01", "to_pay"),
    ],
)
def test_a_promise_is_paid_by_its_own_sum(amount: float, at: str, srp: str) -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", mail(1, "2026-11-01T10:00"))
        put(db, "srp_mark", decided(1, "to_pay", 300.0))
        put(db, "wallet_journal", payment(1, amount, at))
        (row,) = read(db, "kills", "2026-12-10T12:00", "losses").rows

    assert (row["srp"], row["owed"]) == (srp, 0.0 if srp == "paid" else 300.0)


def test_what_was_marked_takes_its_payment_before_others_do_and_a_refusal_takes_none() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "killmail", *(mail(n, f"2026-11-24T1{n}:00") for n in (1, 2, 3)))
        put(db, "srp_mark", decided(1, "refused"), decided(3, "paid", 1_000.0))
        put(db, "wallet_journal", payment(1, 1_000.0))
        rows = read(db, "kills", NOW, "losses").rows

    assert [(r["srp"], r["paid_from"]) for r in rows] == [
        ("paid", 4), ("open", None), ("refused", None)]  # fmt: skip
