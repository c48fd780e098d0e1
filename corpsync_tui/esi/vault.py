"""Where refresh tokens and webhooks are kept: the keyring, or files where that was asked for."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from corpsync_tui.errors import KeyringError, cause_of
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.secret import Entry, Secret
from corpsync_tui.waiting import outlasting

DEADLINE = 20.0
"""Seconds in which a keyring must answer: time to type its password, and not for ever."""

T = TypeVar("T")


class Vault(Protocol):
    """Keeps one secret for each entry; all calls may block, and raise KeyringError."""

    def read(self, entry: Entry) -> Secret | None:
        """The token kept; None where there is none."""

    def write(self, entry: Entry, token: Secret) -> None:
        """Keep a token in place of the one before."""

    def erase(self, entry: Entry) -> None:
        """Forget the token, if there is one."""

    def describe(self) -> str:
        """What it is, for messages."""


class FileVault:
    """One file of mode 0600 for each entry in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, entry: Entry) -> Path:
        if isinstance(entry, int):
            return self._folder / f"login-{entry}.token"
        return self._folder / f"{entry.replace('/', '-')}.secret"

    def read(self, entry: Entry) -> Secret | None:
        """The token kept; None where there is none."""
        try:
            text = self._file(entry).read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise KeyringError(f"{_kind(entry)} cannot be read: {cause_of(error)}") from None
        return Secret(text) if text else None

    def write(self, entry: Entry, token: Secret) -> None:
        """Write beside and rename, so that a crash leaves the old token or the new one."""
        file = self._file(entry)
        beside = file.with_suffix(f".{os.getpid()}.new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(token.reveal())
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise KeyringError(f"{_kind(entry)} cannot be saved: {cause_of(error)}") from None

    def erase(self, entry: Entry) -> None:
        """Remove the file, if there is one."""
        try:
            self._file(entry).unlink(missing_ok=True)
        except OSError as error:
            raise KeyringError(f"{_kind(entry)} cannot be removed: {cause_of(error)}") from None

    def describe(self) -> str:
        """What it is, for messages."""
        return "the data folder"


def _kind(entry: Entry) -> str:
    return "the login" if isinstance(entry, int) else "the webhook"


def open_vault(settings: EsiSettings) -> Vault:
    """The vault that the settings name."""
    if settings.keyring == "file":
        return FileVault(settings.data_dir)
    from corpsync_tui.esi.keyring_vault import KeyringVault

    return KeyringVault()


class AsyncVault:
    """A vault asked from the loop, on a thread that nobody waits for when it hangs."""

    def __init__(self, vault: Vault, deadline: float = DEADLINE) -> None:
        self._vault = vault
        self._deadline = deadline
        self._turn = asyncio.Lock()
        self._pending: asyncio.Future[Any] | None = None
        self._hung = False

    async def read(self, entry: Entry) -> Secret | None:
        """The token kept; None where there is none.

        Raises:
            KeyringError: the vault is missing, locked, unsafe, or does not answer.
        """
        return await self._call(lambda: self._vault.read(entry))

    async def write(self, entry: Entry, token: Secret) -> None:
        """Keep a token, and read it back before saying so; errors as for `read`."""
        await self._call(lambda: self._vault.write(entry, token))
        if await self.read(entry) != token:
            raise KeyringError(f"the keyring did not keep {_kind(entry)}: it is not safe to use")

    async def erase(self, entry: Entry) -> None:
        """Forget a token; errors as for `read`."""
        await self._call(lambda: self._vault.erase(entry))

    async def describe(self) -> str:
        """What the vault is, for messages; errors as for `read`."""
        return await self._call(self._vault.describe)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self._deadline), self._turn:
                await self._former_call()
                return await self._in_thread(work)
        except TimeoutError:
            self._hung = True
            raise KeyringError(
                "the keyring does not answer: is it asking for its password?"
            ) from None

    async def _former_call(self) -> None:
        """Let an abandoned call end first, but wait for it only once."""
        pending = self._pending
        if pending is not None and not pending.done():
            if self._hung:
                raise TimeoutError
            await asyncio.wait({pending})
        self._hung = False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run on a daemon thread: leaving does not wait for it, and neither does exit."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(deliver: Callable[[], None]) -> None:
            if not answer.done():
                deliver()

        def run() -> None:
            try:
                deliver = partial(answer.set_result, work())
            except BaseException as error:
                deliver = partial(answer.set_exception, error)
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(settle, deliver)

        self._pending = answer
        threading.Thread(target=run, name="keyring", daemon=True).start()
        return await outlasting(answer)
