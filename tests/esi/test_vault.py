"""Where refresh tokens are kept, and what a keyring does instead."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import keyring
import keyring.backends.fail
import keyring.backends.null
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked

from corpsync_tui.errors import KeyringError
from corpsync_tui.esi.keyring_vault import CHOSEN_BY, KeyringVault
from corpsync_tui.esi.secret import Entry, Secret
from corpsync_tui.esi.vault import AsyncVault, FileVault, open_vault
from tests.support.esi import Options

pytestmark = pytest.mark.anyio

Backend = TypeVar("Backend", bound=KeyringBackend)
TOKEN = Secret("a-refresh-token-of-some-length")


class Memory(KeyringBackend):
    """A keyring that works, or fails as it is told to."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's own
        self.entries: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def _maybe_fail(self) -> None:
        if self.failure is not None:
            raise self.failure

    def get_password(self, service: str, username: str) -> str | None:
        self._maybe_fail()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._maybe_fail()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._maybe_fail()
        del self.entries[service, username]


class Plain(Memory):
    """Stands for keyrings.alt, which writes plain text."""


Plain.__module__ = "keyrings.alt.file"


@pytest.fixture
def memory() -> Iterator[Memory]:
    with installed(Memory()) as backend:
        yield backend


@contextmanager
def installed(backend: Backend) -> Iterator[Backend]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


async def test_one_entry_for_each_character(memory: Memory) -> None:
    keeper = AsyncVault(KeyringVault())
    assert await keeper.read(7) is None
    await keeper.write(7, TOKEN)
    assert await keeper.read(7) == TOKEN
    assert memory.entries == {("corpsync", "7"): TOKEN.reveal()}
    await keeper.erase(7)
    await keeper.erase(7)
    assert memory.entries == {}


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (KeyringLocked("…"), "locked: unlock it"),
        (InitError("…"), "locked: unlock it"),
        (RuntimeError("the bus is gone"), r"failed \(RuntimeError\)"),
        (OSError(1783, "The stub received bad data"), r"failed \(OSError\)"),
    ],
)
async def test_each_failure_is_one_sentence_and_heals(
    memory: Memory, failure: Exception, words: str
) -> None:
    keeper = AsyncVault(KeyringVault())
    memory.failure = failure
    for call in (keeper.read(7), keeper.write(7, TOKEN), keeper.erase(7)):
        with pytest.raises(KeyringError, match=words):
            await call
    memory.failure = None
    await keeper.write(7, TOKEN)


async def test_no_keyring_tells_the_three_ways_out() -> None:
    backend = keyring.backends.fail.Keyring()  # type: ignore[no-untyped-call] # keyring's own
    with installed(backend), pytest.raises(KeyringError) as caught:
        await AsyncVault(KeyringVault()).write(7, TOKEN)
    for way in ("install one", CHOSEN_BY, "CORPSYNC_KEYRING=file"):
        assert way in caught.value.message


async def test_a_keyring_that_forgets_is_found_out() -> None:
    backend = keyring.backends.null.Keyring()  # type: ignore[no-untyped-call] # keyring's own
    with installed(backend), pytest.raises(KeyringError, match="did not keep the login"):
        await AsyncVault(KeyringVault()).write(7, TOKEN)


async def test_plain_text_is_written_only_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with installed(Plain()) as plain:
        monkeypatch.delenv(CHOSEN_BY, raising=False)
        with pytest.raises(KeyringError, match="is not safe"):
            await AsyncVault(KeyringVault()).write(7, TOKEN)
        assert plain.entries == {}
        monkeypatch.setenv(CHOSEN_BY, "keyrings.alt.file.PlaintextKeyring")
        await AsyncVault(KeyringVault()).write(7, TOKEN)


class Hanging(FileVault):
    """Does not answer until it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.release = threading.Event()

    def read(self, entry: Entry) -> Secret | None:
        self.release.wait(30)
        return super().read(entry)


async def test_a_keyring_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    vault = Hanging(tmp_path)
    keeper = AsyncVault(vault, deadline=0.1)
    threads = threading.active_count()
    for _ in range(5):
        with pytest.raises(KeyringError, match="does not answer"):
            await keeper.read(7)
    assert threading.active_count() <= threads + 1
    vault.release.set()
    await asyncio.to_thread(_keyring_thread().join, 10)
    await asyncio.sleep(0)
    assert await keeper.read(7) is None


def _keyring_thread() -> threading.Thread:
    return next(thread for thread in threading.enumerate() if thread.name == "keyring")


def test_the_program_ends_while_the_keyring_hangs() -> None:
    program = (
        "import asyncio, time\n"
        "from corpsync_tui.esi.vault import AsyncVault\n"
        "from corpsync_tui.errors import KeyringError\n"
        "class Hung:\n"
        "    def read(self, character_id): time.sleep(60)\n"
        "async def main():\n"
        "    try: await AsyncVault(Hung(), deadline=0.1).read(7)\n"
        "    except KeyringError as error: print(error)\n"
        "asyncio.run(main())\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert "does not answer" in done.stdout
    assert time.monotonic() - began < 15


async def test_a_call_left_behind_is_waited_for(tmp_path: Path) -> None:
    vault = Hanging(tmp_path)
    keeper = AsyncVault(vault, deadline=10)
    left = asyncio.create_task(keeper.read(7))
    await asyncio.sleep(0)
    left.cancel()
    after = asyncio.create_task(keeper.read(7))
    await asyncio.sleep(0)
    vault.release.set()
    assert await after is None


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        keeper = AsyncVault(FileVault(tmp_path / "data"))
        await keeper.write(7, TOKEN)
    finally:
        os.umask(umask)
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert await keeper.read(7) == TOKEN
    await keeper.erase(7)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    vault = FileVault(tmp_path)
    vault.write(7, TOKEN)
    file = tmp_path / "login-7.token"
    file.unlink()
    file.symlink_to(target)
    vault.write(7, TOKEN)
    assert target.read_text() == "precious"
    assert not file.is_symlink()


def test_the_file_is_chosen_only_where_it_was_asked_for(tmp_path: Path) -> None:
    options = Options("https://esi.example", "https://sso.example", tmp_path)
    assert isinstance(open_vault(options), FileVault)
    options.keyring = "system"
    assert isinstance(open_vault(options), KeyringVault)


NAMES = ["keyring.backends.nope.Keyring", "keyring.backends.fail.Nope", "nope", "", "a.b\x1b]c"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_backend_that_is_misnamed_is_named_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(CHOSEN_BY, name or "keyring.backends.chainer.")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    with pytest.raises(KeyringError) as caught:
        await AsyncVault(KeyringVault()).read(7)
    message = caught.value.message
    assert message.startswith(f"{CHOSEN_BY} names ")
    assert "correct or unset it, or set CORPSYNC_KEYRING=file" in message
    assert message.isprintable()
    assert len(message) < 300


async def test_a_keyring_says_which_it_is(memory: Memory) -> None:
    assert await AsyncVault(KeyringVault()).describe() == f"the keyring {__name__}.Memory"
