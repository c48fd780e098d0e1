"""The doctor's checks of the keyring and of each character: token, scopes, in-game roles."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.vault import AsyncVault, open_vault
from corpsync_tui.queries.processes import read_characters, read_processes
from corpsync_tui.settings import Settings
from corpsync_tui.store.read_only import read_only
from corpsync_tui.upkeep.check import Check

DIRECTOR = "Director"
"""The role that stands for every other."""
NOBODY = {"character_id": 0}
"""Asked for where no character is logged in, to see whether the keyring answers."""


async def logins(settings: Settings) -> list[Check]:
    """The keyring answers, and each character's token, scopes and roles serve all processes."""
    characters: list[dict[str, Any]] = []
    off: set[str] = set()
    with suppress(CorpsyncError):  # the check of the database has told it
        characters, off = await asyncio.to_thread(_who_and_what, settings.database)
    keeper = AsyncVault(open_vault(settings))
    try:
        where = await keeper.describe()
        kept = [await keeper.read(c["character_id"]) is not None for c in characters or [NOBODY]]
    except CorpsyncError as error:
        return [Check("keyring", ok=False, detail=error.message)]
    checks = [Check("keyring", ok=True, detail=f"{where} answers")]
    if not characters:
        checks.append(Check("login", ok=True, detail="no character yet: corpsync login"))
    return checks + [
        _login(c, where, _Home(c["corporation_id"], characters, off), has_token=has_token)
        for c, has_token in zip(characters, kept, strict=False)
    ]


def _who_and_what(database: Path) -> tuple[list[dict[str, Any]], set[str]]:
    """Who is logged in, and the ids of processes that are off."""
    with read_only(database) as db:
        if db is None:
            return [], set()
        configs = read_processes(db).configs.values()
        return read_characters(db), {c.process_id for c in configs if not c.enabled}


class _Home:
    """A corporation: which of its processes are on, and what its characters together can read."""

    def __init__(
        self, corporation_id: int, characters: Iterable[dict[str, Any]], off: Collection[str]
    ) -> None:
        able = [
            c for c in characters if (c["corporation_id"], c["needs"]) == (corporation_id, None)
        ]
        self.scopes = {scope for c in able for scope in c["scopes"]}
        self.roles = {role for c in able for role in c["roles"]}
        self.processes = [p for p in ALL if f"{corporation_id}/{p.type}" not in off]


def _login(character: dict[str, Any], where: str, home: _Home, *, has_token: bool) -> Check:
    name = f"login of {character['name']}"
    if character["needs"] == "login" or not has_token:
        ended = "it has ended: corpsync login"
        elsewhere = f"{where} does not hold it: use the keyring that does, or corpsync login"
        return Check(name, ok=False, detail=ended if has_token else elsewhere)
    if lacking := [s for s in scopes(home.processes) if s not in home.scopes]:
        detail = f"scopes are missing: {', '.join(lacking)}: corpsync login grants them"
        return Check(name, ok=False, detail=detail)
    if barred := _barred(home.processes, home.roles):
        listed = ", ".join(f"{title} (role {role})" for title, role in barred.items())
        return Check(name, ok=False, detail=f"roles are missing for {listed}: ask your CEO")
    return Check(name, ok=True, detail="token, scopes and roles are there")


def scopes(processes: Iterable[Process] = ALL) -> tuple[str, ...]:
    """Every scope that the processes use."""
    return tuple(dict.fromkeys(scope for process in processes for scope in process.scopes))


def _barred(processes: Iterable[Process], roles: set[str]) -> dict[str, str]:
    """Per process that these roles do not open, the first role that would."""
    found: dict[str, str] = {}
    for process in processes:
        for route in process.routes:
            if route.roles and not roles & {*route.roles, DIRECTOR}:
                found.setdefault(process.title, route.roles[0].replace("_", " "))
    return found
