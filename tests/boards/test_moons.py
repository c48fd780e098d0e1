"""Moons: states, chunks' worth, whose ore of which chunk, tax."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.ore import OrePrices, chunk_worth
from corpsync_tui.boards.moons import invoice_lines
from corpsync_tui.format.amounts import isk
from corpsync_tui.service.boards import read_page
from corpsync_tui.settings.boards import check_boards
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


@pytest.mark.parametrize(("moon_only", "worth"), [(False, 0.85 * 46), (True, 0.85 * 40)])
def test_minerals_may_count_for_nothing(moon_only: bool, worth: float) -> None:
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 1), (34, 18, 0.01, 1), (16650, 427, 0.05, 1))
        for material, quantity in ((34, 3), (16650, 4)):
            db.execute("INSERT INTO ref.type_material VALUES (45510, ?, ?)", (material, quantity))
        put(db, "market_price", {"type_id": 34, "average_price": 2.0})
        put(db, "market_price", {"type_id": 16650, "average_price": 10.0})
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        put(db, "mining_ledger", line("2026-11-10", 1))
        (row,) = read(db, "moons", NOW, "miners", moons={"moon_only": moon_only}).rows

    assert row["value"] == pytest.approx(worth)


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
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100))
        put(db, "market_price", {"type_id": 45510, "average_price": 3.0})
        put(db, "mining_extraction", extraction("2026-12-05T10:00"))
        put(db, "notification", notice("2026-12-05T10:00"))
        (row,) = read(db, "moons", NOW).rows

    assert row["worth"] == pytest.approx(300.0)


def notice(arrival: str, structure: int = 1, volume: float = 1_000.0) -> dict[str, Any]:
    at = int(seconds(arrival))
    ticks = (at + 11_644_473_600) * 10_000_000
    ores = f"oreVolumeByType:\n  45510: {volume}\n"
    text = f"readyTime: {ticks}\nstructureID: {structure}\n{ores}"
    return {"notification_id": at, "type": "MoonminingExtractionStarted", "text": text}


def test_without_a_notice_a_chunk_is_estimated_by_the_last_one_and_the_last_notice() -> None:
    """Ten days at 100 m³ a day; the last chunk was three quarters of one ore, one of another."""
    started: dict[str, Any] = {"extraction_start_time": "2026-11-25T10:00:00Z"}
    before: dict[str, Any] = {"extraction_start_time": "2026-11-01T10:00:00Z", "state": "fractured"}
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100), (45511, 1922, 10.0, 100))
        put(db, "market_price", {"type_id": 45510, "average_price": 3.0})
        put(db, "market_price", {"type_id": 45511, "average_price": 1.0})
        put(db, "notification", notice("2026-11-11T10:00", structure=2))
        put(db, "mining_extraction", extraction("2026-11-11T10:00", 2, **before))
        put(db, "mining_extraction", extraction("2026-11-15T10:00", 1, **before))
        put(db, "mining_extraction", extraction("2026-12-05T10:00", 1, **started))
        put(db, "mining_ledger", line("2026-11-15", 75), line("2026-11-15", 25, type_id=45511))
        rows = {(r["structure_id"], r["state"]): r for r in read(db, "moons", NOW).rows}
        page = read_page(BoardContext(db, C, seconds(NOW)), "moons", "")

    told, next_one = rows[2, "fractured"], rows[1, "pulling"]
    assert (told["worth"], told["volume"], told["estimated"]) == (300.0, 1_000.0, False)
    assert (next_one["volume"], next_one["estimated"]) == (pytest.approx(1_000.0), True)
    assert next_one["worth"] == pytest.approx(75 * 3.0 + 25 * 1.0)
    assert (next_one["days"], next_one["ore_class"]) == (10.0, "R64")
    assert next_one["mean_5"] == 75 * 3.0 + 25
    worth = [column.name for column in page.columns].index("worth")
    assert page.cells(page.rows[0])[worth] == "~250.00"


def test_a_chunk_says_how_much_of_it_is_mined_and_whether_it_is_a_jackpot() -> None:
    old: dict[str, Any] = {"state": "fractured"}
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100))
        put(db, "market_price", {"type_id": 45510, "average_price": 3.0})
        put(db, "eve_name", {"id": 46318, "name": "Shining Monazite"})
        put(db, "notification", notice("2026-11-11T10:00"))
        put(db, "mining_extraction", extraction("2026-11-11T10:00", **old))
        put(db, "mining_extraction", extraction("2026-11-12T10:00", 2, **old))
        put(
            db,
            "mining_ledger",
            line("2026-11-11", 25),
            line("2026-11-12", 9, type_id=46318, observer_id=2),
        )
        rows = {row["structure_id"]: row for row in read(db, "moons", NOW).rows}

    assert (rows[1]["mined_percent"], rows[1]["jackpot"]) == (25.0, False)
    assert (rows[2]["mined_percent"], rows[2]["jackpot"]) == (None, True)


def test_the_pane_of_a_chunk_lists_its_miners_what_they_owe_and_the_sum() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 45510, "average_price": 100.0})
        put(db, "eve_name", {"id": 45510, "name": "Xenotime"}, {"id": 5, "name": "Other Corp"})
        names = [{"id": n, "name": f"Pilot {n}"} for n in range(70, 78)]
        put(db, "eve_name", *names)
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        lines = [line("2026-11-10", 1_000 - n, character_id=n) for n in range(70, 77)]
        guest = line("2026-11-10", 5_000, character_id=77, recorded_corporation_id=5)
        put(db, "mining_ledger", *lines, guest)
        settings = check_boards({"moons": {"rules": [{"guests": True, "tax": 20}]}})
        page = read_page(BoardContext(db, C, seconds(NOW), settings), "moons", "")

    (pane,) = page.details
    assert len(pane) == 6
    words = [" ".join(line.split()) for line in (pane[0], pane[1], pane[5])]
    assert words == [
        "Pilot 77 (Other Corp) Xenotime 5,000 500.0 k 100.0 k 20 %",
        "Pilot 70 Xenotime 930 93.0 k 9.3 k 10 %",
        "3 more, all of it 1.1 M 164.9 k",
    ]
    assert max(map(len, pane)) <= 78


def test_an_idle_drill_says_since_when() -> None:
    services = '[{"name": "Moon Drilling", "state": "online"}]'
    with empty_database() as db:
        put(db, "structure", {"structure_id": 1, "name": "Drill", "services": services})
        put(db, "mining_extraction", extraction("2026-11-24T12:00", state="fractured"))
        put(db, "mining_extraction", extraction("2026-11-27T12:00", state="cancelled"))
        rows = read(db, "moons", NOW).rows

    assert [row["idle_days"] for row in rows if row["state"] == "idle"] == [4.0]


def test_what_was_mined_is_worth_the_price_of_its_day() -> None:
    with empty_database() as db:
        put(db, "market_price", {"type_id": 45510, "average_price": 2.0})
        put(db, "price_day", {"day": "2026-11-10", "type_id": 45510, "average_price": 7.0})
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        put(db, "mining_ledger", line("2026-11-10"), line("2026-11-11"))
        (row,) = read(db, "moons", NOW).rows
        (fixed,) = read(db, "moons", NOW, prices={"45510": 3.0}).rows

    assert row["mined"] == 90.0
    assert fixed["mined"] == 60.0  # the settings' price, whatever was kept of the day


def test_the_sums_of_the_readme_of_corp_tools_moons_come_out_to_the_isk() -> None:
    """833.07 B mined, 195.79 B of tax. It tells sums alone: here they are of two rates."""
    mined, tax = 833_068_517_622.8707, 195_791_603_220.688
    rare = (tax - mined * 0.20) / 0.05  # what is taxed at a quarter, if all else is at a fifth
    with empty_database() as db:
        static(db, (45510, 1923, 10.0, 100), (45511, 1922, 10.0, 100))
        for type_id, value in ((45510, rare), (45511, mined - rare)):
            price = value / 12 / 1_000_000
            put(db, "market_price", {"type_id": type_id, "average_price": price})
        put(db, "mining_extraction", extraction("2026-11-10T10:00", state="fractured"))
        for pilot in range(12):
            for type_id in (45510, 45511):
                put(db, "mining_ledger",
                    line("2026-11-10", 1_000_000, type_id=type_id, character_id=pilot))  # fmt: skip
        rules = {"tax": 20, "rules": [{"ore_class": "R64", "tax": 25}]}
        sums = read(db, "moons", NOW, "miners", moons=rules).summary

    assert sums["value"] == pytest.approx(mined, abs=0.01)
    assert sums["tax"] == pytest.approx(tax, abs=0.01)
    assert (isk(sums["value"]), isk(sums["tax"])) == ("833.1 B", "195.8 B")


def test_a_fractured_chunk_says_about_how_long_its_belt_lasts() -> None:
    with empty_database() as db:
        put(db, "mining_extraction", extraction("2026-11-27T19:04", 1, state="fractured"))
        put(db, "mining_extraction", extraction("2026-11-26T11:00", 2, state="fractured"))
        page = read_page(BoardContext(db, C, seconds(NOW)), "moons", "")

    assert page.details == [["The belt lasts until about 29 Nov 19:04 EVE"], []]


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
        summary = read(db, "moons", NOW).summary

    assert [(r["character_id"], r["tax"], r["paid"], r["due"]) for r in result.rows] == [
        (7, pytest.approx(15_000), 4_000.0, pytest.approx(11_000)),
        (8, pytest.approx(200), 0.0, pytest.approx(200)),
    ]
    assert result.summary["due"] == summary["tax_due"] == pytest.approx(11_200)
    assert invoice_lines(result.rows) == ["Aldra Vex 11,000 ISK", "Joiten Kador 200 ISK"]
