"""Days of all processes with faults at random: every run made, nothing grows."""

from __future__ import annotations

import itertools
import logging
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from corpsync_tui.esi.http import MOST_OPEN
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.support.footprint import Footprint
from tests.support.house import comparable, log_in
from tests.support.long import Tally
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

HOUR = 3_600.0
Night = tuple[int, float]
"""Hour and length of the computer's sleep."""
SHORT_NIGHT, LONG_NIGHT = (2, 8 * HOUR), (15, 18 * HOUR)
RESTARTS_AT, RESTARTS_FOR = 11, 20 * 60.0
EVENTS_AN_HOUR = 10
FAULTY_SHARE = 0.04
REQUESTS_AN_HOUR = 30
"""At least so many are made for each corporation: each that is to fail is asked."""
LATEST_START = 15.0
"""Seconds that starts may be staggered over."""
LATEST_AFTER_SLEEP = 60.0
LATEST_AFTER_DOWNTIME = 60.0
SLACK = 0.001
"""Seconds of floating point."""
OUR_OWN = ("/characters/", "/status", "/v2/", "/.well-known", "/oauth")
"""Requests that belong to no run: roles, downtime, single sign-on."""
SOCKETS = 2 * MOST_OPEN + 10
"""Both ends of all connections that may be kept, what listens, and the loop's own pairs."""
WAL_LIMIT = 17 * 1024 * 1024
CONFIG = SimulatorConfig(
    scale=replace(SCALES["small"], page_size=1_000), rotate_refresh_tokens=True
)


@dataclass
class Life:
    """What happened in a house over some days."""

    house: VirtualHouse
    rng: random.Random
    corporations: list[int]
    night: Night
    absences: list[tuple[float, float]] = field(default_factory=list)
    """Begin and end of each sleep and downtime, with the delay after which all is made up."""
    requests: Counter[str] = field(default_factory=Counter)
    early: list[str] = field(default_factory=list)
    faulty: int = 0
    refreshes: int = 0

    async def day(self) -> None:
        """One day, from one sleep's hour to the next."""
        self._spoil()
        hours, (sleeps_at, sleeps_for) = 0.0, self.night
        while hours < 24:
            now = self.house.clock.time()
            hour = int(now // HOUR) % 24
            if hour == sleeps_at:
                await self.house.sleep(sleeps_for)
                self.absences.append((now, self.house.clock.time() + LATEST_AFTER_SLEEP))
                hours += sleeps_for / HOUR
            elif hour == RESTARTS_AT:
                await self._downtime()
                hours += 1
            else:
                await self.house.live(HOUR)
                hours += 1
            self.house.simulator.tick(EVENTS_AN_HOUR)
        self._count()

    async def _downtime(self) -> None:
        begin = self.house.clock.time()
        self.house.simulator.downtime(down=True)
        await self.house.live(RESTARTS_FOR)
        self.house.simulator.downtime()
        self.absences.append((begin, self.house.clock.time() + LATEST_AFTER_DOWNTIME))
        await self.house.live(HOUR - RESTARTS_FOR)

    def _spoil(self) -> None:
        """Let so many of each corporation's requests fail in the hours that are not slept."""
        self.house.simulator.clear_faults()
        hours = 24 - self.night[1] / HOUR
        requests = int(REQUESTS_AN_HOUR * hours) * len(self.corporations)
        for nth in self.rng.sample(range(1, requests), int(requests * FAULTY_SHARE)):
            status = self.rng.choice((500, 502, 503, 504))
            self.house.simulator.fault("^/corporations/.*$", status=status, nth=nth)

    def _count(self) -> None:
        """Take the day's requests out of the simulator's log."""
        for request in self.house.simulator.requests():
            self.faulty += request["fault"] is not None
            self.refreshes += request["path"] == "/v2/oauth/token"
            if request["early"]:
                self.early.append(request["path"])
            ours = request["path"].startswith((*OUR_OWN, "/markets/prices"))
            of_corporation = request["path"].removeprefix("/corporations/").isdecimal()
            kind = "status" if request["path"] == "/status" else "own"
            self.requests[kind if ours or of_corporation else "data"] += 1
        self.house.simulator.clear_log()

    def excused(self, due: float, start: float) -> bool:
        """Whether a start was moved because the computer slept or ESI was down."""
        earlier, later = sorted((due, start))
        return any(begin <= later and earlier <= end for begin, end in self.absences)


class Mistakes(logging.Handler):
    """Keeps what was logged as an error, as text: records would hold what they tell of."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


@pytest.fixture(autouse=True)
def mistakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is logged as an error, and pytest keeps no records."""
    ours = logging.getLogger("corpsync_tui")
    handler = Mistakes()
    monkeypatch.setattr(ours, "propagate", False)
    ours.addHandler(handler)
    yield
    ours.removeHandler(handler)
    assert handler.told == []


async def test_two_days(tmp_path: Path) -> None:
    await live_there(tmp_path, iter(range(2)), 2, LONG_NIGHT)


@pytest.mark.long
async def test_thirty_days_of_five_corporations(tmp_path: Path, tally: Tally) -> None:
    life = await live_there(tmp_path, tally.rounds("days", 30), tally.seed, SHORT_NIGHT, 5)
    tally.count("requests", sum(life.requests.values()))
    tally.count("of them failing", life.faulty)
    tally.count("rotations", life.refreshes)


async def live_there(
    home: Path, dawns: Iterator[int], seed: int, night: Night, corporations: int = 1
) -> Life:
    """A day for each dawn, the first of which fills what is filled once."""
    async with virtual_house(home, replace(CONFIG, corporations=corporations)) as house:
        life = Life(house, random.Random(seed), await log_in_the_others(house), night)
        house.simulator.clear_log()
        await house.workspace.start()
        days = 1 + next(dawns)
        await life.day()
        before = Footprint.now()
        for dawn in dawns:
            await life.day()
            days = dawn + 1
            assert wal_size(house) < WAL_LIMIT
        after = Footprint.now()
        runs = await house.workspace.state.get_sync_history(limit=1_000_000)
        assert_planned(life, [run for run in reversed(runs) if run.result != "running"])
        assert_requests(life, runs, days)
        assert_nothing_grew(before, after, days)
        await assert_healthy(house, life)
    return life


async def log_in_the_others(house: VirtualHouse) -> list[int]:
    """A director of each corporation but the first, which has one; all corporations."""
    world = house.simulator.world()
    for corporation in world[1:]:
        house.simulator.login(character_id=corporation["characters"][0]["character_id"])
        await log_in(house.workspace)
    return [corporation["corporation_id"] for corporation in world]


def wal_size(house: VirtualHouse) -> int:
    database = house.workspace.store.path
    return database.with_name(database.name + "-wal").stat().st_size


def assert_planned(life: Life, runs: list[RunRecord]) -> None:
    """Each process ran when it was due, and only then; no two of its runs overlapped."""
    configs = {c.process_id: c for c in life.house.workspace.scheduler.get_scheduled_processes()}
    assert len(configs) == len(life.house.workspace.processes) * len(life.corporations)
    for process_id, config in configs.items():
        mine = [run for run in runs if run.process_id == process_id]
        assert len(mine) > 10
        assert mine[0].trigger in ("startup", "schedule")
        for one, next_ in itertools.pairwise(mine):
            end = one.start_time.timestamp() + (one.duration or 0)
            due = end + 60 * config.interval_minutes
            if one.result == "success" and one.current_until:
                due = max(due, one.current_until.timestamp())
            start = next_.start_time.timestamp()
            late = start - due
            excused = life.excused(due, start)
            assert late >= -SLACK or excused, (process_id, one, next_)
            assert late <= LATEST_START + SLACK or excused, (process_id, late, one, next_)
        last = mine[-1]
        assert life.house.clock.time() - last.start_time.timestamp() < 2 * 3_700


def assert_requests(life: Life, runs: list[RunRecord], days: int) -> None:
    """Nothing was asked before it expired, and the history tells every request."""
    assert life.early == []
    told = sum(run.requests_sent for run in runs)
    beside = life.requests["status"] + life.requests["own"]
    assert life.requests["data"] <= told <= life.requests["data"] + beside
    assert life.faulty >= days * 5
    failed = [run for run in runs if run.result == "error" and run.error_kind != "esi"]
    assert failed == []
    assert life.refreshes <= days * 24 * 4 * len(life.corporations)
    assert life.requests["status"] <= days * 2 * (RESTARTS_FOR / 30 + 20)


def assert_nothing_grew(before: Footprint, after: Footprint, days: int) -> None:
    assert before.grown_to(after) == {}
    assert after.tasks <= before.tasks + 2
    assert after.threads <= before.threads + 1
    assert after.files <= before.files + 2
    assert after.sockets <= max(before.sockets, SOCKETS)
    assert after.memory - before.memory < 30_000_000 + 500_000 * days


async def assert_healthy(house: VirtualHouse, life: Life) -> None:
    """In the end everything is current, and equal to what the corporation is."""
    house.simulator.clear_faults()
    await house.live(HOUR + LATEST_START + 600)
    for status in house.workspace.state.get_statuses():
        assert (status.status, status.error_count, status.needs) == ("success", 0, None)
    house.simulator.renew()
    await house.sleep(2 * HOUR)
    await house.live(120)
    for corporation_id in life.corporations:
        for table in ("member", "asset", "market_order", "wallet_balance", "killmail"):
            truth = house.simulator.truth(table, corporation_id=corporation_id)
            rows = await house.rows(table, corporation_id)
            assert comparable(rows, truth) == comparable(truth, truth), (table, corporation_id)
    integrity = await house.workspace.store.read(
        lambda db: db.execute("PRAGMA integrity_check").fetchone()
    )
    assert integrity == ("ok",)
