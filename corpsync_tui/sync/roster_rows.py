"""The roster's rows: characters, their corporations, and what is remembered beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.catalog.corporation import INFO
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.notifications import ELSEWHERE
from corpsync_tui.engine.copies import Copy, CopyChanges, save_copies
from corpsync_tui.esi.identity import Identity
from corpsync_tui.esi.routes import Answer, Route, Validator
from corpsync_tui.store.columns import CORPORATION_KEY
from corpsync_tui.store.models import Character as CharacterRow
from corpsync_tui.store.models import Corporation as CorporationRow
from corpsync_tui.store.models import Setting, ValidatorRow
from corpsync_tui.store.schema import columns_of, listed, quoted

KNOWN_FOR = 3600.0
"""Seconds for which a corporation is not asked anew: ESI's own cache time."""
FORBIDDEN = 403
"""The status of a refusal that a new login may end."""

LEFT = "left."
"""Begins the setting that holds the corporation which a character left since its login."""
ENDED = "ended."
"""Begins the setting that holds why a character's login ended."""
VALIDATOR = "roles."
"""Begins the setting that holds the ETag of the roles in hand."""
SERVING = "serving."
"""Begins the setting that holds which character the director chose for a process."""


@dataclass(frozen=True, slots=True)
class Character:
    """A character that logged in."""

    character_id: int
    name: str
    owner: str
    corporation_id: int | None
    scopes: frozenset[str]
    roles: frozenset[str]
    corporation_until: float
    """Unix seconds until which the corporation need not be asked anew."""
    roles_until: float
    """Unix seconds until which ESI keeps the roles as they are; 0 before ESI gave them."""
    needs: str | None
    logged_in_at: float = 0.0
    """Unix seconds of the last login."""
    left: int | None = None
    """The corporation that it left since its login."""
    why: str | None = None
    """Why its login ended, where it did."""

    def lacks(self, process: Process) -> str | None:
        """What keeps it from reading any of a process, as `needs` says it, as far as is known."""
        if self.needs is not None:
            return self.needs
        found = [self._lacks(d.route) for d in process.datasets if d.parent is None]
        return None if None in found else found[0]

    def _lacks(self, route: Route) -> str | None:
        if route.scope is not None and route.scope not in self.scopes:
            return f"scope:{route.scope}"
        if self.roles_until and not self.may_ask(route):
            return f"role:{route.roles[0]}"
        return None

    def may_ask(self, route: Route) -> bool:
        """Whether the character has a role that a route asks for, as far as is known."""
        return not route.roles or not self.roles.isdisjoint(("Director", *route.roles))


@dataclass(frozen=True, slots=True)
class Corporation:
    """A corporation whose data is kept here."""

    corporation_id: int
    name: str
    ticker: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the roster knows."""

    characters: Mapping[int, Character]
    corporations: Mapping[int, Corporation]
    chosen: Mapping[str, int]
    """By process id, the character that the director chose to serve it."""


def read_picture(_: object) -> Picture:
    """What the database knows now."""
    left = {int(key): int(value) for key, value in _notes(LEFT).items()}
    ended = {int(key): str(value) for key, value in _notes(ENDED).items()}
    characters = {
        row.character_id: Character(
            row.character_id,
            row.name,
            row.owner,
            row.corporation_id,
            frozenset(json.loads(row.scopes)),
            frozenset(json.loads(row.roles)),
            row.corporation_until or 0.0,
            row.roles_until or 0.0,
            row.needs,
            row.logged_in_at,
            left.get(row.character_id),
            ended.get(row.character_id),
        )
        for row in CharacterRow.select()
    }
    corporations = {
        row.corporation_id: Corporation(row.corporation_id, row.name, row.ticker)
        for row in CorporationRow.select()
    }
    return Picture(
        characters, corporations, {key: int(value) for key, value in _notes(SERVING).items()}
    )


def save_identity(identity: Identity, now: float) -> None:
    """Write down who logged in; what was noted of an earlier login is no longer true."""
    CharacterRow.insert(
        character_id=identity.character_id,
        name=identity.name,
        owner=identity.owner,
        scopes=json.dumps(sorted(identity.scopes)),
        logged_in_at=now,
        renewed_at=now,
        needs=None,
    ).on_conflict(
        conflict_target=[CharacterRow.character_id],
        preserve=[
            CharacterRow.name,
            CharacterRow.owner,
            CharacterRow.scopes,
            CharacterRow.logged_in_at,
            CharacterRow.renewed_at,
            CharacterRow.needs,
        ],
    ).execute()
    _forget_notes(identity.character_id)


def save_character(character_id: int, **values: object) -> None:
    """Change columns of a character."""
    CharacterRow.update(values).where(CharacterRow.character_id == character_id).execute()


def save_affiliation(character_id: int, corporation_id: int, until: float) -> None:
    """Write down where a character belongs, and where it belonged at its login if it moved."""
    row = CharacterRow.get_or_none(CharacterRow.character_id == character_id)
    if row is not None and row.corporation_id not in (None, corporation_id):
        key = f"{LEFT}{character_id}"
        login = _notes(key).get("", row.corporation_id)
        note(key, None if login == corporation_id else login)
        seen = datetime.fromtimestamp((row.corporation_until or KNOWN_FOR) - KNOWN_FOR, UTC)
        note(f"{ELSEWHERE}{corporation_id}.{character_id}", f"{seen:%Y-%m-%dT%H:%M:%SZ}")
    save_character(character_id, corporation_id=corporation_id, corporation_until=until)


def save_corporation(corporation: Corporation, now: float) -> None:
    """Write down what a corporation is called."""
    CorporationRow.insert(
        corporation_id=corporation.corporation_id,
        name=corporation.name,
        ticker=corporation.ticker,
        fetched_at=now,
    ).on_conflict_replace().execute()


def forget_character(character_id: int) -> None:
    """Remove a character, and what was noted and chosen of it."""
    CharacterRow.delete().where(CharacterRow.character_id == character_id).execute()
    _forget_notes(character_id)
    chosen = Setting.key.startswith(SERVING) & (Setting.value == str(character_id))
    Setting.delete().where(chosen).execute()


def ask_refused_again(corporation_id: int) -> None:
    """Let what ESI refused for want of a role or scope be asked for at the next run."""
    refused = ValidatorRow.process_id.startswith(f"{corporation_id}/") & (
        ValidatorRow.refused == FORBIDDEN
    )
    ValidatorRow.update(expires=0.0).where(refused).execute()


def note(key: str, value: object) -> None:
    """Remember something of the roster; None forgets it."""
    if value is None:
        Setting.delete().where(Setting.key == key).execute()
    else:
        Setting.insert(key=key, value=json.dumps(value)).on_conflict_replace().execute()


def roles_in_hand(character_id: int) -> Validator | None:
    """What is known of the roles that ESI gave last; None where they are asked for as if new."""
    etag = _notes(f"{VALIDATOR}{character_id}").get("")
    row = CharacterRow.get_or_none(CharacterRow.character_id == character_id)
    return Validator(etag, None, row.roles_until or 0.0) if etag and row is not None else None


def save_roles(character_id: int, roles: str | None, validator: Validator) -> None:
    """Write down a character's roles as JSON, None: as they were, and until when they hold."""
    changes: dict[str, object] = {"roles_until": validator.expires}
    save_character(character_id, **changes if roles is None else changes | {"roles": roles})
    note(f"{VALIDATOR}{character_id}", validator.etag)


def _forget_notes(character_id: int) -> None:
    note(f"{VALIDATOR}{character_id}", None)
    note(f"{LEFT}{character_id}", None)
    note(f"{ENDED}{character_id}", None)


def _notes(prefix: str) -> dict[str, Any]:
    rows = Setting.select().where(Setting.key.startswith(prefix))
    return {row.key.removeprefix(prefix): json.loads(row.value) for row in rows}


def keep_answer(db: Any, corporation_id: int, answer: Answer) -> None:
    """Let the process `corporation` have what the roster read, so that ESI is asked once.

    Where that process is not part of this installation there is nothing to keep it in.
    """
    table = INFO.tables[0]
    if not columns_of(db, table.name):
        return
    (row,) = INFO.rows(answer.body, {})
    columns = (CORPORATION_KEY, *table.staged_columns)
    db.execute(
        f"INSERT OR REPLACE INTO {quoted(table.name)} ({listed(columns)}) "
        f"VALUES ({', '.join('?' * len(columns))})",
        (corporation_id, *row),
    )
    key = (table.name, answer.url)
    copy = Copy(answer.validator, rows=1, keys=INFO.packed([row]))
    save_copies(db, f"{corporation_id}/corporation", CopyChanges({key: copy}), {})
