"""The market's board: what ends, what sells, how long it lasts."""

import json

import pytest

from corpsync_tui.store.changepack import Recorded, pack, pack_oldest
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


def test_what_was_sold_counts_also_once_the_changes_are_packed() -> None:
    with empty_database() as db:
        put(db, "market_order", order(1), order(2))
        put(
            db,
            "change",
            sold(1, 120, 100, "2026-11-21T11:00"),  # of the same day as the next, before the week
            sold(1, 100, 91, "2026-11-21T13:00"),
            sold(1, 91, 84, "2026-11-24T12:00"),
            sold(1, 84, 70, "2026-11-27T12:00"),
            sold(2, 84, 77, "2026-11-27T12:00"),
        )
        before = {now: read(db, "market", now).rows for now in (NOW, "2026-11-25T12:00")}
        assert pack_oldest(db, 0, 3)
        after = {now: read(db, "market", now).rows for now in before}

    assert [row["sold_per_day"] for row in before[NOW]] == [pytest.approx(30 / 7), 1.0]
    assert after == before


def test_what_was_sold_in_a_run_so_large_that_it_is_packed_counts() -> None:
    run = {"run_id": 1, "table_name": "market_order", "kind": "bulk"}
    rows = [
        Recorded("changed", f'{{"order_id":{id_}}}', '{"volume_remain":84}', after)
        for id_, after in ((1, '{"volume_remain":70}'), (2, '{"volume_remain":77}'))
    ]
    with empty_database() as db:
        put(db, "market_order", order(1), order(2))
        put(db, "change", sold(1, 91, 84, "2026-11-26T12:00"))
        put(db, "change", {**run, "time": seconds("2026-11-27T12:00"), "after": '{"changed":2}'})
        put(db, "change_pack", {"change_id": 2, "rows": pack(rows)})
        found = {row["order_id"]: row["sold_per_day"] for row in read(db, "market", NOW).rows}
        tables = db.execute("SELECT name FROM temp.sqlite_master").fetchall()

    assert found == {1: 3.0, 2: 1.0}
    assert tables == []  # the log is the file's again
