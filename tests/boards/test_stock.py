"""Stock: values, places, divisions, and what is missing."""

import pytest

from corpsync_tui.boards import find_board
from tests.boards.support import empty_database, put, read

NOW = "2026-11-28T12:00"
STATION, OFFICE_ITEM, BOX = 60_003_760, 500, 600


def item(item_id: int, **values: object) -> dict[str, object]:
    return {
        "item_id": item_id,
        "type_id": 34,
        "quantity": 10,
        "location_id": STATION,
        "location_flag": "Hangar",
        "location_type": "station",
        **values,
    }


PRICES = (
    {"type_id": 34, "average_price": 5.0, "adjusted_price": 99.0},
    {"type_id": 35, "adjusted_price": 7.0},
)
NESTED = (
    item(OFFICE_ITEM, type_id=27, quantity=1, location_flag="OfficeFolder"),
    item(BOX, type_id=17366, quantity=1, location_id=OFFICE_ITEM, location_flag="CorpSAG2"),
    item(1, location_id=BOX, location_flag="Unlocked"),
)


def test_a_type_is_worth_its_quantity_times_its_price_and_says_whose() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "wallet_transaction", {"transaction_id": 1, "type_id": 36, "unit_price": 3.0})
        put(db, "asset", item(1), item(2), item(3, type_id=35), item(4, type_id=36))
        put(db, "asset", item(5, type_id=37))
        rows = read(db, "stock", NOW).rows

    assert [(r["type_id"], r["quantity"], r["value"], r["price_source"]) for r in rows] == [
        (34, 20, 100.0, "average"),
        (35, 10, 70.0, "adjusted"),
        (36, 10, 30.0, "own"),
        (37, 10, None, "none"),
    ]


def test_copies_and_offices_are_worth_nothing_and_a_price_can_be_overruled() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "asset", item(1, quantity=1, is_blueprint_copy=1), item(2, type_id=27))
        put(db, "asset", item(3, type_id=35))
        result = read(db, "stock", NOW, prices={"35": 1})

    assert [(r["type_id"], r["value"]) for r in result.rows] == [(35, 10.0), (34, 0.0)]
    assert result.summary["value"] == 10.0


def test_a_blueprint_is_one_thing_whatever_quantity_says_of_its_kind() -> None:
    """ESI's -1 and -2 in place of a count mean an original and a copy."""
    target = {"item": 34, "want": 4}
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "asset", item(1, quantity=-1), item(2, quantity=-1))
        put(db, "asset", item(3, quantity=-2, is_blueprint_copy=1))
        (row,) = read(db, "stock", NOW, stock=[target]).rows
        (place,) = read(db, "stock", NOW, "place").rows

    assert (row["quantity"], row["value"], row["have"], row["missing"]) == (3, 10.0, 3, 1)
    assert (place["quantity"], place["value"]) == (3, 10.0)


def test_what_lies_in_a_box_lies_where_the_box_is() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "asset", *NESTED)
        (place,) = read(db, "stock", NOW, "place").rows
        divisions = read(db, "stock", NOW, "division").rows

    assert (place["location_id"], place["value"], place["unpriced"]) == (STATION, 50.0, 1)
    assert [(d["division"], d["value"]) for d in divisions] == [(2, 50.0)]


def test_targets_say_what_is_missing_in_the_place_and_division() -> None:
    target = {"item": "Tritanium", "want": 100}
    with empty_database() as db:
        put(db, "eve_name", {"id": 34, "name": "Tritanium"}, {"id": STATION, "name": "Jita"})
        put(db, "asset", *NESTED, item(7, quantity=5))
        targets = [target, {**target, "place": "Jita", "division": 2}, {**target, "want": 1}]
        (row,) = [r for r in read(db, "stock", NOW, stock=targets).rows if r["type_id"] == 34]
        missing = read(db, "stock", NOW, "missing", stock=targets).rows
        board = find_board("stock")

    assert (row["want"], row["have"], row["missing"]) == (201, 40, 175)
    assert [(m["have"], m["missing"]) for m in missing] == [(15, 85), (10, 90)]
    lines = board.by_variant["missing"].lines
    assert lines is not None
    assert lines(missing) == ["Tritanium 175"]


def job(job_id: int, **values: object) -> dict[str, object]:
    making = {"activity_id": 1, "status": "active", "runs": 2, "facility_id": STATION}
    product = {"product_type_id": 34, "blueprint_type_id": 691, "blueprint_id": 9}
    return {"job_id": job_id, "output_location_id": BOX, **making, **product, **values}


def order(order_id: int, **values: object) -> dict[str, object]:
    buying = {"is_buy_order": 1, "state": "open", "volume_remain": 30}
    return {"order_id": order_id, "type_id": 34, "location_id": STATION, **buying, **values}


def test_buy_orders_and_running_jobs_count_as_had() -> None:
    target = {"item": 34, "want": 100}
    targets = [
        target,
        {**target, "place": STATION, "division": 2},
        {**target, "division": 3},
        {**target, "place": 9},
        {**target, "orders": False},
        {"item": 691, "want": 1},
        {"item": 34, "want": 0},
    ]
    with empty_database() as db:
        db.execute("INSERT INTO ref.blueprint_product VALUES (691, 'manufacturing', 34, 10)")
        put(db, "asset", *NESTED)
        put(db, "market_order", order(1), order(2, is_buy_order=0), order(3, state="closed"))
        put(db, "industry_job", job(1), job(2, status="delivered"), job(3, activity_id=5))
        rows = read(db, "stock", NOW, "missing", stock=targets).rows

    assert [(r["have"], r["on_order"], r["in_jobs"], r["missing"]) for r in rows] == [
        (60, 30, 20, 40),
        (30, 0, 20, 70),  # what is bought comes into no division
        (0, 0, 0, 100),
        (0, 0, 0, 100),
        (30, 0, 20, 70),
    ]  # the blueprint in its job is there, and what is not wanted is not missing
    assert [row["fill"] for row in rows] == [60.0, 30.0, 0.0, 0.0, 30.0]


def test_the_shopping_list_says_what_it_costs_and_how_much_room_it_takes() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "eve_name", {"id": 34, "name": "Tritanium"})
        for id_, price in ((1, 3.0), (2, 4.0)):
            trade = {"transaction_id": id_, "type_id": 34, "unit_price": price}
            put(db, "wallet_transaction", trade)
        db.execute(
            "INSERT INTO ref.type (type_id, name, group_id, volume, portion_size, published) "
            "VALUES (34, 'Tritanium', 18, 0.01, 1, 1)"
        )
        targets = [{"item": "Tritanium", "want": 100}, {"item": 40, "want": 1}]
        known, unknown = read(db, "stock", NOW, "missing", stock=targets).rows

    assert (known["name"], known["cost"], known["volume"]) == ("Tritanium", 500.0, 1.0)
    assert (known["own_price"], known["price"], known["price_source"]) == (4.0, 5.0, "average")
    assert [unknown[n] for n in ("name", "cost", "volume", "price")] == ["40", None, None, None]


def test_the_worth_of_today_stands_beside_that_of_a_week_ago() -> None:
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "asset", item(1))
        assert read(db, "stock", NOW).summary["change_7"] is None
        for day, value in (("2026-11-20", 20.0), ("2026-11-25", 45.0)):
            put(db, "value_day", {"day": day, "division": 1, "value": value})
        result = read(db, "stock", NOW)
        places = read(db, "stock", NOW, "place").rows

    assert result.summary["change_7"] == 50.0 - 20.0
    assert [row["share"] for row in places] == [100.0]


def test_each_place_and_division_stands_beside_what_it_held_a_week_ago() -> None:
    kept = {"location_id": STATION, "division": 2, "day": "2026-11-20", "value": 20.0}
    with empty_database() as db:
        put(db, "market_price", *PRICES)
        put(db, "asset", item(1, location_id=STATION, location_flag="CorpSAG2"))
        assert read(db, "stock", NOW, "place").rows[0]["change_7"] is None
        put(db, "place_value_day", kept, {**kept, "division": 0, "value": 5.0})
        put(db, "place_value_day", {**kept, "day": "2026-11-26", "value": 40.0})
        put(db, "place_value_day", {**kept, "day": "2026-11-01", "value": 900.0})
        put(db, "place_value_day", {**kept, "location_id": 7, "value": 3.0})
        place, emptied = read(db, "stock", NOW, "place").rows
        division, *others = read(db, "stock", NOW, "division").rows

    assert (emptied["location_id"], emptied["value"], emptied["change_7"]) == (7, 0, -3.0)
    assert [(o["location_id"], o["division"], o["change_7"]) for o in others] == [
        (7, 2, -3.0), (STATION, None, -5.0)]  # fmt: skip
    assert (place["change_7"], place["course"]) == (50.0 - 25.0, "▅█")
    assert (division["change_7"], division["course"]) == (50.0 - 20.0, "▄█")


def test_what_is_wanted_and_not_there_is_listed() -> None:
    with empty_database() as db:
        (row,) = read(db, "stock", NOW, stock=[{"item": 40, "want": 3}]).rows

    assert (row["type_id"], row["quantity"], row["missing"]) == (40, 0, 3)


def test_volumes_are_packaged_ones_and_groups_come_from_the_static_data() -> None:
    with empty_database() as db:
        db.execute(
            "INSERT INTO ref.type (type_id, name, group_id, group_name, volume, packaged_volume, "
            "portion_size, published) VALUES (34, 'Tritanium', 18, 'Mineral', 0.1, 0.01, 1, 1)"
        )
        put(db, "asset", item(1))
        (row,) = read(db, "stock", NOW).rows
        (group,) = read(db, "stock", NOW, "group").rows

    assert row["volume"] == pytest.approx(0.1)
    assert group["group"] == "Mineral"


def test_a_ledger_pasted_from_the_game_has_its_volume_and_worth() -> None:
    """go-evepraisal#89: Ytterbite, 8,625 units are 86,250 m³ and 70,377,757 ISK."""
    with empty_database() as db:
        db.execute(
            "INSERT INTO ref.type (type_id, name, group_id, volume, portion_size, published) "
            "VALUES (45513, 'Ytterbite', 1923, 10, 100, 1)"
        )
        put(db, "market_price", {"type_id": 45513, "average_price": 70_377_757 / 8_625})
        put(db, "asset", item(1, type_id=45513, quantity=8_625))
        (row,) = read(db, "stock", NOW).rows

    assert (row["volume"], row["value"]) == (86_250, pytest.approx(70_377_757))
