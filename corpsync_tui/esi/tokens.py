"""Each character's login: the refresh token in a vault, the access token in memory.

A rotated refresh token is stored and read back before its access token is used; one refresh
at a time for each character, across processes too.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, CorpsyncError, EsiError, KeyringError, NetworkError
from corpsync_tui.esi.identity import Identity, RefusedTokenError, Verified
from corpsync_tui.esi.login_lock import LoginLock
from corpsync_tui.esi.options import EsiSettings
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.sso import InvalidGrantError, Sso, TokenPair
from corpsync_tui.esi.vault import AsyncVault, Vault, open_vault
from corpsync_tui.waiting import outlasting

MARGIN = 60.0
"""Seconds before its end from which an access token is no longer used."""
RENEWED_EVERY = 60.0
"""Seconds between two refreshes that a token which ESI does not accept may cause."""
REST_REFUSED = 60.0
"""Seconds without a further refresh after one whose token did not verify."""
REST_FAILED = 5.0
"""Seconds without a further refresh after the login service failed."""
STORED_EVERY = 60.0
"""Seconds between two tries to store a token that the vault did not take."""
UNUSED = 7 * 86_400.0
"""Seconds after which an unused refresh token is refreshed: CCP drops it after about 30 days."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """An access token that may be used, and who it speaks for."""

    token: Secret
    identity: Identity
    wall_end: float
    """Unix seconds of this clock from which it is no longer used."""
    monotonic_end: float
    """The same moment on the clock that nobody sets."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a finished login gave, verified but not kept yet."""

    refresh: Secret
    access: Secret
    verified: Verified

    @property
    def identity(self) -> Identity:
        """Who logged in."""
        return self.verified.identity


@dataclass(frozen=True, slots=True)
class TokenStatus:
    """How a character's login stands, for whoever looks at it."""

    refreshed: float
    """When the refresh token was last used or renewed, in Unix seconds; 0 where nobody knows."""
    access_until: float | None
    """Unix seconds until which the access token in memory is used; None where there is none."""
    unsaved: bool
    """Whether the login could not be stored, and is lost when corpsync closes."""


@dataclass(slots=True)
class _Login:
    """What is in memory of one character's login."""

    lock: LoginLock
    name: str
    owner: str | None = None
    access: Access | None = None
    refreshing: asyncio.Task[Access] | None = None
    renewed: float = -math.inf
    """When an unaccepted token last caused a refresh; monotonic."""
    refused: Secret | None = None
    """The refresh token that SSO no longer takes."""
    unsaved: Secret | None = None
    """The refresh token that could not be stored."""
    store_again: float = -math.inf
    """When storing it is tried next; monotonic."""
    stored: Secret | None = None
    """What the vault held when it was read last."""
    rest_until: float = -math.inf
    rest_error: CorpsyncError | None = None


class Tokens:
    """The logins of all characters of this data folder."""

    def __init__(
        self, settings: EsiSettings, clock: Clock, sso: Sso, vault: Vault | None = None
    ) -> None:
        self._folder = settings.data_dir
        self._clock = clock
        self._sso = sso
        self._vault = AsyncVault(vault or open_vault(settings))
        self._logins: dict[int, _Login] = {}

    def know(self, identities: Iterable[Identity]) -> None:
        """Who is expected: their names for messages, and their owners, which must not change."""
        for identity in identities:
            login = self._login(identity.character_id)
            login.name, login.owner = identity.name, identity.owner

    @property
    def unsaved(self) -> list[int]:
        """Characters whose login could not be stored, and is lost when corpsync closes."""
        return [character_id for character_id, login in self._logins.items() if login.unsaved]

    def status(self, character_id: int) -> TokenStatus:
        """How a login stands; nothing is asked for that."""
        login = self._login(character_id)
        access = login.access if login.access and self.is_good(login.access) else None
        until = access.wall_end if access else None
        return TokenStatus(login.lock.refreshed(), until, login.unsaved is not None)

    def is_good(self, access: Access) -> bool:
        """Whether an access token may still be used."""
        return (
            self._clock.time() < access.wall_end and self._clock.monotonic() < access.monotonic_end
        )

    async def access(self, character_id: int) -> Access:
        """An access token that has not expired, refreshed where necessary.

        Raises:
            AuthError: with needs `login`, when SSO no longer takes the refresh token, or the
                character has a new owner.
            KeyringError: the vault is missing, locked, unsafe, does not answer, or does not hold
                the login: that may lie in the keyring of another session.
            NetworkError, EsiError: the login service fails; the login is kept.
        """
        login = self._login(character_id)
        access = login.access
        if access is not None and self.is_good(access):
            if login.unsaved and self._clock.monotonic() >= login.store_again:
                await self._store_again(character_id, login)
            return access
        return await self._refreshed(character_id, login)

    async def renew(self, character_id: int, rejected: Access) -> None:
        """ESI did not accept a token: refresh it, but not twice within a minute.

        Errors as for `access`.
        """
        login = self._login(character_id)
        now = self._clock.monotonic()
        if login.access is not rejected or now - login.renewed < RENEWED_EVERY:
            return
        login.renewed = now
        login.access = None
        await self._refreshed(character_id, login)

    async def add(self, grant: Grant) -> Identity:
        """Keep a new login; it is stored and read back before anything is asked with it.

        Raises:
            KeyringError: it could not be stored.
        """
        identity = grant.identity
        login = self._login(identity.character_id)
        async with login.lock.held():
            await self._vault.write(identity.character_id, grant.refresh)
            login.lock.mark()
            self._logins[identity.character_id] = _Login(
                login.lock,
                identity.name,
                identity.owner,
                self._usable(grant.access, grant.verified),
            )
        return identity

    async def revoke(self, character_id: int) -> bool:
        """Log out: revoke the refresh token at CCP and forget it.

        Returns whether CCP confirmed; forgotten it is in any case.

        Raises:
            KeyringError: the vault could not be read or changed.
        """
        login = self._login(character_id)
        async with login.lock.held():
            token = login.unsaved or await self._vault.read(character_id)
            revoked = token is None or await self._revoked(token)
            await self._vault.erase(character_id)
            self.forget(character_id)
        return revoked

    async def _revoked(self, token: Secret) -> bool:
        try:
            await self._sso.revoke(token)
        except InvalidGrantError:
            return True
        except (NetworkError, EsiError):
            return False
        return True

    def forget(self, character_id: int) -> None:
        """Drop what is in memory of a login, as when another process logged it out."""
        self._logins.pop(character_id, None)

    async def keep_alive(self, character_ids: Iterable[int]) -> None:
        """Refresh every login that nothing used for a week; failures wait for the next call."""
        for character_id in character_ids:
            login = self._login(character_id)
            if self._clock.time() - login.lock.refreshed() < UNUSED:
                continue
            try:
                await self._refreshed(character_id, login)
            except CorpsyncError as error:
                _log.info("the unused login of %s was not refreshed: %s", login.name, error)

    async def aclose(self) -> None:
        """Let refreshes under way end, for a rotated token must be stored."""
        tasks = [login.refreshing for login in self._logins.values() if login.refreshing]
        if tasks:
            await asyncio.wait(tasks, timeout=1.5)

    def _login(self, character_id: int) -> _Login:
        login = self._logins.get(character_id)
        if login is None:
            lock = LoginLock(self._folder, character_id, self._clock)
            login = self._logins[character_id] = _Login(lock, f"character {character_id}")
        return login

    async def _refreshed(self, character_id: int, login: _Login) -> Access:
        """One refresh for all who ask; who stops asking does not stop it."""
        if login.rest_error is not None and self._clock.monotonic() < login.rest_until:
            raise login.rest_error.with_traceback(None)  # it would grow each time
        if login.refreshing is None or login.refreshing.done():
            login.refreshing = asyncio.create_task(
                self._refresh(character_id, login), name=f"refresh the login of {character_id}"
            )
        return await outlasting(login.refreshing)

    async def _refresh(self, character_id: int, login: _Login) -> Access:
        try:
            async with login.lock.held():
                pair = await self._rotate(character_id, login)
            verified = await self._sso.verify(pair.access)
        except (RefusedTokenError, NetworkError, EsiError) as error:
            refused = isinstance(error, RefusedTokenError)
            login.rest_error = error
            login.rest_until = self._clock.monotonic() + (REST_REFUSED if refused else REST_FAILED)
            raise
        self._check_owner(character_id, login, verified.identity)
        login.name, login.owner = verified.identity.name, verified.identity.owner
        login.access = self._usable(pair.access, verified)
        return login.access

    async def _rotate(self, character_id: int, login: _Login) -> TokenPair:
        """Use the refresh token, and store its successor before anything else."""
        token = await self._current(character_id, login)
        if token == login.refused:
            raise self._ended(character_id, login)
        pair = await self._successor(token)
        if pair is None:
            # Perhaps another process rotated it meanwhile, without our lock.
            token, used = await self._current(character_id, login), token
            pair = None if token == used else await self._successor(token)
            if pair is None:
                login.refused = token
                raise self._ended(character_id, login)
        new = pair.refresh or token
        if new != login.stored:
            await self._store(character_id, login, new)
        login.lock.mark()
        return pair

    async def _successor(self, token: Secret) -> TokenPair | None:
        """What a refresh token gives; None where CCP refuses it."""
        with suppress(InvalidGrantError):
            return await self._sso.refresh(token)
        return None

    async def _current(self, character_id: int, login: _Login) -> Secret:
        """The refresh token to use: that of the vault, unless a newer one waits to be stored."""
        try:
            stored = await self._vault.read(character_id)
        except KeyringError:
            if login.unsaved:
                return login.unsaved
            raise
        if stored is not None and stored != login.stored:
            login.unsaved = None
        login.stored = stored
        token = login.unsaved or stored
        if token is None:
            where = await self._vault.describe()
            raise KeyringError(
                f"{where} does not hold the login of {login.name}: use the keyring that does, or "
                "corpsync login"
            )
        return token

    async def _store(self, character_id: int, login: _Login, token: Secret) -> None:
        try:
            await self._vault.write(character_id, token)
        except KeyringError as error:
            login.unsaved = token
            login.store_again = self._clock.monotonic() + STORED_EVERY
            _log.warning(
                "login of %s not saved: lost when corpsync closes: %s", login.name, error.message
            )
        else:
            login.unsaved = None
            login.stored = token

    async def _store_again(self, character_id: int, login: _Login) -> None:
        """Try to store what could not be stored, unless a newer login lies there now."""
        with suppress(KeyringError):
            async with login.lock.held():
                await self._current(character_id, login)
                if login.unsaved:
                    await self._store(character_id, login, login.unsaved)

    def _check_owner(self, character_id: int, login: _Login, identity: Identity) -> None:
        if identity.character_id != character_id:
            raise AuthError(
                f"the login of {login.name} speaks for {identity.name}: corpsync login",
                needs="login",
                character_id=character_id,
            )
        if login.owner is not None and identity.owner != login.owner:
            login.refused = login.stored
            raise AuthError(
                f"{login.name} has a new owner: corpsync login",
                needs="login",
                character_id=character_id,
            )

    def _ended(self, character_id: int, login: _Login) -> AuthError:
        said = f"the login of {login.name} has ended: corpsync login"
        return AuthError(said, needs="login", character_id=character_id)

    def _usable(self, token: Secret, verified: Verified) -> Access:
        now = self._clock.time()
        left = verified.expires - (now + self._sso.skew)
        lifetime = max(left - MARGIN, left / 2)
        return Access(token, verified.identity, now + lifetime, self._clock.monotonic() + lifetime)
