"""`login` and `logout` against a login service, as processes of their own."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.catalog_index import entries
from tests.cli.logins import Cli, browse


def rows(cli: Cli, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(cli.database)) as db:
        return db.execute(sql).fetchall()


def test_login_without_a_browser(cli: Cli) -> None:
    process = cli.start("login", "--no-browser")
    assert process.stdout is not None
    url = process.stdout.readline()
    assert url.startswith(f"{cli.sim.url}/")
    assert "is logged in" in browse(url.strip())
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    assert "of Hedion Freight Union is logged in." in out
    document = json.loads(cli.run("status", "--json").stdout)
    assert len(document["processes"]) == len(entries())
    assert all(process["enabled"] for process in document["processes"])
    (character,) = document["characters"]
    assert character["character_id"] == cli.sim.character_id
    assert "esi-universe.read_structures.v1" in character["scopes"]
    assert "Director" in character["roles"]


ROLES = "esi-characters.read_corporation_roles.v1"
STRUCTURES = "esi-universe.read_structures.v1"
LIMITED = {
    "esi-corporations.track_members.v1",
    "esi-corporations.read_projects.v1",
    "esi-corporations.read_freelance_jobs.v1",
}


def needs(cli: Cli) -> dict[str, str | None]:
    document = json.loads(cli.run("status", "--json").stdout)
    return {p["process_type"]: p["needs"] for p in document["processes"]}


def test_a_login_for_some_processes_asks_for_their_scopes_alone(cli: Cli) -> None:
    result = cli.log_in("--for", "members,projects")

    assert result.returncode == 0
    document = json.loads(cli.run("status", "--json").stdout)
    (character,) = document["characters"]
    assert set(character["scopes"]) == LIMITED | {ROLES, STRUCTURES}
    assert all(process["enabled"] for process in document["processes"])
    assert json.loads(cli.run("sync", "--json", "members", "projects").stdout)
    blocked = {p for p, need in needs(cli).items() if need is not None}
    # What reads a public route needs nothing; each of the others says what it lacks.
    assert blocked == entries().keys() - {"members", "projects", "corporation"}
    assert needs(cli)["killmails"] == "scope:esi-killmails.read_corporation_killmails.v1"

    narrower = cli.log_in("--for", "members")
    assert "The login before was for Projects, too; this one is not." in narrower.stderr
    assert cli.log_in().stderr == ""
    assert set(needs(cli).values()) == {None}


@pytest.mark.parametrize("value", ["membrs", "members,", "98000001/members", ""])
def test_a_login_for_what_is_no_process_is_wrong_usage(cli: Cli, value: str) -> None:
    result = cli.run("login", "--no-browser", "--for", value)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert repr(value.rpartition(",")[2]) in result.stderr


def test_files_and_folders_are_private(cli: Cli) -> None:
    cli.welcome()
    cli.run("sync", "members")

    modes = {path: path.stat().st_mode & 0o777 for path in cli.home.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert (cli.home / "config/settings.toml").exists()


def test_denied(cli: Cli) -> None:
    cli.sim.login(deny=True)
    result = cli.log_in()

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "refused" in result.stderr
    assert json.loads(cli.run("status", "--json").stdout)["characters"] == []
    assert not list(cli.home.rglob("*.token"))


def test_an_answer_of_another_login(cli: Cli) -> None:
    cli.sim.login(state="foreign")
    result = cli.log_in()

    assert result.returncode == 1
    assert "state" in result.stderr


def test_no_client_id(cli: Cli) -> None:
    result = cli.run("login", "--no-browser", CORPSYNC_CLIENT_ID="")

    assert (result.returncode, result.stdout) == (1, "")
    assert "CORPSYNC_CLIENT_ID" in result.stderr
    assert "developers.eveonline.com" in result.stderr


def test_no_keyring(cli: Cli) -> None:
    result = cli.run("login", "--no-browser", CORPSYNC_KEYRING="system")

    assert (result.returncode, result.stdout) == (1, "")
    assert "keyring" in result.stderr
    assert "CORPSYNC_KEYRING=file" in result.stderr


def test_a_port_that_is_taken(cli: Cli) -> None:
    first = cli.start("login", "--no-browser")
    assert first.stdout is not None
    first.stdout.readline()
    second = cli.run("login", "--no-browser")
    first.terminate()
    first.communicate(timeout=10)

    assert second.returncode == 1
    assert second.stderr.count("\n") == 1


def test_logout_keeps_the_data(cli: Cli) -> None:
    cli.welcome()
    cli.run("sync", "members")
    before = rows(cli, "SELECT count(*) FROM member")
    result = cli.run("logout")

    assert (result.returncode, result.stderr) == (0, "")
    assert "is logged out" in result.stdout
    assert rows(cli, "SELECT count(*) FROM member") == before
    assert not list(cli.home.rglob("*.token"))
    document = json.loads(cli.run("status", "--json").stdout)
    assert document["characters"] == []
    assert {process["needs"] for process in document["processes"]} == {"login"}
    assert {process["next_run_time"] for process in document["processes"]} == {None}


def test_logout_of_one_that_is_not_there(cli: Cli) -> None:
    assert cli.run("logout").returncode == 1
    cli.welcome()
    result = cli.run("logout", "Nobody \x1b]0;x\x07Else")

    assert result.returncode == 2
    assert "Nobody" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("name", ["by id", "by name"])
def test_logout_by_id_or_name(cli: Cli, name: str) -> None:
    cli.welcome()
    (character,) = json.loads(cli.run("status", "--json").stdout)["characters"]
    named = str(character["character_id"]) if name == "by id" else character["name"].upper()

    assert cli.run("logout", named).returncode == 0


def test_no_secret_is_told_anywhere(cli: Cli) -> None:
    login = cli.log_in()
    sync = cli.run("sync", "--verbose")
    (token,) = (path.read_text() for path in cli.home.rglob("*.token"))
    told = login.stdout + login.stderr + sync.stdout + sync.stderr
    files = [p for p in cli.home.rglob("*") if p.is_file() and p.suffix != ".token"]

    assert "eyJ" not in told
    for text in (told, *(path.read_bytes().decode("latin-1") for path in files)):
        assert token not in text
        assert "eyJhbGciOi" not in text


def test_an_unwritable_home_is_one_sentence(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    home = str(tmp_path / "in the way/home")
    result = cli.run("login", "--no-browser", CORPSYNC_HOME=home)

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert f"cannot write to {home}" in result.stderr


def test_a_read_only_home_is_one_sentence(cli: Cli) -> None:
    cli.home.mkdir()
    cli.home.chmod(0o500)
    obeying = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    result = subprocess.run(
        [*(obeying if os.geteuid() == 0 else ()), *cli.command, "login", "--no-browser"],
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert f"cannot write to {cli.home}" in result.stderr
