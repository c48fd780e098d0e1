"""A run whose process died is called interrupted: at once for readers, for good by the holder."""

from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.store.database import Store
from corpsync_tui.store.interrupted import mark_interrupted
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.models import SyncHistoryRow, SyncStatusRow
from tests.store.tables import MODELS

pytestmark = pytest.mark.anyio


def leave_running(_: object) -> None:
    for number, result in enumerate(("success", "running")):
        SyncHistoryRow.create(
            process_id="98000001/assets",
            process_type="assets",
            corporation_id=98_000_001,
            trigger="schedule",
            start_time=1_800_000_000.0 + number,
            result=result,
        )
    SyncStatusRow.create(process_id="98000001/assets", status="running", error_count=2)
    SyncStatusRow.create(process_id="98000001/wallet", status="error", error_count=1)


async def results(store: Store) -> tuple[list[str], list[str]]:
    return await store.read(
        lambda _: (
            [row.result for row in SyncHistoryRow.select().order_by(SyncHistoryRow.id)],
            [row.status for row in SyncStatusRow.select().order_by(SyncStatusRow.process_id)],
        )
    )


async def test_readers_tell_the_truth_without_writing(path: Path, store: Store) -> None:
    await store.write(leave_running)
    await store.aclose()
    reading = Store.open(path, MODELS, clock=Clock(), readonly=True)
    assert await results(reading) == (["success", "interrupted"], ["idle", "error"])
    step = await reading.read(
        lambda db: db.execute("SELECT current_step FROM sync_status").fetchone()
    )
    assert step == ("Interrupted",)
    raw = "SELECT result FROM main.sync_history ORDER BY id"
    stored = await reading.read(lambda db: db.execute(raw).fetchall())
    assert stored == [("success",), ("running",)]
    await reading.aclose()


async def test_beside_a_living_holder_running_is_running(path: Path, store: Store) -> None:
    lock = OwnerLock(path.parent, "corpsync run", Clock())
    lock.acquire()
    await store.write(leave_running)
    reading = Store.open(path, MODELS, clock=Clock(), readonly=True)
    assert await results(reading) == (["success", "running"], ["running", "error"])
    await reading.aclose()
    lock.release()


async def test_the_next_holder_writes_it_down(store: Store) -> None:
    await store.write(leave_running)
    assert await store.write(mark_interrupted) == [2]
    assert await results(store) == (["success", "interrupted"], ["idle", "error"])
    count = await store.read(lambda _: SyncStatusRow.get_by_id("98000001/assets").error_count)
    assert count == 2
    assert await store.write(mark_interrupted) == []
