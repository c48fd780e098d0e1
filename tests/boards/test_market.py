"""The market's board: what ends, what sells, how long it lasts."""

import json

import pytest

from tests.boards.support import C, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def order(order_id: int, **values: object) -> dict[str, object]:
    return {
        "order_id": order_id,
        "type_id": 34,
        "is_buy_order": 0,
        "issued": "2026-11-01T12:00:00Z",
        "duration": 90,
        "price": 5.0,
        "volume_remain": 70,
        "volume_total": 100,
        "state": "open",
        **values,
    }


def sold(order_id: int, before: int, after: int, at: str) -> dict[str, object]:
    return {
        "run_id": 1,
        "time": seconds(at),
        "table_name": "market_order",
        "kind": "changed",
        "row_key": f'{{"order_id":{order_id}}}',
        "before": json.dumps({"volume_remain": before}),
        "after": json.dumps({"volume_remain": after}),
    }


def test_an_order_tells_when_it_ends_and_how_long_its_stock_lasts() -> None:
    with empty_database() as db:
        put(db, "market_order", order(1))
        put(db, "change", sold(1, 100, 84, "2026-11-20T12:00"), sold(1, 84, 70, "2026-11-27T12:00"))
        (row,) = read(db, "market", NOW).rows

    assert row["expires"] == seconds("2027-01-30T12:00")
    assert row["sold_per_day"] == pytest.approx(2.0)  # what was sold before the week is not counted
    assert row["days_of_stock"] == pytest.approx(35.0)
    assert (row["left"], row["total"], row["value"], row["is_buy"]) == (70, 100, 350.0, False)


def test_a_price_stands_beside_that_of_the_last_own_trade() -> None:
    with empty_database() as db:
        put(db, "market_order", order(1), order(2, type_id=35))
        for id_, price in ((1, 9.0), (2, 8.0)):
            trade = {"transaction_id": id_, "type_id": 34, "unit_price": price}
            put(db, "wallet_transaction", trade)
        rows = read(db, "market", NOW).rows

    assert [(row["price"], row["last_trade"]) for row in rows] == [(5.0, 8.0), (5.0, None)]


def test_what_does_not_sell_lasts_an_unknown_time() -> None:
    with empty_database() as db:
        put(db, "market_order", order(1))
        (row,) = read(db, "market", NOW).rows

    assert (row["sold_per_day"], row["days_of_stock"]) == (0.0, None)


def test_only_what_stands_in_the_market_is_shown_and_what_ends_first_is_first() -> None:
    with empty_database() as db:
        put(
            db,
            "market_order",
            order(1),
            order(2, duration=27, is_buy_order=1, escrow=350.0),
            order(3, state="closed"),
            order(4, corporation_id=C + 1),
        )
        result = read(db, "market", NOW)

    assert [row["order_id"] for row in result.rows] == [2, 1]
    assert [row["attention"] for row in result.rows] == ["medium", None]
    assert (result.summary["escrow"], result.summary["ending"]) == (350.0, 1)
