"""Refresh tokens: stored before they are used, one refresh at a time, never thrown away."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from corpsync_tui.errors import AuthError, KeyringError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.secret import Entry, Secret
from corpsync_tui.esi.vault import FileVault
from tests.support.clock import ManualClock
from tests.support.esi import LeapingClock, connected, log_in
from tests.support.simulator import Sim, Simulator, simulator_process

pytestmark = pytest.mark.anyio

TOKEN = "/v2/oauth/token"


class FlakyVault(FileVault):
    """Fails to keep while told so, and counts what is written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.broken = False
        self.written = 0

    def write(self, entry: Entry, token: Secret) -> None:
        if self.broken:
            raise KeyringError("the keyring is locked: unlock it, then try again")
        self.written += 1
        super().write(entry, token)


def refreshes(simulator: Simulator) -> int:
    return len(simulator.requests(path=TOKEN))


async def test_many_who_ask_cause_one_refresh(connection: Connection, simulator: Simulator) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    tokens = connection.tokens
    got = await asyncio.gather(*(tokens.access(simulator.character_id) for _ in range(20)))
    assert len({access.token for access in got}) == 1
    assert refreshes(simulator) == 1


async def test_an_access_token_is_refreshed_before_it_ends(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    first = await connection.tokens.access(simulator.character_id)
    clock.leap(1100)
    assert await connection.tokens.access(simulator.character_id) is first
    clock.leap(60)
    assert await connection.tokens.access(simulator.character_id) is not first


async def test_a_rotated_token_is_stored_and_the_old_one_never_used_again(
    connection: Connection, simulator: Simulator, clock: LeapingClock, tmp_path: Path
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    vault = FileVault(tmp_path)
    seen = {vault.read(simulator.character_id)}
    for _ in range(4):
        await connection.tokens.access(simulator.character_id)
        seen.add(vault.read(simulator.character_id))
        clock.leap(1200)
    assert len(seen) == 5


async def test_a_token_that_did_not_change_is_not_written(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock
) -> None:
    vault = FlakyVault(tmp_path)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock, vault=vault) as connection:
        for _ in range(3):
            await connection.tokens.access(simulator.character_id)
            clock.leap(1200)
    assert vault.written == 0


async def test_a_revoked_login_is_asked_for_once_and_kept(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.revoke(simulator.character_id, "refresh")
    for _ in range(3):
        with pytest.raises(AuthError, match="corpsync login") as caught:
            await connection.tokens.access(simulator.character_id)
        assert caught.value.needs == "login"
    assert refreshes(simulator) == 1
    assert FileVault(tmp_path).read(simulator.character_id) is not None
    log_in(simulator, tmp_path, simulator.character_id)  # corpsync login, elsewhere
    await connection.tokens.access(simulator.character_id)


async def test_a_login_that_is_not_there_may_lie_in_another_keyring(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    character_id = simulator.character_id
    connection.tokens.know([Identity(character_id, "Aldra Vex", "owner", ())])
    here = FileVault(tmp_path)
    token = here.read(character_id)
    here.erase(character_id)
    with pytest.raises(KeyringError, match="the data folder does not hold the login of Aldra Vex"):
        await connection.tokens.access(character_id)
    assert token is not None
    here.write(character_id, token)
    connection.tokens.forget(character_id)
    await connection.tokens.access(character_id)


async def test_a_token_waiting_to_be_stored_outlives_an_empty_keyring(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    vault = FlakyVault(tmp_path)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock, vault=vault) as connection:
        vault.broken = True
        await connection.tokens.access(simulator.character_id)
        vault.erase(simulator.character_id)
        vault.broken = False
        clock.leap(1200)
        await connection.tokens.access(simulator.character_id)
        assert connection.tokens.unsaved == []


async def test_a_token_rotated_elsewhere_meanwhile_is_found(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock
) -> None:
    """The vault changes between our reading it and SSO's refusal."""
    newer = Secret(simulator.refresh_token(simulator.character_id))

    class Overtaken(FileVault):
        reads = 0

        def read(self, entry: Entry) -> Secret | None:
            self.reads += 1
            return Secret("used-up-elsewhere") if self.reads == 1 else newer

    async with connected(simulator, tmp_path, clock, vault=Overtaken(tmp_path)) as connection:
        await connection.tokens.access(simulator.character_id)
    assert refreshes(simulator) == 2


async def test_a_login_that_ended_after_it_was_rotated_elsewhere_says_whose_it_is(
    simulator: Simulator, tmp_path: Path
) -> None:
    class Rotating(FileVault):
        reads = 0

        def read(self, entry: Entry) -> Secret | None:
            self.reads += 1
            return Secret("used-up-elsewhere" if self.reads == 1 else "revoked-there-as-well")

    async with connected(simulator, tmp_path, vault=Rotating(tmp_path)) as connection:
        with pytest.raises(AuthError) as ended:
            await connection.tokens.access(simulator.character_id)
    assert (ended.value.needs, ended.value.character_id) == ("login", simulator.character_id)


async def test_a_token_that_cannot_be_stored_lives_on_in_memory(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    vault = FlakyVault(tmp_path)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock, vault=vault) as connection:
        vault.broken = True
        await connection.tokens.access(simulator.character_id)
        assert connection.tokens.unsaved == [simulator.character_id]
        assert "not saved: lost when corpsync closes" in caplog.text
        clock.leap(1200)
        await connection.tokens.access(simulator.character_id)
        vault.broken = False
        clock.leap(1200)
        await connection.tokens.access(simulator.character_id)
        assert connection.tokens.unsaved == []
    async with connected(simulator, tmp_path, clock) as connection:
        await connection.tokens.access(simulator.character_id)


async def test_a_token_waiting_to_be_stored_is_stored_as_soon_as_possible(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    vault = FlakyVault(tmp_path)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock, vault=vault) as connection:
        vault.broken = True
        await connection.tokens.access(simulator.character_id)
        vault.broken = False
        clock.leap(60)
        await connection.tokens.access(simulator.character_id)
        assert connection.tokens.unsaved == []
    assert refreshes(simulator) == 1


async def test_who_cancels_does_not_lose_the_rotated_token(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, ManualClock(simulator.now())) as connection:
        simulator.fault(TOKEN, delay=0.1)
        run = asyncio.create_task(connection.tokens.access(simulator.character_id))
        await asyncio.to_thread(_until_asked, simulator)
        run.cancel()
        await asyncio.wait({run})
        assert run.cancelled()
    async with connected(simulator, tmp_path) as connection:
        await connection.tokens.access(simulator.character_id)


def _until_asked(simulator: Simulator) -> None:
    end = time.monotonic() + 10
    while not refreshes(simulator) and time.monotonic() < end:
        pass


async def test_an_answer_lost_after_the_rotation_costs_that_login_alone(
    simulator: Simulator, tmp_path: Path, clock: LeapingClock
) -> None:
    simulator.sso(rotate_refresh_tokens=True)
    unlucky, other = (c["character_id"] for c in simulator.world()[0]["characters"][:2])
    for character_id in (unlucky, other):
        log_in(simulator, tmp_path, character_id)
    simulator.fault(TOKEN, reset=True, cut=0, count=1)
    async with connected(simulator, tmp_path, clock) as connection:
        for _ in range(3):
            clock.leap(60)
            with pytest.raises(AuthError, match="corpsync login"):
                await connection.tokens.access(unlucky)
        assert refreshes(simulator) == 2
        await connection.tokens.access(other)


async def test_a_sold_character_needs_a_new_login(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    await connection.tokens.access(simulator.character_id)
    simulator.character(simulator.character_id, owner="somebody-else")
    clock.leap(1200)
    for _ in range(3):
        with pytest.raises(AuthError, match="corpsync login") as caught:
            await connection.tokens.access(simulator.character_id)
        assert caught.value.needs == "login"
    assert refreshes(simulator) == 2


async def test_an_unused_login_is_refreshed_weekly(
    connection: Connection, simulator: Simulator, clock: LeapingClock
) -> None:
    ids = [simulator.character_id]
    await connection.tokens.keep_alive(ids)
    assert refreshes(simulator) == 1
    for _ in range(40):
        clock.leap(86_400)
        await connection.tokens.keep_alive(ids)
    assert refreshes(simulator) == 6


@pytest.mark.parametrize("removed", [False, True], ids=["touched", "removed"])
async def test_what_becomes_of_the_lock_says_nothing_of_the_refresh(
    connection: Connection,
    simulator: Simulator,
    clock: LeapingClock,
    tmp_path: Path,
    removed: bool,
) -> None:
    """As versions of filelock open or release it."""
    ids = [simulator.character_id]
    lock = tmp_path / f"login-{ids[0]}.lock"
    await connection.tokens.keep_alive(ids)
    if removed:
        lock.unlink()
    await connection.tokens.keep_alive(ids)
    assert refreshes(simulator) == 1
    clock.leap(8 * 86_400)
    lock.touch()
    os.utime(lock, (clock.time(), clock.time()))
    await connection.tokens.keep_alive(ids)
    assert refreshes(simulator) == 2


async def test_keeping_alive_meets_faults_in_silence(
    connection: Connection, simulator: Simulator
) -> None:
    simulator.fault(TOKEN, status=500)
    await connection.tokens.keep_alive([simulator.character_id, 7])
    assert refreshes(simulator)


async def test_logging_out_revokes_and_forgets(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    token = FileVault(tmp_path).read(simulator.character_id)
    await connection.tokens.access(simulator.character_id)
    assert await connection.tokens.revoke(simulator.character_id)
    assert FileVault(tmp_path).read(simulator.character_id) is None
    with pytest.raises(KeyringError):
        await connection.tokens.access(simulator.character_id)
    assert token is not None
    FileVault(tmp_path).write(simulator.character_id, token)
    with pytest.raises(AuthError, match="has ended"):
        await connection.tokens.access(simulator.character_id)


async def test_logging_out_without_a_network_forgets_all_the_same(
    connection: Connection, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.fault("/v2/oauth/revoke", reset=True)
    assert not await connection.tokens.revoke(simulator.character_id)
    assert FileVault(tmp_path).read(simulator.character_id) is None


async def _refresh(sim: Sim, folder: Path, rounds: int) -> None:
    for _ in range(rounds):
        async with connected(sim, folder, ManualClockThatWaits()) as connection:
            await connection.tokens.access(sim.character_id)


class ManualClockThatWaits(LeapingClock):
    """Real waiting: the lock is held by another process."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _work(url: str, folder: Path, rounds: int) -> None:
    asyncio.run(_refresh(Sim(url), folder, rounds))


def test_two_processes_never_use_a_token_twice(tmp_path: Path) -> None:
    with simulator_process() as sim:
        sim.sso(rotate_refresh_tokens=True)
        log_in(sim, tmp_path, sim.character_id)
        _work_side_by_side(sim.url, tmp_path)
        assert {r["status"] for r in sim.requests(path=TOKEN)} == {200}
        assert len(sim.requests(path=TOKEN)) == 16


def _work_side_by_side(url: str, folder: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_work, args=(url, folder, 8)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]


def test_a_token_whose_write_returned_survives_a_kill(tmp_path: Path) -> None:
    """Killed after the rotated token was stored and before it was used."""
    with simulator_process() as sim:
        sim.sso(rotate_refresh_tokens=True)
        log_in(sim, tmp_path, sim.character_id)
        spawn = multiprocessing.get_context("spawn")
        victim = spawn.Process(target=_die_after_the_write, args=(sim.url, tmp_path))
        victim.start()
        victim.join(60)
        assert victim.exitcode == -signal.SIGKILL
        _work(sim.url, tmp_path, 1)


class _Deadly(FileVault):
    def write(self, entry: Entry, token: Secret) -> None:
        super().write(entry, token)
        os.kill(os.getpid(), signal.SIGKILL)


async def _access_once(url: str, folder: Path) -> None:
    sim = Sim(url)
    async with connected(sim, folder, vault=_Deadly(folder)) as connection:
        await connection.tokens.access(sim.character_id)


def _die_after_the_write(url: str, folder: Path) -> None:
    asyncio.run(_access_once(url, folder))
