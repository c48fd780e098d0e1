"""`corpsync reference`: what it says and prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.static_data import BUILD, StaticServer, archive, static_server


@pytest.fixture
def server() -> Iterator[StaticServer]:
    with static_server() as served:
        yield served


def test_without_static_data_it_says_how_they_come(corpsync: Run) -> None:
    told = corpsync("reference")
    assert told.returncode == 0
    assert told.stdout.splitlines() == [
        "No static data yet: corpsync reference update",
        "Market prices none yet",
    ]
    document = json.loads(corpsync("reference", "--json").stdout)
    assert document.keys() == {"build", "released", "updated", "prices_time", "tables"}
    assert set(document["tables"].values()) == {0}
    assert document["build"] is document["updated"] is None


def test_an_update_is_told_and_counted(corpsync: Run, server: StaticServer) -> None:
    told = corpsync("reference", "update", CORPSYNC_STATIC_URL=server.url)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"Build {BUILD} of 2026-11-24, read ")
    assert "         2  type\n" in told.stdout
    assert "Reading types" in told.stderr

    document = json.loads(corpsync("reference", "--json").stdout)
    assert document["build"] == BUILD
    assert document["released"] == 1_795_518_120
    assert document["updated"] > 1_700_000_000
    assert document["tables"]["moon"] == 4

    again = corpsync("reference", "update", CORPSYNC_STATIC_URL=server.url)
    assert again.returncode == 0
    assert "the newest build" in again.stderr


def test_a_refused_archive_is_one_sentence(
    corpsync: Run, server: StaticServer, tmp_path: Path
) -> None:
    server.archive = server.archive[:-500]
    told = corpsync("reference", "update", CORPSYNC_STATIC_URL=server.url)
    assert told.returncode == 1
    assert told.stderr == (
        "corpsync: CCP's static data was refused: it is no whole ZIP archive: File is not a zip "
        "file. What was there before stays.\n"
    )

    file = tmp_path / "own.zip"
    file.write_bytes(archive())
    told = corpsync("reference", "update", "--file", str(file), "--json", CORPSYNC_STATIC_URL="")
    assert json.loads(told.stdout)["build"] == BUILD

    told = corpsync("reference", "update", "--file", str(tmp_path / "none.zip"))
    assert told.returncode == 1
    assert "none.zip was refused: it cannot be read" in told.stderr


def test_a_file_without_update_is_wrong_usage(corpsync: Run) -> None:
    assert corpsync("reference", "--file", "x.zip").returncode == 2
    assert corpsync("reference", "renew").returncode == 2
