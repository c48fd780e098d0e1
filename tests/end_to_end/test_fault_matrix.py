"""Every kind of fault, for every data set of the catalog, at its first, middle and last part.

What a route tells wrongly never takes the place of what is known, it is told in one sentence, and
it heals by itself.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.decoder import wire_columns
from corpsync_tui.catalog.kit.plans import Batch, ForEach
from corpsync_tui.esi.http import Bounds
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.faults import Rule
from corpsync_tui.store.columns import Count, Id
from tests.catalog.test_wire import body, record_of
from tests.end_to_end.test_every_route import live_on
from tests.support.differences import tables_of
from tests.support.house import House, Rows, comparable, open_house
from tests.support.long import Tally

pytestmark = [pytest.mark.anyio, pytest.mark.long]

DAY = 86_460
"""Seconds after which every copy has expired, and what was refused is asked for again."""
WORLD = SimulatorConfig(scale=replace(SCALES["small"], page_size=40, container_logs=150))
"""Several pages of what has pages."""
CELLS = 40
"""After so many, or one in which something was wrong, a house of its own is opened: of what is
new each time, as moons to anchor at, a world has only so many."""
PARTS = {"first": 0.0, "middle": 0.5, "last": 1.0}
HTML = "<html><body>Welcome to the hotel</body></html>"
LONG_AGO = "Tue, 01 Sep 2026 11:00:00 GMT"

NOTHING_NEW = "304 of what has changed"
"""Nobody can know better: what is new comes at the next change."""
STATUSES: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "502 with a page": {"status": 502, "body": HTML},
    "503 for an absurd time": {"status": 503, "headers": {"Retry-After": "1e9"}},
    "400": {"status": 400},
    "401": {"status": 401},
    "403": {"status": 403},
    "403 of a sick login": {"status": 403, "json": {"error": "x", "sso_status": 503}},
    "404": {"status": 404},
    "420 once": {"status": 420, "headers": {"X-Esi-Error-Limit-Reset": "30"}, "last": 1},
    "422": {"status": 422},
    "429 once": {"status": 429, "headers": {"Retry-After": "-1"}, "last": 1},
    "302": {"redirect": "https://elsewhere.example/"},
    NOTHING_NEW: {"status": 304},
    "204": {"status": 204},
}
BODIES: dict[str, dict[str, Any]] = {
    "a page of a hotel": {"body": HTML},
    "nothing": {"body": ""},
    "neither list nor record": {"json": "neither"},
    "null": {"json": None, "body": "null"},
    "100,000 brackets": {"body": "[" * 100_000},
    "no UTF-8": {"body_base64": "WyL/Il0="},
    "half a pair": {"body": '["\\ud800"]'},
    "another form": {"json": {"items": [1, [2]]}},
}
WIRES: dict[str, dict[str, Any]] = {
    "cut": {"cut": 7},
    "cut in a chunk": {"cut": 7, "chunked": True},
    "half a gzip": {"gzip_half": True},
    "reset": {"reset": True},
    "closed": {"close": True},
    "300 MB": {"bomb": 300_000_000},
    "a byte now and then": {"drip": 0.5},
}
HEADERS: dict[str, dict[str, str | None]] = {
    "no ETag that can be sent": {"ETag": '"\xe9\xff"'},
    "older than known": {"Last-Modified": LONG_AGO},
    "of another year": {"Last-Modified": "Fri, 01 Jan 9999 00:00:00 GMT"},
    "no date": {"Last-Modified": "yesterday"},
    "Expires 0": {"Expires": "0", "Cache-Control": None},
    "Expires 9999": {"Expires": "Fri, 01 Jan 9999 00:00:00 GMT", "Cache-Control": None},
    "no headers": {"Expires": None, "Cache-Control": None, "ETag": None, "Last-Modified": None},
    "Date of another year": {"Date": "Fri, 01 Jan 1999 00:00:00 GMT"},
    **{f"X-Pages {value}": {"X-Pages": value} for value in (None, "0", "-1", "x", "1000000000")},
}
HASTY = Bounds(whole=0.3)
"""Where bytes drip: a whole answer is waited for a minute else."""
ALWAYS_KEPT = {"esi", "validation", "network", "auth", "limit"}
"""What a run's error may be: never `internal`, never `database`."""


def faults_of(dataset: Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind that the data set's route can show."""
    for name, rule in {**STATUSES, **BODIES, **WIRES}.items():
        yield name, rule
    for name, headers in HEADERS.items():
        if dataset.route.paged or not name.startswith("X-Pages"):
            yield name, {"headers": headers}
    if isinstance(dataset.plan, Batch):
        return
    record = record_of(dataset)
    for column in wire_columns(dataset.model):
        if isinstance(column, Id | Count) and column.name in record:
            for value in (2**63, "1e999", "7.5"):
                spoiled = body(dataset, record | {column.name: 424_242_424_242}).decode()
                yield (
                    f"{str(value)[:6]} as a number",
                    {"body": spoiled.replace("424242424242", str(value))},
                )
            return


@dataclass
class Lasting(Rule):
    """Spoils one part of what a route gives, the n-th that is asked for, each time."""

    place: int = 0
    parts: dict[str, int] = field(default_factory=dict)
    met: int = 0

    def meets(self, method: str, path: str, query: dict[str, str]) -> bool:
        first, last = self.first, self.last
        self.first, self.last = 1, None
        ours = super().meets(method, path, query)
        self.first, self.last = first, last
        if not ours:
            return False
        url = f"{path}?{sorted(query.items())}"
        if self.parts.setdefault(url, len(self.parts)) != self.place:
            return False
        self.met += 1
        return last is None or self.met <= last


@dataclass
class Cell:
    """One fault at one part of one data set."""

    house: House
    process: Process
    dataset: Dataset
    name: str
    rule: Lasting

    async def try_it(self) -> list[str]:
        """Let it happen and pass: what should not have been; nothing where all was well."""
        house, process = self.house, self.process
        before = await rows_of(house, process)
        live_on(house, process)
        house.advance(DAY)
        house.simulator.state.faults.rules = [self.rule]
        run = await self._spoiled_run()
        found, true = await rows_of(house, process), truth_of(house, process)
        wrong = [*self._wrong_rows(before, found, true), *self._wrong_words(run)]
        silent = run.result == "success" and not (run.note or run.error_message)
        if silent and self.name != NOTHING_NEW:
            differ = {t for t in found if found[t] != true[t]} - left_for_later(process, run)
            wrong += [f"{table} differs, and nothing is said" for table in sorted(differ)]
        house.simulator.clear_faults()
        house.advance(DAY)
        for _ in range(12):
            run = await house.sync_data(process.type)
            if run.current_until is not None:
                break
        if (run.result, run.note) != ("success", None):
            wrong.append(f"not healed: {run.result}, {run.note or run.error_message}")
        found, true = await rows_of(house, process), truth_of(house, process)
        return wrong + [f"{t} differs after it passed" for t in found if found[t] != true[t]]

    async def _spoiled_run(self) -> RunRecord:
        http = self.house.workspace.connection.http
        usual, http._bounds = http._bounds, HASTY if self.rule.drip else http._bounds
        try:
            return await self.house.sync_data(self.process.type)
        finally:
            http._bounds = usual

    def _wrong_rows(self, before: Table, found: Table, true: Table) -> Iterator[str]:
        for table, rows in found.items():
            if made_up := rows - before[table] - true[table]:
                yield f"{table} has what was never true: {sorted(made_up)[0][:200]}"
            if lost := (before[table] & true[table]) - rows:
                yield f"{table} lost {len(lost)} of {len(before[table])}"

    def _wrong_words(self, run: RunRecord) -> Iterator[str]:
        said = run.error_message or run.note or ""
        if run.result not in ("success", "error"):
            yield f"it ended as {run.result}"
        if run.result == "error" and run.error_kind not in ALWAYS_KEPT:
            yield f"an error {run.error_kind}: {said}"
        if not said.isprintable() or len(said) > 400 or "{" in said.partition("(")[0]:
            yield f"no sentence: {said!r}"


Table = dict[str, frozenset[str]]


async def rows_of(house: House, process: Process) -> Table:
    """The rows that ESI's answers give, as texts; what is filled in later has other tests."""
    found = {table: await house.rows(table) for table in tables_of(process)}
    return {table: texts(house, process, table, rows) for table, rows in found.items()}


def left_for_later(process: Process, run: RunRecord) -> set[str]:
    """The tables of details of which more are due than the run asked for."""
    if run.current_until is not None:
        return set()
    return {
        d.table
        for d in process.datasets
        if isinstance(d.plan, ForEach) and d.plan.budget is not None
    }


def truth_of(house: House, process: Process) -> Table:
    tables = tables_of(process)
    return {t: texts(house, process, t, house.simulator.truth(t)) for t in tables}


def texts(house: House, process: Process, table: str, rows: Rows) -> frozenset[str]:
    truth = house.simulator.truth(table)
    models = [d.model for d in process.datasets if d.table == table]
    later = {c.name for model in models for c in model._meta.sorted_fields if c.kept}
    bare = [
        [{k: v for k, v in r.items() if k not in later} for r in each] for each in (rows, truth)
    ]
    return frozenset(comparable(*bare))


async def parts_of(house: House, process: Process) -> dict[str, int]:
    """How many parts each route was asked for by the sync that is made now."""
    live_on(house, process)
    house.advance(DAY)
    house.simulator.clear_log()
    await house.sync_data(process.type)
    urls: dict[str, set[str]] = {}
    for request in house.simulator.requests():
        if request["route"]:
            url = f"{request['path']}?{sorted(request['query'].items())}"
            urls.setdefault(request["route"], set()).add(url)
    return {route: len(found) for route, found in urls.items()}


def cells(dataset: Dataset, count: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Kind, part and rule of each fault; a data set of one part has one."""
    for kind, rule in faults_of(dataset):
        for place in sorted({round(share * (count - 1)) for share in PARTS.values()}):
            yield kind, place, rule


@pytest.mark.parametrize("process", ALL, ids=lambda p: p.type)
async def test_no_fault_costs_what_is_known(tmp_path: Path, tally: Tally, process: Process) -> None:
    wrong: list[str] = []
    async with open_house(tmp_path / "counted", WORLD) as house:
        await house.sync_data(process.type)
        counts = await parts_of(house, process)
    wanted = [
        (dataset, *cell)
        for dataset in process.datasets
        for cell in cells(dataset, counts.get(dataset.route.path, 1))
    ]
    random.Random(tally.seed).shuffle(wanted)  # where not all are tried, others each time
    numbers = tally.rounds("cells", len(wanted))
    for first in numbers:
        async with open_house(tmp_path / str(first), WORLD) as house:
            await house.sync_data(process.type)
            for number in itertools.chain([first], itertools.islice(numbers, CELLS - 1)):
                dataset, kind, place, rule = wanted[number]
                spoiled = Lasting(route=dataset.route.path, place=place, **rule)
                found = await Cell(house, process, dataset, kind, spoiled).try_it()
                tally.count("met", spoiled.met > 0)
                wrong += [f"{dataset.table}, {kind}, part {place}: {each}" for each in found]
                if found:
                    break
        shutil.rmtree(tmp_path / str(first))
    tally.count("findings", len(wrong))
    assert not wrong, "\n".join(wrong)
