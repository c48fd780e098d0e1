"""Any sequence of answers, failures, cancellations and restarts leaves what a model says."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.clock import Clock
from corpsync_tui.engine.copies import Copies, load_copies
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts
from corpsync_tui.store.schema import Table, listed
from tests.engine import declared, fake
from tests.engine.fake import FakeEsi, begin

MODELS = [
    declared.Thing,
    declared.ThingDetail,
    declared.Standing,
    declared.Project,
    declared.Guest,
    declared.Box,
    declared.BoxItem,
]
Rows = set[tuple[Any, ...]]

thorough = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


class CrashedError(Exception):
    """The process was killed before it could commit."""


@dataclass
class Bench:
    """One file for all examples, each under a corporation of its own."""

    folder: Path
    runner: asyncio.Runner
    corporations: Iterator[int] = field(default_factory=lambda: itertools.count(98_000_001))

    def __post_init__(self) -> None:
        self.store = self._open()

    def _open(self) -> Store:
        return Store.open(self.folder / "corpsync.db", MODELS, clock=Clock(), owner=True)

    def restart(self) -> None:
        """Close the file and open it, as a program that starts again."""
        self.store.close()
        self.store = self._open()

    def rows(self, model: type[CorporationTable], corporation_id: int) -> Rows:
        """A table's rows, their columns as declared."""
        table = Table.of(model)
        sql = f"SELECT {listed(table.row_columns)} FROM {table.name} WHERE corporation_id = ?"
        return set(
            self.runner.run(
                self.store.read(lambda db: db.execute(sql, (corporation_id,)).fetchall())
            )
        )

    def sync(
        self, esi: FakeEsi, corporation_id: int, *datasets: Dataset, crash: bool = False
    ) -> Counts | None:
        """One run; what it did, or None where it stored nothing."""
        return self.runner.run(self._sync(esi, corporation_id, *datasets, crash=crash))

    async def _sync(
        self, esi: FakeEsi, corporation_id: int, *datasets: Dataset, crash: bool
    ) -> Counts | None:
        run = await begin(self.store, esi, corporation_id, *datasets)

        def work(db: Any) -> Counts:
            run.collapses = {d.table: "expected" for d in datasets}
            counts = run.apply(db, lambda _done, _all: None)
            if crash:
                raise CrashedError
            return counts

        try:
            esi.task = asyncio.create_task(run.fetch())
            await esi.task
            return await self.store.write(work)
        except CorpsyncError:
            assert esi.failing, "nothing else may fail"
            return None
        except (asyncio.CancelledError, CrashedError):
            return None
        finally:
            await run.close()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        found = Bench(Path(folder), runner)
        yield found
        found.store.close()


def true_counts(before: dict[Any, Any], after: dict[Any, Any]) -> tuple[int, int, int]:
    """The difference of two tables, each a value by key."""
    shared = before.keys() & after.keys()
    return (
        len(after.keys() - before.keys()),
        sum(before[key] != after[key] for key in shared),
        len(before.keys() - after.keys()),
    )


def told(counts: Counts) -> tuple[int, int, int]:
    return (counts.added, counts.changed, counts.removed)


keys = st.integers(1, 3)
trouble = st.fixed_dictionaries(
    {
        "restarts": st.booleans(),
        "crashes": st.booleans(),
        "cancelled_at": st.none() | st.integers(1, 6),
    }
)
quiet = {"restarts": False, "crashes": False, "cancelled_at": None}
details = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3)
worlds = st.tuples(
    st.dictionaries(keys, details, max_size=3), st.sets(keys, max_size=1), st.just(quiet) | trouble
)


@thorough
@given(st.lists(worlds, min_size=1, max_size=6))
def test_details_by_partition(bench: Bench, history: list[tuple[Any, set[int], Any]]) -> None:
    corporation_id = next(bench.corporations)
    base = f"/corporations/{corporation_id}/things"
    esi = FakeEsi(Clock())
    held: dict[Any, int] = {}
    things: dict[Any, int] = {}
    plan = [declared.THINGS, declared.WHOLE_DETAILS]
    for world, failing, events in history:
        esi.generation += 1
        esi.bodies = {base: [{"thing_id": n} for n in world]}
        for number, rows in world.items():
            esi.bodies[f"{base}/{number}"] = [{"kind": k, "quantity": q} for k, q in rows.items()]
        esi.failing = {f"{base}/{number}" for number in failing}
        esi.asked.clear()
        esi.cancelled_at = events["cancelled_at"]
        if events["restarts"]:
            bench.restart()
        counts = bench.sync(esi, corporation_id, *plan, crash=events["crashes"])
        now = {(n, kind): q for n, rows in world.items() for kind, q in rows.items()}
        if counts is not None:
            kept = {key: q for key, q in held.items() if key[0] in failing & world.keys()}
            after = {key: q for key, q in now.items() if key[0] not in failing} | kept
            everything = {**dict.fromkeys(world, 0), **after}
            assert told(counts) == true_counts({**things, **held}, everything)
            held, things = after, dict.fromkeys(world, 0)
        found = {
            (row[0], row[1]): row[2] for row in bench.rows(declared.ThingDetail, corporation_id)
        }
        assert found == held
        assert bench.rows(declared.Thing, corporation_id) == {(None, None, n) for n in things}


KINDS: dict[str, tuple[Dataset, Any, Any]] = {
    "composite": (
        declared.STANDINGS,
        lambda key, value: {"from_id": key, "from_type": "ab"[key % 2], "value": value},
        lambda key, value: (key, "ab"[key % 2], value),
    ),
    "text": (
        declared.TEXTS,
        lambda key, value: {"id": f"id-{key}", "name": str(value)},
        lambda key, value: (f"id-{key}", str(value)),
    ),
    "number": (
        declared.NUMBERS,
        lambda key, value: {"thing_id": key, "system_id": value},
        lambda key, value: (None, value, key),
    ),
}
pages = st.lists(st.dictionaries(st.integers(1, 30), st.integers(0, 2), max_size=5), max_size=4)


@pytest.mark.parametrize("kind", KINDS)
@thorough
@given(
    st.lists(
        st.tuples(pages, st.sets(st.integers(1, 4), max_size=1), st.just(quiet) | trouble),
        min_size=1,
        max_size=6,
    )
)
def test_pages_of_every_kind_of_key(
    bench: Bench, kind: str, history: list[tuple[list[dict[int, int]], set[int], Any]]
) -> None:
    dataset, record, row = KINDS[kind]
    corporation_id = next(bench.corporations)
    base = dataset.route.path.format(corporation_id=corporation_id)
    esi = FakeEsi(Clock())
    held: dict[int, int] = {}
    for drawn, failing, events in history:
        esi.generation += 1
        world = apart(drawn)
        urls = [base if n == 1 else f"{base}?page={n}" for n in range(1, len(world) + 1)]
        esi.bodies = {
            url: [record(*pair) for pair in page.items()]
            for url, page in zip(urls, world, strict=True)
        }
        esi.pages = {base: len(world)}
        esi.failing = {urls[n - 1] for n in failing if n <= len(urls)}
        esi.asked.clear()
        esi.cancelled_at = events["cancelled_at"]
        if events["restarts"]:
            bench.restart()
        counts = bench.sync(esi, corporation_id, dataset, crash=events["crashes"])
        now = {key: value for page in world for key, value in page.items()}
        if counts is None:
            assert esi.failing or events != quiet
        else:
            assert told(counts) == true_counts(held, now)
            held = now
        found = bench.rows(dataset.model, corporation_id)
        assert found == {row(*pair) for pair in held.items()}


def apart(drawn: list[dict[int, int]]) -> list[dict[int, int]]:
    """At least one page, and each key on one page alone."""
    seen: set[int] = set()
    world = []
    for page in drawn or [{}]:
        world.append({key: value for key, value in page.items() if key not in seen})
        seen.update(page)
    return world


boxes = st.dictionaries(keys, st.sets(st.integers(1, 4), max_size=3), max_size=4)


@thorough
@given(st.lists(st.tuples(boxes, st.just(quiet) | trouble), min_size=1, max_size=6))
def test_a_table_and_its_child_table(bench: Bench, history: list[tuple[Any, Any]]) -> None:
    corporation_id = next(bench.corporations)
    base = f"/corporations/{corporation_id}/boxes"
    esi = FakeEsi(Clock())
    held: dict[int, set[int]] = {}
    for world, events in history:
        esi.generation += 1
        esi.bodies = {
            base: [
                {"box_id": n, "items": [{"slot": s} for s in slots]} for n, slots in world.items()
            ]
        }
        esi.asked.clear()
        esi.cancelled_at = events["cancelled_at"]
        if events["restarts"]:
            bench.restart()
        counts = bench.sync(esi, corporation_id, declared.BOXES, crash=events["crashes"])
        if counts is not None:
            assert told(counts) == true_counts(cells(held), cells(world))
            held = world
        assert bench.rows(declared.Box, corporation_id) == {(n,) for n in held}
        assert bench.rows(declared.BoxItem, corporation_id) == {
            (n, slot) for n, slots in held.items() for slot in slots
        }


def cells(boxes: dict[int, set[int]]) -> dict[tuple[int, ...], None]:
    """The rows of both tables."""
    found: dict[tuple[int, ...], None] = {(n,): None for n in boxes}
    return found | {(n, slot): None for n, slots in boxes.items() for slot in slots}


def test_partitions_are_read_side_by_side_within_the_runs_share(bench: Bench) -> None:
    corporation_id = next(bench.corporations)
    base = f"/corporations/{corporation_id}/things"
    esi = FakeEsi(Clock(), {base: [{"thing_id": n} for n in range(9)]})
    esi.bodies |= {f"{base}/{n}": [] for n in range(9)}
    esi.together = asyncio.Barrier(4)
    assert bench.sync(esi, corporation_id, declared.THINGS, declared.WHOLE_DETAILS)
    assert len(esi.asked) == 10


def test_what_is_in_hand_is_gone_through_once_however_many_details_there_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []

    class CountedCopies(Copies):
        def resources(self, table: str) -> Collection[str]:
            found = super().resources(table)
            looked_at.append(len(found))
            return found

    monkeypatch.setattr(
        fake, "load_copies", lambda db, id: CountedCopies(load_copies(db, id).by_key)
    )
    corporation_id, number = next(bench.corporations), 150
    base = f"/corporations/{corporation_id}/things"
    esi = FakeEsi(Clock(), {base: [{"thing_id": n} for n in range(number)]})
    esi.bodies |= {f"{base}/{n}": [{"kind": "a", "quantity": n}] for n in range(number)}
    assert bench.sync(esi, corporation_id, declared.THINGS, declared.WHOLE_DETAILS)
    looked_at.clear()
    esi.asked.clear()
    assert bench.sync(esi, corporation_id, declared.THINGS, declared.WHOLE_DETAILS)
    assert len(esi.asked) == number + 1
    assert sum(looked_at) <= 3 * number
