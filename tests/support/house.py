"""A whole house for end-to-end tests: a logged-in workspace over the simulator, one clock."""

import asyncio
import itertools
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import Clock
from corpsync_tui.queries.records import RunRecord, SyncStatus, Trigger
from corpsync_tui.settings import Settings, load_settings
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.simulator.verbs import Verbs
from corpsync_tui.store.columns import Json
from corpsync_tui.store.schema import Table
from corpsync_tui.sync.roster import Character
from corpsync_tui.workspace import Workspace
from tests.support.database import make_database
from tests.support.esi import LeapingClock
from tests.support.noon import noon

Rows = list[dict[str, Any]]
NESTED = {
    table.name: frozenset(column.name for column in table.columns if isinstance(column, Json))
    for process in ALL
    for table in map(Table.of, process.models)
}
"""JSON columns of each table: compared as values."""


class _Stay(HTTPRedirectHandler):
    """Does not follow redirects: where a browser would be sent is what is wanted."""

    def redirect_request(self, *_: Any) -> None:
        return None


def free_port() -> int:
    """A port of this machine that nobody uses now.

    It is used a moment later: so it is none of those of which the system gives one to whoever asks,
    nor one that another worker may find.
    """
    while True:
        port = next(_ports)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10
    for number in itertools.count(os.getpid()):
        yield 12_000 + 2_000 * worker + number % 2_000


_ports = _own_ports()


def browse(url: str) -> str:
    """Open an authorize page as a browser would; the answer is where it sends the browser."""
    opener = build_opener(ProxyHandler({}), _Stay)
    opener.addheaders = [("User-Agent", "browser")]
    try:
        with opener.open(url, timeout=10) as answer:
            raise AssertionError(f"no redirect but {answer.status}")
    except OSError as redirect:
        location: str = redirect.headers["Location"]  # type: ignore[attr-defined]
        return location


def settings_for(home: Path, simulator: Verbs, callback: str) -> Settings:
    """Settings of a data folder below `home` that point to a simulator."""
    return load_settings(
        {
            "CORPSYNC_HOME": str(home),
            "CORPSYNC_ESI_URL": simulator.url,
            "CORPSYNC_SSO_URL": simulator.url,
            "CORPSYNC_STATIC_URL": simulator.static_url,
            "CORPSYNC_CLIENT_ID": simulator.config.client_id,
            "CORPSYNC_CALLBACK_URL": callback,
            "CORPSYNC_KEYRING": "file",
            "CORPSYNC_DIVISION_NAMES": "yes",
        }
    )


async def log_in(workspace: Workspace) -> Character:
    """Log in whom the simulator's authorize page lets in."""
    async with await workspace.logins.begin() as login:
        address = await asyncio.to_thread(browse, login.authorize_url)
        grant = await login.paste(address)
    return await workspace.logins.finish(grant)


class House:
    """A simulator, a workspace over it, and one clock for both."""

    def __init__(self, simulator: Simulator, workspace: Workspace) -> None:
        self.simulator = simulator
        self.workspace = workspace
        self.corporation_id = simulator.corporation_id

    def advance(self, seconds: float) -> None:
        """Let time pass for both."""
        self.simulator.advance(seconds)
        self.workspace.clock.offset += seconds

    def id_of(self, process_type: str) -> str:
        """The process id of a type."""
        return f"{self.corporation_id}/{process_type}"

    def status(self, process_type: str) -> SyncStatus:
        """Where a process stands."""
        return self.workspace.state.get_status(self.id_of(process_type))

    async def sync(self, process_type: str, trigger: Trigger = "manual") -> RunRecord:
        """Run a process as the director would, and wait for its end and that of its names."""
        record = await self.workspace.run(self.id_of(process_type), trigger)
        await self.workspace.names.settled()
        return record

    async def sync_data(self, process_type: str) -> RunRecord:
        """The same without the look-up of names that follows, where no test is about these."""
        return await self.workspace.executor.execute(self.id_of(process_type), "manual")

    def asked(self) -> Rows:
        """The requests for data, not for names, since the log was cleared; oldest first."""
        corporation = f"/corporations/{self.corporation_id}"
        return [
            request
            for request in self.simulator.requests()
            if request["path"].startswith(("/corporation/", "/corporations/", "/killmails/"))
            and request["path"] not in (corporation, f"{corporation}/divisions")
        ]

    def served(self, table: str, unit: int = 0) -> Rows:
        """The rows that the simulator serves from its next renewal on, to be changed by a test."""
        rows = self.simulator.state.world.corporations[self.corporation_id].rows(table, unit)
        assert isinstance(rows, list)
        return rows

    async def rows(self, table: str, corporation_id: int | None = None) -> Rows:
        """A corporation's rows of a table, as the simulator's truth would show them."""
        corporation_id = corporation_id or self.corporation_id
        return await self.workspace.store.read(lambda db: _rows(db, table, corporation_id))

    async def assert_true(self, *tables: str) -> None:
        """The tables equal what the simulator has served, in every cell."""
        for table in tables:
            truth = self.simulator.truth(table)
            assert comparable(await self.rows(table), truth) == comparable(truth, truth), table


def comparable(rows: Rows, truth: Rows) -> list[str]:
    """Rows in an order of their own, with the columns that the truth has."""
    columns = list(truth[0]) if truth else []
    return sorted(json.dumps([row[c] for c in columns], sort_keys=True) for row in rows)


def _rows(db: Any, table: str, corporation_id: int) -> Rows:
    cursor = db.execute(f"SELECT * FROM {table} LIMIT 0")
    names = [column[0] for column in cursor.description]
    whose = f"WHERE corporation_id = {corporation_id}" if "corporation_id" in names else ""
    cursor = db.execute(f"SELECT * FROM {table} {whose}")
    nested = NESTED.get(table, frozenset())
    return [
        {
            n: json.loads(v) if n in nested and v is not None else v
            for n, v in zip(names, row, strict=True)
            if n != "corporation_id"
        }
        for row in cursor
    ]


@asynccontextmanager
async def open_house(
    home: Path,
    config: SimulatorConfig | None = None,
    *,
    processes: Sequence[Process] = ALL,
    clock: Clock | None = None,
) -> AsyncIterator[House]:
    """A logged-in house below `home`; its processes run only when told.

    It is noon at its opening. Without a clock, waiting takes no time.
    """
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = replace(config or SimulatorConfig(), redirect_uris=(callback,), clock_offset=noon())
    with Simulator(config) as simulator:
        settings = settings_for(home, simulator, callback)
        if processes is ALL and not settings.database.exists():
            make_database(home)
        clock = clock or LeapingClock(simulator)
        async with await Workspace.open(
            settings, clock, command="corpsync", processes=processes
        ) as workspace:
            await log_in(workspace)
            yield House(simulator, workspace)
