"""`corpsync logout`: take a character's login back."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.errors import AuthError
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.sync.roster import Character

REVOKE_AT = "https://developers.eveonline.com/authorized-apps"
NOBODY = "No character is logged in: corpsync login."


def run(options: Namespace, settings: Settings) -> int:
    """Revoke a login and forget it."""
    from corpsync_tui.store.connections import is_there

    if not is_there(settings.database):
        raise AuthError(NOBODY)
    return asyncio.run(_log_out(settings, options.character))


async def _log_out(settings: Settings, wanted: str | None) -> int:
    from corpsync_tui.clock import Clock
    from corpsync_tui.workspace import Workspace

    opening = Workspace.open(settings, Clock(), command="corpsync logout", hold=False)
    async with await opening as workspace:
        character = choose(workspace.roster.characters.values(), wanted)
        revoked = await workspace.logins.log_out(character.character_id)
    output.line(f"{character.name} is logged out; its data stays.")
    if not revoked:
        output.complain(f"CCP did not confirm that the login is revoked: do so at {REVOKE_AT}")
        return 1
    return 0


def choose(characters: Iterable[Character], wanted: str | None) -> Character:
    """The character that is meant, by id or name.

    Raises:
        AuthError: None is logged in.
        UsageError: It is not among those logged in, or none is named and there are several.
    """
    known = list(characters)
    if not known:
        raise AuthError(NOBODY)
    names = ", ".join(f"{c.name} ({c.character_id})" for c in known)
    if wanted is None:
        if len(known) > 1:
            raise UsageError(f"several characters are logged in, name one: {names}")
        return known[0]
    for character in known:
        if wanted == str(character.character_id) or wanted.casefold() == character.name.casefold():
            return character
    raise UsageError(f"no character {wanted!r} is logged in: there are {names}")
