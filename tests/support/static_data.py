"""A small archive of CCP's form, and a server on loopback that serves it well or badly."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUILD = 3_081_406
RELEASED = "2026-11-24T11:02:00Z"

Lines = Mapping[str, Sequence[dict[str, Any]]]


def words(text: str) -> dict[str, str]:
    return {"en": text, "de": f"{text} (de)"}


MEMBERS: Lines = {
    "categories": [
        {"_key": 4, "name": words("Material"), "published": True},
        {"_key": 65, "name": words("Structure"), "published": True},
    ],
    "groups": [
        {"_key": 18, "name": words("Mineral"), "categoryID": 4, "published": True},
        {"_key": 1406, "name": words("Refinery"), "categoryID": 65, "published": True},
    ],
    "marketGroups": [{"_key": 1857, "name": words("Minerals"), "parentGroupID": 533}],
    "types": [
        {
            "_key": 34,
            "name": words("Tritanium"),
            "groupID": 18,
            "marketGroupID": 1857,
            "volume": 0.01,
            "portionSize": 1,
            "published": True,
            "description": words("The main building block"),
        },
        {
            "_key": 35835,
            "name": words("Athanor"),
            "groupID": 1406,
            "volume": 8000.0,
            "packagedVolume": 4000.0,
            "portionSize": 1,
            "published": True,
        },
    ],
    "typeMaterials": [{"_key": 35835, "materials": [{"materialTypeID": 34, "quantity": 100}]}],
    "typeDogma": [
        {
            "_key": 35835,
            "dogmaAttributes": [
                {"attributeID": 2109, "value": 5.0},
                {"attributeID": 2339, "value": -20},
            ],
            "dogmaEffects": [],
        }
    ],
    "blueprints": [
        {
            "_key": 36971,
            "activities": {
                "copying": {"time": 480},
                "manufacturing": {"products": [{"typeID": 35835, "quantity": 1}], "time": 600},
                "reaction": {"products": [{"typeID": 34, "quantity": 200}], "time": 600},
            },
            "blueprintTypeID": 36971,
        }
    ],
    "controlTowerResources": [
        {
            "_key": 12235,
            "resources": [
                {"resourceTypeID": 4247, "purpose": 1, "quantity": 40},
                {
                    "resourceTypeID": 24592,
                    "purpose": 1,
                    "quantity": 1,
                    "minSecurityLevel": 0.45,
                    "factionID": 500001,
                },
            ],
        }
    ],
    "metenoxMoonDrill": [
        {
            "_key": 1,
            "miningCycleTime": 3600,
            "miningEfficiency": 0.4,
            "reagentsConsumedPerCycle": 200,
        }
    ],
    "mapRegions": [{"_key": 10000002, "name": words("The Forge"), "constellationIDs": [20000020]}],
    "mapConstellations": [
        {"_key": 20000020, "name": words("Kimotoro"), "regionID": 10000002},
    ],
    "mapSolarSystems": [
        {
            "_key": 30000142,
            "name": words("Jita"),
            "constellationID": 20000020,
            "regionID": 10000002,
            "securityStatus": 0.945913,
        }
    ],
    "mapPlanets": [
        {"_key": 40009080, "solarSystemID": 30000142, "celestialIndex": 4, "orbitID": 40009076},
        {
            "_key": 40009090,
            "solarSystemID": 30000142,
            "celestialIndex": 14,
            "uniqueName": words("New Caldari Prime"),
        },
    ],
    "mapMoons": [
        {"_key": 40009087, "solarSystemID": 30000142, "celestialIndex": 4, "orbitIndex": 4},
        {"_key": 40009091, "solarSystemID": 30000142, "celestialIndex": 14, "orbitIndex": 1},
        {"_key": 40009092, "solarSystemID": 30000142, "celestialIndex": 9, "orbitIndex": 2},
        {
            "_key": 40009093,
            "solarSystemID": 30000142,
            "celestialIndex": 14,
            "orbitIndex": 2,
            "uniqueName": words("Dark Side"),
        },
    ],
    "npcStations": [
        {"_key": 60003760, "solarSystemID": 30000142, "ownerID": 1000035, "typeID": 52678},
    ],
}


def changed(member: str, place: int, **values: Any) -> Lines:
    """The members, one line of one of them otherwise; a value `...` takes the key away."""
    lines = [dict(line) for line in MEMBERS[member]]
    lines[place] = {k: v for k, v in (lines[place] | values).items() if v is not ...}
    return {**MEMBERS, member: lines}


def archive(members: Lines = MEMBERS, build: int | None = BUILD) -> bytes:
    """The members as CCP packs them, with one that nobody needs."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        if build is not None:
            own = {"_key": "sde", "buildNumber": build, "releaseDate": RELEASED}
            file.writestr("_sde.jsonl", json.dumps(own) + "\n")
        file.writestr("agentsInSpace.jsonl", "not asked for\n" * 50_000)
        for name, lines in members.items():
            file.writestr(f"{name}.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    return packed.getvalue()


class StaticServer:
    """What is served, how, and what was asked for."""

    def __init__(self) -> None:
        self.build = BUILD
        self.archive = archive()
        self.ranges = True
        self.cut = 0
        """Bytes that are missing at the end of what is sent as a whole."""
        self.archive_failures: list[int] = []
        """Statuses of the next answers about an archive."""
        self.asked: list[tuple[str, dict[str, str], int]] = []
        """Path, headers and status."""
        self.sent = 0
        """Bytes of archives."""
        self.url = ""
        self.reached = threading.Event()
        """Set when a part of the archive was asked for."""
        self.held = threading.Event()
        """Parts of the archive wait for it."""
        self.held.set()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        status, headers, body = self._answer(request)
        headers_in = {k.lower(): v for k, v in request.headers.items()}
        self.asked.append((request.path, headers_in, status))
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        if self.cut:
            request.send_header("Connection", "close")
        request.end_headers()
        if request.path.endswith(".zip"):
            self.sent += len(body)
            body = body[: len(body) - self.cut] if status == 200 else body
        request.wfile.write(body)

    def _answer(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        if request.path == "/tranquility/latest.jsonl":
            etag = f'"{self.build}"'
            if request.headers["If-None-Match"] == etag:
                return 304, {"ETag": etag}, b""
            record = {"_key": "sde", "buildNumber": self.build, "releaseDate": RELEASED}
            return 200, {"ETag": etag}, json.dumps(record).encode() + b"\n"
        if request.path != f"/tranquility/eve-online-static-data-{self.build}-jsonl.zip":
            return 404, {}, b""
        if self.archive_failures:
            return self.archive_failures.pop(0), {}, b""
        self.reached.set()
        self.held.wait(20)
        size = len(self.archive)
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers["Range"] or "")
        if not self.ranges or found is None or not size:
            return 200, {}, self.archive
        if found[1]:
            start, end = int(found[1]), min(int(found[2]) + 1, size)
        else:
            start, end = max(0, size - int(found[2])), size
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{size}"}
        return 206, headers, self.archive[start:end]


@contextmanager
def static_server() -> Iterator[StaticServer]:
    """Serve on loopback until the block ends."""
    served = StaticServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.held.set()
        server.shutdown()
        server.server_close()
