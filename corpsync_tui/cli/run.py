"""`corpsync run`: keep everything current, without a screen."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from corpsync_tui.cli import logs, output
from corpsync_tui.cli.logout import NOBODY
from corpsync_tui.cli.screen import save_memory
from corpsync_tui.cli.signals import ENDING, HANG_UP, on_signals
from corpsync_tui.cli.summary import sentence
from corpsync_tui.clock import Clock
from corpsync_tui.errors import AuthError, SettingsError
from corpsync_tui.settings import Settings, load_settings

if TYPE_CHECKING:
    from corpsync_tui.sync.events import SyncEvent

log = logging.getLogger(__name__)


def run(options: Namespace, settings: Settings) -> int:
    """Serve until a signal ends it; log lines go to stderr."""
    if not options.quiet:
        logs.to_stderr()
    save_memory()
    return asyncio.run(serve(settings, Clock()))


async def serve(settings: Settings, clock: Clock) -> int:
    """Follow the schedule until SIGTERM or SIGINT; the exit code."""
    ending, changed = asyncio.Event(), asyncio.Event()
    on_signals(ENDING, ending.set)
    on_signals((HANG_UP,), ending.set if _has_terminal() else changed.set)
    while not ending.is_set():
        changed.clear()
        await _hold(settings, clock, ending, changed)
        if changed.is_set():
            settings = _reloaded(settings)
    return 0


async def _hold(
    settings: Settings, clock: Clock, ending: asyncio.Event, changed: asyncio.Event
) -> None:
    """Follow the schedule until it is to end, or the settings changed."""
    from corpsync_tui.service.holder import served
    from corpsync_tui.workspace import Workspace

    opening = Workspace.open(settings, clock, command="corpsync run")
    async with await opening as workspace, served(workspace) as service:
        if not workspace.roster.characters:
            raise AuthError(NOBODY)
        service.subscribe(_log_event)
        if output.is_terminal(sys.stderr):
            workspace.delivery.terminal = output.notify_terminal
        await service.start()
        log.info("following the schedule of %s", settings.data_dir)
        waits = [asyncio.ensure_future(event.wait()) for event in (ending, changed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        log.info("ending" if ending.is_set() else "reading the settings anew")


def _reloaded(settings: Settings) -> Settings:
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        log.error("%s The settings stay as they were.", error.message)  # noqa: TRY400 - told in full
    logs.set_level(settings)
    return settings


def _log_event(event: SyncEvent) -> None:
    from corpsync_tui.sync.events import RunRecorded

    if isinstance(event, RunRecorded):
        failed = event.run.result == "error"
        log.log(logging.WARNING if failed else logging.INFO, "%s", sentence(event.run))


def _has_terminal() -> bool:
    """Whether a terminal controls this process: then SIGHUP says that it was closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except (OSError, AttributeError):  # Windows knows neither
        return False
    return True
