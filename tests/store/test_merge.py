"""Staged rows become the table's rows, and the counts say exactly what that did."""

import sqlite3
from array import array
from contextlib import closing
from typing import Any

import pytest

from corpsync_tui.store import merge
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts, Partitions, merge_stage
from corpsync_tui.store.schema import Table
from corpsync_tui.store.stage import Row, Stage
from tests.store.tables import CORPORATION, Item, Journal, Mark

pytestmark = pytest.mark.anyio

ITEMS = Table.of(Item)
JOURNAL = Table.of(Journal)


def item(number: int, quantity: int = 1, type_id: int | None = 34) -> Row:
    return (0, number, 60_003_760, quantity, type_id)


def ids(*numbers: int) -> bytes:
    return array("q", numbers).tobytes()


async def staged(store: Store, table: Table, rows: list[Row], unit: int = 0) -> Stage:
    stage = Stage(store, table)
    await stage.put(lambda: rows, unit)
    return stage


async def snapshot(store: Store, rows: list[Row], **pages: Any) -> Counts:
    stage = await staged(store, ITEMS, rows)
    counts = await store.write(
        lambda db: merge_stage(db, stage, CORPORATION, "snapshot", Partitions(**pages))
    )
    await stage.drop()
    return counts


def by_hand(store: Store, sql: str) -> None:
    """What somebody with another program does to the file."""
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute(sql)


async def quantities(store: Store, corporation_id: int = CORPORATION) -> dict[int, int]:
    query = "SELECT item_id, quantity FROM item WHERE corporation_id = ?"
    return dict(await store.read(lambda db: db.execute(query, (corporation_id,)).fetchall()))


async def test_a_snapshot_makes_the_table_equal(store: Store) -> None:
    assert await snapshot(store, [item(1), item(2), item(3)]) == Counts(added=3)
    assert await snapshot(store, [item(3), item(2, 7), item(4)]) == Counts(1, 1, 1)
    assert await quantities(store) == {2: 7, 3: 1, 4: 1}


async def test_an_unchanged_snapshot_writes_no_row(store: Store) -> None:
    rows = [item(n, type_id=None) for n in range(100)]
    await snapshot(store, rows)
    before = await store.write(lambda db: db.total_changes)
    assert await snapshot(store, rows) == Counts()
    stage_rows = len(rows)
    assert await store.write(lambda db: db.total_changes) - before == stage_rows


async def test_null_and_value_are_different(store: Store) -> None:
    await snapshot(store, [item(1, type_id=None)])
    assert await snapshot(store, [item(1, type_id=34)]) == Counts(changed=1)
    assert await snapshot(store, [item(1, type_id=None)]) == Counts(changed=1)


async def test_a_value_that_is_filled_in_later_survives_the_merge(store: Store) -> None:
    await snapshot(store, [item(1)])
    await store.write(lambda db: db.execute("UPDATE item SET name = 'Ore box'").rowcount)
    assert await snapshot(store, [item(1)]) == Counts()
    assert await snapshot(store, [item(1, 5)]) == Counts(changed=1)
    named = await store.read(lambda db: db.execute("SELECT name FROM item").fetchone()[0])
    assert named == "Ore box"


async def test_a_row_on_two_pages_is_one_row(store: Store) -> None:
    stage = await staged(store, ITEMS, [item(1), item(2)])
    await stage.put(lambda: [item(2, 9), item(3)])
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
    assert counts == Counts(added=3)
    assert (stage.rows, stage.duplicates) == (3, 1)
    assert await quantities(store) == {1: 1, 2: 1, 3: 1}


async def test_a_merge_that_was_rolled_back_can_be_done_again(store: Store) -> None:
    stage = await staged(store, ITEMS, [item(1), item(1, 9), item(2)])

    def rolled_back(db: sqlite3.Connection) -> None:
        merge_stage(db, stage, CORPORATION, "snapshot")
        raise RuntimeError("a backup comes first")

    with pytest.raises(RuntimeError):
        await store.write(rolled_back)
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
    assert (counts, stage.rows, stage.duplicates) == (Counts(added=2), 2, 1)


async def test_pages_that_did_not_change_keep_their_rows(store: Store) -> None:
    await snapshot(store, [item(n) for n in range(6)])
    counts = await snapshot(store, [item(2), item(3, 8)], kept=[ids(4, 5)], stale=[ids(0, 1, 2, 3)])
    assert counts == Counts(changed=1, removed=2)
    assert await quantities(store) == {2: 1, 3: 8, 4: 1, 5: 1}


async def test_a_row_that_moved_to_an_unchanged_page_stays(store: Store) -> None:
    await snapshot(store, [item(1), item(2)])
    counts = await snapshot(store, [item(1)], kept=[ids(2)], stale=[ids(1, 2)])
    assert counts == Counts()
    assert await quantities(store) == {1: 1, 2: 1}


async def test_a_row_that_no_page_knows_goes_with_the_next_snapshot(store: Store) -> None:
    await snapshot(store, [item(n) for n in range(4)])
    by_hand(
        store,
        "INSERT INTO item (corporation_id, is_singleton, item_id, location_id, quantity) "
        f"VALUES ({CORPORATION}, 0, 99, 1, 1)",
    )
    counts = await snapshot(store, [item(0)], kept=[ids(1, 2, 3)], stale=[ids(0)])
    assert counts == Counts(removed=1)
    assert sorted(await quantities(store)) == [0, 1, 2, 3]


async def test_rows_lost_from_unchanged_pages_are_told(store: Store) -> None:
    await snapshot(store, [item(n) for n in range(4)])
    assert await snapshot(store, [item(0, 5)], kept=[ids(1, 2, 3)], stale=[ids(0)]) == Counts(
        changed=1
    )
    by_hand(store, "DELETE FROM item WHERE item_id = 2")
    for _ in range(2):  # until the lost row is read again
        counts = await snapshot(store, [item(0, 5)], kept=[ids(1, 2, 3)], stale=[ids(0)])
        assert counts == Counts(missing=1)


async def test_another_corporations_rows_are_not_touched(store: Store) -> None:
    await snapshot(store, [item(1), item(2)])
    stage = await staged(store, ITEMS, [item(1, 50)])
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION + 1, "snapshot"))
    assert counts == Counts(added=1)
    assert await quantities(store) == {1: 1, 2: 1}
    assert await quantities(store, CORPORATION + 1) == {1: 50}


def entry(number: int, amount: float, division: int = 1) -> Row:
    return (division, amount, None, None, "2026-11-24T14:05:00Z", number, "", None)


async def test_a_ledger_adds_and_renews_and_never_deletes(store: Store) -> None:
    first = await staged(store, JOURNAL, [entry(1, 0.1), entry(2, 0.2)])
    await store.write(lambda db: merge_stage(db, first, CORPORATION, "ledger"))
    second = await staged(store, JOURNAL, [entry(2, 0.25), entry(2, 0.2, division=2)])
    counts = await store.write(lambda db: merge_stage(db, second, CORPORATION, "ledger"))
    assert counts == Counts(added=1, changed=1)


async def test_a_log_never_touches_a_row_again(store: Store) -> None:
    first = await staged(store, JOURNAL, [entry(1, 0.1)])
    await store.write(lambda db: merge_stage(db, first, CORPORATION, "log"))
    second = await staged(store, JOURNAL, [entry(1, 99.0), entry(2, 0.2)])
    counts = await store.write(lambda db: merge_stage(db, second, CORPORATION, "log"))
    assert counts == Counts(added=1)
    amounts = await store.read(lambda db: db.execute("SELECT id, amount FROM journal").fetchall())
    assert amounts == [(1, 0.1), (2, 0.2)]


async def test_a_table_of_nothing_but_identities(store: Store) -> None:
    table = Table.of(Mark)
    stage = await staged(store, table, [(1,), (2,)])
    await store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
    stage = await staged(store, table, [(2,), (3,)])
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
    assert counts == Counts(added=1, removed=1)


async def test_a_unit_that_failed_leaves_no_row(store: Store) -> None:
    stage = await staged(store, JOURNAL, [entry(1, 1.0)], unit=1)
    await stage.put(lambda: [entry(1, 2.0, division=2), entry(2, 2.0, division=2)], 2)
    await stage.drop_unit(2)
    assert stage.rows == 1
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION, "log"))
    assert counts == Counts(added=1)


async def test_a_page_that_does_not_decode_stages_nothing(store: Store) -> None:
    stage = await staged(store, ITEMS, [item(1)])

    def broken() -> list[Row]:
        raise ValueError("$[3].item_id")

    with pytest.raises(ValueError, match=r"\$\[3\]"):
        await stage.put(broken)
    with pytest.raises(Exception, match="too large"):
        await stage.put(lambda: [item(2), item(2**63)])
    assert stage.rows == 1
    counts = await store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
    assert counts == Counts(added=1)


async def test_big_merges_report_progress_in_slices(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "ROWS_PER_SLICE", 10)
    told: list[tuple[int, int]] = []
    stage = await staged(store, JOURNAL, [entry(n % 9, 1.0, division=n // 9) for n in range(25)])

    def work(db: sqlite3.Connection) -> Counts:
        return merge_stage(
            db, stage, CORPORATION, "ledger", progress=lambda done, all_: told.append((done, all_))
        )

    assert await store.write(work) == Counts(added=25)
    assert told == [(10, 25), (20, 25), (25, 25)]


async def test_an_empty_snapshot_empties_the_table(store: Store) -> None:
    await snapshot(store, [item(1), item(2)])
    assert await snapshot(store, []) == Counts(removed=2)
