"""Structures: hours, rates and timers to the digit; what is unknown is never 0."""

import json
import sqlite3
from itertools import pairwise
from typing import Any

import pytest

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit import fuel
from corpsync_tui.boards.kit.board import BoardAnswer, BoardContext
from corpsync_tui.boards.kit.read import read_board
from corpsync_tui.boards.kit.structure_view import METENOX
from corpsync_tui.boards.structures import details, haul
from corpsync_tui.store.changepack import pack_oldest
from tests.boards.support import C, copied, empty_database, put, read, seconds

NOW = "2026-11-28T12:00"
RAITARU, ASTRAHUS, ATHANOR, TATARA = 35825, 35832, 35835, 35836


def structure(id_: int = 1, **values: Any) -> dict[str, Any]:
    return {"structure_id": id_, "type_id": RAITARU, "state": "shield_vulnerable", **values}


def bay(quantity: int, structure_id: int = 1, type_id: int = 4246, item_id: int = 9) -> Any:
    return {
        "item_id": item_id,
        "type_id": type_id,
        "quantity": quantity,
        "location_id": structure_id,
        "location_flag": "StructureFuel",
    }


def modules(db: sqlite3.Connection, hull: int, group: int, bonus: float, *burns: Any) -> None:
    """A structure 1 with service modules, each a pair of its group and its blocks an hour."""
    put(db, "structure", structure(type_id=hull))
    types = "INSERT INTO ref.type (type_id, name, group_id, portion_size, published) VALUES"
    db.execute(f"{types} (?, 'Hull', ?, 1, 1)", (hull, group))
    db.execute("INSERT INTO ref.type_attribute VALUES (?, 2339, ?)", (hull, bonus))
    for number, (module_group, burn) in enumerate(burns, 1):
        db.execute(f"{types} (?, 'Module', ?, 1, 1)", (number, module_group))
        db.execute("INSERT INTO ref.type_attribute VALUES (?, 2109, ?)", (number, burn))
        slot = f"ServiceSlot{number - 1}"
        put(db, "asset", bay(1, type_id=number, item_id=number) | {"location_flag": slot})


def test_burn_is_what_lies_in_the_bay_over_the_hours_it_lasts_as_aa_structures_reckons() -> None:
    counted, expires = seconds("2021-12-17T15:13"), seconds("2022-01-24T05:00")

    burn = fuel.measured_burn(6_309, expires, counted)

    assert burn is not None
    assert round(24 * burn) == 168


def test_esi_s_word_is_the_end_of_fuel_and_the_bay_tells_the_rate() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", "2026-11-28T11:00")
        put(db, "structure", structure(fuel_expires="2026-12-08T11:00:00Z", name="Hub"))
        put(db, "asset", bay(1_680))
        (row,) = read(db, "structures", NOW).rows

    assert (row["fuel_hours"], row["fuel_source"], row["in_bay"]) == (239.0, "esi", 1_680)
    assert row["burn_per_hour"] == pytest.approx(7.0)
    assert (row["kind"], row["name"], row["attention"]) == ("structure", "Hub", "low")


def test_a_structure_that_burns_nothing_has_no_hours() -> None:
    with empty_database() as db:
        put(db, "structure", structure())
        (row,) = read(db, "structures", NOW).rows

    assert (row["fuel_hours"], row["fuel_source"], row["attention"]) == (None, None, None)
    assert row["in_bay"] is None  # the assets were never read


@pytest.mark.parametrize(
    ("hull", "group", "bonus", "burns", "rate"),
    [
        (RAITARU, 1404, -25, [(1415, 12)], 9.0),
        (ASTRAHUS, 1657, -25, [(1321, 10)], 7.5),
        (ATHANOR, 1406, -20, [(1322, 10)], 8.0),
        (ATHANOR, 1406, -20, [(1887, 5), (1322, 10)], 13.0),
        (TATARA, 1406, -25, [(1887, 5), (1322, 10)], 12.5),
        (TATARA, 1406, -25, [(1322, 10), (1717, 15), (1717, 15), (1717, 15)], 41.25),
        (35827, 1404, -25, [(1415, 24), (1415, 12), (1415, 12), (1415, 10), (1322, 10)], 53.5),
        (RAITARU, 1404, -25, [(1321, 10)], 10.0),
        (35841, 1408, 0, [(1717, 30)], 30.0),
    ],
    ids=[
        "plant",
        "clones",
        "athanor",
        "athanor drill",
        "tatara drill",
        "tatara reactors",
        "sotiyo",
        "no bonus",
        "ansiblex",
    ],
)
def test_modules_burn_less_where_the_hull_is_made_for_them(
    hull: int, group: int, bonus: float, burns: Any, rate: float
) -> None:
    with empty_database() as db:
        modules(db, hull, group, bonus, *burns)
        (row,) = read(db, "structures", NOW).rows

    assert row["burn_per_hour"] == pytest.approx(rate)


def test_a_bay_that_was_refuelled_in_between_is_not_measured() -> None:
    refuelled = {
        "run_id": 1,
        "time": seconds("2026-11-28T11:30"),
        "table_name": "structure",
        "kind": "changed",
        "row_key": json.dumps({"structure_id": 1}),
        "before": json.dumps({"fuel_expires": "2026-12-01T11:00:00Z"}),
        "after": json.dumps({"fuel_expires": "2026-12-08T11:00:00Z"}),
    }
    with empty_database() as db:
        copied(db, "assets", "asset", "2026-11-28T11:00")
        copied(db, "structures", "structure", "2026-11-28T11:40")
        put(db, "structure", structure(fuel_expires="2026-12-08T11:00:00Z"))
        put(db, "asset", bay(100))
        put(db, "change", refuelled)
        (row,) = read(db, "structures", NOW).rows
        assert pack_oldest(db, -1, 1)
        (packed,) = read(db, "structures", NOW).rows

    assert row["burn_per_hour"] is None
    assert packed == row


def test_burn_and_fuel_of_the_past_are_reckoned_from_then_and_not_from_todays_copies() -> None:
    refuelled = {
        "run_id": 1,
        "time": seconds("2026-11-27T12:00"),
        "table_name": "structure",
        "kind": "changed",
        "row_key": json.dumps({"structure_id": 1}),
        "before": json.dumps({"fuel_expires": "2026-12-02T12:00:00Z"}),
        "after": json.dumps({"fuel_expires": "2026-12-30T12:00:00Z"}),
    }
    tower = {"starbase_id": 5, "type_id": 12235, "state": "online"}
    blocks = json.dumps([{"type_id": 4246, "quantity": 80}])
    with empty_database() as db:
        copied(db, "assets", "asset", "2026-11-28T11:00")
        copied(db, "structures", "structure", "2026-11-28T11:40")
        copied(db, "structures", "starbase_detail", "2026-11-28T11:40")
        put(db, "structure", structure(fuel_expires="2026-12-02T12:00:00Z"))
        put(db, "asset", bay(1_680))
        put(db, "starbase", tower)
        put(db, "starbase_detail", {"starbase_id": 5, "fuels": blocks})
        db.execute("INSERT INTO eve_name VALUES (12235, 'Amarr Control Tower', 'type', 0)")
        put(db, "change", refuelled)
        then = BoardContext(db, C, seconds("2026-11-25T12:00"), is_past=True)
        rows = {row["id"]: row for row in read_board(find_board("structures"), then).rows}

    assert rows[1]["burn_per_hour"] == pytest.approx(10.0)
    assert rows[5]["fuel_hours"] == 2.0


def test_a_metenox_lasts_as_long_as_the_lesser_of_fuel_and_gas() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", NOW)
        put(db, "structure", structure(type_id=81826, fuel_expires="2026-12-28T12:00:00Z"))
        put(db, "asset", bay(3_600), bay(18_480, type_id=fuel.GAS, item_id=10))
        answer = read(db, "structures", NOW)
        (slow,) = read(db, "structures", NOW, fuel={"metenox_gas": 110}).rows

    (row,) = answer.rows
    assert (row["fuel_hours"] / 24, row["fuel_source"]) == (pytest.approx(3.85), "bay")
    assert answer.summary["blocks_per_day"] == pytest.approx(120)  # gas is no block
    assert slow["fuel_hours"] / 24 == pytest.approx(7.0)


def test_an_ansiblex_low_on_ozone_and_a_metenox_with_a_full_bay_are_told() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", NOW)
        put(db, "structure", structure(1, type_id=35841), structure(2, type_id=81826))
        put(db, "asset", bay(200_000, type_id=fuel.OZONE))
        db.execute(
            "INSERT INTO ref.type (type_id, name, group_id, volume, portion_size, published) "
            "VALUES (16633, 'Hydrocarbons', 427, 0.05, 1, 1)"
        )
        full = bay(8_600_000, 2, 16633, 10) | {"location_flag": "MoonMaterialBay"}
        put(db, "asset", full)
        rows = {row["id"]: row for row in read(db, "structures", NOW).rows}

    assert (rows[1]["ozone"], rows[1]["attention"]) == (200_000, "high")
    assert (rows[2]["bay_percent"], rows[2]["attention"]) == (pytest.approx(86.0), "medium")


def tower(db: sqlite3.Connection, fuels: Any = ((4246, 80),), **values: Any) -> None:
    copied(db, "structures", "starbase_detail", NOW)
    put(db, "eve_name", {"id": 16213, "name": "Caldari Control Tower", "category": "x"})
    state = {"starbase_id": 5, "type_id": 16213, "system_id": 30, "state": "online"}
    put(db, "starbase", {**state, **values})
    held = None if fuels is None else json.dumps([{"type_id": t, "quantity": q} for t, q in fuels])
    put(db, "starbase_detail", {"starbase_id": 5, "fuels": held})


def test_a_large_starbase_lasts_7200_seconds_on_80_blocks_as_aa_structures_reckons() -> None:
    with empty_database() as db:
        tower(db)
        (row,) = read(db, "structures", NOW).rows

    assert row["fuel_hours"] * 3600 == pytest.approx(7_200)
    assert (row["kind"], row["attention"], row["fuel_source"]) == ("starbase", "high", "bay")


def test_in_empire_space_a_starbase_lasts_as_long_as_its_charters() -> None:
    with empty_database() as db:
        tower(db, ((4246, 8_000), (24593, 30)))
        (lawless,) = read(db, "structures", NOW).rows
        db.execute(
            "INSERT INTO ref.solar_system VALUES (30, 'Abagawa', 0.45, 1, 'Iwisoda', 1, 'Kador')"
        )
        (row,) = read(db, "structures", NOW).rows

    assert (lawless["fuel_hours"], lawless["in_bay"]) == (200.0, 8_000)
    assert (row["fuel_hours"], row["in_bay"], row["burn_per_hour"]) == (30.0, 30, 1.0)


def test_sovereignty_makes_it_9600_seconds() -> None:
    with empty_database() as db:
        tower(db)
        put(db, "sovereignty_hub", {"id": 7, "solar_system_id": 30})
        row = next(r for r in read(db, "structures", NOW).rows if r["kind"] == "starbase")

    assert row["fuel_hours"] * 3600 == pytest.approx(9_600)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("Caldari Control Tower", 40),
        ("Amarr Control Tower Medium", 20),
        ("Gallente Control Tower Small", 10),
        ("Guristas Control Tower", 36),
        ("Dread Guristas Control Tower Small", 8),
        ("True Sansha Control Tower", 32),
    ],
)
def test_towers_burn_by_size_and_make(name: str, rate: float) -> None:
    assert fuel.tower_burn(name, holds_system=False) == pytest.approx(rate)


def test_fuel_that_nobody_may_read_is_unknown_and_an_empty_bay_is_empty() -> None:
    with empty_database() as db:
        tower(db, None)
        (unknown,) = read(db, "structures", NOW).rows
    with empty_database() as db:
        tower(db, ())
        (empty,) = read(db, "structures", NOW).rows

    assert (unknown["fuel_hours"], unknown["in_bay"]) == (None, None)
    assert (empty["fuel_hours"], empty["in_bay"]) == (0.0, 0)


def test_a_sovereignty_hub_burns_from_when_it_was_counted() -> None:
    reagents = {
        "last_updated": "2026-11-28T10:00:00Z",
        "reagents": [
            {"type_id": 81143, "amount": 900, "burning_per_hour": 90},
            {"type_id": 81144, "amount": 10_000, "burning_per_hour": 90},
        ],
    }
    with empty_database() as db:
        put(db, "sovereignty_hub", {"id": 7, "solar_system_id": 30})
        put(db, "sovereignty_hub_detail", {"id": 7, "reagent_bay": json.dumps(reagents)})
        (row,) = read(db, "structures", NOW).rows

    assert (row["fuel_hours"], row["burn_per_hour"]) == (8.0, 90)


@pytest.mark.parametrize(
    ("hours", "level"),
    [(19.9, "high"), (20, "high"), (71, "high"), (100, "medium"), (300, "low"), (400, None)],
)
def test_fuel_is_judged_by_bands_and_twenty_hours_are_always_high(
    hours: float, level: str | None
) -> None:
    with empty_database() as db:
        expires = seconds(NOW) + hours * 3600
        from corpsync_tui.boards.kit.board import esi_time

        put(db, "structure", structure(fuel_expires=esi_time(expires)))
        (row,) = read(db, "structures", NOW).rows

    assert row["attention"] == level


def test_timers_services_and_what_is_unanchored() -> None:
    services = json.dumps(
        [{"name": "Market", "state": "offline"}, {"name": "X", "state": "online"}]
    )
    with empty_database() as db:
        put(
            db,
            "structure",
            structure(1, state="hull_reinforce", state_timer_end="2026-11-28T17:00:00Z"),
            structure(2, state_timer_end="2026-11-29T11:00:00Z"),
            structure(3, services=services),
            structure(4, unanchors_at="2026-12-03T11:00:00Z"),
        )
        rows = {row["id"]: row for row in read(db, "structures", NOW).rows}

    assert [rows[n]["attention"] for n in (1, 2, 3, 4)] == ["high", "medium", "medium", "medium"]
    assert rows[1]["timer_end"] == seconds("2026-11-28T17:00")
    assert rows[3]["services_offline"] == 1


def test_a_skyhook_tells_its_next_window_and_an_office_its_hours() -> None:
    window = json.dumps({"start": "2026-11-28T22:40:00Z", "end": "2026-11-28T23:40:00Z"})
    with empty_database() as db:
        put(db, "skyhook", {"id": 3, "planet_id": 40})
        put(db, "skyhook_detail", {"id": 3, "planet_id": 40, "theft_vulnerability": window})
        put(db, "customs_office", {"office_id": 4, "system_id": 30, "reinforce_exit_start": 22})
        rows = {row["kind"]: row for row in read(db, "structures", NOW).rows}

    assert rows["skyhook"]["timer_end"] == seconds("2026-11-28T22:40")
    assert rows["skyhook"]["attention"] is None
    assert rows["customs_office"]["fuel_hours"] is None


def test_the_haul_list_is_what_thirty_days_lack() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", NOW)
        put(db, "structure", structure(fuel_expires="2026-12-08T12:00:00Z"))
        put(db, "asset", bay(1_680))
        result = read(db, "structures", NOW)
        board = find_board("structures")

    assert result.summary["haul"] == 24 * 7 * 30 - 1_680
    assert haul(result.rows[0], days=90) == 24 * 7 * 90 - 1_680
    assert board.copied is not None
    assert board.copied(result.rows) == ["Nitrogen Fuel Block 3360"]


def test_a_metenox_whose_gas_ends_first_lacks_fuel_blocks_all_the_same() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", NOW)
        drill = structure(type_id=METENOX, fuel_expires="2026-12-28T12:00:00Z")
        put(db, "structure", drill)
        put(db, "asset", bay(3_600), bay(1_000, type_id=fuel.GAS, item_id=10))
        result = read(db, "structures", NOW)
        (row,) = result.rows

    assert (row["fuel_source"], row["in_bay"], row["burn_per_hour"]) == ("bay", 1_000, 200.0)
    assert haul(row, days=60) == 5 * 24 * 60 - 3_600
    assert result.summary["haul"] == 0


def test_old_copies_are_stale_and_the_oldest_is_what_it_is_as_of() -> None:
    with empty_database() as db:
        copied(db, "assets", "asset", "2026-11-28T11:00")
        copied(db, "structures", "structure", "2026-11-28T08:30")
        put(db, "sync_schedule", {"process_id": f"{C}/structures", "interval_minutes": 60})
        fresh = read(db, "structures", "2026-11-28T11:30")
        stale = read(db, "structures", "2026-11-28T11:31")

    assert fresh.as_of == seconds("2026-11-28T08:30")
    assert (fresh.stale, stale.stale) == (False, True)


@pytest.mark.parametrize("by_hand", ["often", 0, -5, b"\x00"])
def test_an_interval_that_makes_no_sense_says_nothing_of_staleness(by_hand: object) -> None:
    """It may be edited by hand, and is made good at the next start of a holder."""
    with empty_database() as db:
        copied(db, "structures", "structure", "2026-11-28T08:30")
        put(db, "sync_schedule", {"process_id": f"{C}/structures", "interval_minutes": by_hand})
        result = read(db, "structures", "2026-11-30T11:31")

    assert not result.stale


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"state": "hull_reinforce", "state_timer_end": "2026-11-28T17:00:00Z"}, "hull 17:00"),
        ({"state": "armor_reinforce", "state_timer_end": "2026-12-02T17:00:00Z"}, "armor 02 Dec"),
        ({"services": '[{"name": "Market", "state": "offline"}]'}, "1 down"),
        ({"fuel_expires": "2026-12-08T12:00:00Z"}, "full power"),
        ({}, "low power"),
        ({"state": "anchoring"}, "anchoring"),
    ],
)
def test_the_state_of_a_row_is_what_matters_most_of_it(found: Any, words: str) -> None:
    with empty_database() as db:
        put(db, "structure", structure(**found))
        (row,) = read(db, "structures", NOW).rows

    assert row["status"] == words


HANGAR = {"location_flag": "CorpSAG1", "location_id": 77}
SEVEN_AN_HOUR = {"fuel_expires": "2026-12-08T12:00:00Z"}
"""With the 1,680 blocks that lie in the bay at noon."""


def moved(
    db: sqlite3.Connection, bays: Any, hangars: Any, *, burns: Any = None, listed: str = NOW
) -> list[str]:
    """The detail pane, after copies of the assets ten hours apart, the last one at noon.

    A copy is how many blocks lay in the bay, and how many in a hangar; 0 is no stack.
    """
    copied(db, "assets", "asset", NOW)
    copied(db, "structures", "structure", listed)
    put(db, "structure", structure(**(SEVEN_AN_HOUR if burns is None else burns)))
    start = seconds(NOW) - (len(bays) - 1) * 36_000
    for item, copies, place in ((9, bays, {}), (10, hangars, HANGAR)):
        stacks = [bay(n, item_id=item) | place if n else None for n in copies]
        if stacks[-1]:
            put(db, "asset", stacks[-1])
        for number, (before, after) in enumerate(pairwise(stacks), 1):
            log(db, item, before, after, start + number * 36_000)
    (row,) = read(db, "structures", NOW).rows
    return list(details(BoardContext(db, C, seconds(NOW)), BoardAnswer([row]), [row])[0])


def log(db: sqlite3.Connection, item: int, before: Any, after: Any, time: float) -> None:
    """Keep a change of an asset as the change log does."""
    if before == after:
        return
    sides = [{n: v for n, v in (side or {}).items() if n != "item_id"} for side in (before, after)]
    if before and after:
        sides = [{n: v for n, v in a.items() if b[n] != v} for a, b in (sides, sides[::-1])]
    texts = [json.dumps(side) if side else None for side in sides]
    kind = "changed" if before and after else "added" if after else "removed"
    key = json.dumps({"item_id": item}, separators=(",", ":"))
    put(db, "change", {"run_id": int(time), "time": time, "table_name": "asset", "kind": kind,
        "row_key": key, "before": texts[0], "after": texts[1]})  # fmt: skip


@pytest.mark.parametrize(
    ("bays", "hangars", "said"),
    [
        ((1_820, 1_750, 1_680), (500, 500, 500), None),
        ((1_831, 1_761, 1_680), (500, 500, 500), None),
        ((820, 750, 1_680), (2_000, 2_000, 1_100), "refuelled: 1,000 blocks, from own hangars"),
        ((820, 750, 1_680), (900, 900, 0), "refuelled: 1,000 blocks, from own hangars"),
        ((820, 750, 1_680), (500, 500, 0), "refuelled: 1,000 blocks, from own hangars in part"),
        ((820, 750, 1_680), (500, 500, 500), "refuelled: 1,000 blocks, hauled in"),
        ((1_890, 1_820, 1_680), (5, 5, 5), "70 blocks gone beyond its burn, not into own hangars"),
        ((2_320, 2_250, 1_680), (0, 0, 500), "500 blocks taken into own hangars"),
        (
            (2_320, 2_250, 1_680),
            (500, 500, 100),
            "500 blocks withdrawn, own hangars lost some too: theft?",
        ),
    ],
    ids=["burn", "rounded", "own", "all", "part", "hauled", "anomaly", "back", "theft"],
)
def test_a_refuel_is_told_from_a_theft_by_what_hangars_hold_as_structure_manager_does(
    bays: Any, hangars: Any, said: str | None
) -> None:
    with empty_database() as db:
        lines = moved(db, bays, hangars)

    told = [line for line in lines if line.startswith("28 Nov 12:00 ")]
    assert told == ([f"28 Nov 12:00 {said}"] if said else [])


def test_the_last_refuel_stays_told_while_the_bay_burns() -> None:
    with empty_database() as db:
        lines = moved(db, (890, 820, 1_750, 1_680), (500, 500, 500, 500))

    assert "28 Nov 02:00 refuelled: 1,000 blocks, hauled in" in lines


def test_a_bay_that_was_emptied_is_unknown_where_nobody_knows_what_it_burns() -> None:
    with empty_database() as db:
        lines = moved(db, (870, 800, 0), (500, 500, 0), burns={})

    assert "28 Nov 12:00 800 blocks fewer: burned or taken is unknown" in lines


def test_a_bay_that_was_emptied_is_a_theft_by_what_its_modules_burn() -> None:
    with empty_database() as db:
        modules(db, ASTRAHUS, 1657, -25, (1321, 10))
        db.execute("DELETE FROM structure")
        lines = moved(db, (875, 800, 0), (500, 500, 400), burns={"type_id": ASTRAHUS})

    assert "28 Nov 12:00 725 blocks withdrawn, own hangars lost some too: theft?" in lines


def test_neither_refuel_nor_theft_is_told_before_structures_are_as_new_as_assets() -> None:
    with empty_database() as db:
        lines = moved(db, (820, 750, 1_680), (9, 9, 9), listed="2026-11-28T11:50")

    assert "28 Nov 12:00 refuel or theft is unknown until structures are read again" in lines
