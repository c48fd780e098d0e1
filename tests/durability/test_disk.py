"""No room, a lock of another program, a folder that is gone: told, borne, and over by itself."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpsync_tui.store.writable import find_write_fault
from corpsync_tui.sync.events import Noticed, SyncEvent
from tests.support.looking import read_status
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

HOUR = 3_600.0
INTERVAL = HOUR + 600
"""Seconds within which every process is due once more."""
SIZE = "12m"
EVERYTHING = ("member", "asset", "industry_job", "wallet_journal", "killmail")


@dataclass
class Disk:
    """A place that can be filled: a small file system, or a database that may not grow."""

    path: Path
    mounted: bool

    async def fill(self, house: VirtualHouse) -> None:
        """Leave no room."""
        if not self.mounted:
            pages = await _pragma(house, "page_count")
            await _pragma(house, f"max_page_count = {pages}")
            return
        with (self.path / "ballast").open("wb", buffering=0) as ballast:
            for size in (1 << 16, 1 << 12, 1):
                with suppress(OSError):  # no space left on device
                    while True:
                        ballast.write(bytes(size))
        assert shutil.disk_usage(self.path).free == 0

    async def make_room(self, house: VirtualHouse) -> None:
        """Take the ballast away."""
        if self.mounted:
            (self.path / "ballast").unlink()
        else:
            await _pragma(house, "max_page_count = 1073741823")


async def _pragma(house: VirtualHouse, words: str) -> int:
    found = await house.workspace.store.write(
        lambda db: db.execute(f"PRAGMA {words}").fetchone(), transaction=False
    )
    return int(found[0])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A tmpfs where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    yield Disk(place, mounted)
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
async def house(disk: Disk) -> AsyncIterator[VirtualHouse]:
    """One that has synced everything once."""
    async with virtual_house(disk.path) as opened:
        await opened.workspace.start()
        await opened.live(120)
        yield opened


def kinds(house: VirtualHouse) -> dict[str, str | None]:
    return {s.process_type: s.error_kind for s in house.workspace.state.get_statuses()}


def sentences(house: VirtualHouse) -> set[str]:
    return {s.error_message or "" for s in house.workspace.state.get_statuses()} - {""}


async def assert_healed(house: VirtualHouse) -> None:
    """After their next interval all is current and true, without anybody's help."""
    house.simulator.renew()
    await house.live(INTERVAL)
    for status in house.workspace.state.get_statuses():
        assert (status.status, status.error_count) == ("success", 0), status
    await house.assert_true(*EVERYTHING)
    healthy = await house.workspace.store.read(
        lambda db: db.execute("PRAGMA integrity_check").fetchone()
    )
    assert healthy == ("ok",)
    results = {r.result for r in await house.workspace.state.get_sync_history(limit=10_000)}
    assert "running" not in results


def change_much(house: VirtualHouse) -> None:
    """More than fits into what room a full file has left."""
    house.simulator.mutate("asset", add=9_000)
    for division in range(1, 8):
        house.simulator.mutate("wallet_journal", division=division, add=500)


async def test_a_full_disk(disk: Disk, house: VirtualHouse) -> None:
    before = await house.rows("asset")
    await disk.fill(house)
    change_much(house)
    await house.live(INTERVAL)
    status = house.status("assets")
    assert (status.status, status.error_kind) == ("error", "database")
    assert f"The disk is full at {house.workspace.store.path.parent}" in str(status.error_message)
    assert "nothing was changed" in str(status.error_message)
    assert await house.rows("asset") == before
    read_status(house.workspace.store.path)
    assert "The disk is full" in str(find_write_fault(house.workspace.store.path))
    assert any("The disk is full" in a.sentence for a in house.workspace.alerts.alerts)
    await disk.make_room(house)
    await assert_healed(house)
    assert find_write_fault(house.workspace.store.path) is None
    assert not any("disk" in a.sentence for a in house.workspace.alerts.alerts)


async def test_another_program_holds_the_lock(
    house: VirtualHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.workspace.store._writer, "_patience", 0.02)
    before = await house.rows("asset")
    house.simulator.mutate("asset", add=9)
    with closing(sqlite3.connect(house.workspace.store.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await house.live(INTERVAL)
        assert set(kinds(house).values()) == {"database"}
        (sentence,) = {text.partition(": ")[2] or text for text in sentences(house)}
        assert "keeps corpsync.db locked" in sentence
        assert await house.rows("asset") == before
        other.execute("ROLLBACK")
    await assert_healed(house)


async def test_a_folder_that_is_gone_for_a_while(house: VirtualHouse, tmp_path: Path) -> None:
    folder = house.workspace.store.path.parent
    events: list[SyncEvent] = []
    house.workspace.state.subscribe(events.append)
    aside = folder.with_name("aside")
    folder.rename(aside)
    await house.live(INTERVAL)
    assert set(kinds(house).values()) == {"database"}
    assert any("replaced or deleted" in text for text in sentences(house))
    assert not folder.exists() or not (folder / "corpsync.db").exists()
    if folder.exists():
        shutil.rmtree(folder)
    aside.rename(folder)
    await assert_healed(house)
    assert not [e for e in events if isinstance(e, Noticed) and "mistake" in e.sentence]


async def test_a_folder_that_is_gone_for_good(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    async with virtual_house(disk.path) as house:
        await house.workspace.start()
        await house.live(120)
        shutil.rmtree(house.workspace.store.path.parent)
        await house.live(INTERVAL)
        assert set(kinds(house).values()) <= {"database", "auth"}
        assert house.workspace.scheduler.is_running
        assert not house.workspace.store.path.exists()
    assert "Traceback" not in str([r for r in caplog.records if r.levelname == "CRITICAL"])
