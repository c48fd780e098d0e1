"""The doctor finds what is wrong, and says what to do."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from corpsync_tui.clock import Clock
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.vault import FileVault
from corpsync_tui.reference.update import ReferenceUpdate
from corpsync_tui.settings import Settings, create_folders, load_settings
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.upkeep.check_local import LARGE_WAL
from corpsync_tui.upkeep.check_logins import scopes
from corpsync_tui.upkeep.doctor import examine
from tests.support.database import insert_character, insert_process, make_database
from tests.support.simulator import simulator
from tests.support.static_data import BUILD, archive

__all__ = ["simulator"]

CHARACTER = 90000001


@pytest.fixture
def environ(simulator: Simulator, tmp_path: Path) -> dict[str, str]:
    return {
        "CORPSYNC_HOME": str(tmp_path / "home"),
        "CORPSYNC_ESI_URL": simulator.url,
        "CORPSYNC_SSO_URL": simulator.url,
        "CORPSYNC_CLIENT_ID": "client",
        "CORPSYNC_KEYRING": "file",
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return load_settings(environ)


def ill(settings: Settings) -> dict[str, str]:
    """The checks that failed."""
    return {check.name: check.detail for check in examine(settings) if not check.ok}


@pytest.fixture
def database(settings: Settings) -> Path:
    """A home after a first login."""
    database = make_database(settings.home)
    create_folders(settings)
    return database


def log_in(settings: Settings, **changes: object) -> None:
    insert_character(settings.database, **{"scopes": list(scopes())} | changes)
    FileVault(settings.data_dir).write(CHARACTER, Secret("refresh token"))


def test_before_the_first_start_all_is_well_and_nothing_is_made(settings: Settings) -> None:
    assert ill(settings) == {}
    assert not settings.home.exists()


def test_after_a_login_all_is_well(settings: Settings, database: Path) -> None:
    log_in(settings)
    checks = {check.name: check.detail for check in examine(settings)}

    assert ill(settings) == {}
    assert "schema" in checks["database"]
    assert checks["login of Aldra Vex"] == "token, scopes and roles are there"


def test_no_client_id(environ: dict[str, str]) -> None:
    found = ill(load_settings(environ | {"CORPSYNC_CLIENT_ID": ""}))

    assert "CORPSYNC_CLIENT_ID" in found["settings"]


def test_a_folder_that_others_can_enter(settings: Settings, database: Path) -> None:
    settings.log_dir.chmod(0o755)

    assert ill(settings) == {
        "log folder": f"others can enter {settings.log_dir}: chmod 700 {settings.log_dir}"
    }


def test_a_file_in_a_folders_place(settings: Settings) -> None:
    settings.home.write_text("")

    assert "is no folder" in ill(settings)["data folder"]


def test_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(settings.home.parent)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert "5.0 MB free" in ill(settings)["disk"]


def test_a_damaged_database_is_left_where_it_is(settings: Settings, database: Path) -> None:
    database.write_bytes(b"<html>" * 1000)

    assert "damaged" in ill(settings)["database"]
    assert database.read_bytes() == b"<html>" * 1000


def test_a_smashed_page(settings: Settings, database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(database.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    database.write_bytes(content)

    assert "damaged" in ill(settings)["database"]


def test_a_newer_database(settings: Settings, database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA user_version = 9999")

    assert "newer corpsync" in ill(settings)["database"]


def test_a_database_that_others_can_read(settings: Settings, database: Path) -> None:
    database.chmod(0o644)

    assert "chmod 600" in ill(settings)["database"]


def test_a_log_that_a_reader_holds_back(settings: Settings, database: Path) -> None:
    with database.with_name("corpsync.db-wal").open("wb") as wal:
        wal.truncate(LARGE_WAL + 1)

    assert "held by a reader" in ill(settings)["write-ahead log"]


def test_nobody_answers(environ: dict[str, str]) -> None:
    dead = {"CORPSYNC_ESI_URL": "http://127.0.0.1:9", "CORPSYNC_SSO_URL": "http://127.0.0.1:9"}
    found = ill(load_settings(environ | dead))

    assert set(found) == {"ESI", "login service", "clock"}
    assert "refuses the connection" in found["ESI"]
    assert "while the demo is open" in found["ESI"]  # it is an address of this computer


def test_downtime(settings: Settings, simulator: Simulator) -> None:
    simulator.downtime(down=True)

    assert "wait for CCP" in ill(settings)["ESI"]


@pytest.mark.parametrize(("seconds", "words"), [(3660, "61 min slow"), (-3660, "61 min fast")])
def test_a_clock_that_is_wrong(
    settings: Settings, simulator: Simulator, seconds: float, words: str
) -> None:
    simulator.advance(seconds)

    assert words in ill(settings)["clock"]


def test_a_login_without_its_token(settings: Settings, database: Path) -> None:
    insert_character(database, scopes=list(scopes()))

    assert "corpsync login" in ill(settings)["login of Aldra Vex"]


def test_a_login_that_has_ended(settings: Settings, database: Path) -> None:
    log_in(settings, needs="login")

    assert ill(settings) == {"login of Aldra Vex": "it has ended: corpsync login"}


def test_scopes_that_are_missing(settings: Settings, database: Path) -> None:
    log_in(settings, scopes=list(scopes()[1:]))

    assert scopes()[0] in ill(settings)["login of Aldra Vex"]


def test_what_is_off_or_granted_by_another_is_not_missing(
    settings: Settings, database: Path
) -> None:
    wallet = "esi-wallet.read_corporation_wallets.v1"
    log_in(settings, scopes=[scope for scope in scopes() if scope != wallet])
    assert wallet in ill(settings)["login of Aldra Vex"]
    for process_type in ("wallet", "corporation"):
        insert_process(database, process_type, enabled=0)
    assert ill(settings) == {}

    with closing(sqlite3.connect(database)) as db, db:
        db.executescript("DELETE FROM sync_schedule; DELETE FROM corporation;")
    insert_character(database, character_id=CHARACTER + 1, name="Borl Dax", scopes=[wallet])
    FileVault(settings.data_dir).write(CHARACTER + 1, Secret("refresh token"))
    assert ill(settings) == {}


def test_roles_that_are_missing(settings: Settings, database: Path) -> None:
    log_in(settings, roles=["Accountant", "Trader"])
    detail = ill(settings)["login of Aldra Vex"]

    assert "Assets (role Director)" in detail
    assert "Wallet" not in detail


def test_no_keyring(environ: dict[str, str], database: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # keyring has no types
    try:
        found = ill(load_settings(environ | {"CORPSYNC_KEYRING": "system"}))
    finally:
        keyring.set_keyring(before)

    assert "CORPSYNC_KEYRING=file" in found["keyring"]


def test_static_data_that_cannot_be_used_are_told(settings: Settings, database: Path) -> None:
    log_in(settings)
    settings.reference.write_bytes(b"rubbish" * 1_000)

    assert list(ill(settings)) == ["reference data"]
    assert "corpsync reference update" in ill(settings)["reference data"]


def test_static_data_and_prices_are_told_with_their_age(
    settings: Settings, database: Path, tmp_path: Path
) -> None:
    archive_file = tmp_path / "archive.zip"
    archive_file.write_bytes(archive())
    asyncio.run(ReferenceUpdate(settings, Clock()).from_file(archive_file))
    with closing(sqlite3.connect(database)) as db:
        db.execute(
            "INSERT INTO validator (process_id, dataset, url, last_modified, expires, pages, rows,"
            " keys) VALUES ('prices', 'market_price', '/markets/prices',"
            " 'Sat, 28 Nov 2026 16:00:00 GMT', 0, 1, 1, '')"
        )
        db.commit()
    checks = {check.name: check.detail for check in examine(settings)}

    assert checks["reference data"] == (f"build {BUILD}, market prices of 2026-11-28 16:00 EVE")
