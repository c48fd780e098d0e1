"""ESI and the characters as `EsiStatus`, from the live parts of a workspace."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from corpsync_tui.clock import to_datetime
from corpsync_tui.errors import ClosedError, DatabaseError
from corpsync_tui.queries.history import requests_since, urls_read
from corpsync_tui.reference.overview import Overview, find_overview
from corpsync_tui.service.bucket_usage import NextUse, bucket_usage, find_servers, next_uses
from corpsync_tui.service.esi_status import (
    CharacterStatus,
    EsiStatus,
    ProcessAccess,
    ReferenceStatus,
    ScopeUse,
)
from corpsync_tui.sync.events import RunRecorded, SyncEvent
from corpsync_tui.sync.roster import ROLES_SCOPE, Character
from corpsync_tui.workspace import Workspace

SHOWN_REQUESTS = 200
"""Requests that the screen lists."""
UPDATE_SECONDS = 1.0
"""How often somebody who watches is shown what moves."""
IDLE_SECONDS = 5.0
"""How often it is looked, though nothing moved, for what the passing of time changes."""


class EsiReport:
    """Looks once a second while something moves, as long as somebody watches.

    Who only looks lets it `hear` events.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._roster = workspace.roster
        self._sent, self._unchanged = 0, 0
        self._wanted: list[NextUse] = []
        self._servers: Mapping[str, int | None] = {}
        self._overview = Overview()
        self._uses = dict(_uses(workspace))
        """What every scope is good for."""
        self._runs_differ = True
        self._foreign: EsiStatus | None = None
        self._moved = asyncio.Event()
        self._heard = True
        self._seen: tuple[object, ...] = ()
        self._due = -math.inf
        """When to look though nothing moves, on the monotonic clock."""

    def show_foreign(self, status: EsiStatus | None) -> None:
        """Report what the holder of the folder says of ESI, not this process; None: this one."""
        self._foreign = status
        self._heard = True
        self._moved.set()

    async def watch(self) -> AsyncGenerator[EsiStatus]:
        """The status now, then whenever it differs."""
        last: EsiStatus | None = None
        self._runs_differ = self._heard = True
        unsubscribe = self._workspace.state.subscribe(self.hear)
        try:
            while True:
                self._moved.clear()
                if self._is_due():
                    status = self._foreign or await self.look()
                    if status != last:
                        yield status
                    last = status
                await self._workspace.clock.wait(self._moved, UPDATE_SECONDS)
        finally:
            unsubscribe()

    def _is_due(self) -> bool:
        """Whether there was an event, a request, a login or news of static data; or it is time."""
        workspace, now = self._workspace, self._workspace.clock.monotonic()
        sent, roster = workspace.connection.client.requests.sent, workspace.roster
        seen = (sent, roster.characters, roster.chosen, workspace.reference.progress)
        if not self._heard and seen == self._seen and now < self._due:
            return False
        self._heard, self._seen, self._due = False, seen, now + IDLE_SECONDS
        return True

    async def look(self) -> EsiStatus:
        """The status now."""
        if self._runs_differ:
            self._runs_differ = False
            await self._read_runs()
        with suppress(DatabaseError):  # the runs tell of it
            self._overview = await self._workspace.store.read(find_overview)
        return self._status()

    def hear(self, event: SyncEvent) -> None:
        """Look soon; and read the runs then, where this is about one."""
        self._heard = True
        self._runs_differ = self._runs_differ or isinstance(event, RunRecorded)

    async def _read_runs(self) -> None:
        """What today's runs asked, and what the next ones will; where it can be read."""
        workspace, now = self._workspace, self._workspace.clock.now()
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC).timestamp()
        try:
            (self._sent, self._unchanged), urls = await workspace.store.read(
                lambda db: (requests_since(db, midnight), urls_read(db))
            )
        except ClosedError:  # whoever watches goes, too
            return
        except DatabaseError as error:
            workspace.state.notice(error.message)
            return
        self._wanted = list(next_uses(workspace, urls))

    def _status(self) -> EsiStatus:
        """How ESI stands, from what its answers said."""
        connection, now = self._workspace.connection, self._workspace.clock.time()
        client, errors = connection.client, connection.limits.errors
        counting = errors.until > now
        down_since = self._workspace.state.schedule.esi_down_since
        self._servers = find_servers(self._workspace)
        return EsiStatus(
            down_since or to_datetime(client.downtime.down_since),
            to_datetime(client.downtime.asked),
            client.downtime.players,
            errors.remaining if counting else 100,
            to_datetime(errors.until) if counting else None,
            tuple(bucket_usage(self._workspace, self._wanted, self._servers)),
            tuple(islice(client.requests.entries, SHOWN_REQUESTS)),
            client.requests.sent,
            self._sent,
            self._unchanged,
            tuple(self._characters()),
            self._reference(),
        )

    def _reference(self) -> ReferenceStatus:
        overview, progress = self._overview, self._workspace.reference.progress
        share = 100 * progress.done / progress.total if progress and progress.total else None
        return ReferenceStatus(
            to_datetime(overview.updated),
            overview.build,
            to_datetime(overview.released),
            to_datetime(overview.prices_time),
            progress.step if progress else "",
            share,
        )

    def _characters(self) -> Iterator[CharacterStatus]:
        """Every character, then every corporation whose processes nobody can serve."""
        characters = sorted(self._roster.characters.values(), key=lambda c: c.name)
        served = {c.corporation_id for c in characters if c.needs is None}
        for character in characters:
            yield self._character(character, served)
        for corporation_id in sorted(self._corporations() - {c.corporation_id for c in characters}):
            name = self._roster.corporation_name(corporation_id)
            yield CharacterStatus(None, name, corporation_id, name, needs="login")

    def _corporations(self) -> set[int]:
        return {c.corporation_id for c in self._workspace.state.get_configs()}

    def _character(self, character: Character, served: set[int | None]) -> CharacterStatus:
        held = self._workspace.connection.tokens.status(character.character_id)
        processes = tuple(self._processes(character))
        lacks = [p.lacks.partition(":") for p in processes if p.lacks]
        roles = [name for what, _, name in lacks if what == "role"]
        refused = {name for what, _, name in lacks if what == "scope"}
        granted = character.scopes - refused
        elsewhere = self._granted_by_others(character)
        left = character.left
        orphaned = left is not None and left in self._corporations() and left not in served
        return CharacterStatus(
            character.character_id,
            character.name,
            character.corporation_id,
            self._named(character.corporation_id),
            needs=character.needs,
            why=character.why,
            left=self._named(left) if orphaned else None,
            logged_in=to_datetime(character.logged_in_at),
            refreshed=to_datetime(held.refreshed) if held.refreshed else None,
            access_until=to_datetime(held.access_until),
            unsaved=held.unsaved,
            scopes=tuple(s for s in self._uses if s in granted),
            missing_scopes=tuple(
                ScopeUse(*use) for use in self._uses.items() if use[0] not in granted | elsewhere
            ),
            roles=tuple(sorted(character.roles)),
            missing_roles=tuple(dict.fromkeys(roles)),
            roles_until=to_datetime(character.roles_until) if character.roles_until else None,
            processes=processes,
        )

    def _granted_by_others(self, character: Character) -> frozenset[str]:
        """The scopes with which others read for its corporation; not those of what is its own."""
        datasets = [d for p in self._workspace.processes.values() for d in p.datasets]
        own = {d.route.scope for d in datasets if d.is_personal} | {ROLES_SCOPE}
        others = [
            c.scopes
            for c in self._roster.characters.values()
            if c.corporation_id == character.corporation_id and c.needs is None and c != character
        ]
        return frozenset().union(*others) - own

    def _named(self, corporation_id: int | None) -> str:
        return "" if corporation_id is None else self._roster.corporation_name(corporation_id)

    def _processes(self, character: Character) -> Iterator[ProcessAccess]:
        wanted = Counter[str]()
        for use in self._wanted:
            wanted[use.process_id] += use.tokens
        for process in self._workspace.processes.values():
            process_id = f"{character.corporation_id}/{process.type}"
            if self._workspace.state.get_config(process_id) is None:
                continue
            parked = self._workspace.state.needs(process_id)
            server = self._servers.get(process_id)
            mine = server == character.character_id
            lacks = character.lacks(process) or (parked if mine else None)
            yield ProcessAccess(
                process_id,
                process.type,
                "blocked" if lacks else "serves" if mine else "could",
                lacks,
                parked,
                "" if mine or server is None else self._roster.characters[server].name,
                process_id in self._roster.chosen,
                wanted[process_id],
            )


def _uses(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Every scope of a login, and what it is good for: the tables of each process."""
    always = workspace.logins.always
    known = [(process.title, process.scopes) for process in workspace.processes.values()]
    for scope in workspace.logins.scopes():
        found = [(title, scopes.get(scope, ())) for title, scopes in known]
        of = [f"{title}: {', '.join(tables).lower()}" for title, tables in found if tables]
        yield scope, always.get(scope) or "; ".join(of)
