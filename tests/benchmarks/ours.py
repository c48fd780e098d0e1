"""corpsync itself, logged in and pointed at the benchmark's server."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time

from corpsync_tui.clock import Clock
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.settings import Settings, load_settings
from corpsync_tui.simulator.config import DEFAULT_CLIENT_ID
from corpsync_tui.workspace import Workspace
from tests.benchmarks.harness import Plan
from tests.benchmarks.server import FRESH_FOR, serving
from tests.support.house import free_port, log_in
from tests.support.simulator import Sim, simulator_process


@dataclass(frozen=True, slots=True)
class Place:
    """Where a benchmark's corpsync is at home."""

    folder: Path
    """A data folder that is logged in and holds nothing yet; copied, never used."""
    esi_url: str
    sso_url: str
    callback: str
    corporation_id: int
    character_id: int

    def environment(self, home: Path) -> dict[str, str]:
        """What points a corpsync to a copy of the folder and to the server."""
        return {
            "CORPSYNC_HOME": str(home),
            "CORPSYNC_ESI_URL": self.esi_url,
            "CORPSYNC_SSO_URL": self.sso_url,
            "CORPSYNC_CLIENT_ID": DEFAULT_CLIENT_ID,
            "CORPSYNC_CALLBACK_URL": self.callback,
            "CORPSYNC_KEYRING": "file",
        }

    def settings(self, home: Path) -> Settings:
        """The same as settings."""
        return load_settings(self.environment(home))

    def copy(self, home: Path) -> Path:
        """A copy of the folder."""
        shutil.copytree(self.folder, home)
        return home


class Opened:
    """An open workspace and its clock."""

    def __init__(self, workspace: Workspace, place: Place, clock: Clock) -> None:
        self.workspace = workspace
        self.place = place
        self.clock = clock

    def advance(self) -> None:
        """Let every copy in hand expire."""
        self.clock.offset += FRESH_FOR + 1

    async def warm(self) -> None:
        """A token in memory, and one open connection."""
        connection = self.workspace.connection
        await connection.tokens.access(self.place.character_id)
        await connection.http.send("GET", f"{self.place.esi_url}/status")

    async def sync(self, process_type: str = "assets") -> RunRecord:
        """One run through the executor; raises unless it succeeds."""
        process_id = f"{self.place.corporation_id}/{process_type}"
        record = await self.workspace.executor.execute(process_id, "schedule")
        if record.result != "success":
            raise RuntimeError(f"{process_id}: {record.error_message}")
        return record

    async def timed(self, process_type: str = "assets") -> tuple[float, RunRecord]:
        """One run and its milliseconds, from its start to its commit told."""
        await self.warm()
        start = perf_counter()
        record = await self.sync(process_type)
        return (perf_counter() - start) * 1e3, record


@contextmanager
def at_home(folder: Path, rows: int, killmails: int = 0) -> Iterator[tuple[Place, Sim]]:
    """The servers, and where a folder that logs in there is to be."""
    callback = f"http://127.0.0.1:{free_port()}/callback"
    with (
        simulator_process("--callback", callback) as sso,
        serving(rows, killmails, sso.corporation_id) as esi_url,
    ):
        yield (
            Place(folder, esi_url, sso.url, callback, sso.corporation_id, sso.character_id),
            sso,
        )


@asynccontextmanager
async def prepared(
    folder: Path, rows: int, killmails: int = 0, *, others: bool = False
) -> AsyncIterator[Place]:
    """A logged-in data folder over fresh servers; `others`: all but the assets have run."""
    with at_home(folder / "template", rows, killmails) as (place, sso):
        settings = load_settings({**place.environment(place.folder), "CORPSYNC_ESI_URL": sso.url})
        async with await Workspace.open(settings, Clock(), command="corpsync") as workspace:
            await log_in(workspace)
            if others:
                for process_type in workspace.processes.keys() - {"assets"}:
                    await workspace.run(f"{sso.corporation_id}/{process_type}", "manual")
                await workspace.names.settled()
        _put_off(settings)
        yield place


async def filled(plan: Plan, rows: int) -> Place:
    """A data folder in which all processes have run, with so many assets; nothing is due."""
    name = f"filled-{rows}"
    if name not in plan.shared:
        folder = plan.room(name)
        plan.shared[name] = await plan.open_until_end.enter_async_context(_filled(folder, rows))
    place: Place = plan.shared[name]
    return place


@asynccontextmanager
async def _filled(folder: Path, rows: int) -> AsyncIterator[Place]:
    async with prepared(folder, rows, others=True) as place:
        settings = place.settings(place.folder)
        async with await Workspace.open(settings, Clock(), command="corpsync") as workspace:
            await Opened(workspace, place, Clock()).sync()
        _put_off(settings)
        yield place


def _put_off(settings: Settings) -> None:
    """Let nothing be due for a week."""
    with closing(sqlite3.connect(settings.database)) as db, db:
        db.execute("UPDATE sync_schedule SET next_run_time = ?", (time() + 604_800,))


@asynccontextmanager
async def opened(place: Place, home: Path) -> AsyncIterator[Opened]:
    """A workspace over a new copy of the place's folder."""
    settings = place.settings(place.copy(home))
    clock = Clock()
    async with await Workspace.open(settings, clock, command="corpsync") as workspace:
        yield Opened(workspace, place, clock)
