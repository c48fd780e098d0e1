"""Who is logged in, in which corporation, with which scopes and roles; who serves a process."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Mapping
from typing import Any

import msgspec

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.clock import Clock
from corpsync_tui.decoding import UNREADABLE, Int64
from corpsync_tui.engine.run import Access
from corpsync_tui.errors import AuthError, CorpsyncError, DatabaseError, EsiError
from corpsync_tui.esi.client import EsiClient
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.routes import RequestStats, Route
from corpsync_tui.store.database import Store
from corpsync_tui.sync import roster_rows as rows
from corpsync_tui.sync.roster_rows import Character, Corporation

__all__ = ["Character", "Corporation", "Roster"]

log = logging.getLogger(__name__)

ROLES_SCOPE = "esi-characters.read_corporation_roles.v1"

AFFILIATION = Route("/characters/affiliation", cache_seconds=3600)
ROLES = Route(
    "/characters/{character_id}/roles",
    cache_seconds=3600,
    scope=ROLES_SCOPE,
    group="char-detail",
    tokens=600,
)
CORPORATION = Route("/corporations/{corporation_id}", cache_seconds=3600)

IN_VAIN_FOR = 60.0
"""Seconds for which nothing is asked after ESI could not be had: each run would wait again."""


class _Affiliation(msgspec.Struct):
    corporation_id: Int64


class _Roles(msgspec.Struct):
    roles: list[str] = msgspec.field(default_factory=list)


class _Corporation(msgspec.Struct):
    name: str
    ticker: str


class Roster:
    """The characters and corporations of the database, kept true by asking ESI now and then."""

    def __init__(self, store: Store, client: EsiClient, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._asking = asyncio.Lock()
        self._in_vain = -math.inf
        self.characters: Mapping[int, Character] = {}
        self.corporations: Mapping[int, Corporation] = {}
        self.chosen: Mapping[str, int] = {}
        """By process id, the character that the director chose to serve it."""

    async def load(self) -> None:
        """Take over what the database knows; also what another corpsync has written there."""
        picture = await self._store.read(rows.read_picture)
        self.characters = picture.characters
        self.corporations = picture.corporations
        self.chosen = picture.chosen

    def access(self, corporation_id: int, process: Process) -> Access:
        """Who may read what of a process.

        Each data set is read by those who grant its scope: first the one that the director chose,
        then who has a fitting role: ESI has the last word on roles. Raises `AuthError` that names
        what is missing where nobody may read any of it.
        """
        here = [c for c in self.characters.values() if c.corporation_id == corporation_id]
        able = [c for c in here if c.needs is None]
        if not able:
            raise AuthError(
                f"No character of {self.corporation_name(corporation_id)} is logged in; "
                "run corpsync login.",
                needs="login",
            )
        chosen = self.chosen.get(f"{corporation_id}/{process.type}")
        readers: dict[Dataset, list[int]] = {}
        left_out: dict[Dataset, str] = {}
        for dataset in process.datasets:
            route = dataset.route
            granted = [c for c in able if route.scope is None or route.scope in c.scopes]
            granted.sort(
                key=lambda c: (c.character_id != chosen, not c.may_ask(route), c.character_id)
            )
            barred = [need for d, need in left_out.items() if d.model is dataset.parent]
            if granted and not barred:
                readers[dataset] = [c.character_id for c in granted]
            else:
                left_out[dataset] = barred[0] if barred else f"scope:{route.scope}"
        if not readers:
            needs = next(iter(left_out.values()))
            raise AuthError(
                f"The login of {able[0].name} does not grant {needs.removeprefix('scope:')}; "
                "log in again and grant it: corpsync login.",
                needs=needs,
            )
        return Access(readers, left_out)

    async def choose(self, process_id: str, character_id: int | None) -> None:
        """Let one character serve a process before all others that can; None: whoever fits."""
        key = f"{rows.SERVING}{process_id}"
        await self._store.write(lambda _: rows.note(key, character_id))
        await self.load()

    def granting(self, corporation_id: int, scope: str | None) -> int | None:
        """A character of the corporation whose login grants a scope; None where there is none."""
        for character in self.characters.values():
            here = character.corporation_id == corporation_id and character.needs is None
            if here and scope in character.scopes:
                return character.character_id
        return None

    def corporation_name(self, corporation_id: int) -> str:
        """Its name, or its id as long as ESI has not given it."""
        known = self.corporations.get(corporation_id)
        return known.name if known else f"corporation {corporation_id}"

    async def welcome(self, identity: Identity) -> Character:
        """Write down a character that has logged in, and where it belongs.

        Raises what the client raises where ESI does not tell its corporation.
        """
        now = self._clock.time()
        await self._store.write(lambda _: rows.save_identity(identity, now))
        async with self._asking:
            traffic = RequestStats()
            await self._ask_corporation_of(identity.character_id, traffic)
            if ROLES_SCOPE in identity.scopes:
                await _if_told(self._ask_roles(identity.character_id, traffic))
        # Wherever it belongs now is where it logged in.
        left = f"{rows.LEFT}{identity.character_id}"
        await self._store.write(lambda _: rows.note(left, None))
        await self.load()
        character = self.characters[identity.character_id]
        if (corporation_id := character.corporation_id) is not None:
            await self._store.write(lambda _: rows.ask_refused_again(corporation_id))
        return character

    async def refresh(self, traffic: RequestStats | None = None) -> None:
        """Ask for corporation and roles where the copy in hand has expired.

        What cannot be had is logged and asked again the next time. `traffic` is of the run that
        these requests belong to.
        """
        traffic = traffic or RequestStats()
        async with self._asking:
            await self.load()
            if self._clock.monotonic() < self._in_vain + IN_VAIN_FOR:
                return
            for character in list(self.characters.values()):
                if character.needs is None:
                    await self._renew(character, traffic)
            await self.load()

    async def _renew(self, character: Character, traffic: RequestStats) -> None:
        now = self._clock.time()
        try:
            if character.corporation_until <= now:
                await self._ask_corporation_of(character.character_id, traffic)
            if character.roles_until <= now and ROLES_SCOPE in character.scopes:
                await self._ask_roles(character.character_id, traffic)
        except DatabaseError:
            raise
        except AuthError as error:
            if error.needs == "login":
                await self._mark(character.character_id, "login", error.message)
        except CorpsyncError as error:
            self._in_vain = self._clock.monotonic()
            log.info("roles of character %d: %s", character.character_id, error.message)

    async def mark(self, character_id: int, needs: str | None, why: str | None = None) -> None:
        """Write down that a character needs a new login, and why, or no longer does."""
        await self._mark(character_id, needs, why)
        await self.load()

    async def _mark(self, character_id: int, needs: str | None, why: str | None) -> None:
        def work(_: Any) -> None:
            rows.save_character(character_id, needs=needs)
            rows.note(f"{rows.ENDED}{character_id}", why)

        await self._store.write(work)

    async def forget(self, character_id: int) -> None:
        """Remove a character; what was synced with it stays."""
        await self._store.write(lambda _: rows.forget_character(character_id))
        await self.load()

    async def _ask_corporation_of(self, character_id: int, traffic: RequestStats) -> None:
        body = await self._client.post(AFFILIATION, path={}, body=[character_id], traffic=traffic)
        corporation_id = affiliation_in(body)
        until = self._clock.time() + rows.KNOWN_FOR
        await self._store.write(
            lambda _: rows.save_affiliation(character_id, corporation_id, until)
        )
        if corporation_id not in self.corporations:
            await _if_told(self._ask_corporation(corporation_id, traffic))

    async def _ask_roles(self, character_id: int, traffic: RequestStats) -> None:
        answer = await self._client.get(
            ROLES,
            path={"character_id": character_id},
            character_id=character_id,
            known=await self._store.read(lambda _: rows.roles_in_hand(character_id)),
            traffic=traffic,
        )
        roles = None if answer.unchanged else json.dumps(roles_in(answer.body))
        await self._store.write(lambda _: rows.save_roles(character_id, roles, answer.validator))

    async def _ask_corporation(self, corporation_id: int, traffic: RequestStats) -> None:
        answer = await self._client.get(
            CORPORATION, path={"corporation_id": corporation_id}, traffic=traffic
        )
        name, ticker = corporation_in(answer.body)
        now, known = self._clock.time(), Corporation(corporation_id, name, ticker)

        def work(db: Any) -> None:
            rows.save_corporation(known, now)
            rows.keep_answer(db, corporation_id, answer)

        await self._store.write(work)


async def _if_told(asking: Awaitable[None]) -> None:
    """Ask for what a login can do without; the runs ask again."""
    try:
        await asking
    except DatabaseError:
        raise
    except CorpsyncError as error:
        log.warning("not told at the login: %s", error.message)


def _decoded(body: bytes, type_: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=type_)
    except UNREADABLE as error:
        raise EsiError(f"ESI's answer about a character is not as documented: {error}") from error


def affiliation_in(body: bytes) -> int:
    """The corporation of the one character that was asked about; raises `EsiError`."""
    found = _decoded(body, list[_Affiliation])
    if not found:
        raise EsiError("ESI does not tell the corporation of a character")
    return int(found[0].corporation_id)


def roles_in(body: bytes) -> list[str]:
    """A character's in-game roles; raises `EsiError`."""
    return list(_decoded(body, _Roles).roles)


def corporation_in(body: bytes) -> tuple[str, str]:
    """A corporation's name and ticker; raises `EsiError`."""
    found = _decoded(body, _Corporation)
    return found.name, found.ticker
