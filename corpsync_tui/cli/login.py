"""`corpsync login`: let corpsync read a character's corporation."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.catalog.kit.base import Process
    from corpsync_tui.esi.login import Login
    from corpsync_tui.esi.tokens import Grant
    from corpsync_tui.sync.roster import Character


def run(options: Namespace, settings: Settings) -> int:
    """Log in, and print who is logged in now."""
    from corpsync_tui.store.reference import is_present

    output.line(asyncio.run(log_in(settings, options.processes, browser=not options.no_browser)))
    if output.is_terminal(sys.stdout) and not is_present(settings.reference):
        output.tell("`corpsync reference update` reads what things are: volumes, values, moons.")
    return 0


async def log_in(
    settings: Settings, process_types: Sequence[str] | None = None, *, browser: bool
) -> str:
    """Go through a login for some processes, None: for all.

    Returns a sentence that names character and corporation.

    Raises:
        CorpsyncError: No client id, no keyring, denied, or not verified; nothing is stored.
    """
    from corpsync_tui.clock import Clock
    from corpsync_tui.esi.vault import AsyncVault, open_vault
    from corpsync_tui.workspace import Workspace

    clock = Clock()
    opening = Workspace.open(settings, clock, command="corpsync login", hold=False)
    async with (
        await opening as workspace,
        await workspace.logins.begin(process_types) as login,
    ):
        # No keyring: say so before the browser opens.
        await AsyncVault(open_vault(settings)).read(0)
        _show(login.authorize_url, browser=browser)
        grant = await _answer(login)
        before = workspace.roster.characters.get(grant.identity.character_id)
        character = await workspace.logins.finish(grant)
        if before is not None:
            _tell_lost(before, character, workspace.processes.values())
        if character.corporation_id is None:
            return f"{character.name} is logged in."
        corporation = workspace.roster.corporation_name(character.corporation_id)
        return f"{character.name} of {corporation} is logged in."


def _tell_lost(before: Character, now: Character, processes: Iterable[Process]) -> None:
    lost = [p.title for p in processes if before.lacks(p) is None and now.lacks(p) is not None]
    if lost:
        output.tell(f"The login before was for {', '.join(lost)}, too; this one is not.")


def _show(url: str, *, browser: bool) -> None:
    if not browser:
        output.line(url)
        output.flush()
        return
    from corpsync_tui.esi.browser import open_browser

    opened = open_browser(url)
    output.tell("Your browser opens." if opened else "Open this address in a browser:")
    output.tell(url)


async def _answer(login: Login) -> Grant:
    """Wait for the browser, or at a terminal for the address it was sent to."""
    if not output.is_terminal(sys.stdin):
        return await login.wait()
    output.tell("If the browser ends on an error page, paste its address here:")
    browser = asyncio.ensure_future(login.wait())
    typed = asyncio.ensure_future(_typed_line())
    try:
        await asyncio.wait({browser, typed}, return_when=asyncio.FIRST_COMPLETED)
        if typed.done() and not browser.done() and typed.result().strip():
            return await login.paste(typed.result())
        return await browser
    finally:
        browser.cancel()
        typed.cancel()


async def _typed_line() -> str:
    """A line from the terminal; the thread that reads it is never waited for."""
    from threading import Thread

    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def settle(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        text = sys.stdin.readline()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, text)

    Thread(target=read, daemon=True).start()
    return await line
