"""No token, code or verifier leaves memory and vault."""

from __future__ import annotations

import copy
import io
import logging
import pickle
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rich.traceback import Traceback

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.esi.secret import Secret, conceal
from corpsync_tui.esi.vault import FileVault
from tests.support.esi import WALLETS, LeapingClock, Voice
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


@pytest.fixture
def log() -> Any:
    """Everything that is logged at the most verbose level, without anything struck out."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret("canary-in-a-coal-mine")
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{secret!r:>40}"):
        assert "canary" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    assert secret == Secret("canary-in-a-coal-mine")
    assert secret != "canary-in-a-coal-mine"


def test_what_is_alive_is_struck_out_of_any_text() -> None:
    secret = Secret("canary-in-a-coal-mine")
    assert conceal(f"lost {secret.reveal()}!") == "lost [secret]!"
    assert conceal("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3In0.c2ln") == "got [secret]"


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 400, "json": {"error": "invalid_grant"}},
    {"status": 400, "body": "<html>"},
    {"body": "<html>"},
    {"body": "[{"},
    {"reset": True},
    {"close": True},
    {"gzip_half": True},
    {"redirect": "https://elsewhere.example/"},
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("route", ["/v2/oauth/token", "/oauth/jwks", WALLETS.path])
async def test_no_fault_shows_a_secret(
    connection: Connection,
    simulator: Simulator,
    tmp_path: Path,
    voice: Voice,
    log: io.StringIO,
    route: str,
    fault: dict[str, Any],
) -> None:
    canary = FileVault(tmp_path).read(simulator.character_id)
    assert canary is not None
    simulator.fault(route, **fault)
    with pytest.raises(CorpsyncError) as caught:
        await connection.client.get(
            WALLETS,
            path={"corporation_id": simulator.corporation_id},
            character_id=simulator.character_id,
            traffic=voice.traffic(),
        )
    shown = _traceback_with_locals(caught.value) + log.getvalue() + "".join(voice.said)
    assert canary.reveal() not in shown
    assert "eyJ" not in shown
    assert caught.value.message in shown


def _traceback_with_locals(error: BaseException) -> str:
    """What rich shows of an error beside the lines of the source."""
    trace = Traceback.extract(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=100_000
    )
    shown = [f"{stack.exc_type}: {stack.exc_value}" for stack in trace.stacks]
    frames = [frame for stack in trace.stacks for frame in stack.frames]
    shown += [f"{name} = {value}" for f in frames for name, value in (f.locals or {}).items()]
    return "\n".join(shown)


async def test_a_whole_life_leaves_nothing_in_the_log(
    connection: Connection,
    simulator: Simulator,
    clock: LeapingClock,
    tmp_path: Path,
    log: io.StringIO,
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    vault = FileVault(tmp_path)
    secrets = []
    for _ in range(3):
        secrets.append((await connection.tokens.access(simulator.character_id)).token)
        secrets.append(vault.read(simulator.character_id) or Secret("none"))
        clock.leap(1300)
    await connection.client.get(
        WALLETS,
        path={"corporation_id": simulator.corporation_id},
        character_id=simulator.character_id,
        traffic=RequestStats(),
    )
    await connection.tokens.revoke(simulator.character_id)
    for secret in secrets:
        assert secret.reveal() not in log.getvalue()
    left = _bytes_in(tmp_path)
    assert not any(secret.reveal().encode() in left for secret in secrets)


async def test_a_login_leaves_neither_code_nor_verifier(
    connection: Connection, simulator: Simulator, log: io.StringIO
) -> None:
    simulator.fault("/v2/oauth/token", status=400, json={"error": "invalid_grant"})
    login = await connection.login((str(WALLETS.scope),))
    async with login:
        state = parse_qs(urlsplit(login.authorize_url).query)["state"][0]
        with pytest.raises(CorpsyncError) as caught:
            await login.paste(f"{login.callback_url}?code=canary-code-0123456789&state={state}")
    caught.value.__traceback__ = _beyond_this_test(caught.value)
    assert "canary-code" not in _traceback_with_locals(caught.value) + log.getvalue()


def _bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def _beyond_this_test(error: BaseException) -> TracebackType | None:
    return error.__traceback__ and error.__traceback__.tb_next
