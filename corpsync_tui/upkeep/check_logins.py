"""The doctor's checks of the keyring and of each character: token, scopes, in-game roles."""

from __future__ import annotations

import asyncio
from typing import Any

from corpsync_tui.catalog import ALL
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.esi.vault import AsyncVault, open_vault
from corpsync_tui.queries.processes import logged_in
from corpsync_tui.settings import Settings
from corpsync_tui.upkeep.check import Check

DIRECTOR = "Director"
"""The role that stands for every other."""
NOBODY = {"character_id": 0}
"""Asked for where no character is logged in, to see whether the keyring answers."""


async def logins(settings: Settings) -> list[Check]:
    """The keyring answers, and each character's token, scopes and roles serve all processes."""
    try:
        characters = await asyncio.to_thread(logged_in, settings.database)
    except CorpsyncError:
        characters = []  # the check of the database has told it
    keeper = AsyncVault(open_vault(settings))
    try:
        where = await keeper.describe()
        kept = [await keeper.read(c["character_id"]) is not None for c in characters or [NOBODY]]
    except CorpsyncError as error:
        return [Check("keyring", ok=False, detail=error.message)]
    checks = [Check("keyring", ok=True, detail=f"{where} answers")]
    if not characters:
        checks.append(Check("login", ok=True, detail="no character yet: corpsync login"))
    return checks + [_login(c, where, has_token=k) for c, k in zip(characters, kept, strict=False)]


def _login(character: dict[str, Any], where: str, *, has_token: bool) -> Check:
    name = f"login of {character['name']}"
    if character["needs"] == "login" or not has_token:
        ended = "it has ended: corpsync login"
        elsewhere = f"{where} does not hold it: use the keyring that does, or corpsync login"
        return Check(name, ok=False, detail=ended if has_token else elsewhere)
    if lacking := [s for s in scopes() if s not in character["scopes"]]:
        detail = f"scopes are missing: {', '.join(lacking)}: corpsync login grants them"
        return Check(name, ok=False, detail=detail)
    if barred := _barred(set(character["roles"])):
        listed = ", ".join(f"{title} (role {role})" for title, role in barred.items())
        return Check(name, ok=False, detail=f"roles are missing for {listed}: ask your CEO")
    return Check(name, ok=True, detail="token, scopes and roles are there")


def scopes() -> tuple[str, ...]:
    """Every scope that the processes use."""
    return tuple(dict.fromkeys(scope for process in ALL for scope in process.scopes))


def _barred(roles: set[str]) -> dict[str, str]:
    """Per process that these roles do not open, the first role that would."""
    found: dict[str, str] = {}
    for process in ALL:
        for route in process.routes:
            if route.roles and not roles & {*route.roles, DIRECTOR}:
                found.setdefault(process.title, route.roles[0].replace("_", " "))
    return found
