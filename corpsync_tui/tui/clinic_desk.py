"""The clinic's desk: an open workspace as the ESI screen's verbs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.clock import to_datetime
from corpsync_tui.esi.requestlog import SentRequest
from corpsync_tui.sync import traffic
from corpsync_tui.sync.roster import Character
from corpsync_tui.tui.clinic import Duty, EsiFacts, Patient, ShownRequest, Today
from corpsync_tui.tui.clinic_gauges import gauges, server_of
from corpsync_tui.tui.verbs import Said, Told
from corpsync_tui.workspace import Workspace

SHOWN_REQUESTS = 200
"""Requests that the screen lists."""


class ClinicDesk:
    """Fulfils `tui.clinic.ClinicVerbs` with a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._roster = workspace.roster

    # What there is

    def esi(self, today: Today) -> EsiFacts:
        """How ESI stands, from what its answers told."""
        connection, now = self._workspace.connection, self._workspace.clock.time()
        client, errors = connection.client, connection.limits.errors
        counting = errors.until > now
        return EsiFacts(
            self._workspace.scheduler.down_since or to_datetime(client.downtime.down_since),
            to_datetime(client.downtime.asked),
            client.downtime.players,
            errors.remaining if counting else 100,
            to_datetime(errors.until) if counting else None,
            tuple(gauges(self._workspace, today)),
            tuple(_asked(r) for r in islice(client.requests.entries, SHOWN_REQUESTS)),
            client.requests.sent,
        )

    def patients(self, today: Today) -> Sequence[Patient]:
        """Every character, then every corporation whose processes nobody can serve."""
        characters = sorted(self._roster.characters.values(), key=lambda c: c.name)
        served = {c.corporation_id for c in characters if c.needs is None}
        orphaned = sorted(self._corporations() - {c.corporation_id for c in characters})
        return [
            *(self._patient(c, today, served) for c in characters),
            *(self._orphan(corporation_id) for corporation_id in orphaned),
        ]

    def _corporations(self) -> set[int]:
        return {c.corporation_id for c in self._workspace.state.get_configs()}

    def _orphan(self, corporation_id: int) -> Patient:
        name = self._roster.corporation_name(corporation_id)
        return Patient(None, name, corporation_id, name, needs="login")

    def _patient(self, character: Character, today: Today, served: set[int | None]) -> Patient:
        held = self._workspace.connection.tokens.status(character.character_id)
        duties = tuple(self._duties(character, today))
        wanted = self._workspace.scopes
        lacks = [d.lacks.partition(":") for d in duties if d.lacks]
        roles = [name for what, _, name in lacks if what == "role"]
        refused = {name for what, _, name in lacks if what == "scope"}
        granted = character.scopes - refused
        left = character.left
        orphaned = left is not None and left in self._corporations() and left not in served
        return Patient(
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
            scopes=tuple(s for s in wanted if s in granted),
            missing_scopes=tuple(s for s in wanted if s not in granted),
            roles=tuple(sorted(character.roles)),
            missing_roles=tuple(dict.fromkeys(roles)),
            roles_until=to_datetime(character.roles_until) if character.roles_until else None,
            duties=duties,
        )

    def _named(self, corporation_id: int | None) -> str:
        return "" if corporation_id is None else self._roster.corporation_name(corporation_id)

    def _duties(self, character: Character, today: Today) -> Iterator[Duty]:
        wanted = Counter[str]()
        for use in today.wanted:
            wanted[use.process_id] += use.tokens
        for process in self._workspace.processes.values():
            process_id = f"{character.corporation_id}/{process.type}"
            if self._workspace.state.get_config(process_id) is None:
                continue
            parked = self._workspace.state.needs(process_id)
            server = server_of(self._workspace, process_id)
            mine = server == character.character_id
            lacks = _lacks(character, process) or (parked if mine else None)
            yield Duty(
                process_id,
                process.type,
                "blocked" if lacks else "serves" if mine else "could",
                lacks,
                parked,
                "" if mine or server is None else self._roster.characters[server].name,
                process_id in self._roster.chosen,
                wanted[process_id],
            )

    async def today(self) -> Today:
        """What today's runs asked, and what the next ones will."""
        workspace, now = self._workspace, self._workspace.clock.now()
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC).timestamp()
        (sent, same), urls = await workspace.store.read(
            lambda db: (traffic.sent_since(db, midnight), traffic.urls_in_hand(db))
        )
        enabled = [c for c in workspace.state.get_configs() if c.enabled]
        wanted: list[traffic.Wanted] = []
        for process in workspace.processes.values():
            ids = [c.process_id for c in enabled if c.process_type == process.type]
            wanted += traffic.wanted(ids, process, urls)
        return Today(sent, same, tuple(wanted))

    # Actions

    async def check(self, corporation_id: int | None) -> Told:
        """Ask for roles anew where ESI allows it, and run the corporation's parked processes."""
        await self._roster.refresh()
        scheduler, state = self._workspace.scheduler, self._workspace.state
        parked = [
            c.process_id
            for c in state.get_configs()
            if c.corporation_id == corporation_id and state.needs(c.process_id) is not None
        ]
        for process_id in parked:
            await scheduler.run_process_now(process_id)
        if not parked:
            return Said("Roles and corporation are as ESI tells them; no process is parked.")
        return Said(f"{len(parked)} parked process{'es' * (len(parked) > 1)} tried again.")

    async def remove(self, character_id: int) -> Told:
        """Log a character out; its corporation's data stays."""
        character = self._roster.characters.get(character_id)
        if character is None:
            return Said("That character is not logged in any more.")
        confirmed = await self._workspace.logout(character_id)
        sentence = f"{character.name} is logged out; all data stays."
        if not confirmed:
            sentence += " CCP did not confirm it: revoke it at developers.eveonline.com too."
        return Said(sentence)

    async def choose(self, process_id: str, character_id: int | None) -> Told:
        """Let this character serve a process; None: whoever fits."""
        await self._roster.choose(process_id, character_id)
        title = self._workspace.processes[process_id.partition("/")[2]].title
        if character_id is None:
            return Said(f"{title} is served by whoever fits.")
        return Said(f"{title} is served by {self._roster.characters[character_id].name}.")


def _lacks(character: Character, process: Process) -> str | None:
    """What keeps a character from serving a process, as far as is known."""
    if character.needs is not None:
        return character.needs
    if (scope := character.missing_scope(process)) is not None:
        return f"scope:{scope}"
    if character.roles_until and (role := character.missing_role(process)) is not None:
        return f"role:{role}"
    return None


def _asked(request: SentRequest) -> ShownRequest:
    return ShownRequest(
        datetime.fromtimestamp(request.when, UTC),
        request.method,
        request.url,
        request.status,
        request.cost,
        request.group,
        request.seconds,
    )
