"""Logins as they come and go: kept, revoked, and noticed where another corpsync wrote them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.connection import Connection
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.login import Login
from corpsync_tui.esi.tokens import Grant
from corpsync_tui.sync.roster import Character, Roster
from corpsync_tui.sync.state import SyncStateManager


class Logins:
    """The characters that are logged in, between CCP, the keyring and the roster.

    A login asks for the scopes of `processes`, and `always` for those of this mapping, which says
    what each is good for; `schedule` puts a corporation's processes on the schedule.
    """

    def __init__(
        self,
        connection: Connection,
        roster: Roster,
        state: SyncStateManager,
        *,
        processes: Mapping[str, Process],
        always: Mapping[str, str],
        schedule: Callable[[int], Awaitable[None]],
    ) -> None:
        self._processes = processes
        self.always = always
        self._connection = connection
        self._roster = roster
        self._state = state
        self._schedule = schedule

    async def load(self) -> None:
        """Take over who is logged in, as the database knows it."""
        await self._roster.load()
        self._know_characters()

    def scopes(self, process_types: Collection[str] | None = None) -> tuple[str, ...]:
        """What a login for some processes asks for; None: for all of them."""
        wanted = self._processes if process_types is None else process_types
        of_processes = [s for t, p in self._processes.items() if t in wanted for s in p.scopes]
        return tuple(dict.fromkeys([*of_processes, *self.always]))

    async def begin(self, process_types: Collection[str] | None = None) -> Login:
        """Listen for the browser, for a login for these processes; errors as for `Login.begin`."""
        return await self._connection.login(self.scopes(process_types))

    async def finish(self, grant: Grant) -> Character:
        """Keep a login, learn where the character belongs, and schedule its corporation.

        Raises `KeyringError` where the login cannot be kept, and what the client raises where
        ESI does not tell the corporation of a new character: then nothing is kept.
        """
        identity = await self._connection.tokens.add(grant)
        try:
            return await self.welcome(identity)
        except CorpsyncError:
            await self._roster.load()
            character = self._roster.characters.get(identity.character_id)
            if character is not None and character.corporation_id is None:
                await self.log_out(character.character_id)
            raise

    async def welcome(self, identity: Identity) -> Character:
        """Schedule the corporation of a character whose login is kept."""
        character = await self._roster.welcome(identity)
        self._know_characters()
        if character.corporation_id is not None:
            await self._schedule(character.corporation_id)
        return character

    async def log_out(self, character_id: int) -> bool:
        """Revoke a login at CCP and forget it; the data stays.

        Returns whether CCP confirmed. Processes that nobody can serve now need a login.
        """
        character = self._roster.characters[character_id]
        revoked = await self._connection.tokens.revoke(character_id)
        await self._roster.forget(character_id)
        here = {c.corporation_id for c in self._roster.characters.values()}
        if character.corporation_id not in here:
            for config in self._state.get_configs():
                if config.corporation_id == character.corporation_id:
                    await self._state.set_needs(config.process_id, "login")
        return revoked

    async def notice(self) -> None:
        """Take over who logged in or out in another corpsync since the last look."""
        before = self._roster.characters
        await self._roster.load()
        for character_id, character in before.items():
            now = self._roster.characters.get(character_id)
            if now is None or now.logged_in_at != character.logged_in_at:
                self._connection.tokens.forget(character_id)
        self._know_characters()

    async def keep_alive(self) -> None:
        """Use every login now and then, so that CCP does not forget it."""
        await self._connection.tokens.keep_alive(self._roster.characters)

    def _know_characters(self) -> None:
        self._connection.tokens.know(
            Identity(c.character_id, c.name, c.owner, tuple(sorted(c.scopes)))
            for c in self._roster.characters.values()
        )
