"""`corpsync pause`, `resume`, `on`, `off`, `every`, `cancel`: beside a holder, and without one."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.logout import NOBODY
from corpsync_tui.errors import AuthError, HeldError, HolderGoneError
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.records import SyncConfig
    from corpsync_tui.service.api import SyncService
    from corpsync_tui.sync.action import ActionResult

ATTEMPTS = 3
"""How often another program may take or leave the data folder meanwhile."""


def run(options: Namespace, settings: Settings) -> int:
    """Do it, and print what was said."""
    from corpsync_tui.store.connections import is_there

    if not is_there(settings.database):
        raise AuthError(NOBODY)
    output.lines(asyncio.run(_steer(settings, options)))
    return 0


async def _steer(settings: Settings, options: Namespace) -> list[str]:
    from corpsync_tui.clock import Clock
    from corpsync_tui.service.remote import open_either

    command, attempts = options.command.name, ATTEMPTS
    while True:
        attempts -= 1
        try:
            async with open_either(settings, Clock(), command=f"corpsync {command}") as service:
                return await _act(service, command, options)
        except (HeldError, HolderGoneError):
            if not attempts:
                raise


async def _act(service: SyncService, command: str, options: Namespace) -> list[str]:
    """Do it to every process that is meant; what was said."""
    if command == "pause":
        return [(await service.pause()).sentence]
    if command == "resume":
        return [(await service.resume()).sentence]
    process_ids = chosen((await service.snapshot()).configs, options.process)
    return [(await _act_on(service, p, command, options)).sentence for p in process_ids]


async def _act_on(
    service: SyncService, process_id: str, command: str, options: Namespace
) -> ActionResult:
    if command == "every":
        return await service.set_interval(process_id, options.minutes)
    if command == "cancel":
        return await service.cancel(process_id)
    return await service.toggle(process_id, enabled=command == "on")


def chosen(configs: Sequence[SyncConfig], asked: str) -> list[str]:
    """The process ids that are meant: one, or those of a type in every corporation.

    Raises:
        AuthError: Nothing is scheduled: nobody has logged in yet.
        UsageError: There is no such process here.
    """
    if not configs:
        raise AuthError(NOBODY)
    found = sorted(c.process_id for c in configs if asked in (c.process_id, c.process_type))
    if not found:
        known = ", ".join(sorted(c.process_id for c in configs))
        raise UsageError(f"no process {asked!r}: there are {known}")
    return found
