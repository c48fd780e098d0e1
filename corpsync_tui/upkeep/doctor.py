"""What could keep corpsync from working, one check after the other, each with its remedy."""

from __future__ import annotations

import asyncio

from corpsync_tui.clock import Clock
from corpsync_tui.settings import Settings
from corpsync_tui.upkeep.check import Check
from corpsync_tui.upkeep.check_local import database, disk, folders, reference, settings_file
from corpsync_tui.upkeep.check_logins import logins
from corpsync_tui.upkeep.check_network import network


def examine(settings: Settings, clock: Clock | None = None) -> list[Check]:
    """Make every check. Nothing is changed, and a check that cannot be made has failed."""
    local = [settings_file(settings), *folders(settings), disk(settings), *database(settings)]
    local.append(reference(settings))
    return local + asyncio.run(_remote(settings, clock or Clock()))


async def _remote(settings: Settings, clock: Clock) -> list[Check]:
    return [*await network(settings, clock), *await logins(settings)]
