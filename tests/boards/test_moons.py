"""Moons: states, chunks' worth, whose ore of which chunk, tax."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from corpsync_tui.boards.kit.ore import OrePrices
from corpsync_tui.boards.moons import chunk_worth, invoice_lines
from corpsync_tui.catalog.kit.notices import file_time
from tests.boards.support import C, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"


def extraction(arrival: str, structure: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "structure_id": structure,
        "moon_id": 40,
        "extraction_start_time": f"2026-08-01T{arrival[8:10]}:00:00Z",
        "chunk_arrival_time": f"{arrival}:00Z",
        "natural_decay_time": f"{arrival[:11]}23:59:59Z",
        "state": "active",
        **values,
    }


def line(day: str, quantity: int = 10, **values: Any) -> dict[str, Any]:
    return {
        "observer_id": 1,
        "character_id": 7,
        "recorded_corporation_id": C,
        "type_id": 45510,
        "last_updated": day,
        "quantity": quantity,
        **values,
    }


def static(db: sqlite3.Connection, *types: tuple[Any, ...]) -> None:
    """Types with group, volume and portion."""
    for type_id, group, volume, portion in types:
        db.execute(
            "INSERT INTO ref.type (type_id, name, group_id, volume, portion_size, published) "
            "VALUES (?, 'x', ?, ?, ?, 1)",
            (type_id, group, volume, portion),
        )


def test_a_chunk_is_pulled_due_ready_or_how_it_ended() -> None:
    ends = {"natural_decay_time": "2026-11-28T14:00:00Z"}
    with empty_database() as db:
        put(
            db,
            "mining_extraction",
            extraction("2026-12-05T10:00", 1),
            extraction("2026-11-29T11:00", 2),
            extraction("2026-11-28T11:00", 3, **ends),
            extraction("2026-11-27T11:00", 4, state="fractured"),
            extraction("2026-11-27T12:00", 5, state="cancelled"),
            extraction("2026-09-01T12:00", 6, state="decayed"),
        )
        rows = {row["structure_id"]: row for row in read(db, "moons", NOW).rows}

    assert {n: row["state"] for n, row in rows.items()} == {
        1: "pulling",
        2: "due",
        3: "ready",
        4: "fractured",
        5: "cancelled",
    }
    assert rows[2]["chunk_arrival"] == seconds("2026-11-29T11:00")


def test_ore_is_of_the_newest_chunk_that_came_at_most_six_days_before() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 45510, "average_price": 2.0})
        put(
            db,
            "mining_extraction",
            extraction("2026-11-10T10:00", state="fractured"),
            extraction("2026-11-14T10:00", state="fractured"),
            extraction("2026-11-15T10:00", state="cancelled"),
        )
        put(
            db,
            "mining_ledger",
            line("2026-11-10"),
            line("2026-11-13", character_id=8),
            line("2026-11-16", 5),
            line("2026-11-20", 1),
            line("2026-11-21", 100),
        )
        rows = {row["chunk_arrival"]: row for row in read(db, "moons", NOW).rows}
        miners = read(db, "moons", NOW, "miners").rows

    first, second = rows[seconds("2026-11-10T10:00")], rows[seconds("2026-11-14T10:00")]
    assert (first["mined"], first["miners"]) == (40.0, 2)
    assert (second["mined"], second["miners"]) == (12.0, 1)
    assert [(m["character_id"], m["quantity"], m["tax"]) for m in miners] == [
        (7, 6, pytest.approx(1.2)),
        (7, 10, pytest.approx(2.0)),
        (8, 10, pytest.approx(2.0)),
    ]


def test_ore_is_worth_what_it_refines_to_as_aa_moonmining_reckons() -> None:
    prices = OrePrices(
        refined=True,
        reprocessing=0.7,
        today={1: 950.0, 2: 7_000.0, 3: 9_750.0},
        days={},
        materials={45506: [(1, 15), (2, 10), (3, 50)]},
        portions={45506: 100},
    )

    assert prices.unit(45506) == pytest.approx(4_002.25)


def test_a_chunk_is_worth_its_volumes_as_aa_moonmining_reckons() -> None:
    shares = {1: 0.19, 2: 0.23, 3: 0.25, 4: 0.33}
    prices = OrePrices(
        refined=False,
        reprocessing=1.0,
        today={1: 2_400.0, 2: 609.0, 3: 310.9, 4: 7.7},
        days={},
        materials={},
        portions={},
    )
    ores = {type_id: share * 1_000_000 for type_id, share in shares.items()}

    worth = chunk_worth(ores, {1: 10.0, 2: 16.0, 3: 16.0, 4: 0.1}, prices)

    assert worth == pytest.approx(84_622_187.5)


def test_the_notice_of_its_start_tells_what_a_chunk_holds() -> None:
    arrival = int(seconds("2026-12-05T10:00"))
    ticks = (arrival + 11_644_473_600) * 10_000_000
    text = f"readyTime: {ticks}\nstructureID: 1\noreVolumeByType:\n  45510: 1000.0\n"
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100))
        put(db, "market_price", {"type_id": 45510, "average_price": 3.0})
        put(db, "mining_extraction", extraction("2026-12-05T10:00"))
        notice = {"notification_id": 1, "type": "MoonminingExtractionStarted", "text": text}
        put(db, "notification", notice)
        (row,) = read(db, "moons", NOW).rows

    assert file_time(ticks) == arrival
    assert row["worth"] == pytest.approx(300.0)


def test_what_was_mined_is_worth_the_price_of_its_day() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 45510, "average_price": 2.0})
        put(db, "price_day", {"day": "2026-11-10", "type_id": 45510, "average_price": 7.0})
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        put(db, "mining_ledger", line("2026-11-10"), line("2026-11-11"))
        (row,) = read(db, "moons", NOW).rows

    assert row["mined"] == 90.0


@pytest.mark.parametrize(
    ("rules", "values", "tax"),
    [
        ([], {}, 10_000.0),
        ([{"tax": 15}], {}, 15_000.0),
        ([{"tax": 15}, {"ore_class": "R64", "tax": 20}], {}, 20_000.0),
        ([{"moon": 40, "tax": 5}, {"ore_class": "R64", "tax": 20}], {}, 5_000.0),
        ([{"guests": True, "tax": 20}], {}, 10_000.0),
        ([{"guests": True, "tax": 20}], {"recorded_corporation_id": 5}, 20_000.0),
    ],
)
def test_the_most_special_rule_counts(
    rules: list[Mapping[str, Any]], values: dict[str, Any], tax: float
) -> None:
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100))
        put(db, "market_price", {"type_id": 45510, "average_price": 100.0})
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        put(db, "mining_ledger", line("2026-11-10", 1_000, **values))
        (row,) = read(db, "moons", NOW, "miners", moons={"rules": rules}).rows

    assert (row["value"], row["tax"]) == (100_000.0, pytest.approx(tax))


def test_a_drill_that_pulls_nothing_is_idle() -> None:
    services = '[{"name": "Moon Drilling", "state": "online"}]'
    with empty_database() as db:
        put(db, "structure", {"structure_id": 1, "name": "Drill", "services": services})
        result = read(db, "moons", NOW)

    assert [(row["state"], row["chunk_arrival"]) for row in result.rows] == [("idle", None)]
    assert result.summary["idle"] == 1


def test_an_invoice_is_the_tax_of_all_chunks_less_what_was_paid_for_moons() -> None:
    def paid(id_: int, amount: float, reason: str | None, day: str = "12") -> dict[str, Any]:
        date = f"2026-11-{day}T10:00:00Z"
        parties = {"first_party_id": 7, "second_party_id": C, "ref_type": "player_donation"}
        return {"id": id_, "amount": amount, "reason": reason, "date": date, **parties}

    with empty_database() as db:
        put(db, "eve_name", {"id": 7, "name": "Aldra Vex"}, {"id": 8, "name": "Joiten Kador"})
        put(db, "market_price", {"type_id": 45510, "average_price": 100.0})
        pops = [extraction(f"2026-11-{day}T10:00", state="fractured") for day in ("10", "20")]
        put(db, "mining_extraction", *pops)
        put(db, "mining_ledger", line("2026-11-10", 1_000), line("2026-11-21", 500))
        put(db, "mining_ledger", line("2026-11-21", 20, character_id=8))
        put(db, "wallet_journal", paid(1, 4_000.0, "Moon tax"), paid(2, 9.0, None))
        put(db, "wallet_journal", paid(3, 9.0, "moon", day="01"))
        result = read(db, "moons", NOW, "invoices")

    assert [(r["character_id"], r["tax"], r["paid"], r["due"]) for r in result.rows] == [
        (7, pytest.approx(15_000), 4_000.0, pytest.approx(11_000)),
        (8, pytest.approx(200), 0.0, pytest.approx(200)),
    ]
    assert result.summary["due"] == pytest.approx(11_200)
    assert invoice_lines(result.rows) == ["Aldra Vex 11,000 ISK", "Joiten Kador 200 ISK"]
