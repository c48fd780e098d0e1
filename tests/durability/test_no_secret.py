"""No token, code or verifier anywhere but in the keyring, at the most verbose log level."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.esi.vault import FileVault
from corpsync_tui.simulator.config import SimulatorConfig
from tests.cli.logins import browse, until
from tests.cli.terminal import Terminal
from tests.durability.homes import Home, logged_in
from tests.support.canaries import Canaries, argument_lists
from tests.support.forge import Forge, forge
from tests.support.noon import noon

TOKEN, JWKS = "/v2/oauth/token", "/oauth/jwks"
ROUTE = "/corporations/{corporation_id}/membertracking"
RENEWED = 3_700.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    config = SimulatorConfig(rotate_refresh_tokens=True, clock_offset=noon())
    with logged_in(tmp_path / "home", config) as opened:
        opened.environment["CORPSYNC_LOG_LEVEL"] = "debug"
        yield opened
        opened.kill_all()


def faults(secret: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What can go wrong; some answers repeat what they were asked with."""
    echo = {"error": "invalid_request", "error_description": f"refresh_token={secret} is bad"}
    for fault in (
        {"status": 400, "json": echo},
        {"status": 502, "body": f"<html>{secret}</html>"},
        {"body": f'{{"access_token": "{secret}"'},
        {"status": 307, "headers": {"Location": f"https://elsewhere.example/?token={secret}"}},
        {"reset": True},
    ):
        yield TOKEN, fault
    yield JWKS, {"status": 503}
    for fault in (
        {"status": 401, "json": {"error": f"token {secret} expired"}},
        {"status": 403, "json": {"error": f"Bearer {secret} has no role", "sso_status": 500}},
        {"body": '[{"character_id": "of another type"}]'},
        {"close": True},
    ):
        yield ROUTE, fault


def test_nowhere(home: Home, tmp_path: Path) -> None:
    canaries = Canaries(home.sim)
    canaries.known.add(FileVault(home.home / "data").read(home.sim.character_id).reveal())  # type: ignore[union-attr]
    told = [b""]
    with argument_lists() as arguments:
        told += log_in_with_faults(home)
        with forge(home.environment, tmp_path / "forged") as forged:
            sync_through_faults(home, forged)
        told.append((tmp_path / "forged").read_bytes())
        home.offset = home.sim.now() - time.time()
        told.append(run_a_while(home))
        told.append(look_at_the_screens(home))
        for command in (["status", "--json"], ["doctor", "--json"], ["history"], ["logout"]):
            result = home.run(*command, "--verbose")
            told.append((result.stdout + result.stderr).encode())
    files = [file for file in home.home.rglob("*") if file.is_file()]
    assert len(canaries.known) > 15
    assert f"POST 127.0.0.1{TOKEN}: 200 in " in home.log
    assert (
        f"GET 127.0.0.1{ROUTE.format(corporation_id=home.sim.corporation_id)}: 401 in " in home.log
    )
    places = {f"output {number}": words for number, words in enumerate(told)}
    places |= {f"arguments {number}": words for number, words in enumerate(arguments)}
    places |= {str(file): file.read_bytes() for file in files}
    found = {place: canaries.found_in(words) for place, words in places.items()}
    assert {place for place, secrets in found.items() if secrets} == set()


def log_in_with_faults(home: Home) -> list[bytes]:
    """Logins that CCP refuses, that an ill service delays, and whose answer is a forgery."""
    told = []
    for fault, code in (
        ({"status": 500, "count": 1}, 0),
        ({"status": 400, "json": {"error": "invalid_grant"}, "count": 1}, 1),
        ({"json": {"access_token": "garbage"}, "count": 1}, 1),
    ):
        home.sim.clear_faults()
        home.sim.fault(TOKEN, **fault)
        login = home.start("login", "--no-browser", "--verbose")
        assert login.stdout is not None
        browse(login.stdout.readline().strip())
        out, err = login.communicate(timeout=60)
        assert login.returncode == code, err
        told += [out.encode(), err.encode()]
    home.sim.clear_faults()
    return told


def sync_through_faults(home: Home, forged: Forge) -> None:
    vault = FileVault(home.home / "data")
    secret = vault.read(home.sim.character_id)
    assert secret is not None
    home.sim.sso(rotate_refresh_tokens=False)  # else an answer that is lost ends the login
    for route, fault in faults(secret.reveal()):
        home.sim.advance(RENEWED)
        home.sim.fault(route, **fault, count=1)
        forged.start(["sync", "members", "--verbose"], float(home.sim.now() - time.time()))
        assert forged.end() in (0, 1), (route, fault)
        home.sim.clear_faults()
    home.sim.sso(rotate_refresh_tokens=True, rotate_key="drop")
    home.sim.advance(RENEWED)
    forged.start(["sync", "members", "--verbose"], float(home.sim.now() - time.time()))
    assert forged.end() == 0, home.log[-3000:]


def run_a_while(home: Home) -> bytes:
    process = home.start("run", "--verbose")
    until(lambda: "assets: success" in home.log)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    return (out + err).encode()


def look_at_the_screens(home: Home) -> bytes:
    """The app, its log on the way: a sync by hand, the ESI screen, and a login begun."""
    terminal = Terminal(
        (*home.command, "--verbose"), home.environment, (140, 40), offset=home.offset
    )
    try:
        terminal.wait_for("Members")
        terminal.press("s4")
        terminal.wait_for("corp-")
        terminal.press("q")
        assert terminal.end() == 0
    finally:
        terminal.process.kill()
        terminal.process.wait()
    return terminal.painted
