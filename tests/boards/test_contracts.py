"""Contracts: what comes in and goes out, what is late."""

import pytest

from corpsync_tui.boards import contracts
from tests.boards.support import C, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def contract(id_: int, **values: object) -> dict[str, object]:
    return {
        "contract_id": id_,
        "type": "item_exchange",
        "status": "outstanding",
        "state": "outstanding",
        "date_expired": "2026-12-20T00:00:00Z",
        "issuer_corporation_id": C,
        "for_corporation": 1,
        **values,
    }


def test_what_comes_in_depends_on_whose_contract_it_is() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 34, "average_price": 5.0})
        put(
            db,
            "contract",
            contract(1, price=100.0),
            contract(2, issuer_corporation_id=1, price=100.0),
        )
        for id_ in (1, 2):
            given = {"contract_id": id_, "type_id": 34, "quantity": 10, "is_included": 1}
            put(db, "contract_item", {**given, "record_id": 1})
            put(db, "contract_item", {**given, "record_id": 2, "quantity": 2, "is_included": 0})
        rows = {row["contract_id"]: row for row in read(db, "contracts", NOW).rows}

    assert (rows[1]["value_in"], rows[1]["value_out"]) == (110.0, 50.0)
    assert (rows[2]["value_in"], rows[2]["value_out"]) == (50.0, 110.0)


def test_a_thing_without_a_price_makes_both_sides_unknown() -> None:
    with empty_database() as db:
        put(db, "contract", contract(1, price=100.0))
        put(db, "contract_item", {"contract_id": 1, "record_id": 1, "type_id": 34, "quantity": 1})
        (row,) = read(db, "contracts", NOW).rows

    assert (row["value_in"], row["value_out"]) == (None, None)


def test_what_a_contract_holds_is_unknown_until_its_items_are_read() -> None:
    with empty_database() as db:
        kinds = ("item_exchange", "auction", "courier")
        put(db, "contract", *(contract(n, type=kind, price=5.0) for n, kind in enumerate(kinds)))
        result = read(db, "contracts", NOW)
        rows = {row["type"]: (row["value_in"], row["value_out"]) for row in result.rows}

    assert rows == {
        "item_exchange": (None, None),
        "auction": (None, None),
        "courier": (5.0, 0.0),
    }


def test_a_blueprint_copy_is_worth_nothing_with_or_without_a_price() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 1001, "average_price": 9.0e9})
        put(db, "contract", contract(1, price=100.0))
        copy = {"contract_id": 1, "quantity": 1, "raw_quantity": -2}
        put(
            db,
            "contract_item",
            {**copy, "record_id": 1, "type_id": 1001, "is_included": 1},
            {**copy, "record_id": 2, "type_id": 1001, "is_included": 0},
            {**copy, "record_id": 3, "type_id": 1002, "is_included": 1},
        )
        (row,) = read(db, "contracts", NOW).rows

    assert (row["value_in"], row["value_out"]) == (100.0, 0.0)


def test_a_courier_is_late_once_its_days_are_over() -> None:
    courier = {"type": "courier", "state": "in_progress", "days_to_complete": 3, "reward": 1.0}
    courier["volume"] = 4.0
    with empty_database() as db:
        put(
            db,
            "contract",
            contract(1, **courier, date_accepted="2026-11-25T11:59:00Z"),
            contract(2, **courier, date_accepted="2026-11-25T12:01:00Z"),
            contract(3, state="gone"),
            contract(4, date_expired="2026-11-29T00:00:00Z"),
        )
        result = read(db, "contracts", NOW)
        rows = {row["contract_id"]: row for row in result.rows}

    assert [rows[n]["late"] for n in (1, 2)] == [True, False]
    assert [rows[n]["attention"] for n in (1, 2, 3, 4)] == ["high", None, None, "medium"]
    assert [rows[n]["reward_per_m3"] for n in (1, 4)] == [0.25, None]
    assert rows[4]["expires"] == seconds("2026-11-29T00:00")
    assert (result.summary["open"], result.summary["late"]) == (3, 1)


def test_of_contracts_that_are_over_the_newest_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "MOST", 1)
    with empty_database() as db:
        put(db, "contract", contract(1), contract(2, state="in_progress"))
        put(db, "contract", *(contract(n, state="finished") for n in (3, 4, 5)))
        rows = read(db, "contracts", NOW).rows

    assert sorted(row["contract_id"] for row in rows) == [1, 2, 5]
