"""Bringing the static data: what arrives, what is refused, and that the old stays."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import sqlite3
import threading
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.errors import CorpsyncError, DatabaseError, HeldError, ValidationError
from corpsync_tui.reference.archive import Progress
from corpsync_tui.reference.filling import MEMBERS as FILLED
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import Settings, load_settings
from corpsync_tui.simulator.archive import FLAWS, members
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.store.reference import is_present, open_reference, present_build
from tests.support.clock import ManualClock
from tests.support.esi import LeapingClock
from tests.support.simulator import simulator
from tests.support.static_data import (
    BUILD,
    MEMBERS,
    RELEASED,
    StaticServer,
    archive,
    changed,
)

__all__ = ["simulator"]

pytestmark = pytest.mark.anyio

TABLES = {
    "about": [(BUILD, RELEASED)],
    "category": [(4, "Material"), (65, "Structure")],
    "type_group": [(18, "Mineral", 4), (1406, "Refinery", 65)],
    "market_group": [(1857, "Minerals", 533)],
    "type": [
        (34, "Tritanium", 18, "Mineral", 4, 0.01, None, 1, 1857, None, 1),
        (35835, "Athanor", 1406, "Refinery", 65, 8000.0, 4000.0, 1, None, None, 1),
    ],
    "type_material": [(35835, 34, 100)],
    "type_attribute": [(35835, 2109, 5.0), (35835, 2339, -20.0)],
    "blueprint_product": [(36971, "manufacturing", 35835, 1), (36971, "reaction", 34, 200)],
    "tower_resource": [(12235, 4247, 1, 40, None, None), (12235, 24592, 1, 1, 0.45, 500001)],
    "metenox_drill": [(1, 3600, 0.4, 200)],
    "region": [(10000002, "The Forge")],
    "constellation": [(20000020, "Kimotoro", 10000002)],
    "solar_system": [
        (30000142, "Jita", 0.945913, 20000020, "Kimotoro", 10000002, "The Forge"),
    ],
    "planet": [(40009080, "Jita IV", 30000142), (40009090, "New Caldari Prime", 30000142)],
    "moon": [
        (40009087, "Jita IV - Moon 4", 30000142),
        (40009091, "New Caldari Prime - Moon 1", 30000142),
        (40009092, "Jita IX - Moon 2", 30000142),
        (40009093, "Dark Side", 30000142),
    ],
    "station": [(60003760, 30000142, 1000035, 52678)],
}


def everything(path: Path) -> dict[str, list[Any]]:
    with closing(open_reference(path)) as db:
        names = [n for (n,) in db.execute("SELECT name FROM ref.sqlite_master")]
        found = {n: db.execute(f"SELECT * FROM ref.{n}").fetchall() for n in names}
    found["about"] = [row[:2] for row in found["about"]]
    return found


@pytest.fixture
def update(settings: Settings) -> ReferenceUpdate:
    return ReferenceUpdate(settings, LeapingClock())


async def test_every_table_is_filled_exactly(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    assert await update.newest()
    assert everything(settings.reference) == TABLES
    assert settings.reference.stat().st_mode & 0o077 == 0
    assert [path for path in settings.cache_dir.iterdir() if ".new" in path.name] == []


async def test_only_the_members_that_are_needed_are_read(
    update: ReferenceUpdate, server: StaticServer, settings: Settings
) -> None:
    packed = io.BytesIO(archive())
    with zipfile.ZipFile(packed, "a") as file:  # stored, so that it is large on the wire, too
        file.writestr("skins.jsonl", b"\n" * 30_000_000)
        last = json.dumps(MEMBERS["npcStations"][0]) + "\n"
        file.writestr("npcStations.jsonl.new", last)
    server.archive = packed.getvalue()

    await update.newest()
    assert everything(settings.reference) == TABLES
    assert server.sent < 5_000_000


async def test_a_server_without_ranges_sends_the_whole(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    server.ranges = False
    steps: list[Progress] = []
    await update.newest(steps.append)
    assert everything(settings.reference) == TABLES
    assert [path for path, _, _ in server.asked].count(server.asked[-1][0]) == 1
    assert steps[0].step == "Downloading"
    assert steps[-1] == replace(steps[-1], step="Reading npcStations", done=steps[-1].total)


async def test_the_newest_build_is_read_once(update: ReferenceUpdate, server: StaticServer) -> None:
    assert await update.newest()
    assert not await update.newest()
    path, headers, status = server.asked[-1]
    assert (path, status) == ("/tranquility/latest.jsonl", 304)
    assert headers["if-none-match"] == f'"{BUILD}"'

    server.build += 1
    assert await update.newest()


async def test_by_itself_it_asks_once_a_day_and_only_where_there_are_data(
    settings: Settings, server: StaticServer
) -> None:
    clock = ManualClock()
    update = ReferenceUpdate(settings, clock)
    assert not update.due
    await update.newest()
    assert not update.due
    await clock.advance(86_401)
    assert update.due


async def test_a_failing_server_is_asked_again(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    server.archive_failures = [503, 500]
    await update.newest()
    assert everything(settings.reference) == TABLES


async def test_a_server_that_knows_no_range_from_the_end_sends_the_whole(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    server.archive_failures = [416]
    await update.newest()
    assert everything(settings.reference) == TABLES
    assert "range" not in server.asked[-1][1]


def _bomb(name: str, size: int) -> bytes:
    """An archive that says of a member that it unpacks to so much."""
    packed = io.BytesIO(archive())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("other.jsonl", "")  # else the directory is not written again
        file.getinfo(f"{name}.jsonl").file_size = size
    return packed.getvalue()


def _flipped(packed: bytes) -> bytes:
    """An archive in which some bytes of the types have changed."""
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        info = file.getinfo("types.jsonl")
    middle = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    return (
        packed[:middle] + bytes(b ^ 255 for b in packed[middle : middle + 4]) + packed[middle + 4 :]
    )


def _line(text: str | bytes) -> bytes:
    """An archive whose types have one line more."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, lines in MEMBERS.items():
            body = "".join(json.dumps(line) + "\n" for line in lines).encode()
            more = text.encode() if isinstance(text, str) else text
            file.writestr(f"{name}.jsonl", body + (more if name == "types" else b""))
    return packed.getvalue()


BROKEN = {
    "nothing": (b"", "no whole ZIP archive"),
    "a page of HTML": (b"<html>Maintenance</html>" * 100, "no whole ZIP archive"),
    "cut short": (archive()[:-2_000], "no whole ZIP archive"),
    "damaged": (_flipped(archive()), "no whole ZIP archive"),
    "a wrong type": (archive(changed("types", 1, groupID="18")), "types.jsonl, line 2: Expected"),
    "a missing key": (archive(changed("mapMoons", 2, orbitIndex=...)), "mapMoons.jsonl, line 3"),
    "no name": (archive(changed("mapRegions", 0, name={"de": "x"})), "mapRegions.jsonl, line 1"),
    "a planet beyond all": (archive(changed("mapPlanets", 0, celestialIndex=2**40)), "mapPlanets"),
    "a moon nowhere": (archive(changed("mapMoons", 0, solarSystemID=1)), "no solar system 1"),
    "an entry twice": (archive(changed("types", 1, _key=34)), "types.jsonl has an entry twice"),
    "a number beyond 64 bits": (archive(changed("types", 1, _key=2**70)), "cannot be stored"),
    "no member": (archive({k: v for k, v in MEMBERS.items() if k != "types"}), "types.jsonl is mi"),
    "an empty member": (archive({**MEMBERS, "types": []}), "nothing for the table type"),
    "no JSON": (_line("{\n"), "types.jsonl, line 3"),
    "no text": (_line(b'{"_key": 3, "name": {"en": "\xff"}}\n'), "types.jsonl, line 3"),
    "a long line": (_line(" " * 1_000_001), "types.jsonl has a line of more than 1 MB"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("ranges", [True, False])
async def test_a_broken_archive_leaves_the_old_data_and_says_why(
    settings: Settings,
    update: ReferenceUpdate,
    server: StaticServer,
    kind: str,
    ranges: bool,
) -> None:
    await update.newest()
    server.build += 1
    server.archive, why = BROKEN[kind]
    server.ranges = ranges
    with pytest.raises(CorpsyncError) as refusal:
        await update.newest()
    assert why in refusal.value.message
    assert "\n" not in refusal.value.message
    assert everything(settings.reference) == TABLES
    assert not settings.reference.with_name("reference.db.new").exists()


async def test_a_member_that_unpacks_to_more_than_a_gigabyte_is_refused(
    settings: Settings, update: ReferenceUpdate, tmp_path: Path
) -> None:
    file = tmp_path / "bomb.zip"
    file.write_bytes(_bomb("typeDogma", 1_001_000_000))
    with pytest.raises(CorpsyncError, match=r"typeDogma\.jsonl unpacks to more than 1 GB"):
        await update.from_file(file)
    assert present_build(settings.reference) is None


async def test_a_download_that_breaks_off_is_tried_again_and_then_told(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    server.ranges, server.cut = False, 100
    with pytest.raises(CorpsyncError, match="could not be read: the connection to 127"):
        await update.newest()
    assert len([path for path, _, _ in server.asked if path.endswith(".zip")]) == 5
    assert present_build(settings.reference) is None


async def test_nobody_there_is_one_sentence(settings: Settings) -> None:
    update = ReferenceUpdate(replace(settings, static_url="http://127.0.0.1:9"), LeapingClock())
    with pytest.raises(CorpsyncError, match=r"^CCP's static data could not be read: 127"):
        await update.newest()


async def test_an_archive_from_a_file_asks_nobody(
    settings: Settings, update: ReferenceUpdate, server: StaticServer, tmp_path: Path
) -> None:
    file = tmp_path / "eve-online-static-data-77-jsonl.zip"
    file.write_bytes(archive(build=None))
    await update.from_file(file)
    assert everything(settings.reference) == {**TABLES, "about": [(77, None)]}
    assert server.asked == []


async def test_a_cancelled_update_leaves_the_old_data(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    await update.newest()
    server.build += 1
    server.held.clear()
    server.reached.clear()
    work = asyncio.ensure_future(update.newest())
    await asyncio.to_thread(server.reached.wait, 10)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert present_build(settings.reference) == BUILD


async def test_a_reading_stops_where_it_is_cancelled(
    settings: Settings, update: ReferenceUpdate, tmp_path: Path
) -> None:
    file = tmp_path / "archive.zip"
    file.write_bytes(archive())
    steps: list[str] = []
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def tell(progress: Progress) -> None:
        steps.append(progress.step)
        loop.call_soon_threadsafe(begun.set)

    def hold(progress: Progress) -> None:
        tell(progress)
        cancelled.wait()

    cancelled = threading.Event()
    work = asyncio.ensure_future(update.from_file(file, hold))
    await begun.wait()
    work.cancel()
    for _ in range(5):  # the task learns of it
        await asyncio.sleep(0)
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert steps == ["Reading categories"]
    assert present_build(settings.reference) is None


async def test_two_do_not_read_at_once(
    settings: Settings, update: ReferenceUpdate, server: StaticServer
) -> None:
    server.held.clear()
    work = asyncio.ensure_future(update.newest())
    await asyncio.to_thread(server.reached.wait, 10)
    with pytest.raises(HeldError, match="already reading"):
        await ReferenceUpdate(settings, LeapingClock()).newest()
    server.held.set()
    assert await work


async def test_a_file_that_cannot_be_written_is_told(
    settings: Settings, update: ReferenceUpdate, tmp_path: Path
) -> None:
    settings.reference.mkdir(parents=True)
    file = tmp_path / "archive.zip"
    file.write_bytes(archive())
    with pytest.raises(DatabaseError, match="corpsync cannot write to"):
        await update.from_file(file)


def test_a_file_that_is_no_database_counts_as_none(settings: Settings) -> None:
    settings.cache_dir.mkdir(parents=True)
    settings.reference.write_bytes(b"rubbish" * 1_000)
    assert present_build(settings.reference) is None
    with closing(sqlite3.connect(settings.reference.with_suffix(".other"))) as other:
        other.execute("CREATE TABLE about (x)")
    settings.reference.with_suffix(".other").replace(settings.reference)
    assert present_build(settings.reference) is None


@pytest.mark.parametrize("ranges", [True, False])
def test_a_whole_world_arrives_and_no_flaw_harms_it(
    simulator: Simulator, tmp_path: Path, ranges: bool
) -> None:
    home = {"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_STATIC_URL": simulator.static_url}
    settings = load_settings(home)
    update = ReferenceUpdate(settings, LeapingClock())
    build = simulator.static(ranges=ranges)
    asyncio.run(update.newest())
    found = everything(settings.reference)
    for member, lines in members(build).items():
        table = next((m.table for m in FILLED if m.name == member), None)
        if table is not None and not table.startswith(("type_m", "type_a", "blue", "tower")):
            assert [row[0] for row in found[table]] == sorted(line["_key"] for line in lines)
    assert all(found.values())

    for number, flaw in enumerate(FLAWS, build + 1):
        if flaw == "bomb" and not ranges:
            continue  # it takes a second to make, and is seen in the directory alone
        simulator.static(build=number, flaw=flaw)
        with pytest.raises(ValidationError):
            asyncio.run(update.newest())
        assert everything(settings.reference) == found


def test_a_folder_that_may_not_be_entered_holds_no_static_data(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    settings.reference.parent.mkdir(parents=True)
    settings.reference.touch()
    assert is_present(settings.reference)
    monkeypatch.setattr(Path, "stat", refuse)
    assert not is_present(settings.reference)
    assert not ReferenceUpdate(settings, ManualClock()).due
