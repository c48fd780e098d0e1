"""What the change log keeps: enough to go from any state to the next one, and nothing else."""

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.clock import Clock
from corpsync_tui.queries.changes import ChangeFilter, read_changes
from corpsync_tui.store.changelog import TRIM_ROWS, ChangeLog, trim
from corpsync_tui.store.changepack import pack_oldest
from corpsync_tui.store.columns import Column
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts, Merge, merge_stage
from corpsync_tui.store.schema import Table
from corpsync_tui.store.stage import Row, Stage
from tests.support.replay import changes_of, replayed, state_of

DATASETS = [d for process in ALL for d in process.datasets if d.counted]
GENERATIONS = 20
CORPORATION = 98_000_001
CORPORATIONS = count(CORPORATION + 1)
TEXTS = ["", "Hangar 3", "[/b]\x1b]0;x\x07", "株式会社 \u202e", '"quoted"\n']


class Bench:
    """A store with every table, and merges whose changes are logged."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.runner = asyncio.Runner()
        self.runs = 0

    def merge(
        self,
        table: Table,
        rows: list[Row],
        *,
        kind: Merge = "snapshot",
        corporation_id: int = CORPORATION,
        now: float = 1.0,
        begins: bool = True,
        bulk_rows: int = 10_000,
        key_only: bool = False,
    ) -> Counts:
        self.runs += 1
        logs = [table.name] if key_only else []
        log = ChangeLog([table], corporation_id, self.runs, logs=logs, bulk_rows=bulk_rows)

        async def run() -> Counts:
            stage = Stage(self.store, table)
            await stage.put(lambda: rows)

            def work(db: Any) -> Counts:
                with log.listening(db, now, begins=begins):
                    return merge_stage(db, stage, corporation_id, kind)

            counts = await self.store.write(work)
            await stage.drop()
            return counts

        return self.runner.run(run())

    def read(self, work: Any) -> Any:
        return self.runner.run(self.store.read(work))

    def write(self, work: Any) -> Any:
        return self.runner.run(self.store.write(work))

    def log(self, table: Table, corporation_id: int = CORPORATION) -> list[Any]:
        found: list[Any] = self.read(lambda db: changes_of(db, table, corporation_id))
        return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    """One for many worlds, each of which is a corporation of its own."""
    with opened() as found:
        yield found


@contextmanager
def opened() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        models = list(dict.fromkeys(d.model for d in DATASETS))
        store = Store.open(Path(folder) / "corpsync.db", models, clock=Clock(), owner=True)
        found = Bench(store)
        yield found
        found.runner.close()
        store.close()


def a_value(column: Column, rng: random.Random) -> Any:
    if column.null and rng.random() < 0.3:
        return None
    match column.kind:
        case "isk" | "number":
            return rng.choice([0.0, 0.1 + 0.2, -1e9 / 3, rng.random() * 1e12])
        case "flag":
            return rng.randint(0, 1)
        case "json":
            return json.dumps({"a": [rng.random(), None, rng.choice(TEXTS)]})
        case "text" | "word":
            return rng.choice(TEXTS)
        case "when" | "day":
            return f"2026-11-{rng.randint(1, 28):02}T14:05:00Z"
        case _:
            return rng.choice([0, -1, rng.randint(1, 9), 2**62 + rng.randint(0, 3)])


def some_rows(table: Table, rng: random.Random, held: dict[Row, Row]) -> list[Row]:
    """Rows of the next generation: some as they were, some with one other value, some new."""
    columns = [c for c in table.columns[1:] if not c.kept]
    names = [c.name for c in columns]
    places = [names.index(name) for name in table.identity]
    rows: dict[Row, Row] = {}
    for key, row in held.items():
        fate = rng.random()
        if fate < 0.2:
            continue
        others = [i for i in range(len(columns)) if i not in places]
        if fate < 0.6 and others:
            changed = rng.choice(others)
            row = (*row[:changed], a_value(columns[changed], rng), *row[changed + 1 :])
        rows[key] = row
    for _ in range(rng.randint(0, 3)):
        row = tuple(a_value(column, rng) for column in columns)
        rows.setdefault(tuple(row[i] for i in places), row)
    held.clear()
    held.update(rows)
    return list(rows.values())


each_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: f"{d.table}-{d.merge}")


@each_dataset
@settings(max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_twenty_generations_can_be_replayed(dataset: Any, shared: Bench, seed: int) -> None:
    replay_generations(dataset, shared, seed)


@pytest.mark.long
@each_dataset
@settings(max_examples=50)
@given(seed=st.integers(0, 2**32))
def test_many_lives_can_be_replayed(dataset: Any, shared: Bench, seed: int) -> None:
    replay_generations(dataset, shared, seed)


def replay_generations(dataset: Any, shared: Bench, seed: int) -> None:
    """From the first state of a new corporation, its log leads to the last one."""
    table, corporation = Table.of(dataset.model), next(CORPORATIONS)
    merge = partial(shared.merge, table, kind=dataset.merge, corporation_id=corporation)
    rng = random.Random(seed)
    held: dict[Row, Row] = {}
    merge(some_rows(table, rng, held))
    first = shared.read(lambda db: state_of(db, table, corporation))
    assert shared.log(table, corporation) == []
    for _ in range(GENERATIONS):
        rows = some_rows(table, rng, held)
        merge(rows, key_only=dataset.merge == "log" and rng.random() < 0.5)
    last = shared.read(lambda db: state_of(db, table, corporation))
    assert replayed(table, first, shared.log(table, corporation)) == last


MEMBER = Table.of(next(d.model for d in DATASETS if d.table == "member"))
ASSET = Table.of(next(d.model for d in DATASETS if d.table == "asset"))


def member(character_id: int, *, base: int | None = 1, ship: int | None = 587) -> Row:
    return (character_id, base, 60003760, None, "2026-11-24T14:05:00Z", ship, None)


def test_the_first_load_is_no_news_and_an_empty_one_begins_the_log_too(bench: Bench) -> None:
    bench.merge(MEMBER, [])
    bench.merge(MEMBER, [member(7)])
    ((kind, key, before, after),) = bench.log(MEMBER)

    assert (kind, json.loads(key), before) == ("added", {"character_id": 7}, None)
    assert json.loads(after)["ship_type_id"] == 587


def test_a_first_load_in_several_parts_is_no_news(bench: Bench) -> None:
    bench.merge(MEMBER, [member(1)], begins=False)
    bench.merge(MEMBER, [member(1), member(2)])
    assert bench.log(MEMBER) == []
    bench.merge(MEMBER, [member(1)])
    assert [c[0] for c in bench.log(MEMBER)] == ["removed"]


def test_only_what_differs_is_told_and_moving_columns_are_no_news(bench: Bench) -> None:
    bench.merge(MEMBER, [member(1), member(2)])
    bench.merge(MEMBER, [member(1, ship=670), member(2, base=5, ship=670)])
    ((kind, key, before, after),) = bench.log(MEMBER)

    assert (kind, key) == ("changed", '{"character_id":2}')
    assert (json.loads(before), json.loads(after)) == ({"base_id": 1}, {"base_id": 5})


def test_each_corporation_has_its_own_log(bench: Bench) -> None:
    bench.merge(MEMBER, [member(1)])
    bench.merge(MEMBER, [member(1)], corporation_id=5)
    bench.merge(MEMBER, [], corporation_id=5)

    assert bench.log(MEMBER) == []
    assert [c[0] for c in bench.log(MEMBER, 5)] == ["removed"]


def test_a_bulk_change_keeps_counts_alone(bench: Bench) -> None:
    bench.merge(MEMBER, [member(n) for n in range(50)])
    bench.merge(MEMBER, [member(n, base=9) for n in range(30)], bulk_rows=49)
    ((kind, key, before, after),) = bench.log(MEMBER)

    assert (kind, key, before) == ("bulk", None, None)
    assert json.loads(after) == {"added": 0, "changed": 30, "removed": 20}


def test_a_change_at_the_limit_is_told_in_full(bench: Bench) -> None:
    bench.merge(MEMBER, [member(n) for n in range(50)])
    bench.merge(MEMBER, [member(n, base=9) for n in range(30)], bulk_rows=50)
    assert len(bench.log(MEMBER)) == 50


def test_a_name_written_behind_the_merge_is_part_of_the_new_row(bench: Bench) -> None:
    bench.merge(ASSET, [])
    bench.runs += 1
    log = ChangeLog([ASSET], CORPORATION, bench.runs)

    def work(db: Any) -> None:
        with log.listening(db, 2.0, begins=True):
            db.execute(
                "INSERT INTO asset (corporation_id, is_singleton, item_id, location_flag, "
                "location_id, location_type, quantity, type_id) "
                "VALUES (?, 1, 4, 'CorpSAG1', 60003760, 'station', 1, 587)",
                (CORPORATION,),
            )
            db.execute("UPDATE asset SET name = 'Doris'")

    bench.write(work)
    ((kind, _, _, after),) = bench.log(ASSET)
    assert (kind, json.loads(after)["name"]) == ("added", "Doris")


def test_what_is_rolled_back_was_never_told(bench: Bench) -> None:
    bench.merge(MEMBER, [member(1)])
    log = ChangeLog([MEMBER], CORPORATION, 99)

    def fails(db: Any) -> None:
        with log.listening(db, 2.0, begins=True):
            db.execute("DELETE FROM member")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.write(fails)
    assert bench.log(MEMBER) == []
    bench.merge(MEMBER, [member(1), member(2)])
    assert [c[0] for c in bench.log(MEMBER)] == ["added"]


def test_old_changes_go_in_small_steps(bench: Bench) -> None:
    bench.merge(MEMBER, [])
    bench.merge(MEMBER, [member(n) for n in range(TRIM_ROWS + 20)], now=100.0)
    bench.merge(MEMBER, [], now=200.0)

    assert bench.write(lambda db: trim(db, 150.0))
    assert len(bench.log(MEMBER)) == TRIM_ROWS + 40
    assert bench.write(lambda db: trim(db, 150.0))
    assert not bench.write(lambda db: trim(db, 150.0))
    assert {c[0] for c in bench.log(MEMBER)} == {"removed"}


def test_no_change_is_given_the_number_of_one_that_is_gone(bench: Bench) -> None:
    newest = "SELECT MAX(id) FROM change"
    bench.merge(MEMBER, [])
    bench.merge(MEMBER, [member(n) for n in range(20)], now=100.0)
    (seen,) = bench.write(lambda db: db.execute(newest).fetchone())
    while bench.write(lambda db: trim(db, 1_000.0)):
        pass
    bench.merge(MEMBER, [], now=2_000.0)
    (first,) = bench.write(
        lambda db: db.execute("SELECT MIN(id) FROM change WHERE time > 1000").fetchone()
    )
    assert first > seen


def test_old_changes_go_together_by_table_and_day(bench: Bench) -> None:
    day = 86_400.0
    for table in (MEMBER, ASSET):
        bench.merge(table, [])
    bench.merge(MEMBER, [member(n) for n in range(30)], now=day)
    bench.merge(MEMBER, [member(n, base=2) for n in range(20)], now=day + 60)
    bench.merge(MEMBER, [member(n, base=3) for n in range(20)], now=2 * day)

    assert bench.write(lambda db: pack_oldest(db, 10, at_once=55))
    assert not bench.write(lambda db: pack_oldest(db, 10, at_once=55))
    packed, *others = bench.log(MEMBER)
    assert (packed[0], packed[1], packed[2]) == ("bulk", None, None)
    assert json.loads(packed[3]) == {"added": 30, "changed": 20, "removed": 5, "since": day}
    assert [kind for kind, *_ in others] == ["removed"] * 5 + ["changed"] * 20
    [oldest] = bench.read(lambda db: read_changes(db, ChangeFilter(kind="bulk")))
    words = bench.read(lambda db: ChangeDescriber(db, ALL).describe(oldest))
    assert words == ("Member: 30 added, 20 changed, 5 removed; old changes are kept together")
