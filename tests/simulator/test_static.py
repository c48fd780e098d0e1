"""The server of static data: the newest build, its archive, ranges, and archives that are wrong."""

import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from corpsync_tui.simulator import archive
from corpsync_tui.simulator.archive import FLAWS, members
from corpsync_tui.simulator.world import places
from tests.simulator.conftest import Guest

LATEST = "/static-data/tranquility/latest.jsonl"


def archive_of(guest: Guest) -> str:
    record = json.loads(guest.http.get(LATEST).text)
    assert record["_key"] == "sde"
    return f"/static-data/tranquility/eve-online-static-data-{record['buildNumber']}-jsonl.zip"


def part(guest: Guest, span: str, **headers: str) -> httpx.Response:
    return guest.http.get(archive_of(guest), headers={"Range": f"bytes={span}", **headers})


def records(packed: bytes, name: str) -> dict[Any, Any]:
    with zipfile.ZipFile(io.BytesIO(packed)) as source:
        lines = [json.loads(line) for line in source.read(f"{name}.jsonl").splitlines()]
    return {record["_key"]: record for record in lines}


def test_address_of_the_static_data_is_told(stranger: Guest) -> None:
    url = stranger.simulator.static_url
    assert httpx.get(f"{url}/tranquility/latest.jsonl").status_code == 200


def test_newest_build_and_archive_know_their_etag(stranger: Guest) -> None:
    for path in (LATEST, archive_of(stranger)):
        whole = stranger.http.get(path)
        again = stranger.http.get(path, headers={"If-None-Match": whole.headers["ETag"]})
        assert (whole.status_code, again.status_code, again.content) == (200, 304, b"")
    before = stranger.http.get(LATEST).headers["ETag"]
    old = archive_of(stranger)
    stranger.simulator.static(build=3_200_000)
    assert stranger.http.get(LATEST).headers["ETag"] != before
    assert archive_of(stranger) != old
    assert stranger.http.get(old).status_code == 404


def test_members_are_those_of_the_world(stranger: Guest) -> None:
    packed = stranger.http.get(archive_of(stranger)).content
    world = stranger.simulator.state.world
    types = records(packed, "types")
    named = {key for key, (_, category) in world.names.items() if category == "inventory_type"}
    assert named == set(types)
    assert types[4051]["name"]["en"] == "Nitrogen Fuel Block"
    groups, categories = records(packed, "groups"), records(packed, "categories")
    market_groups = records(packed, "marketGroups")
    for record in types.values():
        assert categories[groups[record["groupID"]]["categoryID"]]
        assert record["marketGroupID"] in market_groups
    dogma = records(packed, "typeDogma")
    assert {"attributeID": 2109, "value": 12.0} in dogma[35878]["dogmaAttributes"]
    assert {"attributeID": 2339, "value": -25.0} in dogma[35825]["dogmaAttributes"]
    assert {"attributeID": 5693, "value": 500000.0} in dogma[81826]["dogmaAttributes"]
    materials = records(packed, "typeMaterials")[45506]["materials"]
    assert {"materialTypeID": 16646, "quantity": 50} in materials
    assert all(item["materialTypeID"] in types for item in materials)


def test_places_hang_together(stranger: Guest) -> None:
    packed = stranger.http.get(archive_of(stranger)).content
    systems, planets = records(packed, "mapSolarSystems"), records(packed, "mapPlanets")
    constellations = records(packed, "mapConstellations")
    regions = records(packed, "mapRegions")
    for system in systems.values():
        assert constellations[system["constellationID"]]["regionID"] == system["regionID"]
        assert system["regionID"] in regions
    for moon in records(packed, "mapMoons").values():
        planet = planets[moon["orbitID"]]
        assert planet["solarSystemID"] == moon["solarSystemID"] in systems
        assert planet["celestialIndex"] == moon["celestialIndex"]
    assert {
        planet["uniqueName"]["en"] for planet in planets.values() if "uniqueName" in planet
    } == {"Amarr VIII (Oris)"}
    jita = [moon.name for moon in places.MOONS.values() if moon.planet.name == "Jita IV"]
    assert jita[3] == "Jita IV - Moon 4"


def test_ranges_give_the_end_the_middle_and_the_rest(stranger: Guest) -> None:
    whole = stranger.http.get(archive_of(stranger))
    size = len(whole.content)
    assert whole.headers["Accept-Ranges"] == "bytes"
    for span, expected in (
        ("-100", whole.content[-100:]),
        ("10-19", whole.content[10:20]),
        (f"{size - 5}-", whole.content[-5:]),
        (f"0-{size + 100}", whole.content),
    ):
        answer = part(stranger, span)
        assert (answer.status_code, answer.content) == (206, expected)
    assert part(stranger, "10-19").headers["Content-Range"] == f"bytes 10-19/{size}"
    assert part(stranger, f"{size}-").status_code == 416
    assert len(part(stranger, "10-19", **{"If-Range": '"other"'}).content) == size
    stranger.simulator.clear_log()
    part(stranger, "10-19")
    assert [entry["range"] for entry in stranger.simulator.requests()] == [None, "bytes=10-19"]


def test_head_tells_the_size_and_refused_ranges_bring_the_whole(stranger: Guest) -> None:
    path = archive_of(stranger)
    size = len(stranger.http.get(path).content)
    head = stranger.http.head(path)
    assert (head.headers["Content-Length"], head.content) == (str(size), b"")
    stranger.simulator.static(ranges=False)
    answer = part(stranger, "10-19")
    assert (answer.status_code, len(answer.content)) == (200, size)
    assert "Accept-Ranges" not in answer.headers


def test_what_is_needed_is_a_small_part_of_the_archive(stranger: Guest) -> None:
    packed = stranger.http.get(archive_of(stranger)).content
    with zipfile.ZipFile(io.BytesIO(packed)) as source:
        sizes = {entry.filename: entry.compress_size for entry in source.infolist()}
    assert sizes["graphics.jsonl"] > 0.7 * sum(sizes.values())


@pytest.mark.parametrize("flaw", [flaw for flaw in FLAWS if flaw != "bomb"])
def test_archive_is_as_wrong_as_was_asked_for(stranger: Guest, flaw: str) -> None:
    stranger.simulator.static(flaw=flaw)
    packed = stranger.http.get(archive_of(stranger)).content
    if flaw in ("broken", "truncated", "checksum", "bad_json", "member_missing"):
        name = "typeMaterials" if flaw == "member_missing" else "types"
        with pytest.raises((zipfile.BadZipFile, json.JSONDecodeError, KeyError)):
            records(packed, name)
    else:
        types = records(packed, "types")
        assert (
            any(isinstance(record.get("volume"), str) for record in types.values())
            or any(len(str(record)) > 1_000_000 for record in types.values())
            or any("groupID" not in record for record in types.values())
        )
    stranger.simulator.static()
    packed = stranger.http.get(archive_of(stranger)).content
    assert len(records(packed, "types")) == len(members(1)["types"])


def test_bomb_unpacks_to_more_than_a_gigabyte(
    stranger: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of it is packed here: the whole takes seconds."""
    assert archive._BOMB > 1 << 30
    monkeypatch.setattr(archive, "_BOMB", archive._BOMB // 10)
    stranger.simulator.static(flaw="bomb")
    packed = stranger.http.get(archive_of(stranger), timeout=60).content
    with zipfile.ZipFile(io.BytesIO(packed)) as source:
        assert source.getinfo("types.jsonl").file_size > (1 << 30) // 10
    assert len(packed) < 1_000_000


def test_unknown_flaw_is_refused(stranger: Guest) -> None:
    with pytest.raises(ValueError, match="no flaw"):
        stranger.simulator.static(flaw="rot")
