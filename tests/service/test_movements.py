"""What became of things, stacks and containers: what proves it, and what nothing proves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from corpsync_tui.boards.kit.board import BoardContext, esi_time
from corpsync_tui.catalog.assets import Asset
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.queries.story import Story
from corpsync_tui.service.movements import read_movements
from corpsync_tui.store.changelog import ChangeLog
from corpsync_tui.store.changepack import pack_oldest
from corpsync_tui.store.schema import Table
from tests.boards.support import C, copied, empty_database, put, seconds

START = seconds("2026-11-28T12:00")
"""When the first copy is made; the others follow hour by hour."""
JITA, OFFICE, BOX, HANGAR = 60003760, 100, 200, "CorpSAG3"
ALDRA, BERO = 1, 2
TRITANIUM, RIFTER, CONTAINER = 34, 587, 17366
NAMES = {
    JITA: "Jita IV - Moon 4 - Caldari Navy Assembly Plant",
    ALDRA: "Aldra Vex",
    BERO: "Bero Sand",
    TRITANIUM: "Tritanium",
    RIFTER: "Rifter",
    CONTAINER: "Audit Log Container",
}
Row = dict[str, Any]


def thing(item_id: int, quantity: int = 1, **values: Any) -> Row:
    """A stack of Tritanium in the third hangar, unless it is said otherwise."""
    row = {
        "item_id": item_id,
        "is_singleton": 0,
        "location_flag": HANGAR,
        "location_id": OFFICE,
        "location_type": "item",
        "quantity": quantity,
        "type_id": TRITANIUM,
    }
    return row | values


def boxed(item_id: int, quantity: int, **values: Any) -> Row:
    return thing(item_id, quantity, location_id=BOX, location_flag="Unlocked") | values


OWN = (
    thing(OFFICE, type_id=27, location_id=JITA, location_flag="OfficeFolder", is_singleton=1),
    thing(BOX, type_id=CONTAINER, is_singleton=1, name="Minerals"),
)


@dataclass
class Past:
    """A corporation whose assets are copied hour by hour, and kept as syncs keep them."""

    db: sqlite3.Connection
    corporation_id: int = C
    packed_rows: int = 100_000
    bulk_rows: int = 10_000
    copies: int = 0

    def copy(self, *things: Row) -> None:
        """One sync more, which finds these things besides office and container."""
        now, table = START + 3600 * self.copies, Table.of(Asset)
        self.copies += 1
        run_id = 2 * self.copies + 1_000 * (self.corporation_id - C)
        log = ChangeLog(
            [table],
            self.corporation_id,
            run_id,
            bulk_rows=self.bulk_rows,
            packed_rows=self.packed_rows,
        )
        before = {row["item_id"]: row for row in self._held()}
        after = {row["item_id"]: dict.fromkeys(table.row_columns) | row for row in (*OWN, *things)}
        is_it = "corporation_id = ? AND item_id = ?"
        with log.listening(self.db, now, begins=True):
            for item_id in before.keys() - after.keys():
                self._run(f"DELETE FROM asset WHERE {is_it}", self.corporation_id, item_id)
            for item_id, row in after.items():
                if item_id not in before:
                    put(self.db, "asset", row | {"corporation_id": self.corporation_id})
                elif before[item_id] != row:
                    sets = ", ".join(f"{name} = ?" for name in row)
                    values = (*row.values(), self.corporation_id, item_id)
                    self._run(f"UPDATE asset SET {sets} WHERE {is_it}", *values)
        for number, process in enumerate(("assets", "container_logs")):
            put(self.db, "sync_history", {"id": run_id + number, "result": "success",
                "process_id": f"{self.corporation_id}/{process}", "process_type": process,
                "corporation_id": self.corporation_id, "trigger": "schedule",
                "start_time": now, "duration": 0.0, "current_until": now + 3600})  # fmt: skip

    def _held(self) -> list[Row]:
        names = Table.of(Asset).row_columns
        sql = f"SELECT {', '.join(names)} FROM asset WHERE corporation_id = ?"
        rows = self.db.execute(sql, (self.corporation_id,))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _run(self, sql: str, *values: Any) -> None:
        self.db.execute(sql, values)

    def story(self, item_id: int) -> Story:
        context = BoardContext(self.db, self.corporation_id, START + 86_400)
        return read_movements(context, "asset", {"item_id": item_id})

    def told(self, item_id: int) -> list[str]:
        """The story without its begin, a line a movement."""
        return [
            f"{m.sentence} | {m.certainty} | {m.who or '–'}"
            for m in self.story(item_id).movements
            if m.time > START
        ]


@pytest.fixture
def past() -> Iterator[Past]:
    with empty_database() as db:
        put(db, "eve_name", *({"id": i, "name": n} for i, n in NAMES.items()))
        put(db, "division", {"kind": "hangar", "division": 3, "name": "Loot"})
        yield Past(db)


def at(minutes: float) -> str:
    """A moment after the first copy, as ESI writes it."""
    return esi_time(START + 60 * minutes)


def logged(past: Past, minutes: float, action: str, quantity: int, who: int = BERO) -> None:
    """A line of the container's log."""
    put(past.db, "container_log", {"row_hash": int(minutes), "ordinal": 0, "action": action,
        "character_id": who, "container_id": BOX, "container_type_id": CONTAINER,
        "logged_at": at(minutes), "quantity": quantity, "type_id": TRITANIUM,
        "location_id": JITA, "location_flag": HANGAR})  # fmt: skip


BOXED, LOOT = "Jita 4-4 › Loot › Minerals", "Jita 4-4 › Loot"


def test_a_thing_that_keeps_its_id_has_moved_but_hangars_do_not_tell_who_did_it(
    past: Past,
) -> None:
    ship = {"type_id": RIFTER, "is_singleton": 1}
    past.copy(thing(1, **ship))
    past.copy(thing(1, **ship, location_flag="CorpSAG4", name="Bait"))

    story = past.story(1)
    begin, *told = story.movements
    assert story.title == "Bait"
    assert (begin.sentence, begin.certainty) == (
        "Here the change log of assets begins",
        "cannot be proven",
    )
    assert [(m.sentence, m.certainty, m.reason, m.who) for m in told] == [
        ("Rifter “Bait” moved from Jita 4-4 › Loot to Jita 4-4 › Hangar 4", "proven",
         "hangars keep no log of who", ""),
        ("Rifter without a name is now Bait", "proven", "", ""),
    ]  # fmt: skip
    window = told[0].window
    assert window is not None
    assert (window.since, window.until) == (START, START + 3600)


def test_what_is_split_off_has_likely_come_to_where_as_many_are_more(past: Past) -> None:
    past.copy(thing(1, 100), boxed(9, 5))
    past.copy(thing(1, 60), boxed(9, 5), boxed(2, 40))

    moved = f"40 × Tritanium moved from {LOOT} to {BOXED}, as another stack"
    assert past.told(1) == [f"{moved} | likely | –"]
    assert past.told(2) == [f"{moved} | likely | –"]


def test_stacks_that_merge_go_on_as_one_story(past: Past) -> None:
    past.copy(thing(1, 100), thing(2, 50))
    past.copy(thing(2, 150))
    past.copy(thing(2, 170))

    restacked = f"150 × Tritanium in {LOOT} were stacked otherwise | proven | –"
    more = f"20 × Tritanium new, 170 now in {LOOT} | cannot be proven | –"
    assert past.told(1) == past.told(2) == [restacked, more]


def test_the_log_of_a_container_proves_who_took_things_out_of_it(past: Past) -> None:
    past.copy(boxed(1, 200))
    logged(past, 30, "move", 40)
    logged(past, 40, "lock", 160, ALDRA)
    past.copy(boxed(1, 160))
    logged(past, 90, "move", 10)
    past.copy(boxed(1, 130))
    past.copy(boxed(1, 100))

    line = f"Bero Sand took {{}} × Tritanium out of Minerals in {LOOT.partition(' ›')[0]} › Loot"
    story = [
        f"{line.format(40)} | proven | Bero Sand",
        f"Aldra Vex locked 160 × Tritanium in Minerals in {LOOT} | proven | Aldra Vex",
        f"40 × Tritanium gone, 160 left in {BOXED} | proven | Bero Sand",
        f"{line.format(10)} | proven | Bero Sand",
        f"30 × Tritanium gone, 130 left in {BOXED} | likely | Bero Sand",
        f"30 × Tritanium gone, 100 left in {BOXED} | cannot be proven | –",
    ]
    assert past.told(1) == past.told(BOX) == story
    reasons = [m.reason for m in past.story(BOX).movements if m.source == "change log"][1:]
    assert reasons == [
        "the container log has the same 40",
        "the container log has 10 of these 30",
        "the container log says nothing of it; "
        "no sale, order, contract or job of that time has as many",
    ]


def test_logs_that_were_not_read_in_time_prove_nothing(past: Past) -> None:
    past.copy(boxed(1, 200))
    logged(past, 30, "move", 40)
    past.copy(boxed(1, 160))
    past.db.execute("DELETE FROM sync_history WHERE process_type = 'container_logs'")
    past.db.execute("UPDATE container_log SET type_id = 35")

    *_, last = past.story(1).movements
    assert last.reason.startswith("its container log was not read in time; ")


@pytest.mark.parametrize(
    ("quantity", "place", "said"),
    [
        (40, JITA, "likely: as many were sold there meanwhile"),
        (41, JITA, "cannot be proven: hangars keep no log of who; no sale, order"),
        (40, JITA + 1, "cannot be proven: hangars keep no log of who; no sale, order"),
    ],
    ids=["as many", "more", "elsewhere"],
)
def test_a_sale_of_as_many_there_and_then_likely_explains_them(
    past: Past, quantity: int, place: int, said: str
) -> None:
    past.copy(thing(1, 100))
    for minutes, id_ in ((30, 7), (90, 8)):
        put(past.db, "wallet_transaction", {"transaction_id": id_, "division": 1,
            "date": at(minutes), "is_buy": 0, "quantity": quantity, "type_id": TRITANIUM,
            "location_id": place, "client_id": BERO, "unit_price": 5.0})  # fmt: skip
    past.copy(thing(1, 60))

    movements = past.story(1).movements
    last = movements[-1]
    assert f"{last.certainty}: {last.reason}".startswith(said)
    sales = [m.sentence for m in movements if m.source == "wallet"]
    sold = ["Master wallet: 40 × Tritanium sold for 200.00 to Bero Sand"]
    assert sales == (sold if last.certainty == "likely" else [])


def test_orders_contracts_and_jobs_explain_too(past: Past) -> None:
    past.copy(thing(1, 100))
    put(past.db, "market_order", {"order_id": 5, "issued": at(20), "issued_by": ALDRA,
        "volume_total": 10, "volume_remain": 10, "type_id": TRITANIUM, "location_id": JITA,
        "state": "open", "price": 5.0})  # fmt: skip
    past.copy(thing(1, 90))
    put(past.db, "contract", {"contract_id": 6, "issuer_id": BERO, "issuer_corporation_id": C,
        "for_corporation": 1, "date_issued": at(70), "start_location_id": JITA,
        "type": "item_exchange"})  # fmt: skip
    put(past.db, "contract_item", {"contract_id": 6, "record_id": 1, "is_included": 1,
        "quantity": 20, "type_id": TRITANIUM})  # fmt: skip
    past.copy(thing(1, 70))
    put(past.db, "industry_job", {"job_id": 7, "product_type_id": TRITANIUM,
        "completed_date": at(130), "completed_character_id": ALDRA,
        "output_location_id": OFFICE})  # fmt: skip
    past.copy(thing(1, 75))

    changes = [m for m in past.story(1).movements if m.source == "change log"][1:]
    assert [(m.certainty, m.reason, m.who) for m in changes] == [
        ("likely", "as many were put up for sale there meanwhile", "Aldra Vex"),
        ("likely", "as many left by contract meanwhile", "Bero Sand"),
        ("likely", "a job delivered some there meanwhile", "Aldra Vex"),
    ]


def test_where_nothing_tells_the_members_who_were_about_are_named(past: Past) -> None:
    past.copy(boxed(1, 100))
    put(past.db, "member_seen", *({"character_id": i, "day": "2026-11-28"} for i in (1, 2, 3)))
    put(past.db, "member_role", {"character_id": BERO, "roles": json.dumps(["Container_Take_3"])},
        {"character_id": ALDRA, "roles": json.dumps(["Hangar_Take_1"])})  # fmt: skip
    put(past.db, "member", {"character_id": BERO, "logon_date": at(20), "logoff_date": at(50),
        "location_id": JITA})  # fmt: skip
    put(past.db, "role_change", {"changed_at": at(10), "character_id": BERO, "issuer_id": ALDRA,
        "role_type": "roles", "row_hash": 1, "old_roles": "[]",
        "new_roles": json.dumps(["Container_Take_3"])})  # fmt: skip
    past.copy(boxed(1, 60))

    given, gone, seen, online = past.story(1).movements[1:]
    assert {m.source for m in (given, seen, online)} == {"member log"}
    assert given.sentence == "Aldra Vex gave Container_Take_3: roles of Bero Sand"
    assert gone.certainty == "cannot be proven"
    assert (seen.sentence, seen.who, seen.certainty) == (
        "3 members were seen on 28 Nov, 1 of them may take from there",
        "Bero Sand",
        "cannot be proven",
    )
    assert online.certainty == "proven"
    assert online.sentence == (
        "Bero Sand was online from 28 Nov 12:20 until 28 Nov 12:50, last in Jita 4-4"
    )


def test_who_took_something_and_left_is_told_with_it(past: Past) -> None:
    past.copy(boxed(1, 100))
    logged(past, 30, "move", 40)
    past.copy(boxed(1, 60))
    key = json.dumps({"character_id": BERO}, separators=(",", ":"))
    put(past.db, "change", {"run_id": 99, "time": START + 5000, "table_name": "member",
        "kind": "removed", "row_key": key, "before": "{}"})  # fmt: skip

    assert past.told(1)[-1] == "Bero Sand left | proven | Bero Sand"


def test_what_explains_a_change_stands_before_it_even_at_the_same_moment(past: Past) -> None:
    past.copy(boxed(1, 100))
    logged(past, 60, "move", 40)
    past.copy(boxed(1, 60))

    assert [m.source for m in past.story(1).movements] == [
        "change log",
        "container log",
        "change log",
    ]


def test_packed_changes_tell_and_changes_that_were_only_counted_are_said_to_be(
    past: Past,
) -> None:
    past.bulk_rows = 0
    past.copy(boxed(1, 100))
    past.copy(boxed(1, 100), thing(2, 7))
    past.copy(boxed(1, 60))
    packed = past.told(1)
    assert packed == [f"40 × Tritanium gone, 60 left in {BOXED} | cannot be proven | –"]
    assert past.told(2)[0].startswith(f"7 × Tritanium new, 7 now in {LOOT}")

    past.packed_rows = 0
    past.copy(boxed(1, 50))
    past.bulk_rows = past.packed_rows = 100
    past.copy(boxed(1, 45))
    counted, last = past.story(1).movements
    assert counted.sentence == "Here so many assets changed at once that they were only counted"
    assert counted.certainty == "cannot be proven"
    assert last.sentence == f"5 × Tritanium gone, 45 left in {BOXED}"


def test_old_changes_that_are_packed_by_the_day_tell_the_same(past: Past) -> None:
    past.copy(boxed(1, 100), thing(2, 50), thing(3, 8))
    logged(past, 30, "move", 40)
    past.copy(boxed(1, 60), thing(2, 50), thing(3, 8))
    past.copy(boxed(1, 60), thing(2, 50, location_flag="CorpSAG4"), thing(3, 8))
    past.copy(boxed(1, 50), thing(2, 45, location_flag="CorpSAG4"))
    before = [past.told(item_id) for item_id in (1, 2, 3, BOX)]
    assert pack_oldest(past.db, 0, 3)

    assert past.db.execute("SELECT COUNT(*) FROM change_pack").fetchone() == (1,)
    assert [past.told(item_id) for item_id in (1, 2, 3, BOX)] == before


def test_each_corporation_has_its_own_story(past: Past) -> None:
    other = Past(past.db, C + 1)
    for one, left in ((past, 60), (other, 99)):
        one.copy(boxed(1, 100))
        one.copy(boxed(1, left))
    logged(past, 30, "move", 40)

    assert f"40 × Tritanium gone, 60 left in {BOXED} | proven | Bero Sand" in past.told(1)
    (alone,) = other.told(1)
    assert alone.endswith("99 left in Jita 4-4 › Hangar 3 › Minerals | cannot be proven | –")


def test_a_container_is_followed_by_a_row_of_its_log_even_when_it_is_gone(past: Past) -> None:
    past.copy()
    logged(past, 30, "move", 40)
    past.db.execute("UPDATE container_log SET container_id = 999")
    context = BoardContext(past.db, C, START)
    story = read_movements(context, "container_log", {"row_hash": 30, "ordinal": 0})

    assert story.title == "Item 999 and what is in it"
    assert "Bero Sand took 40 × Tritanium" in story.movements[-1].sentence


@pytest.mark.parametrize(
    ("table", "row_key"),
    [
        ("asset", {"item_id": 4}),
        ("container_log", {"row_hash": 4, "ordinal": 0}),
        ("structure", {"structure_id": 4}),
    ],
)
def test_what_nobody_knows_is_said_to_be_unknown(past: Past, table: str, row_key: Row) -> None:
    with pytest.raises(CorpsyncError, match="Nothing is known of that any more"):
        read_movements(BoardContext(past.db, C, START), table, row_key)


def test_a_fuel_bay_burns_is_refuelled_and_robbed(past: Past) -> None:
    def bay(item_id: int, quantity: int, type_id: int) -> Row:
        inside = {"location_id": 77, "location_flag": "StructureFuel", "type_id": type_id}
        return thing(item_id, quantity, **inside)

    put(past.db, "structure", {"structure_id": 77, "name": "Mill", "type_id": 35835,
        "state": "shield_vulnerable", "fuel_expires": at(3 * 60 + 600 * 60)})  # fmt: skip
    past.copy(bay(1, 2_007, 4246), bay(2, 900, 81143))
    past.copy(bay(1, 2_000, 4246), bay(2, 700, 81143))
    past.copy(bay(1, 6_000, 4246), bay(2, 700, 81143))
    past.copy(bay(1, 4_200, 4246), bay(2, 700, 81143))
    for process, table in (("assets", "asset"), ("structures", "structure")):
        copied(past.db, process, table, "2026-11-28T15:00")
    put(past.db, "eve_name", {"id": 77, "name": "Mill"}, {"id": 81143, "name": "Magmatic Gas"})
    key = json.dumps({"structure_id": 77}, separators=(",", ":"))
    ends = [json.dumps({"fuel_expires": at(minutes)}) for minutes in (600, 36_180)]
    put(past.db, "change", {"run_id": 5, "time": START + 7300, "table_name": "structure",
        "kind": "changed", "row_key": key, "before": ends[0], "after": ends[1]})  # fmt: skip
    story = read_movements(
        BoardContext(past.db, C, START + 4 * 3600), "structure", {"structure_id": 77}
    )

    assert story.title == "Fuel bay of Mill"
    assert [(m.sentence, m.certainty) for m in story.movements[1:]] == [
        ("7 blocks burned", "likely"),
        ("200 × Magmatic Gas gone, 700 left in Mill › Structure Fuel", "cannot be proven"),
        ("refuelled: 4,007 blocks, hauled in", "likely"),
        ("Mill was refuelled: fuel until 23 Dec 15:00", "proven"),
        ("1,793 blocks gone beyond its burn, not into own hangars", "cannot be proven"),
    ]
