"""Whatever stops a write, the file holds what it held before, and the reason is told truly."""

import asyncio
import errno
import os
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.connections import WAL_LIMIT
from corpsync_tui.store.database import Store
from corpsync_tui.store.jobs import Job, JobCancelledError
from corpsync_tui.store.models import Setting
from corpsync_tui.store.writable import FailureMark, find_write_fault
from corpsync_tui.store.writer import Writer
from tests.store.tables import MODELS

pytestmark = pytest.mark.anyio

ENDLESS = (
    "INSERT INTO setting WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT 'key ' || i, '0' FROM n"
)
FILL = (
    "INSERT INTO setting WITH RECURSIVE n(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
    "SELECT hex(randomblob(8)) || i, hex(randomblob(400)) FROM n"
)


def put(key: str) -> object:
    return Setting.insert(key=key, value="1").execute()


async def keys(store: Store) -> list[str]:
    return await store.read(lambda _: [row.key for row in Setting.select().order_by(Setting.key)])


async def test_an_error_in_the_work_undoes_all_of_it(store: Store) -> None:
    def work(_: sqlite3.Connection) -> None:
        put("half")
        raise RuntimeError("and then")

    with pytest.raises(RuntimeError, match="and then"):
        await store.write(work)
    assert await keys(store) == []
    await store.write(lambda _: put("whole"))
    assert await keys(store) == ["whole"]


async def test_who_writes_at_once_has_a_transaction_of_its_own(store: Store) -> None:
    """What fails takes nothing along of what others write meanwhile, nor is it kept by them."""

    async def write(number: int) -> None:
        def work(_: sqlite3.Connection) -> None:
            put(f"{number:02} first")
            if number % 3 == 0:
                raise RuntimeError("and then")
            put(f"{number:02} second")

        await store.write(work)

    outcomes = await asyncio.gather(*map(write, range(20)), return_exceptions=True)
    failed = [number for number, outcome in enumerate(outcomes) if outcome is not None]
    assert failed == [*range(0, 20, 3)]
    whole = [number for number in range(20) if number not in failed]
    assert await keys(store) == [f"{n:02} {which}" for n in whole for which in ("first", "second")]


async def test_peewee_transactions_nest_inside_the_work(store: Store) -> None:
    def work(_: sqlite3.Connection) -> None:
        with Setting._meta.database.atomic():
            put("one")

    await store.write(work)
    assert await keys(store) == ["one"]


async def test_models_are_unusable_where_there_is_no_connection() -> None:
    with pytest.raises(Exception, match="not opened"):
        put("on the event loop")


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DatabaseError, match="read-only"):
        await store.read(lambda _: put("from a reader"))


async def test_readers_see_the_old_rows_while_a_write_is_at_work(store: Store) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def work(_: sqlite3.Connection) -> None:
        put("new")
        inside.set()
        go_on.wait()

    writing = asyncio.create_task(store.write(work))
    await asyncio.to_thread(inside.wait)
    assert await keys(store) == []
    go_on.set()
    await writing
    assert await keys(store) == ["new"]


async def test_a_cancelled_statement_is_rolled_back_at_once(store: Store) -> None:
    begun = threading.Event()

    def work(db: sqlite3.Connection) -> None:
        put("before")
        begun.set()
        db.execute(ENDLESS)

    writing = asyncio.create_task(store.write(work))
    await asyncio.to_thread(begun.wait)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await keys(store) == []


async def test_a_cancelled_write_that_has_not_begun_never_runs(store: Store) -> None:
    go_on = threading.Event()
    first = asyncio.create_task(store.write(lambda _: go_on.wait()))
    second = asyncio.create_task(store.write(lambda _: put("never")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await second
    await first
    assert await keys(store) == []


async def test_a_cancellation_that_comes_after_the_commit_does_not_deny_it(store: Store) -> None:
    heard: list[str] = []

    async def run() -> None:
        heard.append(await store.write(lambda _: "stored"))
        await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    commit_everything(store)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == ["stored"]


async def test_a_timeout_around_a_write_that_committed_is_still_a_timeout(store: Store) -> None:
    heard: list[str] = []
    limit = asyncio.timeout(None)

    async def run() -> None:
        async with limit:
            heard.append(await store.write(lambda _: "stored"))
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    commit_everything(store)
    limit.reschedule(asyncio.get_running_loop().time())
    with pytest.raises(TimeoutError):
        await task
    assert heard == ["stored"]


def commit_everything(store: Store) -> None:
    """Stand on the loop until the writer has done its jobs: nobody has heard of it then."""
    assert store._writer is not None
    store._writer.submit(Job(lambda _: None, transaction=False)).future.result()


async def test_an_error_that_was_swallowed_cannot_leave_half_a_run(store: Store) -> None:
    """SQLite rolls back by itself when the disk is full; what followed would have stayed."""

    def work(db: sqlite3.Connection) -> None:
        db.execute(f"PRAGMA max_page_count = {pages(db) + 2}")
        with suppress(sqlite3.OperationalError):
            db.execute(FILL.format(rows=10_000))
        if not db.in_transaction:
            return
        db.execute("ROLLBACK")

    with pytest.raises(DatabaseError, match="nothing was changed"):
        await store.write(work)
    assert await keys(store) == []


async def test_a_full_disk_is_named_and_heals(store: Store) -> None:
    limited = await store.write(lambda db: limit(db, pages(db) + 2), transaction=False)
    assert limited
    with pytest.raises(DatabaseError) as caught:
        await store.write(lambda db: db.execute(FILL.format(rows=10_000)).rowcount)
    assert caught.value.message.startswith(f"The disk is full at {store.path.parent}")
    assert await keys(store) == []
    await store.write(lambda db: limit(db, 1_000_000), transaction=False)
    assert await store.write(lambda db: db.execute(FILL.format(rows=10_000)).rowcount) == 10_000


def pages(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA page_count").fetchone()[0])


def limit(db: sqlite3.Connection, count: int) -> int:
    return int(db.execute(f"PRAGMA max_page_count = {count}").fetchone()[0])


async def test_another_programs_lock_is_waited_for_and_named(path: Path, store: Store) -> None:
    hasty = Writer(path, patience=0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        job = hasty.submit(Job(lambda _: put("late"), transaction=True))
        with pytest.raises(DatabaseError, match=r"keeps corpsync\.db locked"):
            await job.outcome()
        waiting = asyncio.create_task(store.write(lambda _: put("patient")))
        assert await keys(store) == []
        other.execute("ROLLBACK")
    await waiting
    assert await keys(store) == ["patient"]
    hasty.stop()
    assert hasty.join(2.0)


async def test_waiting_for_another_programs_lock_can_be_cancelled(path: Path, store: Store) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writing = asyncio.create_task(store.write(lambda _: put("never")))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    assert await keys(store) == []


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    sqlite3.connect(other).close()
    other.replace(path)


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


TAKE_AWAY = {"deleted": delete, "replaced": replace, "folder deleted": delete_folder}


@pytest.mark.parametrize("how", list(TAKE_AWAY))
async def test_a_file_that_is_not_the_one_we_opened_is_not_written(
    path: Path, store: Store, how: str
) -> None:
    await store.write(lambda _: put("before"))
    TAKE_AWAY[how](path)
    with pytest.raises(DatabaseError, match=r"corpsync\.db was replaced or deleted"):
        await store.write(lambda _: put("into nothing"))
    if path.parent.exists():
        assert "was replaced or deleted" in str(find_write_fault(path))


async def test_a_write_that_failed_elsewhere_is_no_fault_once_one_succeeds(
    path: Path, store: Store
) -> None:
    await store.write(lambda _: put("before"))
    FailureMark(path).set("Another program keeps corpsync.db locked.")  # a command that is gone
    assert find_write_fault(path) is not None
    await store.write(lambda _: put("after"))
    assert find_write_fault(path) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.EDQUOT, "The disk is full"), (errno.EROFS, None), (errno.EIO, "Input/output error")],
)
async def test_a_disk_is_full_only_where_the_system_says_so(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, code: int, said: str | None
) -> None:
    def write_bytes(_: Path, __: bytes) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    found = find_write_fault(path)
    assert found == said if said is None else said in str(found)


async def test_the_wal_is_small_again_once_a_foreign_reader_goes(path: Path, store: Store) -> None:
    wal = path.with_name("corpsync.db-wal")
    await store.write(lambda _: put("first"))
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN")
        foreign.execute("SELECT * FROM setting").fetchall()
        for _ in range(3):
            await store.write(lambda db: db.execute(FILL.format(rows=10_000)).rowcount)
        assert wal.stat().st_size > WAL_LIMIT
        foreign.execute("ROLLBACK")
        await store.write(lambda _: put("last"))
    assert wal.stat().st_size < WAL_LIMIT


async def test_a_reading_of_our_own_that_was_left_holds_no_wal(path: Path, store: Store) -> None:
    """A cursor of which not all rows were fetched keeps its snapshot: none leaves its thread."""
    await store.write(lambda db: db.execute(FILL.format(rows=10_000)).rowcount)
    rows = "SELECT * FROM setting"
    assert len(await store.read(lambda db: db.execute(rows).fetchone())) == 2

    def fail(db: sqlite3.Connection) -> None:
        for row in db.execute(rows):
            raise LookupError(row)

    kept = []
    for left in (lambda db: db.execute(rows), lambda db: (k for k, _ in db.execute(rows)), fail):
        with pytest.raises((TypeError, LookupError)) as caught:
            await store.read(left)
        kept.append(caught)
    await store.write(lambda db: db.execute("UPDATE setting SET value = hex(value)").rowcount)
    await store.write(lambda _: put("last"))
    assert path.with_name("corpsync.db-wal").stat().st_size < WAL_LIMIT


async def test_closing_waits_for_a_write_and_then_rolls_it_back(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpsync_tui.store.database.CLOSING_PATIENCE", 0.1)
    begun = threading.Event()

    def work(db: sqlite3.Connection) -> None:
        begun.set()
        db.execute(ENDLESS)

    writing = asyncio.create_task(store.write(work))
    await asyncio.to_thread(begun.wait)
    await store.aclose()
    with pytest.raises(DatabaseError, match="stopped before it was stored"):
        await writing
    with pytest.raises(DatabaseError, match="closed"):
        await store.write(lambda _: put("too late"))
    again = Store.open(path, MODELS, clock=Clock(), owner=True)
    assert await keys(again) == []
    await again.aclose()


async def test_two_processes_may_write_in_turn(path: Path, store: Store) -> None:
    beside = Store.open(path, MODELS, clock=Clock())
    writers = [store, beside] * 10
    await asyncio.gather(
        *(one.write(partial(lambda n, _: put(f"{n:02}"), n)) for n, one in enumerate(writers))
    )
    assert await keys(store) == await keys(beside) == [f"{n:02}" for n in range(20)]
    await beside.aclose()


async def test_closing_ends_what_still_reads_and_what_still_waits(store: Store) -> None:
    begun = threading.Event()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"

    def work(db: sqlite3.Connection) -> None:
        begun.set()
        db.execute(endless)

    readings = [asyncio.create_task(store.read(work)) for _ in range(5)]
    await asyncio.to_thread(begun.wait)
    await store.aclose()
    outcomes = await asyncio.gather(*readings, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {JobCancelledError}


async def test_no_read_waits_for_a_busy_reader_while_another_is_idle(store: Store) -> None:
    begun, done = threading.Event(), threading.Event()

    def long(_: sqlite3.Connection) -> None:
        begun.set()
        done.wait()

    busy = asyncio.ensure_future(store.read(long))
    await asyncio.to_thread(begun.wait)
    for _ in range(4):
        assert await asyncio.wait_for(store.read(lambda _: "read"), 5) == "read"
    done.set()
    await busy
