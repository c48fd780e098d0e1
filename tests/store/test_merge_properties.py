"""Any sequence of answers from ESI leaves what a model in plain Python says."""

import asyncio
import itertools
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpsync_tui.clock import Clock
from corpsync_tui.store import merge
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts, Merge, Partitions, merge_stage
from corpsync_tui.store.schema import Table
from corpsync_tui.store.stage import Row, Stage
from tests.store.tables import MODELS, Item, Journal

ITEMS = Table.of(Item)
JOURNAL = Table.of(Journal)

Values = tuple[int, int | None]
Page = dict[int, Values]

values = st.tuples(st.integers(0, 2), st.sampled_from([None, 34, 35]))
pages = st.lists(st.dictionaries(st.integers(1, 12), values, max_size=5), max_size=5)
journal = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(1, 5)), st.sampled_from([None, 0.5, -2.25]), max_size=8
)

thorough = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Bench:
    """One store for all examples, each under a corporation of its own."""

    def __init__(self, store: Store, runner: asyncio.Runner) -> None:
        self.store = store
        self.runner = runner
        self.corporations = itertools.count(98_000_001)

    def rows(self, table: Table, corporation_id: int) -> list[Row]:
        columns = ", ".join(f'"{name}"' for name in table.staged_columns)
        query = f'SELECT {columns} FROM "{table.name}" WHERE corporation_id = ?'
        return self.runner.run(
            self.store.read(lambda db: db.execute(query, (corporation_id,)).fetchall())
        )


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "corpsync.db"
        store = Store.open(path, MODELS, clock=Clock(), owner=True)
        yield Bench(store, runner)
        store.close()


def item_row(number: int, value: Values) -> Row:
    return (0, number, 60_003_760, *value)


def packed(page: Page) -> bytes:
    return array("q", page).tobytes()


def told(before: dict[int, Values], after: dict[int, Values]) -> Counts:
    """The true difference."""
    shared = before.keys() & after.keys()
    return Counts(
        added=len(after.keys() - before.keys()),
        changed=sum(before[n] != after[n] for n in shared),
        removed=len(before.keys() - after.keys()),
    )


def agreed(snapshot: list[Page]) -> list[Page]:
    """A row that stands on two pages of one snapshot says the same on both."""
    whole: Page = {}
    for page in snapshot:
        for number, value in page.items():
            whole.setdefault(number, value)
    return [{number: whole[number] for number in page} for page in snapshot]


def union(snapshot: list[Page]) -> Page:
    return {number: value for page in snapshot for number, value in page.items()}


@thorough
@given(
    st.lists(
        st.tuples(pages, st.randoms(), st.sampled_from([0, merge.ROWS_PER_LOOKUP])),
        min_size=1,
        max_size=6,
    )
)
def test_snapshots(bench: Bench, history: list[tuple[list[Page], object, int]]) -> None:
    corporation_id = next(bench.corporations)
    held: list[Page] = []
    for drawn, rng, rows_per_lookup in history:
        now = agreed(drawn)
        order = list(range(len(now)))
        rng.shuffle(order)  # type: ignore[attr-defined]  # hypothesis' Random
        unchanged = [n for n in order if n < len(held) and held[n] == now[n]]
        read = [n for n in order if n not in unchanged]
        left = [n for n in range(len(held)) if n not in unchanged]
        # 0: any page beside an unchanged one is few rows.
        with patch.object(merge, "ROWS_PER_LOOKUP", rows_per_lookup):
            counts = bench.runner.run(
                one_snapshot(
                    bench.store,
                    corporation_id,
                    [now[n] for n in read],
                    [packed(now[n]) for n in unchanged],
                    [packed(held[n]) for n in left],
                )
            )
        assert counts == told(union(held), union(now))
        found = bench.rows(ITEMS, corporation_id)
        assert sorted(found) == sorted(item_row(*pair) for pair in union(now).items())
        held = now


def test_a_row_on_a_kept_and_a_read_page_hides_no_row_that_went(bench: Bench) -> None:
    corporation_id = next(bench.corporations)
    held: list[Page] = [{1: (0, None)}, {2: (0, None)}]
    bench.runner.run(one_snapshot(bench.store, corporation_id, held, [], []))

    counts = bench.runner.run(
        one_snapshot(
            bench.store, corporation_id, [held[0]], [packed(held[0])], list(map(packed, held))
        )
    )

    assert counts == Counts(removed=1)
    assert bench.rows(ITEMS, corporation_id) == [item_row(1, (0, None))]


async def one_snapshot(
    store: Store, corporation_id: int, read: list[Page], kept: list[bytes], stale: list[bytes]
) -> Counts:
    stage = Stage(store, ITEMS)
    for page in read:
        rows = [item_row(*pair) for pair in page.items()]
        await stage.put(lambda rows=rows: rows)  # type: ignore[misc]
    counts = await store.write(
        lambda db: merge_stage(db, stage, corporation_id, "snapshot", Partitions(kept, stale))
    )
    await stage.drop()
    return counts


def journal_row(key: tuple[int, int], amount: float | None) -> Row:
    return (key[0], amount, None, None, "2026-11-24T14:05:00Z", key[1], None, None)


@thorough
@given(st.lists(journal, min_size=1, max_size=6), st.booleans())
def test_ledgers_and_logs(
    bench: Bench, history: list[dict[tuple[int, int], float | None]], is_log: bool
) -> None:
    corporation_id = next(bench.corporations)
    model: dict[tuple[int, int], float | None] = {}
    merge: Merge = "log" if is_log else "ledger"
    for answer in history:
        rows = [journal_row(*pair) for pair in answer.items()]

        async def run(rows: list[Row] = rows) -> Counts:
            stage = Stage(bench.store, JOURNAL)
            for start in range(0, len(rows), 3):
                page = rows[start : start + 3]
                await stage.put(lambda page=page: page)  # type: ignore[misc]
            return await bench.store.write(lambda db: merge_stage(db, stage, corporation_id, merge))

        counts = bench.runner.run(run())
        added = len(answer.keys() - model.keys())
        known = answer.keys() & model.keys()
        changed = 0 if is_log else sum(model[key] != answer[key] for key in known)
        assert counts == Counts(added=added, changed=changed)
        model = {**answer, **model} if is_log else {**model, **answer}
        found = bench.rows(JOURNAL, corporation_id)
        assert sorted(found, key=repr) == sorted((journal_row(*p) for p in model.items()), key=repr)
