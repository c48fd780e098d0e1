"""CCP's static data, from an archive on the disk into `reference.db`."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

from corpsync_tui.clock import Clock
from corpsync_tui.reference.filling import MEMBERS
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import load_settings
from corpsync_tui.store.reference import TABLES
from tests.benchmarks.harness import Plan, Row, Table, interleave

TYPES = 50_000
MOONS_OF_A_TYPE = 6.8
"""340,000 moons beside 50,000 types, as CCP has them."""
LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "ru", "zh")
MOST_MEMORY = 150
"""MiB."""


Line = dict[str, Any]


def _words(text: str) -> dict[str, str]:
    return {language: f"{text} ({language})" for language in LANGUAGES}


def _body(key: int, system: int, index: int, **more: Any) -> Line:
    """A planet or moon, with what nobody needs of it."""
    numbers = ("density", "eccentricity", "escapeVelocity", "orbitRadius", "temperature")
    return {
        "attributes": {"heightMap1": 3842, "heightMap2": 3841, "shaderPreset": 3977},
        "celestialIndex": index,
        "orbitID": 40_000_000 + system,
        "position": {"x": 161_891_117_336.0, "y": 21_288_951_986.0, "z": -73_529_712_226.0},
        "radius": 5_060_000,
        "solarSystemID": system,
        "statistics": dict.fromkeys(numbers, 0.123456 + key),
        "typeID": 14,
        **more,
    }


def _members(types: int) -> dict[str, Iterator[Line]]:
    """The lines of every member that is read."""
    moons = int(types * MOONS_OF_A_TYPE)
    return {**_types(types), **_map(moons, max(1, moons // 5), max(1, moons // 40))}


def _types(types: int) -> dict[str, Iterator[Line]]:
    lines: dict[str, tuple[int, Callable[[int], Line]]] = {
        "categories": (50, lambda n: {"name": _words(f"Category {n}")}),
        "groups": (1_500, lambda n: {"name": _words(f"Group {n}"), "categoryID": n % 50}),
        "types": (types, _type),
        "typeMaterials": (
            types // 5,
            lambda n: {"materials": [{"materialTypeID": 34 + i, "quantity": n} for i in range(5)]},
        ),
        "typeDogma": (
            types // 2,
            lambda n: {
                "dogmaAttributes": [{"attributeID": i, "value": 1.5 * n} for i in range(20)],
                "dogmaEffects": [{"effectID": 16, "isDefault": False}],
            },
        ),
        "blueprints": (
            types // 10,
            lambda n: {
                "activities": {"manufacturing": {"products": [{"typeID": n, "quantity": 1}]}}
            },
        ),
        "controlTowerResources": (
            60,
            lambda _: {"resources": [{"resourceTypeID": 4247, "purpose": 1, "quantity": 40}]},
        ),
    }
    return {name: _keyed(count, line) for name, (count, line) in lines.items()}


def _type(n: int) -> Line:
    return {
        "name": _words(f"Type {n}"),
        "description": _words("What it is for, at some length. " * 4),
        "groupID": n % 1_500,
        "portionSize": 1,
        "published": True,
        "volume": 0.01 * n,
    }


def _map(moons: int, planets: int, systems: int) -> dict[str, Iterator[Line]]:
    def system(n: int) -> Line:
        where = {"constellationID": n % 1_200, "regionID": n % 110}
        return {"name": _words(f"System {n}"), **where, "securityStatus": -0.5}

    lines: dict[str, tuple[int, Callable[[int], Line]]] = {
        "mapRegions": (110, lambda n: {"name": _words(f"Region {n}")}),
        "mapConstellations": (
            1_200,
            lambda n: {"name": _words(f"Far {n}"), "regionID": n % 110},
        ),
        "mapSolarSystems": (systems, system),
        "mapPlanets": (planets, lambda n: _body(n, n % systems, n // systems + 1)),
        "mapMoons": (
            moons,
            lambda n: _body(n, n % systems, n % 8 + 1, orbitIndex=n // planets + 1),
        ),
        "npcStations": (5_000, lambda n: {"solarSystemID": n % systems, "ownerID": 1, "typeID": 2}),
    }
    return {name: _keyed(count, line) for name, (count, line) in lines.items()}


def _keyed(count: int, line: Callable[[int], Line]) -> Iterator[Line]:
    return ({"_key": n, **line(n)} for n in range(count))


def write_archive(file: Path, types: int) -> None:
    """An archive of CCP's form and size."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, lines in _members(types).items():
            with packed.open(f"{name}.jsonl", "w") as member:
                for line in lines:
                    member.write(json.dumps(line).encode() + b"\n")


def _floor(file: Path, database: Path) -> float:
    """`json.loads` of every line, and one `executemany` for each table; milliseconds."""
    database.unlink(missing_ok=True)
    start = perf_counter()
    with closing(sqlite3.connect(database)) as db, zipfile.ZipFile(file) as packed:
        for member in MEMBERS:
            if f"{member.name}.jsonl" not in packed.namelist():
                continue
            db.execute(f"CREATE TABLE {member.table} ({TABLES[member.table]})")
            with packed.open(f"{member.name}.jsonl") as lines:
                rows = list(_rows(member.table, map(json.loads, lines)))
            marks = ", ".join("?" * len(rows[0]))
            db.executemany(f"INSERT INTO {member.table} VALUES ({marks})", rows)
        db.commit()
    return (perf_counter() - start) * 1e3


def _rows(table: str, lines: Iterable[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The same rows as ours, but for names that are put together."""
    for e in lines:
        key, name = e["_key"], e.get("name", {}).get("en")
        if table in ("category", "region"):
            yield key, name
        elif table == "type_group":
            yield key, name, e["categoryID"]
        elif table == "type":
            volume, portion = e["volume"], e["portionSize"]
            yield key, name, e["groupID"], "", 1, volume, None, portion, None, None, e["published"]
        elif table == "type_material":
            yield from ((key, m["materialTypeID"], m["quantity"]) for m in e["materials"])
        elif table == "type_attribute":
            yield from ((key, a["attributeID"], a["value"]) for a in e["dogmaAttributes"])
        elif table == "blueprint_product":
            made = e["activities"]["manufacturing"]["products"]
            yield from ((key, "manufacturing", p["typeID"], p["quantity"]) for p in made)
        elif table == "tower_resource":
            used = e["resources"]
            yield from (
                (key, r["resourceTypeID"], r["purpose"], r["quantity"], None, None) for r in used
            )
        elif table == "constellation":
            yield key, name, e["regionID"]
        elif table == "solar_system":
            security = e["securityStatus"]
            yield key, name, security, e["constellationID"], "", e["regionID"], ""
        elif table == "station":
            yield key, e["solarSystemID"], e["ownerID"], e["typeID"]
        else:
            yield key, f"{e['solarSystemID']} {e['celestialIndex']}", e["solarSystemID"]


def _update(file: Path, told: Path, home: Mapping[str, str]) -> None:
    """Read the archive in a process of its own, which tells its peak of memory."""
    arguments = [str(told), "reference", "update", "--file", str(file), "--quiet"]
    command = [sys.executable, "-m", "tests.benchmarks.peak", *arguments]
    environment = {**os.environ, **home}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


async def measure(plan: Plan, table: Table) -> None:
    """50,000 types and 340,000 moons, beside the plainest way to load them."""
    types = plan.rows(TYPES)
    folder = plan.room("reference")
    file, told = folder / "archive.zip", folder / "peak"
    await asyncio.to_thread(write_archive, file, types)
    home = {"CORPSYNC_HOME": str(folder / "home")}
    update = ReferenceUpdate(load_settings(home), Clock())

    async def floor() -> float:
        return await asyncio.to_thread(_floor, file, folder / "floor.db")

    async def ours() -> float:
        start = perf_counter()
        await update.from_file(file)
        return (perf_counter() - start) * 1e3

    async def memory() -> float:
        await asyncio.to_thread(_update, file, told, home)
        return float(told.read_text())

    found = await interleave({"floor": floor, "ours": ours, "memory": memory}, plan.rounds)
    what = f"static data, {types:,} types"
    table.add(Row(what, found["floor"], found["ours"], goal=2.0))
    memory_row = found["memory"]
    table.add(Row(f"{what}: memory", memory_row, memory_row, unit="MiB", limit=MOST_MEMORY))
